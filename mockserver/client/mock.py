"""One sandbox of one mock, with everything that can be done to it."""

from __future__ import annotations

from functools import cached_property

from mockserver.client.calls import (
    AsyncLink,
    AsyncPart,
    Call,
    Link,
    Part,
    awaited,
    awaited_handle,
    nothing,
    sync,
    sync_handle,
)
from mockserver.client.faults import AsyncFaultHandle, AsyncFaults, FaultHandle, Faults, fault
from mockserver.client.journal import AsyncJournal, Journal
from mockserver.client.reach import Reach, Remote
from mockserver.client.vendors import GRAFANA_ONCALL, INCIDENT_IO, AsyncVendor, Vendor
from mockserver.client.webhooks import AsyncWebhooks, Webhooks
from mockserver.client.world import (
    AsyncClock,
    AsyncSnapshot,
    AsyncState,
    Clock,
    Snapshot,
    State,
    move,
    take,
)

DEFAULT = "default"


def reset() -> Call[None]:
    """The sandbox is as fresh as at its start; its snapshots stay."""
    return Call("POST", "/reset", nothing)


def copy(name: str, of: str) -> Call[str]:
    return Call("POST", "/sandboxes", lambda answer: name, json={"name": name, "from": of})


def made() -> Call[None]:
    """A sandbox is made on first use, and looking at one is none; this changes nothing else."""
    return move(0)


def delete(name: str) -> Call[None]:
    return Call("DELETE", f"/sandboxes/{name}", nothing)


def _reach(at: str | Reach, token: str | None) -> Reach:
    return Remote(at, token) if isinstance(at, str) else at


class Mock(Part):
    """`at` is the URL of a mock that runs. As a context, its connections are closed at the end."""

    def __init__(self, at: str | Reach, token: str | None = None, sandbox: str = DEFAULT) -> None:
        super().__init__(Link(_reach(at, token), sandbox))
        # The sandboxes that were asked of this one, for whoever tidies up.
        self.others: list[Mock] = []

    @classmethod
    def over(cls, link: Link) -> Mock:
        """Another one over connections that somebody else closes."""
        mock = cls.__new__(cls)
        Part.__init__(mock, link)
        mock.others = []
        return mock

    fault = sync_handle(FaultHandle, fault)
    snapshot = sync_handle(Snapshot, take)
    reset = sync(reset)

    @property
    def name(self) -> str:
        """Of the sandbox."""
        return self._link.sandbox

    @cached_property
    def incident_io(self) -> Vendor:
        return Vendor(self._link.reach, self.name, INCIDENT_IO)

    @cached_property
    def grafana_oncall(self) -> Vendor:
        return Vendor(self._link.reach, self.name, GRAFANA_ONCALL)

    @cached_property
    def faults(self) -> Faults:
        return Faults(self._link)

    @cached_property
    def journal(self) -> Journal:
        return Journal(self._link)

    @cached_property
    def clock(self) -> Clock:
        return Clock(self._link)

    @cached_property
    def webhooks(self) -> Webhooks:
        return Webhooks(self._link)

    @cached_property
    def state(self) -> State:
        return State(self._link)

    def sandbox(self, name: str) -> Mock:
        """Another sandbox of the same mock; it is made on first use."""
        other = Mock.over(self._link.to(name))
        self.others.append(other)
        return other

    def fork(self, name: str) -> Mock:
        """A new sandbox that begins with what this one holds now. Raises Refused if there is one of this name."""
        self._link.send(made())
        self._link.send(copy(name, self.name))
        return self.sandbox(name)

    def delete(self) -> None:
        """Lets go of the sandbox; the next use of its name makes a fresh one. Raises NotThere."""
        self._link.send(delete(self.name))

    def close(self) -> None:
        """Also for the sandboxes that were asked of it."""
        for vendor in (self.incident_io, self.grafana_oncall):
            vendor.close()
        self._link.client.close()
        self._link.reach.close()

    def __enter__(self) -> Mock:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()


class AsyncMock(AsyncPart):
    """The same verbs, awaited."""

    def __init__(self, at: str | Reach, token: str | None = None, sandbox: str = DEFAULT) -> None:
        super().__init__(AsyncLink(_reach(at, token), sandbox))

    fault = awaited_handle(AsyncFaultHandle, fault)
    snapshot = awaited_handle(AsyncSnapshot, take)
    reset = awaited(reset)

    @property
    def name(self) -> str:
        return self._link.sandbox

    @cached_property
    def incident_io(self) -> AsyncVendor:
        return AsyncVendor(self._link.reach, self.name, INCIDENT_IO)

    @cached_property
    def grafana_oncall(self) -> AsyncVendor:
        return AsyncVendor(self._link.reach, self.name, GRAFANA_ONCALL)

    @cached_property
    def faults(self) -> AsyncFaults:
        return AsyncFaults(self._link)

    @cached_property
    def journal(self) -> AsyncJournal:
        return AsyncJournal(self._link)

    @cached_property
    def clock(self) -> AsyncClock:
        return AsyncClock(self._link)

    @cached_property
    def webhooks(self) -> AsyncWebhooks:
        return AsyncWebhooks(self._link)

    @cached_property
    def state(self) -> AsyncState:
        return AsyncState(self._link)

    def sandbox(self, name: str) -> AsyncMock:
        other = AsyncMock.__new__(AsyncMock)
        AsyncPart.__init__(other, self._link.to(name))
        return other

    async def fork(self, name: str) -> AsyncMock:
        await self._link.send(made())
        await self._link.send(copy(name, self.name))
        return self.sandbox(name)

    async def delete(self) -> None:
        await self._link.send(delete(self.name))

    async def close(self) -> None:
        for vendor in (self.incident_io, self.grafana_oncall):
            await vendor.close()
        await self._link.client.aclose()
        self._link.reach.close()

    async def __aenter__(self) -> AsyncMock:
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self.close()


def connect(url: str, token: str | None = None, sandbox: str = DEFAULT) -> Mock:
    """The verbs for a mock that runs already: `mockserver serve`, here or elsewhere. `token` is its control token."""
    return Mock(url, token, sandbox)
