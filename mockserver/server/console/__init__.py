"""The console: pages for a person who wants to see what the mock has just done, and to break it on purpose."""
