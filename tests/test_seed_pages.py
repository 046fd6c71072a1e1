"""The two vendor pages, held against the mock: every command on them is run, every JSON answer on them is compared.

Pages: "Postmortem HTTP API" (Grafana OnCall) and "Import postmortem document" (incident.io). The first is a list of
curl commands, copied below. The second is an OpenAPI block, kept whole in specs/incident-io/upstream.yaml, so its
request, answers and error examples are read from there.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.conftest import MakeLiveServer, MakeServer
from tests.inprocess import InProcess
from tests.live import LiveServer

UPSTREAM = Path(__file__).parents[1] / "specs" / "incident-io" / "upstream.yaml"
IMPORT = "/v2/incidents/{id}/actions/import_postmortem_document"
PAGE = yaml.safe_load(UPSTREAM.read_text("utf-8"))
OPERATION = PAGE["paths"][IMPORT]["post"]
THROTTLED, UNAUTHENTICATED, INVALID = (
    json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE["info"]["description"], re.DOTALL)
)
ULID = "[0-9A-HJKMNP-TV-Z]{26}"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z"


@dataclass(frozen=True)
class Allowance:
    """A place where the answer may differ from the page's: what must stand there instead, and why."""

    pattern: str
    reason: str


@dataclass(frozen=True)
class Command:
    """`allowed` is by JSON pointer; everything it does not name must be the page's to the letter and in its order."""

    name: str
    curl: str
    status: int
    answer: Any
    allowed: Mapping[str, Allowance] = field(default_factory=dict)


MESSAGE = {
    "id": "M4BTQUS3PRHYQ",
    "alert_group_id": "I68T24C13IFW1",
    "author": "U4DNY931HHJS5",
    "source": "web",
    "created_at": "2020-06-19T12:40:01.429805Z",
    "text": "Demo postmortem message",
}
POSTMORTEM = {
    "id": "P658FE5K87EWZ",
    "alert_group_id": "I68T24C13IFW1",
    "created_at": "2020-06-19T12:37:01.430444Z",
    "text": "Demo postmortem text",
}
WITH_MESSAGES = {**POSTMORTEM, "postmortem_messages": [MESSAGE]}

NEW_ID = Allowance("P[A-NP-Z1-9]{12}", "the page's answer shows the id that its own example got")
NEW_TIME = Allowance(TIME, "the page's answer was made in 2020")

ONCALL = [
    Command(
        "create",
        r"""
curl "{{API_URL}}/api/v1/postmortems/" \
  --request POST \
  --header "Authorization: meowmeowmeow" \
  --header "Content-Type: application/json" \
  --data '{
      "alert_group_id": "I68T24C13IFW1",
      "text": "Demo postmortem text"
  }'
""",
        201,
        POSTMORTEM,
        {"/id": NEW_ID, "/created_at": NEW_TIME},
    ),
    Command(
        "get",
        r"""
curl "{{API_URL}}/api/v1/postmortems/P658FE5K87EWZ/" \
  --request GET \
  --header "Authorization: meowmeowmeow" \
  --header "Content-Type: application/json"
""",
        200,
        WITH_MESSAGES,
    ),
    Command(
        "list",
        r"""
curl "{{API_URL}}/api/v1/postmortems/" \
  --request GET \
  --header "Authorization: meowmeowmeow" \
  --header "Content-Type: application/json"
""",
        200,
        {"count": 1, "next": None, "previous": None, "results": [WITH_MESSAGES]},
    ),
    Command(
        "update",
        r"""
curl "{{API_URL}}/api/v1/postmortems/P658FE5K87EWZ/" \
  --request PUT \
  --header "Authorization: meowmeowmeow" \
  --header "Content-Type: application/json" \
  --data '{
      "text": "Demo postmortem text"
  }'
""",
        200,
        POSTMORTEM,
    ),
    Command(
        "delete",
        r"""
curl "{{API_URL}}/api/v1/postmortems/P658FE5K87EWZ/" \
  --request DELETE \
  --header "Authorization: meowmeowmeow"
""",
        204,
        None,  # the page shows no answer
    ),
]


def as_curl(*, key: str | None, body: Mapping[str, str]) -> str:
    """The operation's example request, which the page has as an OpenAPI block, as a command."""
    path = IMPORT.format(id=OPERATION["parameters"][0]["example"])
    authorization = f"--header 'Authorization: Bearer {key}'" if key else ""
    data = shlex.quote(json.dumps(body))
    return (
        f"curl {{{{API_URL}}}}{path} --request POST {authorization} "
        f"--header 'Content-Type: application/json' --data {data}"
    )


DOCUMENT = OPERATION["responses"]["201"]["content"]["application/json"]["example"]
REQUEST = OPERATION["requestBody"]["content"]["application/json"]["example"]
NO_EDITORS = Allowance(r"\[\]", "nobody has edited a document that was just imported through the API")
NOT_EXPORTED = Allowance(r"\[\]", "nothing has exported a document that was just imported")
ELSEWHERE = "the page's example is an answer of another operation"
REQUEST_ID = Allowance("[A-Za-z0-9_-]{8}", "every answer has its own; the page shows somebody's")

