"""What a command loads before it answers: names of modules, not times, which a busy machine would spoil."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import httpx

CHECKOUT = Path(__file__).parents[1]
COMMAND = [sys.executable, "-X", "importtime", "-m", "mockserver"]
PATIENCE = 30
SERVER = {
    "asyncio",
    "connexion",
    "httptools",
    "httpx",
    "jinja2",
    "jsonschema",
    "jsonschema_rs",
    "markdown_it",
    "mdformat",
    "orjson",
    "requests",
    "rich",
    "starlette",
    "ulid",
    "uvicorn",
    "uvloop",
    "yaml",
}
SUITE = {"_pytest", "hypothesis", "openapi_core", "pytest", "schemathesis"}
# Connexion itself loads httpx, jinja2 and requests, whoever imports it.
OF_LATER_REQUESTS = {"jsonpath_rfc9535", "markdown_it", "mdformat", "regex", "wcwidth"}
OWN_OF_LATER_REQUESTS = {
    "mockserver.providers.grafana_oncall.explaining",
    "mockserver.providers.grafana_oncall.multipart",
    "mockserver.providers.incident_io.explaining",
    "mockserver.providers.incident_io.markdown",
    "mockserver.server.console.app",
    "mockserver.server.control.app",
    "mockserver.server.faults.reading",
    "mockserver.server.journal.breaches",
    "mockserver.server.journal.showing",
    "mockserver.server.state.exporting",
    "mockserver.server.whereabouts",
}


def environ() -> dict[str, str]:
    return {"PYTHONPATH": str(CHECKOUT), "PATH": ""}


def imported(log: str) -> set[str]:
    """Every module that `-X importtime` names."""
    rows = (line.split("|") for line in log.splitlines() if line.startswith("import time:"))
    return {row[2].strip() for row in rows if len(row) == 3} - {"imported package"}


def packages(modules: Iterable[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def test_help_imports_no_server() -> None:
    for arguments in (["--help"], ["serve", "--help"], ["--version"]):
        ended = subprocess.run(
            [*COMMAND, *arguments],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env=environ(),
            cwd=CHECKOUT / "tests",
        )
        assert ended.returncode == 0
        modules = imported(ended.stderr)
        assert "click" in modules
        assert packages(modules) & (SERVER | SUITE) == set()
        assert {module for module in modules if module.startswith("mockserver.server")} == set()
        assert {module for module in modules if module.startswith("mockserver.providers")} == set()


def test_the_first_answer_waits_for_nothing_that_later_ones_need(tmp_path: Path) -> None:
    log = tmp_path / "imports"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environ(),
            cwd=tmp_path,
        )
        assert process.stdout is not None
        try:
            base_url = process.stdout.readline().strip()
            for path, credential in (
                ("/v1/postmortem_documents", "Bearer inc-test-key"),
                ("/api/v1/postmortems/", "meowmeowmeow"),
            ):
                answer = httpx.get(base_url + path, headers={"Authorization": credential}, trust_env=False)
                assert answer.status_code == 200
            modules = imported(log.read_text())
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            process.communicate(timeout=PATIENCE)
    assert {"connexion", "uvicorn", "mockserver.server.engine"} <= modules
    assert packages(modules) & (SUITE | OF_LATER_REQUESTS) == set()
    assert modules & OWN_OF_LATER_REQUESTS == set()
