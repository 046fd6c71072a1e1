"""What happened, told to whoever asked: the seam between a model and what reacts to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Event:
    """`name` is `<thing>.<verb>`, e.g. `postmortem.created`; before or after is None where there is none."""

    name: str
    before: object = None
    after: object = None


Listener = Callable[[Event], None]
SOMEBODY = ("somebody",)


class Events:
    """Passes each event on to every listener, in the order they subscribed; keeps nothing."""

    def __init__(self) -> None:
        self._listeners: list[tuple[Listener, Sized]] = []

    def subscribe(self, listener: Listener, audience: Sized = SOMEBODY) -> None:
        """It is told nothing while its audience is empty."""
        self._listeners.append((listener, audience))

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Nobody is told of what happens meanwhile."""
        listeners, self._listeners = self._listeners, []
        try:
            yield
        finally:
            self._listeners = listeners

    def emit(self, event: Event) -> None:
        for listener, audience in self._listeners:
            if audience:
                listener(event)
