"""The people of an organisation, and who the caller is."""
