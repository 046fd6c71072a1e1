"""A stateful stand-in for the APIs through which incident tools exchange postmortems."""

__version__ = "0.1.0"
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 4010
