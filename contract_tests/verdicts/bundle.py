"""What a failure leaves behind: a folder with everything that is needed to see it again."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from contract_tests.exchange import Exchange
from contract_tests.verdicts import again, curl, written
from contract_tests.verdicts.verdict import Verdict

VERSION = 1
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST = 80
# What stands where a credential was: the name of its field in Deployment. One that is not named has a variable, too.
_CREDENTIAL = re.compile(r"<((?:oncall|incident)_[a-z_]+|credential)>")
_PREFIX = "CONTRACT_"


def write_bundle(
    verdict: Verdict,
    bundles: Path,
    *,
    target: str | None = None,
    seed: int | None = None,
    options: Mapping[str, str] | None = None,
) -> Path:
    """The folder, which is new or written over. Everything handed in is redacted already."""
    folder = bundles / folder_name(verdict.id)
    folder.mkdir(parents=True, exist_ok=True)
    for stale in (*folder.glob("body-*.bin"), *folder.glob("headers-*.txt")):
        stale.unlink()
    exchanges = [_relative(exchange, target or "") for exchange in verdict.exchanges]
    needed = credentials(exchanges)
    told = {
        "version": VERSION,
        "test": verdict.id,
        "law": law_of(verdict.id),
        "kind": verdict.kind,
        "provider": verdict.provider,
        "outcome": verdict.outcome,
        "rule": asdict(verdict.rule) if verdict.rule else None,
        "expected": verdict.expected,
        "seen": verdict.seen,
        "detail": verdict.detail,
        "target": target,
        "seed": seed,
        "options": dict(options or {}),
        "credentials": needed,
        "left_out": verdict.left_out,
    }
    _write_json(folder / "bundle.json", told)
    _write_json(
        folder / "exchanges.json",
        {"version": VERSION, "exchanges": [written.of_exchange(exchange) for exchange in exchanges]},
    )
    shutil.copyfile(again.__file__, folder / "test_again.py")
    script = curl.script(exchanges, title=verdict.id, target=target, credentials=needed)
    for name, content in script.files.items():
        (folder / name).write_bytes(content)
    (folder / "curl.sh").write_text(script.text, "utf-8")
    (folder / "curl.sh").chmod(0o755)
    return folder


def folder_name(test: str) -> str:
    """Of letters that every file system takes. The end makes it another one for every test."""
    path, _, name = test.partition("::")
    short = _UNSAFE.sub("-", f"{Path(path).stem}-{name}").strip("-")[:_LONGEST].rstrip("-")
    return f"{short}-{hashlib.sha256(test.encode()).hexdigest()[:8]}"


def law_of(test: str) -> str:
    """As `pytest --pyargs` takes it; "" for what is no test of the suite."""
    path, colons, name = test.partition("::")
    if not path.startswith("contract_tests/") or not colons:
        return ""
    return f"{path.removesuffix('.py').replace('/', '.')}::{name}"


def credentials(exchanges: list[Exchange]) -> dict[str, str]:
    """What stands in requests for a credential, and the environment variable that holds it."""
    found: dict[str, str] = {}
    for exchange in exchanges:
        texts = [exchange.asked.target, *(value for _, value in exchange.asked.headers)]
        texts.append(exchange.asked.body.decode("utf-8", "replace"))
        for match in _CREDENTIAL.finditer("\n".join(texts)):
            found[match[0]] = _PREFIX + match[1].upper()
    return found


def _relative(exchange: Exchange, target: str) -> Exchange:
    """With its path as seen from the target's address."""
    base = urlsplit(target).path.rstrip("/")
    if not base or not exchange.asked.target.startswith(f"{base}/"):
        return exchange
    return replace(exchange, asked=replace(exchange.asked, target=exchange.asked.target[len(base) :]))


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", "ascii")
