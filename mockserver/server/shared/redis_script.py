"""A script that the server runs in one step, and forgets when it is restarted."""

from __future__ import annotations

from hashlib import sha1
from typing import Any

from redis.exceptions import NoScriptError

from mockserver.server.shared.redis_line import Line, Part


class Script:
    """All keys of one call must have the same hash tag, so that a cluster has them in one place."""

    def __init__(self, text: str) -> None:
        self._text = text
        # The server's name for it, no secret.
        self._sha = sha1(text.encode(), usedforsecurity=False).hexdigest()

    def write(self, line: Line, keys: tuple[str, ...], *arguments: Part) -> Any:
        """Carried out once at most. Raises Unavailable."""
        try:
            return line.write("EVALSHA", self._sha, len(keys), *keys, *arguments)
        except NoScriptError:
            return line.write("EVAL", self._text, len(keys), *keys, *arguments)

    def read(self, line: Line, keys: tuple[str, ...], *arguments: Part) -> Any:
        """For a script that changes nothing. Raises Unavailable."""
        try:
            return line.read("EVALSHA", self._sha, len(keys), *keys, *arguments)
        except NoScriptError:
            return line.read("EVAL", self._text, len(keys), *keys, *arguments)
