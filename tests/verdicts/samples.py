"""A run with something of everything in it, some of it hostile."""

from __future__ import annotations

from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.rules import Rule
from contract_tests.verdicts.verdict import Budget, Covered, Facts, Need, Operation, Run, Verdict

# A page, a terminal, a log, a spreadsheet and a JUnit reader would each trip over some of it.
HOSTILE = (
    "<script>alert(1)</script> </script><img src=x onerror=alert(1)> ' \" & ]]> {{7*7}} "
    "\x1b[31mred\x1b]0;title\x07 \r\nexit 0: the contract is kept\n \u202egnp.exe \x00 \x9b2J \ufffe \u2028"
)
JSON = ("Content-Type", "application/json")


def a_rule(grade: str = "documented") -> Rule:
    return Rule(
        "grafana-oncall/create.shape", "Create answers with the four fields.", grade, "The page, Create"
    )


def an_exchange(body: bytes = b'{"text": "x"}', status: int | None = 201, note: str = "") -> Exchange:
    asked = Asked("POST", "/api/v1/postmortems/?x=%3Cb%3E", (("Authorization", "<oncall_token>"), JSON), body)
    answered = None if status is None else Answered(status, (JSON, ("X-Note", HOSTILE)), HOSTILE.encode())
    return Exchange(asked, answered, "a test", 1_790_000_000.5, 0.012, note, {"operation": "create"})


def a_run(**change: object) -> Run:
    verdicts = (
        Verdict(
            id="contract_tests/grafana_oncall/test_create.py::test_kept",
            outcome="kept",
            kind="laws",
            provider="grafana-oncall",
            rule=a_rule(),
            seconds=0.02,
            requests=3,
        ),
        Verdict(
            id=f"contract_tests/grafana_oncall/test_create.py::test_broken[{HOSTILE}]",
            outcome="broken",
            kind="laws",
            provider="grafana-oncall",
            rule=a_rule(),
            expected=f"(201, {HOSTILE})",
            seen=f"(200, {HOSTILE})",
            detail=f"E   assert {HOSTILE}",
            seconds=0.1,
            requests=4,
            exchanges=(
                an_exchange(),
                an_exchange(b"\xff\x00\xfe", None, HOSTILE),
                an_exchange(HOSTILE.encode()),
            ),
            left_out=1,
            bundle="bundles/test_create-test_broken-1a2b3c4d",
        ),
        Verdict(
            id="contract_tests/grafana_oncall/test_create.py::test_guess",
            outcome="broken-assumed",
            kind="laws",
            provider="grafana-oncall",
            rule=a_rule("assumed"),
            expected="True",
            seen="False",
            reason="assumed rule broken: False",
        ),
        Verdict(
            "contract_tests/model/test_x.py::test_known", "expected", "model", reason=f"known: {HOSTILE}"
        ),
        Verdict("contract_tests/model/test_x.py::test_need", "not-judged", "model", reason="no token"),
        Verdict("contract_tests/schema/test_x.py::test_429", "inconclusive", "schema", reason=HOSTILE),
    )
    facts = Facts(
        needs=(Need("oncall_token", True, "CONTRACT_ONCALL_TOKEN"), Need("incident_id", False, HOSTILE)),
        leftovers=(f"postmortem P1 {HOSTILE}",),
        budget=Budget(7, 100, 3.5, 60.0, 1, 2),
    )
    fields: dict[str, object] = {
        "target": "https://oncall.example/base",
        "started": "2026-05-01T10:00:00+00:00",
        "seconds": 3.5,
        "seed": 7,
        "options": {"write": "yes", "note": HOSTILE},
        "fail_on": ("documented", "observed"),
        "selected": 8,
        "verdicts": verdicts,
        "operations": (
            Operation("grafana-oncall", "POST", "/api/v1/postmortems/", "create_postmortem"),
            Operation("grafana-oncall", "GET", "/api/v1/postmortems/{id}/", "get_postmortem"),
        ),
        "coverage": (
            Covered("grafana-oncall", "", "", "schema", 404, 1),
            Covered("grafana-oncall", "POST", "/api/v1/postmortems/", "laws", 201, 5),
            Covered("grafana-oncall", "POST", "/api/v1/postmortems/", "model", 0, 1),
        ),
        "news": (f"a new property {HOSTILE}",),
        "facts": facts,
        "stopped": "",
    }
    return Run(**{**fields, **change})  # type: ignore[arg-type]
