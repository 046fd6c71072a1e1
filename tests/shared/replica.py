"""What a reader of a log makes of what it reads, with nothing of a mock around it."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.server.shared.log import Head, Log, Write
from mockserver.server.shared.memory import Place, place_of


class Replica:
    """One reader of one sandbox."""

    def __init__(self, log: Log, sandbox: str) -> None:
        self._log = log
        self._sandbox = sandbox
        self.head: Head | None = None
        self.records: dict[Place, tuple[int, bytes | None]] = {}
        self.parts: dict[str, bytes] = {}
        self.size = 0

    def catch_up(self) -> bool:
        """Whether there is such a sandbox."""
        news = self._log.read(self._sandbox, self.head)
        if news is None:
            self.head, self.records, self.parts, self.size = None, {}, {}, 0
            return False
        if news.base is not None:
            self.records, self.parts = {}, dict(news.base.parts)
            self._put(news.base.writes)
        for step in news.steps:
            self._put(step.writes)
            self.parts |= step.parts
        self.head, self.size = news.head, news.size
        return True

    def _put(self, writes: Sequence[Write]) -> None:
        for write in writes:
            if write.is_forgotten:
                self.records.pop(place_of(write), None)
            else:
                self.records[place_of(write)] = write.sequence, write.record

    @property
    def content(self) -> object:
        return self.records, self.parts, self.size
