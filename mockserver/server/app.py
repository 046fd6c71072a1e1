"""The Connexion application. Nothing else in the project imports Connexion.

Connexion parses and checks the documents, resolves every operation against a table of functions, and starts the
stack. A middleware of ours, at Connexion's own extension point for documents, compiles each resolved operation into
one object for the engine, which answers every request but those below /_mock: these go on to the control API.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.core.collecting import uncollected
from mockserver.core.errors import ConfigurationError
from mockserver.core.later import later
from mockserver.core.provider import Provider
from mockserver.core.sandbox import held_by_nobody
from mockserver.providers import REGISTRY
from mockserver.server.asgi import OUTCOME, REQUEST, SANDBOX, ClientGone, read_request, request_of
from mockserver.server.compiled import CompiledOperation, DocumentedResponses, Held
from mockserver.server.complaints import Complain, complaints, refuse
from mockserver.server.control import CONTROL
from mockserver.server.control.late import LateControl
from mockserver.server.declared import declared
from mockserver.server.documents import METHODS, hold_version, load_document
from mockserver.server.engine import Engine, Resource
from mockserver.server.examples import Example
from mockserver.server.faults.catalogue import catalogue_of
from mockserver.server.faults.performing import transmit
from mockserver.server.metaschema import MetaSchema
from mockserver.server.outlines import outline
from mockserver.server.sandboxes import Sandboxes
from mockserver.server.sandboxing import Sandboxing
from mockserver.server.settings import Settings
from mockserver.server.state.files import load_kept
from mockserver.server.state.reading import load_world

if TYPE_CHECKING:
    from mockserver.server.control.app import control_app
    from mockserver.server.control.guard import ControlGuard
    from mockserver.server.faults.files import standing_rules
else:
    standing_rules = later("mockserver.server.faults.files", "standing_rules")
    control_app = later("mockserver.server.control.app", "control_app")

with warnings.catch_warnings():
    # Connexion imports Starlette's test client, which warns about its HTTP library whoever imports it.
    warnings.simplefilter("ignore")
    from connexion.exceptions import InvalidSpecification
    from connexion.middleware import ConnexionMiddleware, SpecMiddleware
    from connexion.middleware.main import API
    from connexion.operations import AbstractOperation
    from connexion.resolver import Resolution, Resolver
    from connexion.spec import OpenAPISpecification, Specification

META_SCHEMA = MetaSchema(OpenAPISpecification.openapi_schema)


@dataclass(frozen=True, slots=True)
class MockServer:
    """An ASGI application and what stands behind it."""

    app: ASGIApp
    settings: Settings
    providers: tuple[Provider, ...]
    documents: Mapping[str, Mapping[str, Any]]
    engine: Engine

    @property
    def sandboxes(self) -> Sandboxes:
        return self.engine.sandboxes


@dataclass(frozen=True, slots=True)
class Kinds:
    """What a server is made of; who shares its state with other processes has kinds of its own. `around` is put around
    the control API."""

    sandboxes: type[Sandboxes] = Sandboxes
    engine: type[Engine] = Engine
    around: Callable[[ControlGuard], ControlGuard] = lambda control: control


ALONE = Kinds()


@uncollected()
def create_server(settings: Settings, kinds: Kinds = ALONE) -> MockServer:
    """Everything that depends on documents and fixtures alone is done here. Raises ConfigurationError."""
    providers = tuple(REGISTRY[name] for name in settings.providers)
    documents = {provider.name: load_document(provider.name, settings.specs) for provider in providers}
    catalogue = catalogue_of(providers, documents)
    complain = refuse if settings.check_responses else complaints()
    faulty = bool(settings.faults or settings.profiles)
    sandboxes = kinds.sandboxes(
        settings,
        providers,
        load_world(settings.fixtures, providers),
        standing_rules(settings.faults, settings.profiles, catalogue) if faulty else (),
        load_kept(settings.state),
        held_by_nobody if settings.quirks else Held(documents, complain).hold,
    )
    engine = kinds.engine(providers, sandboxes, allow_prefer=settings.allow_prefer)
    app = ConnexionMiddleware(
        LateControl(lambda: kinds.around(control_app(settings, documents, engine, catalogue))),
        middlewares=[
            Sandboxing,
            partial(ServerErrorMiddleware, handler=partial(crashed, engine)),
            partial(Operations, engine=engine, complain=None if settings.quirks else complain),
        ],
    )
    for provider in providers:
        with _naming(provider):
            app.apis.append(_api(provider, documents[provider.name]))
    # Connexion builds its stack at the first request; a broken document is to be told before there is a port.
    app.app, app.middleware_stack = app._build_middleware_stack()  # noqa: SLF001
    return MockServer(app, settings, providers, documents, engine)


async def crashed(engine: Engine, request: StarletteRequest, error: Exception) -> Response:
    """The mock itself has failed. The traceback is in the log; the client gets the vendor's own words for it."""
    asked = request.scope.get(REQUEST) or request_of(request.scope)
    answer = engine.crashed(request.scope[SANDBOX], asked)
    return Response(answer.body, answer.status, dict(answer.headers))


