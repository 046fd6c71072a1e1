"""A stateful stand-in for the APIs through which incident tools exchange postmortems."""

__version__ = "0.1.0"
