"""Sees a failure of the contract suite again. It stands alone, with bundle.json and exchanges.json beside it:

    CONTRACT_TARGET=https://… CONTRACT_…=credential pytest test_again.py

Where the suite is installed, the first test runs the very law: it fails as long as the law does. Where it is not, the
second one sends the recorded requests again, with the ids that answers give carried into the requests after them.
It fails as long as every answer is as recorded, and is skipped, with the differences as the reason, when one is not:
only the law can say whether the new answers are right. Without CONTRACT_TARGET, requests go where the failure was
seen, and a law that failed on the suite's own mock runs on a new one. Requests write and delete where they are sent
to.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

HERE = Path(__file__).resolve().parent
NOT_SENT = ("host", "connection", "content-length", "transfer-encoding", "x-contract-test")
VOLATILE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?|https?://[^/\"]+")


def told(name: str) -> Any:
    return json.loads((HERE / name).read_text("utf-8"))


def has_the_suite() -> bool:
    return importlib.util.find_spec("contract_tests") is not None


def target() -> str | None:
    return os.environ.get("CONTRACT_TARGET") or told("bundle.json")["target"]


def test_the_law_holds() -> None:
    law = told("bundle.json")["law"]
    if not law or not has_the_suite():
        pytest.skip("the contract suite is not installed here")
    where = ["--target", target() or ""] if target() else []
    command = [sys.executable, "-m", "pytest", "--pyargs", law, "-p", "no:cacheprovider", *where]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=HERE)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_answers_are_other_ones() -> None:
    if has_the_suite() and told("bundle.json")["law"]:
        pytest.skip("the law itself was run")
    base = target()
    if not base:
        pytest.skip("CONTRACT_TARGET is not set")
    differences = [line for line in resent(base) if line]
    if differences:
        pytest.skip(
            "answers differ from the recorded ones; read whether they are right:\n" + "\n".join(differences)
        )
    pytest.fail("every answer is as recorded: what was found is still there")


def resent(base: str) -> Iterator[str]:
    """How each answer differs from the recorded one, "" if it does not."""
    ids: dict[str, str] = {}
    with httpx.Client(base_url=base, timeout=60) as client:
        for number, exchange in enumerate(told("exchanges.json")["exchanges"], start=1):
            asked, recorded = exchange["asked"], exchange["answered"]
            headers = [
                (name.encode("latin-1"), current(value, ids).encode("latin-1"))
                for name, value in asked["headers"]
                if name.lower() not in NOT_SENT
            ]
            body = content(asked["body"], ids)
            path = base.rstrip("/") + current(asked["target"], ids)
            answer = client.request(asked["method"], path, headers=headers, content=body)
            if recorded is None:
                yield f"{number}: there was no answer, now it is {answer.status_code}"
                continue
            expected = content(recorded["body"], {}).decode("utf-8", "replace")
            learn(parsed(expected), parsed(answer.text), ids)
            yield compared(number, asked, recorded["status"], current(expected, ids), answer)


def compared(number: int, asked: Any, status: int, body: str, answer: httpx.Response) -> str:
    where = f"{number}: {asked['method']} {asked['target']}"
    if status != answer.status_code:
        return f"{where}: was {status}, is {answer.status_code}: {answer.text[:500]!r}"
    if VOLATILE.sub("", body) != VOLATILE.sub("", answer.text):
        return f"{where}: was {body[:500]!r}, is {answer.text[:500]!r}"
    return ""


def learn(recorded: Any, seen: Any, ids: dict[str, str]) -> None:
    """Which id of the server stands for which of the recording."""
    if isinstance(recorded, dict) and isinstance(seen, dict):
        for name in recorded.keys() & seen.keys():
            one, other = recorded[name], seen[name]
            if name == "id" and isinstance(one, str) and isinstance(other, str):
                ids.setdefault(one, other)
            learn(one, other, ids)
    elif isinstance(recorded, list) and isinstance(seen, list):
        for one, other in zip(recorded, seen, strict=False):
            learn(one, other, ids)


def current(text: str, ids: dict[str, str]) -> str:
    """With credentials from the environment, and the server's ids."""
    for mark, variable in told("bundle.json")["credentials"].items():
        if mark in text:
            text = text.replace(mark, os.environ.get(variable) or pytest.skip(f"{variable} is not set"))
    found = [re.escape(it) for it in sorted(ids, key=len, reverse=True) if it]
    return re.sub("|".join(found), lambda match: ids[match[0]], text) if found else text


def content(written: Any, ids: dict[str, str]) -> bytes:
    if isinstance(written, dict):
        return base64.b64decode(written["base64"])
    return current(written, ids).encode("utf-8")


def parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
