"""What a reader of a log makes of what it reads, with nothing of a mock around it."""

from __future__ import annotations

from mockserver.server.shared.log import Head, Log
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
            self.records |= {place_of(write): (write.sequence, write.record) for write in news.base.writes}
        for step in news.steps:
            self.records |= {place_of(write): (write.sequence, write.record) for write in step.writes}
            self.parts |= step.parts
        self.head, self.size = news.head, news.size
        return True

    @property
    def content(self) -> object:
        return self.records, self.parts, self.size
