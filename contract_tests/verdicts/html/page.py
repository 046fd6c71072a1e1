"""The page: one file that asks for nothing else. Its policy allows its own style and script, by their hashes."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from contract_tests.verdicts import wording
from contract_tests.verdicts.html import coverage, failures, rest, rules
from contract_tests.verdicts.html.failures import WORDS
from contract_tests.verdicts.html.markup import Markup, joined, tag
from contract_tests.verdicts.terminal import target_of
from contract_tests.verdicts.verdict import ASSUMED, BROKEN, DEVIATIONS, Run

_HERE = Path(__file__).parent


def write_page(run: Run, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(run), "utf-8")


def page(run: Run) -> str:
    style, script = (Markup((_HERE / name).read_text("utf-8")) for name in ("page.css", "page.js"))
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{run.conclusion} · {target_of(run)}"),
        tag("style", style),
    )
    parts = {
        "Failures": failures.section(run, BROKEN, "Failures"),
        "Plan": rest.plan(run),
        "Left behind": rest.leftovers(run),
        "Made for good": rest.kept(run),
        "Warnings": failures.section(run, ASSUMED, "Warnings"),
        "Coverage": coverage.section(run),
        "Rules": rules.section(run) if run.verdicts else joined(),
        "Set aside": rest.aside(run),
        "News": rest.news(run),
        "Needs": rest.needs(run),
        "Timings": rest.timings(run),
        "Settings": rest.settings(run),
    }
    links = [(_IDS.get(name, name.lower()), name) for name, part in parts.items() if part]
    body = tag("body", _header(run, links), tag("main", parts.values(), id="main"), tag("script", script))
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


# The sections whose ids are no names.
_IDS = {
    "Failures": BROKEN,
    "Left behind": "leftovers",
    "Made for good": "kept",
    "Warnings": ASSUMED,
    "Set aside": "aside",
}


def _header(run: Run, links: Sequence[tuple[str, str]]) -> Markup:
    return tag(
        "header",
        tag("a", "Skip to the findings", href="#main", class_="skip"),
        tag("p", "Contract of ", tag("b", target_of(run)), class_="of"),
        tag("h1", run.conclusion[:1].upper() + run.conclusion[1:], class_=_tone(run)),
        tag("p", " · ".join(_meta(run)), class_="quiet"),
        tag("ul", [_count(outcome, count) for outcome, count in run.counts.items()], class_="counts"),
        tag("nav", [joined(tag("a", name, href=f"#{to}"), " ") for to, name in links], aria_label="Sections"),
    )


def _count(outcome: str, count: int) -> Markup:
    word = "warnings" if outcome == ASSUMED else WORDS[outcome]
    return tag("li", tag("b", count), " ", word, class_=outcome if count else f"{outcome} zero")


def _meta(run: Run) -> Iterator[str]:
    budget = run.facts.budget
    sent = budget.requests or sum(verdict.requests for verdict in run.verdicts)
    of = f" of {budget.max_requests:,}" if budget.max_requests is not None else ""
    yield run.started.replace("T", " ").replace("+00:00", " UTC")
    yield wording.took(run.seconds)
    yield f"{sent:,}{of} requests" if of else wording.counted(sent, "request")
    if budget.refused:
        yield f"{budget.refused:,} refused by the guard"
    if budget.throttled:
        yield f"{budget.throttled:,} throttled"
    if run.seed is not None:
        yield f"seed {run.seed}"
    missing = run.selected - sum(verdict.kind != DEVIATIONS for verdict in run.verdicts)
    if missing > 0:
        yield f"{wording.counted(missing, 'test')} did not run"
    if run.stopped and run.stopped != run.conclusion:
        yield f"stopped: {run.stopped}"
    yield f"exit {run.exit_code}"


def _tone(run: Run) -> str:
    return {0: "good", 1: "bad", 4: "bad"}.get(run.exit_code, "unsure")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
