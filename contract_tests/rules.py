"""The rules that laws judge by: what a vendor's API does, how sure we are, and who says so."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

PROVIDERS = ("grafana-oncall", "incident-io")


@dataclass(frozen=True)
class Rule:
    name: str  # <provider>/<id>
    rule: str
    grade: str
    source: str


@cache
def load_rules(provider: str) -> Mapping[str, Rule]:
    """The rules of a provider by their names. Raises FileNotFoundError if there are none."""
    content = yaml.safe_load((specs_folder() / provider / "rules.yaml").read_text("utf-8"))
    rules = (
        Rule(f"{provider}/{entry['id']}", entry["rule"], entry["grade"], entry["source"])
        for entry in content["rules"]
    )
    return {rule.name: rule for rule in rules}


def find_rule(name: str) -> Rule | None:
    provider = name.partition("/")[0]
    return load_rules(provider).get(name) if provider in PROVIDERS else None


def specs_folder() -> Path:
    """Beside this package in a checkout; else data of the installed mock, which is located but not imported."""
    beside = Path(__file__).resolve().parent.parent / "specs"
    if beside.is_dir():
        return beside
    found = importlib.util.find_spec("mockserver")
    for folder in (found and found.submodule_search_locations) or ():
        if (Path(folder) / "specs").is_dir():
            return Path(folder) / "specs"
    raise FileNotFoundError(
        "no specs folder, neither beside contract_tests nor inside an installed mockserver"
    )
