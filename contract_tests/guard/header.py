"""The two headers between the suite and its guard; no server ever sees them."""

from __future__ import annotations

LABEL = "X-Contract-Test"  # of a request: which test sent it
GUARD = "X-Contract-Guard"  # of an answer that is the guard's own: a word and, after a semicolon, why
# Words that say nothing of the server; all others say that a request was not to be sent.
INCONCLUSIVE = ("throttled", "unreachable", "timeout", "budget")


def as_a_skip(said: str) -> str:
    """The reason to skip a test for, when the guard has said this."""
    word, _, why = said.partition(";")
    kind = "inconclusive" if word.strip() in INCONCLUSIVE else "not judged"
    return f"{kind}: {why.strip() or word.strip()}"
