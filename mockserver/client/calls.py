"""One request to the control API, described, and the two ways to make it.

Every verb is a function that describes its request and how to read the answer. `sync` and `awaited` make a method of
such a function, so that no verb is written twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

import httpx

from mockserver.client.errors import NotThere, Refused, Unreachable
from mockserver.client.reach import PATIENCE, Reach

Result = TypeVar("Result")
Handle = TypeVar("Handle")
Given = ParamSpec("Given")


@dataclass(frozen=True, slots=True)
class Call(Generic[Result]):
    """`path` is below /_mock, `read` makes the result of a 2xx answer. Queries leave out what is None."""

    method: str
    path: str
    read: Callable[[httpx.Response], Result]
    query: Mapping[str, Any] = field(default_factory=dict)
    json: object = None
    text: str | None = None


def nothing(answer: httpx.Response) -> None:
    """For answers that have no more to say than that it is done."""


def parsed(answer: httpx.Response) -> Any:
    return answer.json()


class _Wire:
    def __init__(self, reach: Reach, sandbox: str) -> None:
        self.reach = reach
        self.sandbox = sandbox
        self.headers = {"X-Mock-Sandbox": sandbox}
        if reach.token is not None:
            self.headers["X-Mock-Token"] = reach.token

    @property
    def _options(self) -> dict[str, Any]:
        return {"base_url": f"{self.reach.address}/_mock", "timeout": PATIENCE, "trust_env": False}

    def _arguments(self, call: Call[Any]) -> dict[str, Any]:
        arguments: dict[str, Any] = {
            "params": {name: _plain(value) for name, value in call.query.items() if value is not None},
            "headers": self.headers,
        }
        if call.text is not None:
            arguments["content"] = call.text.encode()
            arguments["headers"] = {**self.headers, "Content-Type": "application/yaml"}
        elif call.json is not None:
            arguments["json"] = call.json
        return arguments

    def _unreachable(self, error: httpx.HTTPError) -> Unreachable:
        return Unreachable(f"{self.reach.address}: {error or type(error).__name__}")


class Link(_Wire):
    """To one sandbox of one mock."""

    def __init__(self, reach: Reach, sandbox: str, client: httpx.Client | None = None) -> None:
        super().__init__(reach, sandbox)
        self.client = client or httpx.Client(transport=reach.transport(), **self._options)

    def to(self, sandbox: str) -> Link:
        return Link(self.reach, sandbox, self.client)

    def send(self, call: Call[Result]) -> Result:
        """Raises Refused and Unreachable."""
        try:
            answer = self.client.request(call.method, call.path, **self._arguments(call))
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        return _result(call, answer)


class AsyncLink(_Wire):
    def __init__(self, reach: Reach, sandbox: str, client: httpx.AsyncClient | None = None) -> None:
        super().__init__(reach, sandbox)
        self.client = client or httpx.AsyncClient(transport=reach.async_transport(), **self._options)

    def to(self, sandbox: str) -> AsyncLink:
        return AsyncLink(self.reach, sandbox, self.client)

    async def send(self, call: Call[Result]) -> Result:
        """Raises Refused and Unreachable."""
        try:
            answer = await self.client.request(call.method, call.path, **self._arguments(call))
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        return _result(call, answer)


class Part:
    """Some verbs of a mock."""

    def __init__(self, link: Link) -> None:
        self._link = link


class AsyncPart:
    def __init__(self, link: AsyncLink) -> None:
        self._link = link


def sync(describe: Callable[Given, Call[Result]]) -> Callable[Concatenate[Part, Given], Result]:
    @wraps(describe)
    def method(self: Part, /, *args: Given.args, **kwargs: Given.kwargs) -> Result:
        return self._link.send(describe(*args, **kwargs))

    return method


def awaited(
    describe: Callable[Given, Call[Result]],
) -> Callable[Concatenate[AsyncPart, Given], Awaitable[Result]]:
    @wraps(describe)
    async def method(self: AsyncPart, /, *args: Given.args, **kwargs: Given.kwargs) -> Result:
        return await self._link.send(describe(*args, **kwargs))

    return method


def sync_handle(
    handle: Callable[[Link, Result], Handle], describe: Callable[Given, Call[Result]]
) -> Callable[Concatenate[Part, Given], Handle]:
    """As `sync`, and what comes back is handed on with the link that it came over."""

    @wraps(describe)
    def method(self: Part, /, *args: Given.args, **kwargs: Given.kwargs) -> Handle:
        return handle(self._link, self._link.send(describe(*args, **kwargs)))

    return method


def awaited_handle(
    handle: Callable[[AsyncLink, Result], Handle], describe: Callable[Given, Call[Result]]
) -> Callable[Concatenate[AsyncPart, Given], Awaitable[Handle]]:
    @wraps(describe)
    async def method(self: AsyncPart, /, *args: Given.args, **kwargs: Given.kwargs) -> Handle:
        return handle(self._link, await self._link.send(describe(*args, **kwargs)))

    return method


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _result(call: Call[Result], answer: httpx.Response) -> Result:
    if answer.is_success:
        return call.read(answer)
    try:
        words = str(answer.json()["error"])
    except (ValueError, KeyError, TypeError):
        words = answer.text[:200] or answer.reason_phrase
    kind = NotThere if answer.status_code == 404 else Refused
    raise kind(f"{call.method} /_mock{call.path}", answer.status_code, words)
