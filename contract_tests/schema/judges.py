"""Two judges that the mock does not use: schemathesis, which draws the traffic, and openapi-core, which sees it all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from openapi_core.templating.paths.exceptions import OperationNotFound, PathNotFound
from werkzeug.datastructures import Headers, ImmutableMultiDict

from contract_tests.guard.header import GUARD

HERE = Path(__file__).parent
AUTHORIZATION = "CONTRACT_AUTHORIZATION"
PHASES = "examples,coverage,fuzzing,stateful"


@dataclass(frozen=True)
class Fuzzed:
    """A finished run: its exit code, what it printed, and every exchange, as HAR entries."""

    code: int
    output: str
    entries: list[Mapping[str, Any]]


@dataclass(frozen=True)
class Fuzzing:
    """How much is drawn, and how far it may go. `unfit` are the checks that do not fit the vendor; `reading` sends GET
    alone; `paths` are regular expressions of those that are asked for, all if empty.
    """

    examples: int
    seed: int
    unfit: Sequence[str] = ()
    reading: bool = False
    paths: Sequence[str] = ()
    without: Sequence[str] = ()  # operations that are left out
    config: str = "fuzzing.toml"
    timeout: float = 30.0  # seconds for one answer
    environment: Mapping[str, str] = field(default_factory=dict)


def fuzz(
    document: Mapping[str, Any], base_url: str, authorization: str, folder: Path, how: Fuzzing
) -> Fuzzed:
    """Every check but those that do not fit the vendor, every phase, good and bad data."""
    har, described = folder / "traffic.har", folder / "document.json"
    described.write_text(json.dumps(document), "utf-8")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / how.config), "run"]
    options = ["--url", base_url, "--checks", "all"]
    options += ["--phases", PHASES, "--max-examples", str(how.examples), "--seed", str(how.seed)]
    options += ["--no-color", "--request-timeout", str(how.timeout)]
    options += ["--exclude-checks", ",".join(how.unfit)] if how.unfit else []
    options += ["--include-method", "GET"] if how.reading else []
    options += ["--include-path-regex", "|".join(how.paths)] if how.paths else []
    options += [part for name in how.without for part in ("--exclude-operation-id", name)]
    options += ["--report", "har", "--report-har-path", str(har)]
    ended = subprocess.run(
        [*command, str(described), *options],
        capture_output=True,
        text=True,
        cwd=folder,
        env={
            # No proxy of anybody's between the suite and its guard.
            **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
            "NO_PROXY": "*",
            "PYTHONPATH": str(HERE.parents[1]),
            "PYTHONWARNINGS": "ignore",
            AUTHORIZATION: authorization,  # not on the command line, which anybody on the machine may read
            **how.environment,
        },
    )
    entries = json.loads(har.read_text("utf-8"))["log"]["entries"] if har.exists() else []
    return Fuzzed(ended.returncode, ended.stdout + ended.stderr, entries)


@dataclass
class _Request:
    """A HAR entry's request in the words of openapi-core."""

    host_url: str
    path: str
    method: str
    body: bytes | None
    content_type: str
    parameters: RequestParameters


@dataclass(frozen=True)
class _Response:
    status_code: int
    data: bytes | None
    headers: Headers
    content_type: str


class SecondJudge:
    """Holds answers against a document with openapi-core."""

    def __init__(self, document: Mapping[str, Any], base_url: str) -> None:
        self._openapi = OpenAPI.from_dict({**document, "servers": [{"url": base_url}]})

    def verdicts(self, entries: list[Mapping[str, Any]]) -> Iterator[str]:
        """For each answer that is the document's business: nothing, or how it breaks it.

        Paths and methods that the document does not declare are not its business, as long as they were refused;
        OPTIONS never is.
        """
        for entry in entries:
            request, response = _read(entry)
            if GUARD in response.headers:
                continue
            try:
                self._openapi.validate_response(request, response)
            except (OperationNotFound, PathNotFound):
                if request.method != "options" and response.status_code not in (404, 405):
                    yield f"{request.method} {request.path}: undeclared, and answers {response.status_code}"
            except OpenAPIError as error:
                cause = error.__cause__ or error
                yield f"{request.method} {request.path} {response.status_code}: {error}: {cause}"
            else:
                yield ""


def _read(entry: Mapping[str, Any]) -> tuple[_Request, _Response]:
    asked, answered = entry["request"], entry["response"]
    url = urlsplit(asked["url"])
    headers = Headers([(header["name"], header["value"]) for header in asked["headers"]])
    request = _Request(
        host_url=f"{url.scheme}://{url.netloc}",
        path=url.path,
        method=asked["method"].lower(),
        body=None,
        content_type=headers.get("Content-Type", ""),
        parameters=RequestParameters(query=ImmutableMultiDict(parse_qsl(url.query)), header=headers),
    )
    content = answered["content"]
    data = content.get("text", "").encode()
    response_headers = Headers([(header["name"], header["value"]) for header in answered["headers"]])
    media_type = response_headers.get("Content-Type", "").partition(";")[0]
    return request, _Response(answered["status"], data or None, response_headers, media_type)
