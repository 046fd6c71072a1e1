"""How long it takes until the first 2xx, and what that costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from benchmarks.arena import READY, launch
from benchmarks.commands import PEERS, ROOT, Setting, Unavailable, serving
from benchmarks.contestants import CHECKED, CONNEXION, CONTESTANTS, OURS, Contestant
from benchmarks.plan import Plan
from benchmarks.processes import environment
from benchmarks.results import Results
from benchmarks.work import document_of

SMALL = f"{CONNEXION}, the three operations alone"
FULL_JSON, FULL_YAML = f"{OURS}, 337 operations, JSON", f"{OURS}, 337 operations, YAML"
FULL_CONNEXION = f"{CONNEXION}, 337 operations, JSON"
HELP = "`mockserver --help`"
SEED = "mockserver --provider incident-io"
PROGRAMS = {
    "an interpreter's end": ("-c", "pass"),
    "`import connexion`": ("-W", "ignore", "-c", "import connexion"),
    HELP: ("-m", "mockserver", "--help"),
}
ARCHIVE = "incident_io-2.29.0.tar.gz"


def starters(contestants: Sequence[Contestant], setting: Setting) -> list[Contestant]:
    """Those of the run, and what is of interest only when it starts."""
    started = [each for each in contestants if each.name == OURS or not each.name.startswith(OURS)]
    by_name = {each.name: each for each in started}
    if CONNEXION in by_name:
        document = {"PEER_DOCUMENT": str(setting.small_document)}
        started.append(
            replace(by_name[CONNEXION], name=SMALL, key="connexion-small", env=lambda setting: document)
        )
    if OURS in by_name:
        started.append(
            replace(by_name[OURS], name=SEED, key="ours-seed", argv=serving("--provider", "incident-io"))
        )
    return [each for each in started if each.name != CHECKED]


def measure(contestants: Sequence[Contestant], setting: Setting, plan: Plan, results: Results) -> None:
    """One after the other, round after round. One that cannot be started is left out of the rest."""
    waiting = [*starters(contestants, setting), *full_documents(setting, results)]
    for _ in range(plan.starts):
        for name, program in PROGRAMS.items():
            wall, cpu = ended(program)
            results.add("start", name, "wall", wall)
            results.add("start", name, "cpu", cpu)
        for contestant in list(waiting):
            try:
                server, started = launch(contestant, setting, READY)
            except Unavailable as why:
                results.missing[contestant.name] = str(why)
                waiting.remove(contestant)
                continue
            server.stop()
            results.add("start", contestant.name, "wall", started.wall)
            results.add("start", contestant.name, "cpu", started.cpu)


def ended(program: Sequence[str]) -> tuple[float, float]:
    """Seconds and CPU seconds of an interpreter from its start to its end."""
    began = os.times()
    subprocess.run(
        [sys.executable, *program], check=True, stdout=subprocess.DEVNULL, cwd=ROOT, env=environment()
    )
    now = os.times()
    cpu = now.children_user + now.children_system - began.children_user - began.children_system
    return now.elapsed - began.elapsed, cpu


def full_document() -> dict[str, Any]:
    """The vendor's whole document, from the source distribution of its client. Raises Unavailable."""
    archive = PEERS / "downloads" / ARCHIVE
    if not archive.is_file():
        raise Unavailable(f"{ARCHIVE} was not downloaded")
    with tarfile.open(archive) as packed:
        member = packed.extractfile(f"{ARCHIVE.removesuffix('.tar.gz')}/openapi.json")
        assert member is not None
        document: dict[str, Any] = json.load(member)
        return document


def full_documents(setting: Setting, results: Results) -> list[Contestant]:
    """Ours with the whole document as JSON and as YAML, and stock Connexion with it."""
    by_name = {each.name: each for each in CONTESTANTS}
    try:
        document = full_document()
    except Unavailable as why:
        results.missing["337 operations"] = str(why)
        return []
    made = []
    for name, ending in ((FULL_JSON, "json"), (FULL_YAML, "yaml")):
        folder = setting.folder / f"full-{ending}" / "incident-io"
        folder.mkdir(parents=True)
        write(document, folder / f"openapi.{ending}")
        flags = ("--provider", "incident-io", "--specs", str(folder.parent))
        made.append(replace(by_name[OURS], name=name, key=f"full-{ending}", argv=serving(*flags)))
    peer = setting.folder / "full-peer.json"
    write(document_of(document), peer)
    env = {"PEER_DOCUMENT": str(peer), "PEER_PARSED": "1"}
    stock = by_name[CONNEXION]
    made.append(replace(stock, name=FULL_CONNEXION, key="full-connexion", env=lambda setting: env))
    return made


def write(document: dict[str, Any], path: Path) -> None:
    text = json.dumps(document)
    if path.suffix == ".yaml":
        text = yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False)
    path.write_text(text, "utf-8")
