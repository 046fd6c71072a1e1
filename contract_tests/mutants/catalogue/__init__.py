"""Every mutant by its name: the defects, the harmless changes, and `none`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping

from contract_tests.mutants.mutant import NONE, Mutant


def _found() -> Iterator[Mutant]:
    yield NONE
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        yield from importlib.import_module(module.name).MUTANTS


def _by_name() -> Mapping[str, Mutant]:
    found: dict[str, Mutant] = {}
    for mutant in _found():
        if mutant.name in found:
            raise ValueError(f"two mutants are called {mutant.name}")
        found[mutant.name] = mutant
    return found


MUTANTS = _by_name()
