"""Every rule has a law, and every law a rule. Looks at the modules themselves, so that it does not matter which tests
were selected.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

import contract_tests
from contract_tests.flags import GRADES
from contract_tests.rules import PROVIDERS, load_rules

PACKAGES = {f"contract_tests.{provider.replace('-', '_')}" for provider in PROVIDERS}


@cache
def laws() -> dict[str, tuple[str, ...]]:
    """The rules that each test of the providers' packages is marked with."""
    return {
        f"{module}.{name}": tuple(
            mark.args[0] for mark in getattr(test, "pytestmark", ()) if mark.name == "law"
        )
        for module, name, test in functions()
    }


def functions() -> Iterator[tuple[str, str, Callable[..., Any]]]:
    for found in pkgutil.walk_packages(contract_tests.__path__, "contract_tests."):
        package, _, last = found.name.rpartition(".")
        if last.startswith("test_") and package in PACKAGES:
            module = importlib.import_module(found.name)
            for name, test in vars(module).items():
                if name.startswith("test_") and callable(test):
                    yield found.name, name, test


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_rule_has_a_law(provider: str) -> None:
    judged = {rule for marked in laws().values() for rule in marked}
    assert [rule for rule in load_rules(provider) if rule not in judged] == []


def test_every_law_names_a_rule_that_exists() -> None:
    rules = {rule for provider in PROVIDERS for rule in load_rules(provider)}
    unknown = {law: marked for law, marked in laws().items() if not rules.issuperset(marked)}
    assert unknown == {}


def test_every_law_has_exactly_one_rule() -> None:
    assert {law: marked for law, marked in laws().items() if len(marked) != 1} == {}


def test_a_law_is_in_the_package_of_its_provider() -> None:
    for law, marked in laws().items():
        assert {rule.split("/")[0] for rule in marked} <= {law.split(".")[1].replace("_", "-")}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_rule_is_a_sentence_with_a_grade_and_a_source(provider: str) -> None:
    for rule in load_rules(provider).values():
        assert rule.grade in GRADES, rule.name
        assert rule.rule.rstrip('"').endswith("."), rule.name
        assert rule.source, rule.name
