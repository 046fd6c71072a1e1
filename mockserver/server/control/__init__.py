"""The control API: everything below /_mock."""
