from __future__ import annotations

from contract_tests.guard.recorder import Count
from contract_tests.plan import plan


def count(method: str, operation: str, status: int, effect: str, word: str = "") -> Count:
    return Count("http://127.0.0.1:1", "a test", method, "/", operation, status, effect, word)


def test_a_plan_says_what_would_be_sent_made_and_kept_back() -> None:
    counts = {
        count("GET", "list_postmortems", 200, "read"): 1200,
        count("POST", "create_postmortem", 201, "create"): 30,
        count("POST", "create_postmortem", 400, "create"): 12,
        count("POST", "Incidents V2_Create", 200, "create"): 2,
        count("DELETE", "delete_postmortem", 204, "delete"): 30,
        count("PUT", "update_postmortem", 404, "change", "refused"): 7,
    }
    assert list(plan(counts)) == [
        "1,274 requests would be sent: 1,200 read, 44 create, 30 delete",
        "2 would be created by Incidents V2_Create and stay: no API can remove them",
        "30 would be created by create_postmortem and be deleted again",
        "7 would be kept back (refused)",
    ]


def test_a_plan_of_nothing_says_so() -> None:
    assert list(plan({})) == ["0 requests would be sent: none", "nothing would be created"]
