"""`mockserver test` from the first flag to the last word: plans, interruptions, certificates, known deviations."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import trustme
from starlette.types import Receive, Scope, Send

from tests.drills.suite import Ended, clean_up, command, environment, judge
from tests.drills.test_faults import DESCRIPTION, FEW, SCOPE, WRITING, creates, there
from tests.faults.targets import Target, hangs, misbehaving, resets
from tests.independent import grafana_oncall
from tests.independent.serving import serving

A_LITTLE = {**DESCRIPTION, "CONTRACT_FUZZ_EXAMPLES": "1"}
# One test of each kind, or a few.
OF_EACH_KIND = "test_delete or test_of_creates_at_once or test_what_only_resembles or on_a_target"
DELETES = (*SCOPE, "--kind", "laws", "-k", "test_delete", "--write")
RULE = "grafana-oncall/delete.status"


@pytest.fixture
def target() -> Iterator[Target]:
    with misbehaving(grafana_oncall.new_app()) as target:
        yield target


@contextmanager
def counting_connections() -> Iterator[tuple[str, list[Any]]]:
    """Yields a base URL, and who has connected to it so far."""
    came: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            while True:
                try:
                    connection, who = listening.accept()
                except OSError:
                    return
                came.append(who)
                connection.close()

        thread = Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", came
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(20)


def test_a_plan_of_every_kind_of_test_opens_no_connection_to_the_target(tmp_path: Path) -> None:
    with counting_connections() as (url, came):
        flags = (*SCOPE, "--plan", "--write-permanent", "-k", OF_EACH_KIND)
        planned = judge(url, *flags, folder=tmp_path, description=A_LITTLE)
        assert planned.code == 0, planned.printed
        assert "requests would be sent" in planned.printed
        assert "would be created by create_postmortem and be deleted again" in planned.printed
        kinds = {verdict["kind"] for verdict in planned.report["verdicts"]}
        assert kinds == {"laws", "model", "concurrency", "schema"}
        assert came == []
        judge(url, *FEW, folder=tmp_path, description=A_LITTLE)
        assert came


def test_an_interrupted_run_removes_what_it_made_and_says_so(target: Target, tmp_path: Path) -> None:
    before = there(target)
    target.will(hangs(), after=20, times=1, only=creates)
    process = subprocess.Popen(
        command(target.base_url, *WRITING, "--answer-timeout", "2s", folder=tmp_path),
        cwd=tmp_path,
        env=environment(DESCRIPTION),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # Whoever runs this in the background has taught its children to overhear ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    target.wait_for(21, only=creates)
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 3, printed
    assert "exit 3: interrupted" in printed
    assert "Traceback" not in printed
    assert there(target) == before
    code, said = clean_up(Ended(3, printed, tmp_path, {}), DESCRIPTION)
    assert (code, said.split(",")[0]) == (0, "0 removed")


def test_a_target_with_a_certificate_of_its_own_is_judged_with_it_and_not_without(tmp_path: Path) -> None:
    authority, server = tmp_path / "authority.pem", tmp_path / "server.pem"
    ca = trustme.CA()
    ca.cert_pem.write_to_path(authority)
    ca.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(server)
    with serving(grafana_oncall.new_app(), server) as url:
        refused = judge(url, *DELETES, folder=tmp_path, description=DESCRIPTION)
        assert (refused.code, refused.outcomes) == (3, {}), refused.printed
        assert "CERTIFICATE_VERIFY_FAILED" in refused.printed
        trusted = judge(url, *DELETES, "--ca-file", str(authority), folder=tmp_path, description=DESCRIPTION)
    assert trusted.code == 0, trusted.printed
    assert trusted.outcomes["kept"] > 5
    assert trusted.created


class Deletes200:
    """A server whose deletes answer 200."""

    def __init__(self) -> None:
        self._app = grafana_oncall.new_app()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def changed(message: Any) -> None:
            if message["type"] == "http.response.start" and message["status"] == 204:
                message = {**message, "status": 200}
            await send(message)

        await self._app(scope, receive, changed)


@pytest.mark.parametrize(
    ("breaks", "expires", "code", "said"),
    [
        (True, "", 1, "broken grafana-oncall/delete.status"),
        (True, "2999-12-31", 0, "a proxy"),
        (True, "2020-12-31", 1, "ran out on 2020-12-31"),
        (False, "2999-12-31", 1, "its tests pass: take the entry out"),
    ],
)
def test_a_deviation_that_is_known_is_expected_until_it_is_over_or_mended(
    tmp_path: Path, breaks: bool, expires: str, code: int, said: str
) -> None:
    known = tmp_path / "known.yaml"
    known.write_text(f"- {{rule: {RULE}, reason: a proxy, owner: us, expires: {expires or '2000-01-01'}}}\n")
    flags = ["--kind", "laws", "-k", "204_without_body_and_content_type", "--write", "--fail-on", "assumed"]
    flags += ["--known", str(known)] if expires else []
    with misbehaving(Deletes200() if breaks else grafana_oncall.new_app()) as target:
        ended = judge(target.base_url, *flags, folder=tmp_path, description=DESCRIPTION)
    assert ended.code == code, ended.printed
    assert said in " ".join(ended.printed.split())


def test_what_fuzzing_creates_on_a_target_bears_the_tag_and_is_found_if_its_answer_is_lost(
    target: Target, tmp_path: Path
) -> None:
    before = there(target)
    target.will(resets(done=True), after=4, times=2, only=creates)
    ended = judge(
        target.base_url, *SCOPE, "--kind", "schema", "--write", folder=tmp_path, description=A_LITTLE
    )
    assert ended.code in (1, 3), ended.printed  # no check of schemathesis knows what to make of a reset
    texts = [text for asked in target.seen if asked.method == "POST" for text in texts_of(asked.body)]
    assert len(texts) > 10
    assert [text for text in texts if "(contract test " not in text] == []
    assert sum(intent["tagged"] for intent in ended.created) > 10
    assert there(target) == before


def texts_of(body: bytes) -> list[str]:
    """Those in a body that people would read."""
    try:
        sent = json.loads(body)
    except ValueError:
        return []
    text = sent.get("text") if isinstance(sent, dict) else None
    return [text] if isinstance(text, str) and text.strip() and len(text) <= 200 else []
