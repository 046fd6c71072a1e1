"""What the plugin makes of tests that pass, fail and are skipped."""

from __future__ import annotations

import pytest

from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.verdicts.evidence import MOST, kept, redacted
from tests.verdicts.conftest import Suite

DOCUMENTED = "grafana-oncall/list.shape"
ASSUMED = "incident-io/document.id-form"

MIXED = f"""
@law({DOCUMENTED!r})
@pytest.mark.grafana_oncall
def test_kept():
    assert 204 == 204

@law({DOCUMENTED!r})
def test_broken():
    seen = (200, b"{{}}")
    assert seen == (204, b"")

@law({ASSUMED!r})
def test_guess():
    assert "123" == "01ABC"

@pytest.mark.model
def test_not_judged():
    pytest.skip("not judged: the guard refused a delete")

@pytest.mark.model
def test_inconclusive():
    pytest.skip("inconclusive: 429 for a minute")

@pytest.mark.schema
def test_no_setup(nothing_there):
    pass

def test_of_somebody_else():
    assert False
"""


def outcomes(suite: Suite, tests: str, *options: str, **environment: str) -> dict[str, str]:
    run = suite.run(tests, *options, **environment)
    return {verdict.id.rpartition("::test_")[2]: verdict.outcome for verdict in run.verdicts}


def test_every_test_of_the_suite_has_one_verdict_and_no_other_has(suite: Suite) -> None:
    assert outcomes(suite, MIXED) == {
        "kept": "kept",
        "broken": "broken",
        "guess": "broken",
        "not_judged": "not-judged",
        "inconclusive": "inconclusive",
        "no_setup": "broken",
    }


def test_a_verdict_quotes_rule_and_comparison(suite: Suite) -> None:
    run = suite.run(MIXED)
    broken = next(verdict for verdict in run.verdicts if verdict.id.endswith("test_broken"))
    assert broken.id == "contract_tests/test_it.py::test_broken"
    assert (broken.expected, broken.seen) == ("(204, b'')", "(200, b'{}')")
    assert (broken.kind, broken.provider) == ("laws", "grafana-oncall")
    assert broken.rule is not None
    assert (broken.rule.name, broken.rule.grade) == (DOCUMENTED, "documented")
    assert "assert seen == (204" in broken.detail


@pytest.mark.parametrize(
    ("fail_on", "outcome"),
    [("documented", "broken-assumed"), ("documented,observed", "broken-assumed"), ("assumed", "broken")],
)
def test_a_grade_that_is_not_to_fail_makes_a_warning(suite: Suite, fail_on: str, outcome: str) -> None:
    assert outcomes(suite, MIXED, FAIL_ON=fail_on)["guess"] == outcome


def test_a_warning_alone_is_exit_code_0(suite: Suite) -> None:
    run = suite.run(MIXED, "-k", "guess or kept", FAIL_ON="documented")
    assert (run.exit_code, suite.code) == (0, 0)
    assert [verdict.reason for verdict in run.verdicts if verdict.reason] == ["assumed rule broken: '123'"]


def test_a_test_that_cannot_be_set_up_fails_whatever_the_grade(suite: Suite) -> None:
    test = f"@law({ASSUMED!r})\ndef test_it(nothing_there): pass"
    assert outcomes(suite, test, FAIL_ON="documented") == {"it": "broken"}


def test_a_test_that_cannot_be_torn_down_is_broken(suite: Suite) -> None:
    tests = f"""
@pytest.fixture
def record():
    yield
    assert 500 == 204

@law({DOCUMENTED!r})
def test_it(record): pass
"""
    run = suite.run(tests)
    assert [(verdict.outcome, verdict.expected, verdict.seen) for verdict in run.verdicts] == [
        ("broken", "204", "(teardown) 500")
    ]


@pytest.mark.parametrize(
    ("chosen", "environment", "code"),
    [
        ("kept", {}, 0),
        ("kept or broken or inconclusive", {}, 1),
        ("kept or inconclusive", {}, 3),
        ("not_judged", {}, 3),
        ("kept or broken", {"LEFTOVERS": "P1"}, 4),
        ("nothing_of_this_name", {}, 2),
    ],
)
def test_the_exit_code_is_the_runs_and_pytests(
    suite: Suite, chosen: str, environment: dict[str, str], code: int
) -> None:
    run = suite.run(MIXED, "-k", chosen, **environment)
    assert (run.exit_code, suite.code) == (code, code)


def test_workers_of_xdist_tell_the_same(suite: Suite) -> None:
    (suite.folder / "sent" / "test_broken").write_text("/api/v1/postmortems/ /v1/identity /nowhere")
    alone = suite.run(MIXED)
    (suite.folder / "report.json").unlink()
    shared = suite.run(MIXED, "-n", "2")
    assert shared.selected == alone.selected == 6
    assert suite.code == alone.exit_code == 1
    assert shared.coverage == alone.coverage != ()

    def told(run: object) -> list[object]:
        verdicts = sorted(run.verdicts, key=lambda verdict: verdict.id)  # type: ignore[attr-defined]
        return [(it.id, it.outcome, it.seen, it.rule, it.exchanges, it.requests) for it in verdicts]

    assert told(shared) == told(alone)


