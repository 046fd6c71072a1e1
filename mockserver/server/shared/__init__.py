"""One state for several processes: each keeps whole sandboxes in memory, and a log tells it what the others have done.

Nothing here is imported unless a server is told to share.
"""
