"""Recorded exchanges, sent again and compared: recording (reading), volatile and carry (what may differ), comparing,
targets (where to send), running, report."""
