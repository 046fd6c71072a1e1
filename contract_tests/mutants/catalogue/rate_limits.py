"""Limits that do not hold, hold for others, or do not say so."""

from __future__ import annotations

from dataclasses import replace

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import answer, bare, caller, headed, other, read, said, status, with_json
from contract_tests.mutants.mutant import INCIDENT, ONCALL, Act, Chapter, Forward, Memory, as_it_is
from contract_tests.mutants.operations import matches, operation_of

MUTANTS = defect = Chapter("rate limits")
LIMIT = "only a limit that is reached, or on, shows it"
OFF = ("--rate-limit", "off")


async def refusals_cost(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """Every request that is refused lengthens the wait by one more."""
    debts: dict[str, int] = memory.setdefault("debts", {})
    answered = await forward(asked)
    operation = operation_of(asked)
    if operation is None:
        return answered
    if answered.status == 429:
        debts[caller(asked)] = debts.get(caller(asked), 0) + 1
        memory["refusal"] = answered
    elif debts.get(caller(asked)):
        debts[caller(asked)] -= 1
        refusal: Answered = memory["refusal"]
        return refusal
    return answered


async def one_budget_for_all(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """Once one caller has used up their budget, all have, until that one is answered again."""
    operation = operation_of(asked)
    if operation is None:
        return await forward(asked)
    exhausted: dict[str, tuple[str, Answered]] = memory.setdefault("exhausted", {})
    if operation.vendor in exhausted and exhausted[operation.vendor][0] != caller(asked):
        return exhausted[operation.vendor][1]
    answered = await forward(asked)
    if answered.status == 429:
        exhausted[operation.vendor] = (caller(asked), answered)
    else:
        exhausted.pop(operation.vendor, None)
    return answered


def costs_twice(where: str, statuses: tuple[int, ...]) -> Act:
    """Answers of some kind use up the budget once more than they should."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        answered = await forward(asked)
        if answered.status in statuses and matches(asked, where):
            path = "/api/v1/postmortems/?perpage=1" if asked.path.startswith("/api/") else "/v1/identity"
            await forward(other(asked, "GET", path))
        return answered

    return act


async def shut_for_good(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """A caller who was refused once is refused from then on."""
    refused: dict[str, Answered] = memory.setdefault("refused", {})
    if operation_of(asked) is not None and caller(asked) in refused:
        return refused[caller(asked)]
    answered = await forward(asked)
    if answered.status == 429:
        refused[caller(asked)] = answered
    return answered


async def list_budget_shuts_everything(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """When the list of incidents is refused, every operation of the key is, until the list is answered."""
    shut: dict[str, Answered] = memory.setdefault("shut", {})
    if not matches(asked, "incidents.list") and operation_of(asked) is not None and caller(asked) in shut:
        return shut[caller(asked)]
    answered = await forward(asked)
    if matches(asked, "incidents.list"):
        if answered.status == 429:
            shut[caller(asked)] = answered
        else:
            shut.pop(caller(asked), None)
    return answered


async def writes_when_throttled(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """A create that is refused for the limit is carried out nevertheless, by whoever else is known."""
    answered = await forward(asked)
    known: list[str] = memory.setdefault("known", [])
    if operation_of(asked) is None or not asked.path.startswith("/api/"):
        return answered
    if answered.status == 429 and matches(asked, "postmortems.*") and asked.method != "GET":
        for somebody in known:
            if somebody != caller(asked):
                await forward(
                    replace(
                        asked,
                        headers=tuple(
                            (k, somebody if k.lower() == "authorization" else v) for k, v in asked.headers
                        ),
                    )
                )
        memory.setdefault("late", []).append(asked)
    elif answered.status < 300:
        if caller(asked) not in known:
            known.append(caller(asked))
        for late in memory.pop("late", []):
            await forward(
                replace(
                    late,
                    headers=tuple(
                        (k, caller(asked) if k.lower() == "authorization" else v) for k, v in late.headers
                    ),
                )
            )
    return answered


def _one_more(value: str) -> str:
    return str(int(value) + 1)


defect("never-429", ONCALL, "There is no limit.", as_it_is, flags=OFF, hidden=LIMIT)
defect(
    "no-retry-after",
    ONCALL,
    "A 429 has no Retry-After.",
    answer("*", headed("Retry-After", None), when=429),
    hidden=LIMIT,
)
defect(
    "reset-missing",
    ONCALL,
    "A 429 has no RateLimit-Reset.",
    answer("*", headed("RateLimit-Reset", None), when=429),
    hidden=LIMIT,
)
defect(
    "retry-after-0",
    ONCALL,
    "Retry-After of a 429 is 0.",
    answer("*", headed("Retry-After", "0"), when=429),
    hidden=LIMIT,
)
defect(
    "retry-after-date",
    ONCALL,
    "Retry-After of a 429 is a date.",
    answer("*", headed("Retry-After", "Fri, 19 Jun 2020 12:37:01 GMT"), when=429),
    hidden=LIMIT,
)
defect(
    "throttled-503",
    ONCALL,
    "Who asks too much is answered 503.",
    answer("*", status(503), when=429),
    hidden=LIMIT,
)
defect(
    "throttled-words",
    ONCALL,
    "A 429 does not say when to come again.",
    answer("*", said(lambda body: {"detail": "Request was throttled."}), when=429),
    hidden=LIMIT,
)
defect("refusals-cost", ONCALL, "A refused request lengthens the wait.", refusals_cost, hidden=LIMIT)
defect("one-budget", ONCALL, "Everybody shares one budget.", one_budget_for_all, hidden=LIMIT)
defect(
    "half-budget",
    ONCALL,
    "A list costs two requests of the budget.",
    costs_twice("*.list", (200,)),
    hidden=LIMIT,
)
defect(
    "forbidden-costs",
    ONCALL,
    "A refusal for want of rights costs a request of the budget.",
    costs_twice("*", (403,)),
    hidden=LIMIT,
)
defect("shut-for-good", ONCALL, "Who was refused once is never answered again.", shut_for_good, hidden=LIMIT)
defect(
    "throttled-writes",
    ONCALL,
    "A write that is refused for the limit is carried out later.",
    writes_when_throttled,
    hidden=LIMIT,
)

defect("never-429", INCIDENT, "There is no limit.", as_it_is, flags=OFF, hidden=LIMIT)
defect(
    "no-retry-after",
    INCIDENT,
    "A 429 has no Retry-After.",
    answer("*", headed("Retry-After", None), when=429),
    hidden=LIMIT,
)
defect(
    "rate-limit-missing",
    INCIDENT,
    "A 429 has no rate_limit in its body.",
    answer("*", said(lambda body: {k: v for k, v in body.items() if k != "rate_limit"}), when=429),
    hidden=LIMIT,
)
defect(
    "rate-limit-remaining",
    INCIDENT,
    "A 429 says that one request remains.",
    answer("*", said(lambda body: body["rate_limit"].update(remaining=1)), when=429),
    hidden=LIMIT,
)
defect(
    "rate-limit-name",
    INCIDENT,
    "A 429 names the limit instead of the key.",
    answer("*", said(lambda body: body["rate_limit"].update(name="default")), when=429),
    hidden=LIMIT,
)
defect(
    "retry-after-number",
    INCIDENT,
    "retry_after of a 429 is a number of seconds.",
    answer("*", said(lambda body: body["rate_limit"].update(retry_after="30")), when=429),
    hidden=LIMIT,
)
defect(
    "headers-missing",
    INCIDENT,
    "No answer tells what remains.",
    answer("*", headed("X-RateLimit-Remaining", None)),
    hidden=LIMIT,
)
defect(
    "remaining-and-used",
    INCIDENT,
    "What remains and what is used do not add up to the limit.",
    answer("*", headed("X-RateLimit-Used", _one_more)),
    hidden=LIMIT,
)
defect(
    "limit-of-the-list",
    INCIDENT,
    "The list of incidents tells the limit of all other operations.",
    answer(
        "incidents.list",
        headed("X-RateLimit-Limit", lambda value: value.split(", ", 1)[1].rpartition(", ")[0]),
    ),
    hidden=LIMIT,
)
defect(
    "half-budget",
    INCIDENT,
    "Showing a document costs two requests of the budget.",
    costs_twice("documents.* identity.get", (200,)),
    hidden=LIMIT,
)
defect(
    "list-shuts-everything",
    INCIDENT,
    "When the list of incidents is throttled, everything is.",
    list_budget_shuts_everything,
    hidden=LIMIT,
)
defect("one-budget", INCIDENT, "All keys share one budget.", one_budget_for_all, hidden=LIMIT)


async def remaining_stands_still(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    left = answered.header("X-RateLimit-Remaining")
    if left is None or bare(asked) == "/v2/incidents":
        return answered
    first = memory.setdefault(f"remaining {caller(asked)}", (left, answered.header("X-RateLimit-Used") or ""))
    answered = headed("X-RateLimit-Remaining", first[0])(answered, asked)
    return headed("X-RateLimit-Used", first[1])(answered, asked)


async def throttled_says_another_type(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    if answered.status == 429 and operation_of(asked) is not None and "errors" in read(answered):
        return with_json(answered, {**read(answered), "type": "rate_limit"})
    return answered


defect("remaining-still", INCIDENT, "What remains never becomes less.", remaining_stands_still, hidden=LIMIT)
defect(
    "throttled-type", INCIDENT, "A 429 has the type rate_limit.", throttled_says_another_type, hidden=LIMIT
)