def _api(provider: Provider, document: Mapping[str, Any]) -> API:
    """Connexion's own check of a document takes a second for a large one: it is asked only for its words, and for its
    verdict where the compiled one has doubts."""
    hold_version(document)
    if not META_SCHEMA.fits(document):
        OpenAPISpecification(dict(document))
    resolver = TableResolver(provider, document)
    specification = OutlinedSpecification(outline(document))
    return API(specification, base_path=None, resolver=resolver, provider=provider, document=document)


class OutlinedSpecification(OpenAPISpecification):
    @classmethod
    def _validate_spec(cls, spec: dict[str, Any]) -> None:
        """The whole document has been held already."""


class TableResolver(Resolver):
    """Finds functions by operationId in the provider's table: the vendors' ids hold spaces and are no module paths.

    What is not there answers what the document shows.
    """

    def __init__(self, provider: Provider, document: Mapping[str, Any]) -> None:
        super().__init__()
        self._provider = provider
        self._document = document

    def resolve(self, operation: AbstractOperation) -> Resolution:
        function = self._provider.functions.get(operation.operation_id)
        return Resolution(function or self._example(operation), operation.operation_id)

    def _example(self, operation: AbstractOperation) -> Example:
        raw = self._document["paths"][operation.path][operation.method]
        return Example(self._provider, raw["responses"], self._document.get("components", {}))


class Operations(SpecMiddleware):
    """Compiles the operations that Connexion resolves, and hands every request but those of the control API to them."""

    def __init__(self, app: ASGIApp, *, engine: Engine, complain: Complain | None) -> None:
        """`complain` is told of answers that break their document; without it nobody looks."""
        self._app = app
        self._engine = engine
        self._complain = complain

    def add_api(
        self,
        specification: Specification,
        *,
        provider: Provider,
        document: Mapping[str, Any],
        resolver: Resolver,
        **_: Any,
    ) -> None:
        with _naming(provider):
            for path, item in specification["paths"].items():
                resolved = [
                    specification.operation_cls.from_spec(
                        specification, path=path, method=method, resolver=resolver
                    )
                    for method in METHODS
                    if method in item
                ]
                self._add_path(provider, document, path, resolved)

    def _add_path(
        self,
        provider: Provider,
        document: Mapping[str, Any],
        path: str,
        resolved: Sequence[AbstractOperation],
    ) -> None:
        item, components = document["paths"][path], document.get("components", {})
        operations = [declared(operation, path, item, components) for operation in resolved]
        promised = {
            operation.id: DocumentedResponses(
                operation.id,
                item[operation.method.lower()]["responses"],
                components,
                provider.kept,
            )
            for operation in operations
            if self._complain is not None and operation.modelled
        }
        resource = provider.resource(operations)
        compiled = {
            method: CompiledOperation(
                provider, operation, promised.get(operation.id), self._complain or refuse
            )
            for method, operation in resource.operations.items()
        }
        otherwise = CompiledOperation(provider, resource.otherwise) if resource.otherwise else None
        for spelling in _spellings(path, provider):
            self._engine.router.add(spelling, Resource(compiled, otherwise))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or path == CONTROL or path.startswith(f"{CONTROL}/"):
            await self._app(scope, receive, send)
            return
        reply = scope.get(OUTCOME)
        if isinstance(reply, Exception):
            raise reply
        if reply is None:
            try:
                request = scope[REQUEST] = await read_request(scope, receive)
            except ClientGone:
                return
            reply = self._engine.answer(scope[SANDBOX], request)
        await transmit(reply, scope, receive, send)


@contextmanager
def _naming(provider: Provider) -> Iterator[None]:
    """Whatever is wrong with a document is told in one sentence that begins with whose it is."""
    try:
        yield
    except InvalidSpecification as error:
        raise ConfigurationError(f"specs/{provider.name}: {' '.join(error.message.split())}") from None
    except ConfigurationError as error:
        raise ConfigurationError(f"specs/{provider.name}: {error}") from None


def _spellings(path: str, provider: Provider) -> tuple[str, ...]:
    if not provider.optional_slash:
        return (path,)
    bare = path.removesuffix("/")
    return (bare, f"{bare}/")