def test_a_letter_that_cannot_be_encoded_travels_from_a_worker(suite: Suite) -> None:
    test = f"@law({DOCUMENTED!r})\ndef test_it(): assert 'a\\ud800b' == 'ab'"
    (verdict,) = suite.run(test, "-n", "1").verdicts
    assert verdict.seen == r"'a\ud800b'"


def test_a_worker_that_dies_is_a_failure(suite: Suite) -> None:
    run = suite.run(f"import os\n@law({DOCUMENTED!r})\ndef test_it(): os._exit(7)", "-n", "1")
    assert [(verdict.outcome, verdict.id) for verdict in run.verdicts] == [
        ("broken", "contract_tests/test_it.py::test_it")
    ]
    assert "crashed" in run.verdicts[0].seen


def test_a_suite_that_cannot_be_read_is_exit_code_2_and_says_why(suite: Suite) -> None:
    run = suite.run("import no_such_module")
    assert (run.exit_code, run.conclusion) == (2, "the suite could not be read")
    assert "no_such_module" in suite.out


def test_news_are_collected_once(suite: Suite) -> None:
    tests = """
@pytest.mark.laws
@pytest.mark.parametrize("number", [1, 2])
def test_it(record_property, number):
    record_property("news", "GET /v1/identity: a new property `region`")
"""
    assert suite.run(tests, "-W", "ignore").news == ("GET /v1/identity: a new property `region`",)


def test_no_credential_is_in_anything_that_a_run_leaves(suite: Suite) -> None:
    (suite.folder / "sent" / "test_it").write_text("/api/v1/postmortems/?token=not-a-real-token")
    test = f"""
@law({DOCUMENTED!r})
def test_it():
    print("not-a-real-token")
    token = "not-a-" + "real-token"
    assert {{"Authorization": token}} == {{}}, token
"""
    run = suite.run(test, "--junitxml=pytest.xml", "-rA", SCREEN="summary")
    assert run.exit_code == 1
    assert "<oncall_token>" in suite.out
    artefacts = [
        *suite.folder.rglob("report.*"),
        *suite.folder.rglob("bundles/**/*"),
        suite.root / "pytest.xml",
    ]
    assert len(artefacts) > 4
    for artefact in artefacts:
        assert artefact.is_dir() or b"not-a-real-token" not in artefact.read_bytes(), artefact
    assert "not-a-real-token" not in suite.out


def test_pytests_own_junit_has_rule_grade_source_and_verdict(suite: Suite) -> None:
    suite.run(MIXED, "-k", "guess", "--junitxml=pytest.xml", FAIL_ON="documented")
    written = (suite.root / "pytest.xml").read_text("utf-8")
    for name, value in {"rule": ASSUMED, "grade": "assumed", "verdict": "broken-assumed"}.items():
        assert f'<property name="{name}" value="{value}"' in written
    assert '<skipped type="pytest.xfail"' in written


def test_a_cookie_is_a_credential_too() -> None:
    asked = Asked("GET", "/", (("Cookie", "session=1"),), b"")
    answered = Answered(200, (("Set-Cookie", "session=2"), ("X-Other", "3")))
    shown = redacted(Exchange(asked, answered), str)
    assert shown.answered is not None
    assert [*shown.asked.headers, *shown.answered.headers] == [
        ("Cookie", "[redacted]"),
        ("Set-Cookie", "[redacted]"),
        ("X-Other", "3"),
    ]


def test_of_many_exchanges_the_last_ones_are_kept_and_the_others_counted() -> None:
    small = [Exchange(Asked("GET", f"/{number}"), None) for number in range(300)]
    shown, left_out = kept(small, str)
    assert (shown[-1].asked.target, len(shown), left_out) == ("/299", MOST, 300 - MOST)
    large = [Exchange(Asked("PUT", "/", (), b"x" * 1_500_000), None) for _ in range(3)]
    shown, left_out = kept(large, str)
    assert (len(shown), left_out) == (1, 2)


def test_a_session_that_is_told_to_stop_says_why(suite: Suite) -> None:
    tests = """
@pytest.mark.laws
@pytest.mark.parametrize("number", range(3))
def test_it(request, number):
    request.session.shouldstop = "the budget is spent"
    pytest.skip("inconclusive: the budget is spent")
"""
    run = suite.run(tests)
    assert (len(run.verdicts), run.stopped, run.exit_code) == (1, "the budget is spent", 3)
    assert (
        "2 tests did not run\nstopped: the budget is spent\nexit 3: not everything could be judged"
        in suite.out
    )
