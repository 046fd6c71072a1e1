"""What every provider is built from. Standard library only."""
