"""What goes wrong on purpose: rules that match requests, and what they do to the answers."""
