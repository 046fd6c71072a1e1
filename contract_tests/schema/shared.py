"""What the suite and the schemathesis it starts say to each other."""

SHARED = "CONTRACT_SHARED"  # set if others write to the server too
TAG = "CONTRACT_TAG"  # what is put into the texts of what is created, so that it can be found again
