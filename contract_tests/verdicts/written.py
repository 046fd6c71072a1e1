"""A run as JSON, and back."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from contract_tests.exchange import Answered, Asked, Exchange
from contract_tests.rules import Rule
from contract_tests.verdicts.verdict import Budget, Covered, Facts, Need, Operation, Run, Verdict

VERSION = 1


def write_json(run: Run, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(of_run(run), indent=1) + "\n", "ascii")


def read_json(path: Path) -> Run:
    """Raises ValueError for what is no report of this version."""
    return to_run(json.loads(path.read_text("utf-8")))


def of_run(run: Run) -> dict[str, Any]:
    return {
        "version": VERSION,
        "target": run.target,
        "started": run.started,
        "seconds": round(run.seconds, 3),
        "seed": run.seed,
        "options": dict(run.options),
        "fail_on": list(run.fail_on),
        "exit_code": run.exit_code,
        "conclusion": run.conclusion,
        "stopped": run.stopped,
        "misuse": run.misuse,
        "selected": run.selected,
        "counts": dict(run.counts),
        "needs": [asdict(need) for need in run.facts.needs],
        "leftovers": list(run.facts.leftovers),
        "kept": list(run.facts.kept),
        "plan": list(run.facts.plan),
        "unreachable": run.facts.unreachable,
        "budget": asdict(run.facts.budget),
        "news": list(run.news),
        "verdicts": [of_verdict(verdict) for verdict in run.verdicts],
        "operations": [asdict(operation) for operation in run.operations],
        "coverage": [asdict(cell) for cell in run.coverage],
    }


def to_run(written: Mapping[str, Any]) -> Run:
    if not isinstance(written, dict) or written.get("version") != VERSION:
        raise ValueError(f"is no report of version {VERSION}")
    facts = Facts(
        needs=tuple(Need(**need) for need in written["needs"]),
        leftovers=tuple(written["leftovers"]),
        kept=tuple(written["kept"]),
        plan=tuple(written["plan"]),
        budget=Budget(**written["budget"]),
        unreachable=written["unreachable"],
    )
    return Run(
        target=written["target"],
        started=written["started"],
        seconds=written["seconds"],
        seed=written["seed"],
        options=written["options"],
        fail_on=tuple(written["fail_on"]),
        selected=written["selected"],
        verdicts=tuple(to_verdict(verdict) for verdict in written["verdicts"]),
        operations=tuple(Operation(**operation) for operation in written["operations"]),
        coverage=tuple(Covered(**cell) for cell in written["coverage"]),
        news=tuple(written["news"]),
        facts=facts,
        stopped=written["stopped"],
        misuse=written["misuse"],
    )


def of_verdict(verdict: Verdict) -> dict[str, Any]:
    """What is empty is left out."""
    plain: dict[str, Any] = {
        **{name: getattr(verdict, name) for name in _TEXTS},
        "rule": None if verdict.rule is None else asdict(verdict.rule),
        "seconds": round(verdict.seconds, 4),
        "requests": verdict.requests,
        "left_out": verdict.left_out,
        "exchanges": [of_exchange(exchange) for exchange in verdict.exchanges],
    }
    return {name: value for name, value in plain.items() if value}


def to_verdict(written: Mapping[str, Any]) -> Verdict:
    return Verdict(
        **{name: written.get(name, "") for name in _TEXTS},
        rule=Rule(**written["rule"]) if written.get("rule") else None,
        seconds=written.get("seconds", 0.0),
        requests=written.get("requests", 0),
        left_out=written.get("left_out", 0),
        exchanges=tuple(to_exchange(exchange) for exchange in written.get("exchanges", ())),
    )


_TEXTS = ("id", "outcome", "kind", "provider", "expected", "seen", "reason", "detail", "bundle")


def of_exchange(exchange: Exchange) -> dict[str, Any]:
    asked, answered = exchange.asked, exchange.answered
    return {
        "asked": {
            "method": asked.method,
            "target": asked.target,
            "headers": [list(pair) for pair in asked.headers],
            "body": of_bytes(asked.body),
        },
        "answered": None
        if answered is None
        else {
            "status": answered.status,
            "headers": [list(pair) for pair in answered.headers],
            "body": of_bytes(answered.body),
        },
        "label": exchange.label,
        "started": exchange.started,
        "seconds": exchange.seconds,
        "note": exchange.note,
        "names": dict(exchange.names),
    }


def to_exchange(written: Mapping[str, Any]) -> Exchange:
    asked, answered = written["asked"], written["answered"]
    return Exchange(
        asked=Asked(asked["method"], asked["target"], _headers(asked), to_bytes(asked["body"])),
        answered=None
        if answered is None
        else Answered(answered["status"], _headers(answered), to_bytes(answered["body"])),
        label=written["label"],
        started=written["started"],
        seconds=written["seconds"],
        note=written["note"],
        names=written["names"],
    )


def of_bytes(body: bytes) -> str | dict[str, str]:
    """Text if the bytes are UTF-8, else base 64."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}


def to_bytes(written: str | Mapping[str, str]) -> bytes:
    return written.encode("utf-8") if isinstance(written, str) else base64.b64decode(written["base64"])


def _headers(written: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in written["headers"])