IMPORTED = Command(
    "import",
    as_curl(key="inc-test-key", body=REQUEST),
    201,
    DOCUMENT,
    {
        "/postmortem_document/created_at": Allowance(TIME, "the page's document was created in 2021"),
        "/postmortem_document/updated_at": Allowance(TIME, "the page has abc123, which is no time"),
        "/postmortem_document/id": Allowance(ULID, "a new document has a new id"),
        "/postmortem_document/document_url": Allowance(
            f"https://app\\.incident\\.io/my-org/incidents/123/post-mortems/{ULID}", "it ends in the id"
        ),
        "/postmortem_document/title": Allowance(
            re.escape(REQUEST["title"]),
            "the page's answer has another title than its request: another document",
        ),
        "/postmortem_document/editors": NO_EDITORS,
        "/postmortem_document/exported_urls": NOT_EXPORTED,
    },
)
WITHOUT_KEY = Command(
    "without a key", as_curl(key=None, body=REQUEST), 401, UNAUTHENTICATED, {"/request_id": REQUEST_ID}
)
WITHOUT_TITLE = Command(
    "without a title",
    as_curl(key="inc-test-key", body={"content": REQUEST["content"]}),
    422,
    INVALID,
    {
        "/request_id": REQUEST_ID,
        "/errors/0/code": Allowance("missing_field", ELSEWHERE),
        "/errors/0/message": Allowance('"title" is missing from body', ELSEWHERE),
        "/errors/0/source/field": Allowance("title", ELSEWHERE),
        "/errors/0/source/pointer": Allowance("/title", "the vendor's SDK needs it in every source"),
    },
)
ONE_TOO_MANY = Command(
    "one request too many",
    as_curl(key="inc-test-key", body=REQUEST),
    429,
    THROTTLED,
    {
        "/request_id": REQUEST_ID,
        "/rate_limit/limit": Allowance("1", "the test lowers the limit from 1200 to 1"),
        "/rate_limit/retry_after": Allowance(
            r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d UTC", "a time yet to come"
        ),
    },
)
FRESH = [*ONCALL, IMPORTED, WITHOUT_KEY, WITHOUT_TITLE]
ONE_REQUEST_A_MINUTE = 1 / 1200
commands = pytest.mark.parametrize("command", FRESH, ids=lambda command: command.name)


def words(curl: str, base_url: str) -> list[str]:
    return shlex.split(curl.replace("{{API_URL}}", base_url).replace("\\\n", " "))


def in_process(client: httpx.Client, curl: str) -> tuple[int, str]:
    """Sends what curl would send for a command with these options."""
    program, url, *options = words(curl, "")
    pairs = list(zip(options[::2], options[1::2], strict=True))
    assert program == "curl"
    assert {option for option, _ in pairs} <= {"--request", "--header", "--data"}
    headers = [
        (name, value)
        for option, header in pairs
        if option == "--header"
        for name, value in [header.split(": ")]
    ]
    answer = client.request(dict(pairs)["--request"], url, headers=headers, content=dict(pairs).get("--data"))
    return answer.status_code, answer.text


def with_curl(base_url: str, curl: str) -> tuple[int, str]:
    program = shutil.which("curl")
    if program is None:
        pytest.skip("there is no curl on this machine")
    _, *arguments = words(curl, base_url)
    plain = [program, "--disable", "--noproxy", "*", "--silent", "--show-error", "--write-out"]
    done = subprocess.run(
        [*plain, "\n%{http_code}", *arguments], capture_output=True, text=True, timeout=30, check=True
    )
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def assert_is_the_pages(command: Command, status: int, body: str) -> None:
    assert status == command.status
    if command.answer is None:
        assert body == ""
        return
    answer = json.loads(body)
    for pointer, allowance in command.allowed.items():
        value = at(answer, pointer)
        shown = value if isinstance(value, str) else json.dumps(value)
        assert re.fullmatch(allowance.pattern, shown), (pointer, shown, allowance.reason)
    assert masked(answer, command.allowed) == masked(command.answer, command.allowed)


def at(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def masked(value: Any, pointers: Iterable[str]) -> str:
    """As text, so that the order of the keys counts, with what is allowed to differ struck out."""
    copy = json.loads(json.dumps(value))
    for pointer in pointers:
        parent, _, name = pointer.rpartition("/")
        at(copy, parent)[name] = "…"
    return json.dumps(copy, indent=1, ensure_ascii=False)


@commands
def test_a_command_of_the_page_gets_the_answer_of_the_page(client: httpx.Client, command: Command) -> None:
    assert_is_the_pages(command, *in_process(client, command.curl))


@commands
def test_a_command_of_the_page_gets_the_answer_of_the_page_with_curl(
    live_server: LiveServer, command: Command
) -> None:
    assert_is_the_pages(command, *with_curl(live_server.base_url, command.curl))


def test_the_request_beyond_the_limit_gets_the_pages_429(make_server: MakeServer) -> None:
    server = make_server(rate_factor=ONE_REQUEST_A_MINUTE)
    with httpx.Client(transport=InProcess(server.app), base_url=server.settings.base_url) as client:
        assert_is_the_pages(IMPORTED, *in_process(client, IMPORTED.curl))
        assert_is_the_pages(ONE_TOO_MANY, *in_process(client, ONE_TOO_MANY.curl))


def test_the_request_beyond_the_limit_gets_the_pages_429_with_curl(make_live_server: MakeLiveServer) -> None:
    base_url = make_live_server(rate_factor=ONE_REQUEST_A_MINUTE).base_url
    assert_is_the_pages(IMPORTED, *with_curl(base_url, IMPORTED.curl))
    assert_is_the_pages(ONE_TOO_MANY, *with_curl(base_url, ONE_TOO_MANY.curl))
