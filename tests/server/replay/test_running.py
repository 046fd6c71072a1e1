"""A recording of the mock, replayed: against a mock in this process and one behind a socket, whatever the seed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.core.errors import ConfigurationError
from mockserver.server.app import MockServer, create_server
from mockserver.server.replay.comparing import Seen
from mockserver.server.replay.recording import Exchange, read_recording
from mockserver.server.replay.running import Outcome, Result, credentials, replay, selected, variable
from mockserver.server.replay.targets import Deployment, Headers, InProcess
from mockserver.server.settings import Settings
from tests.conftest import BOTH, MakeLiveServer
from tests.recorder import Recorder, tour, write

POSTMORTEMS = "/api/v1/postmortems/"
INCIDENT = "/v2/incidents/01GBA8J19SMXQWPJMX3P2ESCVG/actions/import_postmortem_document"


def mock(seed: int | None = None, **more: Any) -> MockServer:
    return create_server(Settings(**{"providers": BOTH, "seed": seed, **more}))


def recorded(folder: Path, seed: int | None, act: Callable[[Recorder], None], **more: Any) -> list[Exchange]:
    with Recorder(mock(seed, **more)) as recorder:
        act(recorder)
        return read_recording(recorder.write(folder))


@contextmanager
def inside(seed: int | None = None, **more: Any) -> Iterator[InProcess]:
    server = mock(seed, **more)
    target = InProcess(server.app, server.settings.base_url)
    try:
        yield target
    finally:
        target.close()


def unmatched(results: Iterator[Result]) -> list[Any]:
    return [(result.name, result.differences) for result in results if result.outcome is not Outcome.MATCHED]


@pytest.mark.parametrize("seed, again", [(1, 1), (1, 2), (1, None), (None, 3), (None, None)])
def test_a_recording_of_the_mock_matches_a_fresh_one_in_full_whatever_the_seed(
    tmp_path: Path, seed: int | None, again: int | None
) -> None:
    exchanges = recorded(tmp_path, seed, tour)
    assert len(exchanges) == 17
    with inside(again, base_url="http://elsewhere.test:80") as target:
        assert unmatched(replay(exchanges, target)) == []


def test_it_matches_a_server_behind_a_socket(tmp_path: Path, make_live_server: MakeLiveServer) -> None:
    exchanges = recorded(tmp_path, 1, tour)
    live = make_live_server(seed=2, rate_factor=1.0)
    assert unmatched(replay(exchanges, Deployment(live.base_url))) == []


# A step: what to do, and to which of the postmortems that there are so far.
steps = st.tuples(
    st.sampled_from(["create", "get", "list", "page", "put", "patch", "delete", "import"]),
    st.integers(0, 5),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)


def walk(taken: list[tuple[str, int, str]]) -> Callable[[Recorder], None]:
    def act(recorder: Recorder) -> None:
        known = ["P658FE5K87EWZ"]
        for action, which, text in taken:
            one = f"{POSTMORTEMS}{known[which % len(known)]}/"
            if action == "create":
                group = ("IQUIET1PAGE11", "I68T24C13IFW1", "INOSUCHGROUP1")[which % 3]
                body = {"alert_group_id": group, "text": text}
                answer = recorder.send(action, "oncall", "POST", POSTMORTEMS, body)
                known += [answer.json()["id"]] if answer.status == 201 else []
            elif action in ("put", "patch"):
                body = {"text": f"{text} {known[-1]}"}
                recorder.send(action, "oncall", action.upper(), one, body)
            elif action == "import":
                recorder.send(action, "incident", "POST", INCIDENT, {"title": text, "content": f"# {text}"})
            elif action in ("get", "delete"):
                recorder.send(action, "oncall", action.upper(), one)
            else:
                query = f"?perpage=2&page={which}" if action == "page" else ""
                recorder.send(action, "oncall", "GET", f"{POSTMORTEMS}{query}")

    return act


@settings(max_examples=15)
@given(st.lists(steps, min_size=1, max_size=12), st.integers(0, 3), st.sampled_from([0, 1, 2, 3, None]))
def test_any_walk_over_both_vendors_matches_its_replay(
    taken: list[tuple[str, int, str]], seed: int, again: int | None
) -> None:
    with TemporaryDirectory() as folder, inside(again) as target:
        assert unmatched(replay(recorded(Path(folder), seed, walk(taken)), target)) == []


def leaves(document: Any, *steps: Any) -> Iterator[tuple[Any, ...]]:
    """The way to every single value of a document."""
    if isinstance(document, dict | list):
        for key, value in document.items() if isinstance(document, dict) else enumerate(document):
            yield from leaves(value, *steps, key)
    else:
        yield steps


def test_any_value_changed_in_a_recording_is_reported_at_its_place(tmp_path: Path) -> None:
    with Recorder(mock(1)) as recorder:
        tour(recorder)
    server = mock(2)
    target = InProcess(server.app, server.settings.base_url)
    changes = 0
    for position, original in enumerate(recorder.exchanges):
        media_type = original["response"]["headers"].get("content-type", "")
        if media_type != "application/json" or not original["response"]["body"]:
            continue
        document = json.loads(original["response"]["body"])
        for steps in leaves(document):
            changed = copy.deepcopy(document)
            holder = changed
            for step in steps[:-1]:
                holder = holder[step]
            holder[steps[-1]] = "changed" if steps[-1] != "request_id" else None
            exchanges = copy.deepcopy(recorder.exchanges)
            exchanges[position]["response"]["body"] = json.dumps(changed)
            place = "body" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
            server.sandboxes.reset()
            results = list(replay(read_recording(write(tmp_path, exchanges)), target))
            assert [found.place for found in results[position].differences] == [place]
            changes += 1
    target.close()
    assert changes > 30


def test_what_an_answer_lacks_is_shown_with_both_sides(tmp_path: Path) -> None:
    exchanges = recorded(tmp_path, 1, tour)
    with inside(2, providers=("grafana-oncall",)) as target:
        found = dict(unmatched(replay(exchanges, target)))
    assert set(found) == {"import.ok", "import.again", "import.untitled", "import.no-key"}
    assert [difference.place for difference in found["import.ok"]] == ["status", "body"]


class Spy:
    """A target that answers everything alike and remembers what it was sent."""

    base_url = "http://127.0.0.1:1"

    def __init__(self, body: bytes = b"") -> None:
        self.sent: list[tuple[str, str, dict[str, str], bytes | None]] = []
        self._body = body

    def send(self, method: str, path: str, headers: Headers, body: bytes | None) -> Seen:
        self.sent.append((method, path, dict(headers), body))
        return Seen(200, {}, self._body)

    def close(self) -> None:
        return None


def exchange(folder: Path, **changes: Any) -> list[Exchange]:
    """One exchange, recorded as admin."""
    request: Mapping[str, Any] = {"method": "POST", "path": "/x/", "headers": {}, "body": None}
    response = {"status": 200, "headers": {}, "body": changes.pop("answer", "")}
    name = changes.pop("name", "x.one")
    entry = {"name": name, "as": "admin", "request": {**request, **changes}, "response": response}
    return read_recording(write(folder, [entry]))


def test_headers_go_out_as_recorded_but_for_those_of_the_connection(tmp_path: Path) -> None:
    headers = {
        "Host": "old",
        "Connection": "close",
        "Accept-Encoding": "gzip",
        "Content-Length": "99",
        "X-A": " b",
    }
    spy = Spy()
    list(replay(exchange(tmp_path, headers=headers, body="é"), spy))
    assert spy.sent == [("POST", "/x/", {"X-A": " b", "Content-Length": "2"}, "é".encode())]


def test_bytes_that_are_no_text_go_out_as_they_are(tmp_path: Path) -> None:
    spy = Spy()
    list(replay(exchange(tmp_path, body={"base64": "//57AA=="}), spy))
    assert spy.sent[0][3] == b"\xff\xfe{\x00"


def test_an_empty_body_is_announced_and_a_missing_one_is_not(tmp_path: Path) -> None:
    spy = Spy()
    list(replay(exchange(tmp_path, body=""), spy))
    list(replay(exchange(tmp_path), spy))
    assert [(headers, body) for _, _, headers, body in spy.sent] == [
        ({"Content-Length": "0"}, b""),
        ({}, None),
    ]


def test_a_body_of_which_only_the_size_was_recorded_is_skipped(tmp_path: Path) -> None:
    spy = Spy()
    (result,) = replay(exchange(tmp_path, body="<5 bytes>"), spy)
    assert (result.outcome, spy.sent) == (Outcome.SKIPPED, [])
    (result,) = replay(exchange(tmp_path, answer="<5 bytes>"), spy)
    assert (result.outcome, len(spy.sent)) == (Outcome.SKIPPED, 1)


def test_a_credential_takes_the_place_of_the_recorded_one_and_only_there(tmp_path: Path) -> None:
    spy = Spy()
    old = {"authorization": "old-old-old"}
    list(replay(exchange(tmp_path, headers=old, query="token=old-old-old"), spy, {"admin": "Bearer new"}))
    list(replay(exchange(tmp_path, headers=old), spy, {"viewer": "Bearer new"}))
    assert [(path, headers) for _, path, headers, _ in spy.sent] == [
        ("/x/?token=old-old-old", {"Authorization": "Bearer new"}),
        ("/x/", old),
    ]


def test_no_credential_shows_in_a_result(tmp_path: Path) -> None:
    old, new = "old-secret-token", "new-secret-token"
    exchanges = exchange(
        tmp_path,
        name=f"x.{old}",
        headers={"Authorization": f"Bearer {old}"},
        query=f"token={old}&other={new}",
        answer=f"no {old}, no {new}",
    )
    (result,) = replay(exchanges, Spy(f"yes {old}, yes {new}".encode()), {"admin": f"Bearer {new}"})
    shown = repr((result.name, result.sent, result.differences))
    assert result.outcome is Outcome.DIFFERS
    assert old not in shown
    assert new not in shown


def test_only_names_that_match_are_replayed(tmp_path: Path) -> None:
    exchanges = recorded(tmp_path, 1, tour)
    assert [found.name for found in selected(exchanges, ["auth.*", "import.no-*"])] == [
        "auth.none",
        "import.no-key",
    ]
    assert selected(exchanges, []) == exchanges
    with pytest.raises(ConfigurationError, match=r"--only AUTH\.\*: no exchange has such a name"):
        selected(exchanges, ["AUTH.*"])


def test_a_flag_wins_over_the_environment_for_a_credential(tmp_path: Path) -> None:
    exchanges = recorded(tmp_path, 1, tour)
    environment = {"MOCKSERVER_CREDENTIAL_ONCALL": "a", "MOCKSERVER_CREDENTIAL_VIEWER": "b", "PATH": "c"}
    assert credentials(exchanges, {"viewer": "d"}, environment) == {"oncall": "a", "viewer": "d"}
    assert variable("on-call ü") == "MOCKSERVER_CREDENTIAL_ON_CALL__"
    with pytest.raises(ConfigurationError, match=r"'nobody'; known are incident, oncall, viewer"):
        credentials(exchanges, {"nobody": "x"}, {})
    with pytest.raises(ConfigurationError, match="'viewer' must be printable ASCII"):
        credentials(exchanges, {"viewer": "secret\n"}, {})
