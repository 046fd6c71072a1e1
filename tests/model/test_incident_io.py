"""A sceptic's look at the model of incident.io: a right conversation has no complaint, and one wrong answer in it has
one that names the rule.
"""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from contract_tests.exchange import Answered, Exchange
from contract_tests.model.incident_io import IncidentIoShadow
from contract_tests.rules import load_rules
from tests.model.incident_io_answers import (
    D1,
    D2,
    F1,
    F2,
    I1,
    I2,
    IT,
    LIVE,
    MAJOR,
    MINOR,
    Json,
    Step,
    at,
    document,
    follow_up,
    not_found,
)
from tests.model.incident_io_story import story
from tests.model.incident_io_wrong import DOC, DOCS, DROP, EDITOR, FU, INC, META, WRONG
from tests.model.incident_io_wrong_refusals import WRONG_REFUSALS

# What the other organisation's record must have been called before.
EARLIER = {"request_id again": "unknown"}


EVERY_WRONG = {**WRONG, **WRONG_REFUSALS}


def steps() -> list[Step]:
    again = Step("severities again", "GET", "/v1/severities", said={"severities": [MINOR, MAJOR]})
    return [*story(), again]


def change(step: Step, where: str, value: Any) -> None:
    said = copy.deepcopy(step.said) if not isinstance(step.said, bytes) else {}
    if where == "status":
        step.status = value
        if value == 204:
            said = b""
        elif isinstance(said, dict) and "errors" in said:
            said = _accepted(step)
    elif where == "headers":
        step.headers = value
    elif where == "raw":
        said = value
    elif where == "":
        said, step.status = value, value.get("status", 200) if "errors" in value else 200
    else:
        *path, last = (where if where != "status_in_body" else "status").split(".")
        inner: Any = said
        for name in path:
            inner = inner[int(name) if name.isdecimal() else name]
        key: Any = int(last) if last.isdecimal() else last
        if value is DROP:
            del inner[key]
        else:
            inner[key] = value(inner[key]) if callable(value) else value
    step.said = said


def _accepted(step: Step) -> Json:
    """An answer that is well-formed, to a request that was to be refused."""
    if "follow_ups" in step.target:
        return {FU: follow_up(F2, I2, 7)}
    return {DOC: document("01HDOCUMENT000000000000008", I1, 201, 20)}


def complaints_until(name: str, told: list[Step]) -> tuple[list[str], list[str]]:
    """What was complained of before the step, and at it or after it."""
    shadow, before, after = IncidentIoShadow(IT), list[str](), list[str]()
    passed = False
    for step in told:
        passed |= step.name == name
        (after if passed else before).extend(shadow.judge(step.exchange()))
        if after:
            break
    return before, after


def test_the_right_conversation_has_no_complaint() -> None:
    shadow = IncidentIoShadow(IT)
    assert [complaint for step in steps() for complaint in shadow.judge(step.exchange())] == []


@pytest.mark.parametrize("kind", EVERY_WRONG)
def test_a_wrong_answer_is_complained_of_by_its_rule(kind: str) -> None:
    name, where, value, rule = EVERY_WRONG[kind]
    told = steps()
    change(next(step for step in told if step.name == name), where, value)
    if kind in EARLIER:
        change(next(step for step in told if step.name == EARLIER[kind]), where, value)
    before, after = complaints_until(name, told)
    assert before == []
    assert any(complaint.startswith(f"incident-io/{rule}: ") for complaint in after), after


def test_every_rule_that_is_named_is_one_of_the_rules() -> None:
    assert {f"incident-io/{rule}" for *_, rule in EVERY_WRONG.values()} <= load_rules("incident-io").keys()


NEWS: dict[str, tuple[str, str, Any]] = {
    "a new member of a document": ("show", f"{DOC}.mood", "calm"),
    "a new member of a row": ("list", f"{DOCS}.0.mood", None),
    "a new member of the answer": ("list", "links", {}),
    "a new member of the page": ("list", f"{META}.before", D1),
    "a new member of an error": ("unknown", "errors.0.help", "https://example.com"),
    "a new member of the envelope": ("unknown", "trace", {}),
    "a request id of another form": ("unknown", "request_id", "b839a403-7704-41c1-bf6a-39a2d68caefa"),
    "a new member of a severity": ("incident", f"{INC}.severity", {**MINOR, "colour": "red"}),
    "a header": ("show", "headers", {"X-New": "x"}),
}


@pytest.mark.parametrize("kind", NEWS)
def test_an_addition_that_is_promised_is_no_complaint(kind: str) -> None:
    name, where, value = NEWS[kind]
    told = steps()
    change(next(step for step in told if step.name == name), where, value)
    shadow = IncidentIoShadow(IT)
    assert [complaint for step in told for complaint in shadow.judge(step.exchange())] == []


def test_longer_ids_are_no_complaint() -> None:
    shadow = IncidentIoShadow(IT)
    for step in steps():
        exchange = step.exchange()
        text = json.dumps(
            [exchange.asked.target, exchange.asked.body.decode(), step.said if step.said else ""]
        )
        for id_ in (I1, I2, D1, D2, F1, F2):
            text = text.replace(id_, f"longer_{id_}_than_before")
        target, body, said = json.loads(text)
        where = (
            {"Location": f"https://x/v1/postmortem_documents/{said[DOC]['id']}"}
            if "Location" in step.headers
            else {}
        )
        told = Step(
            step.name, step.method, target, body.encode() or None, step.key, step.status, said or b"", where
        )
        assert shadow.judge(told.exchange()) == [], step.name


def test_what_the_guard_answers_is_nothing_of_the_server() -> None:
    shadow = IncidentIoShadow(IT)
    refusal = Answered(404, (("X-Contract-Guard", "refused; it is not ours"),), b"{}")
    asked = steps()[5].exchange().asked
    assert shadow.judge(Exchange(asked, refusal)) == []
    assert shadow.judge(Exchange(asked, None, note="timeout")) == []


def test_on_a_shared_deployment_others_change_their_records_and_guesses_are_no_complaints() -> None:
    shadow = IncidentIoShadow(IT, strict=False, shared=True)
    foreign = document("01HFOREIGN", "01HSOMEINCIDENT", 9, 1)
    show = Step("", "GET", "/v1/postmortem_documents/01HFOREIGN", said={DOC: foreign})
    assert shadow.judge(show.exchange()) == []
    show.said = {DOC: {**foreign, "status": "completed", "updated_at": at(50)}}
    assert shadow.judge(show.exchange()) == []
    show.status, show.said = 404, not_found()
    assert shadow.judge(show.exchange()) == []
    told = [step for step in steps() if step.name == "import"]
    told[0].said[DOC]["editors"] = [EDITOR]  # a guess of ours, see document.at-first
    assert shadow.judge(told[0].exchange()) == []
    told[0].said[DOC]["title"] = "x"
    assert shadow.judge(told[0].exchange()) != []


def test_what_it_cannot_know_it_does_not_judge() -> None:
    shadow = IncidentIoShadow(IT)
    for status, said in ((200, {DOC: document("01HUNSEEN", I1, 9, 1)}), (404, not_found())):
        step = Step(
            "", "GET", f"/v1/postmortem_documents/01HUNSEEN{status}", status=status, said=copy.deepcopy(said)
        )
        if status == 200:
            step.said[DOC]["id"] = "01HUNSEEN200"
        assert shadow.judge(step.exchange()) == []
    unknown = Step("", "GET", "/v9/things", said={"x": LIVE})
    assert shadow.judge(unknown.exchange()) == []
