"""Who takes part: how each is started, what it does with a request, and what it cannot do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from benchmarks.commands import (
    Command,
    Setting,
    floor,
    json_server,
    mockoon,
    prism,
    redis,
    script,
    serving,
    uvicorn,
    wiremock,
)
from benchmarks.work import KINDS

OURS = "mockserver"
FLOOR, HELLO = "bare uvloop protocol", "raw ASGI on uvicorn"
PRISM, SILENT = "Prism", "Prism, silent"
BACKEND, SCALAR = "openapi-backend", "Scalar"
WIREMOCK, TUNED = "WireMock", "WireMock, tuned"
MOCKOON, JSON_SERVER = "Mockoon", "json-server"
CONNEXION, CHECKED = "stock Connexion", "stock Connexion, validate_responses"
PLAIN = "mockserver --protocol plain"
LMDB_ONE, LMDB_TWO = "mockserver, LMDB, 1 worker", "mockserver, LMDB, 2 workers"
REDIS = "mockserver, Redis"

STUBS = ("POST", "GET", "LIST")
NODE, JAVA = 1.0, 6.0


@dataclass(frozen=True, slots=True)
class Contestant:
    """`argv` makes the command from the setting and a port; it raises Unavailable. `beside` is a server that it needs,
    started before it on the next port, whose cost is counted, too.

    `warmth` multiplies the time it is warmed for: machines that compile while they run take longer to be at their best.
    `stateful` ones are given the stored documents first. `bearer` tells whether it looks at the credential.
    """

    name: str
    key: str
    argv: Command
    kinds: tuple[str, ...] = KINDS
    warmth: float = 0.3
    stateful: bool = False
    validates: bool = False
    bearer: bool = True
    invalid_status: int = 422
    env: Callable[[Setting], Mapping[str, str]] = field(default=lambda setting: {})
    beside: Command | None = None


CONTESTANTS = (
    Contestant(OURS, "ours", serving(), stateful=True, validates=True),
    Contestant(PRISM, "prism", prism(), warmth=NODE, validates=True),
    Contestant(SILENT, "prism-silent", prism("-v", "silent"), warmth=NODE, validates=True),
    Contestant(
        BACKEND,
        "openapi-backend",
        script("openapi-backend", "backend.mjs"),
        warmth=NODE,
        stateful=True,
        validates=True,
    ),
    Contestant(WIREMOCK, "wiremock", wiremock(), kinds=STUBS, warmth=JAVA),
    Contestant(
        TUNED,
        "wiremock-tuned",
        wiremock("--no-request-journal", "--disable-request-logging"),
        kinds=STUBS,
        warmth=JAVA,
    ),
    Contestant(SCALAR, "scalar", script("@scalar/mock-server", "scalar.mjs"), warmth=NODE, validates=True),
    Contestant(MOCKOON, "mockoon", mockoon, kinds=STUBS, warmth=NODE, bearer=False),
    Contestant(JSON_SERVER, "json-server", json_server, kinds=STUBS, warmth=NODE, bearer=False),
    Contestant(
        CONNEXION,
        "connexion",
        uvicorn("benchmarks.peers.connexion_app:app"),
        stateful=True,
        validates=True,
        invalid_status=400,
        env=lambda setting: {"PEER_DOCUMENT": str(setting.document)},
    ),
    Contestant(
        CHECKED,
        "connexion-checked",
        uvicorn("benchmarks.peers.connexion_app:app"),
        stateful=True,
        validates=True,
        invalid_status=400,
        env=lambda setting: {"PEER_DOCUMENT": str(setting.document), "PEER_CHECKS": "1"},
    ),
    Contestant(
        HELLO,
        "hello",
        uvicorn("benchmarks.peers.floor_app:app"),
        kinds=STUBS,
        bearer=False,
        env=lambda setting: {"PEER_BODIES": str(setting.bodies)},
    ),
    Contestant(FLOOR, "floor", floor, kinds=STUBS, bearer=False),
    Contestant(
        PLAIN, "plain", serving("--protocol", "plain", needs=("--protocol",)), stateful=True, validates=True
    ),
    Contestant(
        LMDB_ONE,
        "lmdb-1",
        serving("--store", "lmdb", "--workers", "1", needs=("--store", "--workers")),
        stateful=True,
        validates=True,
    ),
    Contestant(
        LMDB_TWO,
        "lmdb-2",
        serving("--store", "lmdb", "--workers", "2", needs=("--store", "--workers")),
        stateful=True,
        validates=True,
    ),
    Contestant(
        REDIS,
        "redis",
        serving("--store", "redis://127.0.0.1:{beside}/0", needs=("--store",)),
        stateful=True,
        validates=True,
        beside=redis,
    ),
)
VALIDATING_PEERS = tuple(
    each.name for each in CONTESTANTS if each.validates and not each.name.startswith(OURS)
)
