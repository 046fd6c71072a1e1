"""The page is one file that asks for nothing, and takes every text of a server for text."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.rules import Rule
from contract_tests.verdicts.html.markup import Markup, joined, tag
from contract_tests.verdicts.html.page import page
from contract_tests.verdicts.verdict import Run, Verdict
from tests.verdicts.samples import HOSTILE, a_run

WORDS = """
html head meta title style body header a p h1 h2 h3 h4 b small ul ol li nav main section article code span details
summary dl dt dd pre div table caption thead tbody tr th td i label input select option output svg rect script
"""
ELEMENTS = set(WORDS.split())
VOID = {"meta", "input", "rect"}


class Reader(HTMLParser):
    """Takes a page apart; `open` is empty in the end if every element was closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.open[-1] if self.open else "", []).append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def written() -> str:
    return page(a_run())


@pytest.fixture(scope="module")
def read(written: str) -> Reader:
    return Reader(written)


def test_every_element_is_ours_and_closed_in_its_turn(read: Reader) -> None:
    assert {name for name, _ in read.elements} <= ELEMENTS
    assert read.open == []
    assert len(read.all("script")) == len(read.all("style")) == len(read.all("title")) == 1


def test_no_element_has_an_event_a_style_or_a_source(read: Reader) -> None:
    names = {name for _, attributes in read.elements for name in attributes}
    assert not [
        name for name in names if name.startswith("on") or name in ("style", "src", "srcdoc", "action")
    ]


def test_links_stay_in_the_page_and_lead_somewhere(read: Reader) -> None:
    ids = {attributes.get("id") for _, attributes in read.elements}
    links = [attributes["href"] for attributes in read.all("a")]
    assert len(links) > 5
    assert {link[1:] for link in links if link and link[0] == "#"} <= ids
    assert all(link and link.startswith("#") for link in links)


def test_an_id_is_there_once(read: Reader) -> None:
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_the_policy_allows_its_own_style_and_script_alone(read: Reader) -> None:
    (policy,) = [
        it["content"] for it in read.all("meta") if it.get("http-equiv") == "Content-Security-Policy"
    ]
    hashes = {
        name: base64.b64encode(hashlib.sha256("".join(read.texts[name]).encode()).digest()).decode()
        for name in ("style", "script")
    }
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes['style']}'; script-src 'sha256-{hashes['script']}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_the_page_asks_for_nothing(written: str) -> None:
    own = written.replace("https://oncall.example/base", "")
    assert not re.search(r"https?://|url\(|@import|fetch\(|XMLHttp", own)


def test_no_letter_of_a_server_controls_anything(written: str) -> None:
    odd = {letter for letter in written if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert odd <= {"\n", "\t"}


def test_hostile_text_is_there_as_text(read: Reader) -> None:
    texts = "".join(text for name, found in read.texts.items() if name != "script" for text in found)
    assert texts.count("<script>alert(1)</script>") > 8
    assert r"\x1b[31mred" in texts
    assert "<script>alert" not in "".join(read.texts["script"])


def test_what_was_expected_seen_and_exchanged_is_shown(read: Reader) -> None:
    shown = "".join(text for found in read.texts.values() for text in found)
    for told in (
        "grafana-oncall/create.shape",
        "Create answers with the four fields.",
        "The page, Create",
        "(201, <script>",
        "bundles/test_create-test_broken-1a2b3c4d",
        "3 exchanges, the last of 4",
        "<oncall_token>",
        "ff 00 fe",
        "no answer",
        "Left behind on the target",
        "2 tests did not run",
    ):
        assert told in shown, told


def test_a_body_that_is_json_is_indented_and_a_long_one_cut() -> None:
    long = b"[" + b"1234567890," * 5000 + b"1]"
    exchange = Exchange(Asked("POST", "/", (), b'{"a":{"b":"\xc3\xbc"}}'), Answered(200, (), long))
    shown = page(Run("", "", verdicts=(Verdict("x::y", "broken", exchanges=(exchange,)),)))
    assert "{\n  &quot;a&quot;: {\n    &quot;b&quot;: &quot;ü&quot;\n  }\n}" in shown
    assert "characters left out" in shown
    assert len(shown) < 60_000


@pytest.mark.parametrize(
    ("run", "tone", "title"),
    [
        (Run("", "", verdicts=(Verdict("x::y", "kept"),)), "good", "The contract is kept"),
        (Run("", "", verdicts=(Verdict("x::y", "broken"),)), "bad", "The contract is broken"),
        (
            Run("", "", verdicts=(Verdict("x::y", "inconclusive"),)),
            "unsure",
            "Not everything could be judged",
        ),
        (Run("", "", stopped="interrupted"), "unsure", "Interrupted"),
    ],
)
def test_the_conclusion_is_the_headline(run: Run, tone: str, title: str) -> None:
    assert f'<h1 class="{tone}">{title}</h1>' in page(run)


def test_a_run_without_failures_has_no_section_of_them() -> None:
    ids = {it["id"] for it in Reader(page(Run("", "", verdicts=(Verdict("x::y", "kept"),)))).all("section")}
    assert ids == {"rules", "timings", "settings"}


def test_the_matrix_has_a_row_for_every_operation_and_says_which_kinds_saw_it(written: str) -> None:
    assert "1 of 2 operations" in written
    assert written.count("never asked") == 1
    assert 'aria-label="laws 5"' in written
    assert 'aria-label="model 1"' in written
    assert ">undeclared<" in written
    assert '<th scope="col">none</th>' in written


def test_failures_of_a_rule_stand_together() -> None:
    rule = Rule("p/r", "It holds.", "observed", "Seen")
    run = a_run()
    many = tuple(replace(run.verdicts[1], id=f"contract_tests/x.py::t[{n}]", rule=rule) for n in range(40))
    shown = page(replace(run, verdicts=many))
    assert shown.count("<article") == 1
    assert "… and 15 more tests" in shown


def test_a_rule_with_a_kept_law_counts_as_judged() -> None:
    rule = Rule("p/r", "It holds.", "observed", "Seen")
    shown = page(
        Run("", "", verdicts=(Verdict("x::a", "not-judged", rule=rule), Verdict("x::b", "kept", rule=rule)))
    )
    assert 'data-outcome="kept"' in shown
    assert 'data-outcome="not-judged"' not in shown


@pytest.mark.parametrize("text", ["<b>", "&amp;", '"', "'", HOSTILE])
def test_text_is_escaped_and_markup_is_not(text: str) -> None:
    element = tag("p", text, Markup("<br>"), title=text)
    (attributes,) = Reader(element.replace("<br>", "")).all("p")
    assert element.count("<") == 3
    assert attributes.keys() == {"title"}


def test_what_is_none_is_left_out_and_true_has_no_value() -> None:
    assert tag("details", None, [], 1234, open=True, id=None, hidden=False) == "<details open>1,234</details>"
    assert joined("a", None, ["<", Markup("<i>")]) == "a&lt;<i>"
