"""A server that is wrong in one named way at a time, to see whether the suite notices."""
