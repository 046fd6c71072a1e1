"""Why a request was answered as it was: the rules behind it, what it changed, and where the document speaks of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from mockserver.core.explaining import Explainer, Explanation, Facts
from mockserver.server.journal.entries import Entry
from mockserver.server.journal.reading import Reading
from mockserver.server.journal.showing import Shown
from mockserver.server.rules import Rule, load_rules
from mockserver.server.sandboxes import ServedSandbox
from mockserver.server.whereabouts import Whereabouts

Found = tuple[ServedSandbox, Entry]
Document = Mapping[str, Any]
CANNED = "canned: the operation has no model here, and answers what its document shows"


class Explanations:
    """Of one server's requests. Rules and files of `specs` are read when the first is asked for."""

    def __init__(self, reading: Reading, documents: Mapping[str, Document], specs: Path | None) -> None:
        self._reading = reading
        self._specs = specs
        self._whereabouts = {name: Whereabouts(name, document, specs) for name, document in documents.items()}
        self._rules_of = cache(self._load_rules)

    def explain(self, shown: Shown) -> dict[str, Any]:
        """In the form of the control API, without credentials."""
        entry = shown.entry
        explanation = explained(entry)
        return {
            "id": entry.id,
            "sandbox": entry.sandbox,
            "provider": entry.provider.name,
            "operation": shown.operation,
            "decided": shown.sentence(explanation.decided),
            "rules": list(self._rules(entry, explanation)),
            "changed": list(_changed(shown)),
            "spec": self._spec(entry),
            "fault": None if entry.fault is None else shown.sentence(entry.fault),
            "breaches": [breach.as_json() for breach in self._reading.breaches_of(shown)],
            "near_misses": self._reading.near_misses_shown(shown) if entry.unmatched else [],
        }

    def _spec(self, entry: Entry) -> dict[str, Any] | None:
        """Where the operation is; `answer` is where the status is that was answered, `broken` what a payload broke."""
        operation = entry.operation
        if operation is None:
            return None
        where = self._whereabouts[entry.provider.name]
        status = where.of_status(operation, entry.answer.status)
        broken = (where.of_breach(operation, breach) for breach in facts_of(entry).breaches)
        return {
            **where.place(where.of_operation(operation)).as_json(),
            "answer": None if status is None else where.place(status).as_json(),
            "broken": [where.place(pointer).as_json() for pointer in dict.fromkeys(broken) if pointer],
        }

    def _rules(self, entry: Entry, explanation: Explanation) -> Iterator[dict[str, Any]]:
        """`general` marks those that answers of any kind are given by."""
        known = self._rules_of(entry.provider.name)
        for ids, general in ((explanation.rules, False), (explanation.general, True)):
            for rule in (known[id_] for id_ in ids if id_ in known):
                told = {"id": rule.id, "rule": rule.rule, "grade": rule.grade, "source": rule.source}
                yield {**told, "general": general}

    def _load_rules(self, provider_name: str) -> dict[str, Rule]:
        return {rule.id: rule for rule in load_rules(provider_name, self._specs)}


def facts_of(entry: Entry) -> Facts:
    own = next((changes for name, changes in entry.changes if name == entry.provider.name), ())
    return Facts(entry.operation, entry.request, entry.path, entry.answer, entry.refusal, own)


def explained(entry: Entry) -> Explanation:
    """By the provider's tables, and by what a fault did."""
    if entry.turned_away:
        return Explanation("the mock turned it away: the sandbox had been sent all that it may be", (), ())
    facts, explainer = facts_of(entry), entry.provider.explainer()
    if entry.fault is None:
        return _decision(facts, explainer)
    fault, status = f"the fault {entry.fault}", entry.answer.status
    if status == 0:
        return Explanation(f"{fault} left it without an answer", (), ())
    if facts.refusal is None and status >= 400:
        done = ", after what was asked for had been done" if facts.changes else ""
        return Explanation(f"{fault} answered in the vendor's place{done}", (), explainer.in_general(facts))
    explanation = _decision(facts, explainer)
    return replace(
        explanation, decided=f"{fault} had a hand in the answer; without it: {explanation.decided}"
    )


def _decision(facts: Facts, explainer: Explainer) -> Explanation:
    operation = facts.operation
    if operation is None or operation.modelled or facts.refusal is not None or facts.answer.status >= 400:
        return explainer.explain(facts)
    return Explanation(CANNED, (), explainer.in_general(facts))


def find_entry(sandboxes: Iterable[ServedSandbox], id_: str) -> Found | None:
    """By our id, or by the request_id that a vendor's answer has. The sandboxes are searched in their order."""
    number = (
        int(id_[1:])
        if id_[:1] == "r" and id_[1:].isascii() and id_[1:].isdecimal() and len(id_) < 20
        else None
    )
    for sandbox in sandboxes:
        entry = sandbox.journal.get(number) if number is not None else None
        entry = entry or _of_request_id(sandbox, id_)
        if entry is not None:
            return sandbox, entry
    return None


def _of_request_id(sandbox: ServedSandbox, id_: str) -> Entry | None:
    wanted = orjson.dumps(id_)
    for entry in reversed(sandbox.journal):
        if (
            entry.answer.status >= 400
            and wanted in entry.answer.body
            and facts_of(entry).answered.get("request_id") == id_
        ):
            return entry
    return None


def _changed(shown: Shown) -> Iterator[dict[str, Any]]:
    changes = [change for _, changes in shown.entry.changes for change in changes]
    for told, change in zip(shown.changed(), changes, strict=True):
        yield {
            **told,
            "before": shown.redactor.value(_plain(change.before)),
            "after": shown.redactor.value(_plain(change.after)),
        }


def _plain(value: Any) -> Any:
    """A record as JSON holds it, under the names that fixtures have."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return value
