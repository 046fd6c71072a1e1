"""Follow-ups: what is still to be done after an incident."""
