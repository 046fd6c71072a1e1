"""What a sandbox holds, taken out of it and put back: in memory as a snapshot, in a file as YAML."""
