"""The control API: everything below /_mock."""

CONTROL = "/_mock"
