"""What the suite and the schemathesis it starts say to each other."""

SHARED = "CONTRACT_SHARED"  # set if others write to the server too
