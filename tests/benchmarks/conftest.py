from __future__ import annotations

import sys

# The benchmark reads /proc and waits with epoll.
collect_ignore_glob = [] if sys.platform == "linux" else ["*"]
