"""Conditions that the tables of explanations are written in."""

from __future__ import annotations

import json
from typing import Any

from mockserver.core.explaining import Facts, When


def anything(*conditions: When) -> When:
    return lambda facts: any(holds(facts) for holds in conditions)


def both(*conditions: When) -> When:
    return lambda facts: all(holds(facts) for holds in conditions)


def no(condition: When) -> When:
    return lambda facts: not condition(facts)


def operation(*ids: str) -> When:
    """It was one of these operations."""
    return lambda facts: facts.operation is not None and facts.operation.id in ids


def below(*paths: str) -> When:
    """The operation's path begins so."""
    return lambda facts: facts.operation is not None and facts.operation.path.startswith(paths)


def method(*names: str) -> When:
    return lambda facts: facts.request.method in names


def header(name: str, *containing: str) -> When:
    """The request has this header, with one of these words in it, in any case."""

    def holds(facts: Facts) -> bool:
        value = facts.request.headers.joined(name)
        return value is not None and (not containing or any(word in value.lower() for word in containing))

    return holds


def answer_header(name: str) -> When:
    return lambda facts: any(key.lower() == name.lower() for key, _ in facts.answer.headers)


def argument(*names: str) -> When:
    """The query gives one of these; brackets after a name do not count."""
    return lambda facts: any(key.partition("[")[0] in names for key, _ in facts.request.arguments)


def argument_is(name: str, *values: str) -> When:
    return lambda facts: facts.request.argument(name) in values


def operator(name: str, *operators: str) -> When:
    """The query gives a filter such as `name[operator]=…`, or `name[id][operator]=…`."""
    endings = tuple(f"[{word}]" for word in operators)
    return lambda facts: any(
        key.startswith(f"{name}[") and key.endswith(endings) for key, _ in facts.request.arguments
    )


def sent(*names: str) -> When:
    """The body has one of these members, whatever its value."""
    return lambda facts: any(name in facts.sent for name in names)


def sent_others_than(*names: str) -> When:
    """The body has a member that is none of these."""
    return lambda facts: not facts.sent.keys() <= set(names)


def has_body(facts: Facts) -> bool:
    return bool(facts.request.body) or facts.request.oversized


def has_odd_body(facts: Facts) -> bool:
    """What was sent is no JSON object, or has an escape of half a letter in it."""
    return bool(facts.request.body) and (not facts.sent or b"\\ud" in facts.request.body.lower())


def has_equal_keys(facts: Facts) -> bool:
    found = False

    def look(pairs: list[tuple[str, Any]]) -> None:
        nonlocal found
        found = found or len({key for key, _ in pairs}) < len(pairs)

    try:
        json.loads(facts.request.body.decode("utf-8", "replace"), object_pairs_hook=look)
    except (ValueError, RecursionError):
        return False
    return found


def status(*numbers: int) -> When:
    return lambda facts: facts.answer.status in numbers


def answered(name: str, *values: object) -> When:
    """The answer has this member, with one of these values if any are given."""
    return lambda facts: name in facts.answered and (not values or facts.answered[name] in values)


def created(collection: str) -> When:
    return lambda facts: any(
        change.collection == collection and change.before is None for change in facts.changes
    )


def removed(collection: str) -> When:
    return lambda facts: any(
        change.collection == collection and change.after is None for change in facts.changes
    )


def changed(*collections: str) -> When:
    """Something was written there, or anywhere if nowhere is named."""
    return lambda facts: any(not collections or change.collection in collections for change in facts.changes)


def breached(rule: str = "", field: str = "", where: str = "") -> When:
    """One of the breaches is of this rule, at a place that ends in this field; what is left empty does not matter."""
    return lambda facts: any(
        (not rule or breach.rule == rule)
        and (not field or breach.pointer[-1:] == (field,))
        and (not where or breach.where == where)
        for breach in facts.breaches
    )
