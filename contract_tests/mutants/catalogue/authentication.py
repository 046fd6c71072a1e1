"""Credentials that are not asked for, not looked at, or told."""

from __future__ import annotations

from collections.abc import Callable

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import as_caller, caller, read, with_json
from contract_tests.mutants.mutant import INCIDENT, ONCALL, Act, Chapter, Forward, Memory
from contract_tests.mutants.operations import matches, operation_of

MUTANTS = defect = Chapter("authentication")

Reading = Callable[[str, list[str]], str | None]


def lets_in(where: str, as_whom: Reading) -> Act:
    """A caller who is not known is taken for one who is: whom, the function says of what was sent and who is known."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        answered = await forward(asked)
        operation = operation_of(asked)
        known: dict[str, list[str]] = memory.setdefault("callers", {})
        if operation is None:
            return answered
        of_vendor = known.setdefault(operation.vendor, [])
        if caller(asked) and 200 <= answered.status < 300:
            if caller(asked) not in of_vendor:
                of_vendor.append(caller(asked))
            return answered
        if matches(asked, where) and caller(asked) not in of_vendor and answered.status in (401, 403):
            somebody = as_whom(caller(asked), of_vendor)
            if somebody is not None:
                return await forward(as_caller(asked, somebody))
        return answered

    return act


def nobody(sent: str, known: list[str]) -> str | None:
    return known[0] if known and not sent else None


def anybody(sent: str, known: list[str]) -> str | None:
    return known[0] if known and sent else None


def any_case(sent: str, known: list[str]) -> str | None:
    return next((token for token in known if token.lower() == sent.lower()), None)


def any_scheme(sent: str, known: list[str]) -> str | None:
    bare = sent.rpartition(" ")[2]
    return next((token for token in known if bare and token.rpartition(" ")[2] == bare), None)


def beginning(sent: str, known: list[str]) -> str | None:
    return next((token for token in known if sent and token.startswith(sent)), None)


def quoted(sent: str, known: list[str]) -> str | None:
    return next((token for token in known if sent.strip("\"'") == token), None)


def invented(sent: str, known: list[str]) -> str | None:
    """Any key in a Bearer header, whatever it is."""
    return known[0] if known and sent.startswith("Bearer ") and "scope" not in sent else None


async def key_in_the_query(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    given = next(
        (
            value
            for name, value in asked.query
            if name in ("token", "authorization", "api_key", "access_token")
        ),
        None,
    )
    if operation_of(asked) is not None and given and not caller(asked):
        return await forward(as_caller(asked, given))
    return await forward(asked)


def tells(where: str) -> Act:
    """A refusal repeats the credential that was sent."""

    async def act(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        answered = await forward(asked)
        body = read(answered) if answered.status in (401, 403) and matches(asked, where) else None
        if not isinstance(body, dict) or not caller(asked):
            return answered
        if "detail" in body:
            return with_json(answered, {**body, "detail": f"Invalid token. ({caller(asked)})"})
        body["errors"][0]["message"] += f": {caller(asked)}"
        return with_json(answered, body)

    return act


for name, where, what in (
    ("list", "postmortems.list", "Postmortems are listed"),
    ("get", "postmortems.get", "A postmortem is shown"),
    ("create", "postmortems.create", "A postmortem is created"),
    ("put", "postmortems.put", "A postmortem is updated"),
    ("delete", "postmortems.delete", "A postmortem is deleted"),
    ("note-delete", "notes.delete", "A note is deleted"),
    ("message-create", "messages.create", "A message is created"),
    ("resolve", "groups.resolve", "An alert group is resolved"),
    ("users", "users.list", "Users are listed"),
):
    defect(f"open-{name}", ONCALL, f"{what} without a token.", lets_in(where, nobody))
defect("any-token", ONCALL, "Any token will do for postmortems.", lets_in("postmortems.*", anybody))
defect(
    "token-any-case", ONCALL, "Upper and lower case of a token make no difference.", lets_in("*", any_case)
)
defect("token-scheme", ONCALL, "A token may stand behind Bearer, Token or Basic.", lets_in("*", any_scheme))
defect("token-beginning", ONCALL, "The beginning of a token is enough.", lets_in("*", beginning))
defect("token-quoted", ONCALL, "A token may stand in quotes.", lets_in("*", quoted))
defect("token-in-query", ONCALL, "A token is accepted in the query.", key_in_the_query)
defect("token-told", ONCALL, "A refusal repeats the token that was sent.", tells("*"))

for name, where, what in (
    ("import", "documents.import", "A document is imported"),
    ("documents", "documents.list", "Documents are listed"),
    ("content", "documents.content", "The content of a document is shown"),
    ("incident", "incidents.get", "An incident is shown"),
    ("edit", "incidents.edit", "An incident is edited"),
    ("follow-up-delete", "follow-ups.delete", "A follow-up is deleted"),
    ("identity", "identity.get", "An identity is shown"),
    ("severities", "severities.list", "Severities are listed"),
):
    defect(f"open-{name}", INCIDENT, f"{what} without a key.", lets_in(where, nobody))
defect("any-key", INCIDENT, "Any Bearer key may import.", lets_in("documents.import", invented))
defect("any-scheme", INCIDENT, "A key may stand behind another scheme, or none.", lets_in("*", any_scheme))
defect("key-any-case", INCIDENT, "Upper and lower case of a key make no difference.", lets_in("*", any_case))
defect("key-in-query", INCIDENT, "A key is accepted in the query.", key_in_the_query)
defect("key-told", INCIDENT, "A refusal repeats the key that was sent.", tells("*"))


async def codes_are_swapped(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    """An unknown key is answered as a missing one."""
    answered = await forward(asked)
    if answered.status == 401:
        body = read(answered)
        body["errors"][0]["code"] = "missing_authorization_material"
        return with_json(answered, body)
    return answered


defect("unknown-as-missing", INCIDENT, "An unknown key is called a missing one.", codes_are_swapped)
