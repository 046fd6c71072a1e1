"""What the models of all vendors share: the protocol, a story (requests sent, judged and told), and the search for a
short story that a model complains of.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NoReturn, Protocol
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import HypothesisException
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.guard.header import GUARD, as_a_skip

TOLD_AT_MOST = 60


class Shadow(Protocol):
    """Judges any stream of exchanges with one server, in the order of their completion. It knows only what they told
    it: what it does not know, it does not judge.
    """

    def judge(self, exchange: Exchange) -> list[str]:
        """What is wrong with the answer, in words that start with the rule that it breaks. Learns from it."""
        ...


def of_the_guard(answered: Answered | None) -> str:
    """What the guard says in an answer of its own; else nothing. Such exchanges tell nothing of the server."""
    return (answered.header(GUARD) or "") if answered else ""


def brief(value: Any, length: int = 160) -> str:
    """A value as a complaint shows it."""
    text = ascii(value) if isinstance(value, bytes) else repr(value)
    return text if len(text) <= length else f"{text[: length - 30]}… ({len(text)} characters)"


class Story:
    """Sends requests over HTTP, has a shadow judge every answer, and fails with the whole story at the first complaint.

    `strict` is that of a mock of our own: there the guard refuses nothing, and no answer stays away. Elsewhere what the
    guard refuses ends the test as not judged, unless it is `undaunted`: then the request counts as never sent.
    """

    def __init__(self, http: httpx.Client, shadow: Shadow, *, strict: bool, undaunted: bool = False) -> None:
        self._http, self._shadow, self._strict, self._undaunted = http, shadow, strict, undaunted
        self._lines: list[str] = []
        self.complaints: list[str] = []

    def __len__(self) -> int:
        return len(self._lines)

    def ask(
        self,
        method: str,
        path: str,
        *,
        who: str = "somebody",
        headers: Iterable[tuple[str, str]] = (),
        query: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> Answered:
        """`who` stands in the story for the credential, which it never shows."""
        target = quote(path, safe="/%:@!$&'()*+,;=~") + (f"?{urlencode(query)}" if query else "")
        raw = [(name.encode(), value.encode("latin-1", "surrogateescape")) for name, value in headers]
        request = self._http.build_request(method, target, headers=raw, content=body or None)
        sent = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw)
        asked = Asked(method, request.url.raw_path.decode("ascii"), sent, body)
        exchange = Exchange(asked, None, started=time.time())
        line = f"{who}: {method} {target}" + (f" {brief(body)}" if body else "")
        try:
            answer = self._http.send(request)
        except httpx.HTTPError as error:
            self._lines.append(f"{line} -> {type(error).__name__}")
            self._fail([f"no answer came: {type(error).__name__}"])
        took = time.time() - exchange.started
        received = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in answer.headers.raw)
        answered = Answered(answer.status_code, received, answer.content)
        self._lines.append(
            f"{line} -> {answered.status} {brief(answered.body) if answered.body else ''}".rstrip()
        )
        if self._is_refused(answered):
            return answered
        complaints = self._shadow.judge(replace(exchange, answered=answered, seconds=took))
        if complaints:
            self._fail(complaints)
        return answered

    def tell(self) -> str:
        """The complaints and every request that led to them, numbered."""
        numbered = [f"{number:4}. {line}" for number, line in enumerate(self._lines, 1)]
        if len(numbered) > TOLD_AT_MOST:
            numbered[5 : len(numbered) - TOLD_AT_MOST + 6] = [
                f"      … {len(numbered) - TOLD_AT_MOST + 1} more …"
            ]
        return "\n".join([*self.complaints, "after these requests:", *numbered])

    def _is_refused(self, answered: Answered) -> bool:
        said = of_the_guard(answered)
        if said and self._strict:
            self._fail([f"the guard did not let it through: {said}"])
        if said.startswith(("refused", "outside-scope")) and self._undaunted:
            return True
        if said:
            pytest.skip(as_a_skip(said))
        if answered.status == 429 and not self._strict:
            pytest.skip("inconclusive: throttled: the target's rate limit is used up")
        return False

    def _fail(self, complaints: list[str]) -> NoReturn:
        self.complaints = complaints
        raise AssertionError(self.tell())


class Enough(BaseException):
    """Ends a search that has found something; passes through Hypothesis, which stops at every Exception."""


class Search:
    """Runs a state machine until a story fails, then looks for a shorter one for a few seconds. The machine takes its
    story from `begin`; what is reported is the shortest story that failed, even if it does not fail again.
    """

    def __init__(self, *, seconds: float = 2.0) -> None:
        self._seconds = seconds
        self._until: float | None = None
        self._stories: list[Story] = []

    def begin(self, story: Story) -> Story:
        self._sift()
        if self._until is not None and time.monotonic() > self._until:
            raise Enough
        self._stories.append(story)
        return story

    def run(self, machine: type[RuleBasedStateMachine], how: settings) -> None:
        try:
            run_state_machine_as_test(machine, settings=how)
        except Enough:
            pass
        except (AssertionError, HypothesisException, BaseExceptionGroup):
            self._sift()
            if not self._stories:
                raise
        else:
            return
        self._sift()
        raise AssertionError(min(self._stories, key=len).tell())

    def _sift(self) -> None:
        """Keeps the stories that failed, of one kind: with the rule that the first was about."""
        failed = [story for story in self._stories if story.complaints]
        self._stories = [s for s in failed if s.complaints[0][:24] == failed[0].complaints[0][:24]]
        if self._stories and self._until is None:
            self._until = time.monotonic() + self._seconds


def effort(config: pytest.Config, target: str | None, *, examples: int, steps: int) -> settings:
    """Deterministic unless `--hypothesis-seed` is given. On a target: a fifth of the examples, and no search for a
    shorter story, which would go on writing.
    """
    seeded = config.getoption("--hypothesis-seed", None) is not None
    on_a_mock = target is None
    return settings(
        max_examples=examples if on_a_mock else max(1, examples // 5),
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=not seeded,
        report_multiple_bugs=False,
        phases=[Phase.generate, Phase.shrink] if on_a_mock else [Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
