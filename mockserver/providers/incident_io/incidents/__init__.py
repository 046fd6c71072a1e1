"""Incidents and the updates shared about them: listed, shown, opened, edited."""
