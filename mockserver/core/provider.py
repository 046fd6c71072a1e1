"""What a provider tells the server about itself, and what the server tells a provider about a request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from mockserver.core.errors import Breach, Refusal
from mockserver.core.events import Event
from mockserver.core.exchange import Answer, Request
from mockserver.core.fixtures import Fixtures
from mockserver.core.sandbox import Services, World
from mockserver.core.webhook import Message

if TYPE_CHECKING:
    from mockserver.core.explaining import Explainer  # its tables are for whoever asks why


class Judge(Protocol):
    """A request body's schema, compiled."""

    @property
    def holds(self) -> Callable[[object], bool]:
        """Whether a payload is what the schema wants."""

    def breaches(self, payload: object) -> list[Breach]:
        """Every way in which the payload breaks the schema, in the order of its properties."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryParameter:
    """`kind` is the schema's type; an `object` comes in brackets (`status[one_of]=…`), each value a list of texts."""

    name: str
    kind: str = "string"
    required: bool = False
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    default: Any = None


@dataclass(slots=True)
class Visit:
    """One request on its way through one operation. Providers extend it by what their checks find out."""

    operation: Operation
    request: Request
    path: Mapping[str, str]


Check = Callable[[Any], None]
Handler = Callable[[Any], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What the document says of one operation, compiled at start-up; a request reads it and works nothing out.

    `checks` run in order before `handler`, each raising the refusal it is there for. `rate_limit` is the
    operation's own allowance, in requests a minute, beside the caller's. `allow` lists the methods of the operation's
    path. What is not `modelled` has a handler that answers what the document shows.
    """

    id: str
    method: str
    path: str
    handler: Handler
    checks: tuple[Check, ...] = ()
    secured: bool = False
    scopes: tuple[str, ...] = ()
    rate_limit: int | None = None
    path_parameters: tuple[str, ...] = ()
    query: tuple[QueryParameter, ...] = ()
    judge: Judge | None = None
    body_required: bool = True
    allow: str = ""
    modelled: bool = True

    def using(self, **changes: Any) -> Operation:
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Resource:
    """Every operation of one path by method, and what answers the methods that have none (None: unrouted)."""

    operations: Mapping[str, Operation]
    otherwise: Operation | None = None


def no_messages(event: Event, world: Any) -> Sequence[Message]:
    """For a vendor without webhooks."""
    return ()


def no_callers(world: Any) -> Mapping[str, str]:
    """For a vendor without credentials."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One vendor, as the server sees it.

    name, title        as in `specs/<name>` and as a person says it
    prefix             the paths that are this vendor's to refuse when no operation owns them
    barred_in_ids      characters that no id in a path may hold: such a path is nobody's
    optional_slash     whether a trailing slash may come and go
    credential         the Authorization value of the fixtures' first user, for the start-up table
    example            a path and further curl arguments, for the start-up table
    functions          operationId -> the function that answers it
    records            fixture collection -> the frozen dataclass of its records
    derived            the same of tables that no fixture fills
    build              makes a world of checked fixtures
    visit              makes the provider's kind of Visit: (operation, request, path, world) -> visit
    resource           turns the declared operations of one path into everything its methods answer
    explainer          which rules have a hand in which answers: () -> explainer
    refuse             words a refusal
    canned             gives an answer that the document shows the vendor's headers: (visit, status, media type or
                       None where there is no body, body) -> answer
    unrouted           answers a path that nobody owns
    crashed            answers when the mock itself has failed
    fault              words a failure that is none of the model's, as far as the vendor has words for its status:
                       (operation, request, status, seconds to wait or None, world) -> answer; the operation of a path
                       that nobody owns has no id
    webhook            the messages that the vendor sends its subscribers of an event: (event, world) -> messages
    callers            who may call: the Authorization value of each credential that a world knows, and whose it is
    kept               the schemas of its document whose records have a view (`core.views`)
    """

    name: str
    title: str
    prefix: str
    barred_in_ids: str
    optional_slash: bool
    credential: str
    example: tuple[str, ...]
    functions: Mapping[str, Handler]
    records: Mapping[str, type]
    build: Callable[[Fixtures, Services], World]
    visit: Callable[[Operation, Request, Mapping[str, str], Any], Visit]
    resource: Callable[[Sequence[Operation]], Resource]
    explainer: Callable[[], Explainer]
    refuse: Callable[[Any, Refusal], Answer]
    canned: Callable[[Any, int, str | None, bytes], Answer]
    unrouted: Callable[[Request], Answer]
    crashed: Callable[[Services], Answer]
    fault: Callable[[Operation, Request, int, int | None, Any], Answer]
    webhook: Callable[[Event, Any], Sequence[Message]] = no_messages
    callers: Callable[[Any], Mapping[str, str]] = no_callers
    kept: frozenset[str] = frozenset()
    derived: Mapping[str, type] = field(default_factory=dict)

    def may_be_ids(self, values: Iterable[str]) -> bool:
        for value in values:
            for barred in self.barred_in_ids:
                if barred in value:
                    return False
        return True
