"""A carrier of webhooks that carries nothing: a test says what becomes of what it was given, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mockserver.server.courier import Done


@dataclass
class Errand:
    url: str
    body: bytes
    headers: Mapping[str, str]
    done: Done
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class Alarm:
    seconds: float
    ring: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class Carrier:
    """Answers with `statuses` one after the other as soon as it is given something; keeps it when they have run out."""

    statuses: list[int] = field(default_factory=list)
    sent: list[Errand] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)

    def send(self, url: str, body: bytes, headers: Mapping[str, str], done: Done) -> Errand:
        errand = Errand(url, body, headers, done)
        self.sent.append(errand)
        if self.statuses:
            done(self.statuses.pop(0), "")
        return errand

    def after(self, seconds: float, call: Callable[[], None]) -> Alarm:
        alarm = Alarm(seconds, call)
        self.alarms.append(alarm)
        return alarm

    @property
    def alarm(self) -> Alarm:
        """The one that is set; there is never more than one."""
        (alarm,) = [alarm for alarm in self.alarms if not alarm.cancelled]
        return alarm
