"""JUnit XML of a run: what Jenkins' schema allows, and readable whatever a server says."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from contract_tests.verdicts.junit import junit
from tests.verdicts.samples import a_run

# What may be in what, and which attributes it may have, by Jenkins' schema junit-10.
SCHEMA = {
    "testsuites": ({"testsuite"}, {"name", "time", "tests", "failures", "errors"}),
    "testsuite": (
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
        {"name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname", "id"},
    ),
    "testcase": (
        {"skipped", "errors", "failure", "system-out", "system-err"},
        {"name", "time", "classname", "group"},
    ),
    "properties": ({"property"}, set()),
    "property": (set(), {"name", "value"}),
    "failure": (set(), {"type", "message"}),
    "skipped": (set(), {"type", "message"}),
    "system-out": (set(), set()),
}


@pytest.fixture(scope="module")
def root() -> ET.Element:
    return ET.fromstring(junit(a_run()))


def case(root: ET.Element, name: str) -> ET.Element:
    return next(it for it in root.iter("testcase") if it.get("name", "").startswith(name))


def test_elements_and_attributes_are_those_of_the_schema(root: ET.Element) -> None:
    for element in root.iter():
        children, attributes = SCHEMA[element.tag]
        assert {child.tag for child in element} <= children, element.tag
        assert set(element.attrib) <= attributes, element.tag


def test_the_numbers_add_up(root: ET.Element) -> None:
    suites = list(root)
    assert root.get("tests") == "6" == str(sum(int(it.get("tests", "")) for it in suites))
    assert root.get("failures") == "1"
    assert [(it.get("name"), it.get("skipped")) for it in suites] == [
        ("laws", "1"),
        ("model", "2"),
        ("schema", "1"),
    ]


def test_a_failure_quotes_its_rule_and_a_warning_is_skipped(root: ET.Element) -> None:
    failure = case(root, "test_broken").find("failure")
    assert failure is not None
    assert failure.get("message", "").startswith("grafana-oncall/create.shape (documented): (200, <script>")
    assert (failure.text or "").startswith(
        "Create answers with the four fields.\nSource: The page, Create\nExpected:"
    )
    warning = case(root, "test_guess").find("skipped")
    assert warning is not None
    assert warning.attrib == {"type": "pytest.xfail", "message": "broken assumed: assumed rule broken: False"}


def test_a_test_tells_its_verdict_rule_grade_and_source(root: ET.Element) -> None:
    assert case(root, "test_guess").findtext("system-out") == (
        "[[PROPERTY|verdict=broken-assumed]]\n[[PROPERTY|rule=grafana-oncall/create.shape]]\n"
        "[[PROPERTY|grade=assumed]]\n[[PROPERTY|source=The page, Create]]"
    )


def test_hostile_text_stays_text(root: ET.Element) -> None:
    broken = case(root, "test_broken")
    assert "<script>alert(1)</script>" in broken.get("name", "")
    assert r"\x1b[31mred" in broken.get("name", "")
    assert b"<script" not in junit(a_run())
