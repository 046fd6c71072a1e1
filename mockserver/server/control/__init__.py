"""The control API: everything below /_mock."""

CONTROL = "/_mock"
NOT_NOW = "the state that all processes share is not to be had now"
