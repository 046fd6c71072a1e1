"""A state as a person or a sandbox wrote it, read with file and line for every slip. It is a fixture, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from mockserver.core.clock import ClockState
from mockserver.core.errors import ConfigurationError
from mockserver.core.ids import IdState
from mockserver.core.provider import Provider
from mockserver.core.rate import Counted
from mockserver.core.webhook import WebhookTarget
from mockserver.providers import REGISTRY
from mockserver.server import yamlfile
from mockserver.server.fixtures import (
    WEBHOOKS,
    FixtureSet,
    Place,
    load_fixtures,
    meant,
    place,
    read_fixtures,
    read_mapping,
    read_record,
    shown,
)
from mockserver.server.state.section import SandboxSection, counted

VERSION = 1
SANDBOX = "sandbox"


@dataclass(frozen=True)
class Loaded:
    """The records of the vendors that it names, and what of a sandbox it says; what it does not say is None or empty.
    `section` is where it says so."""

    fixtures: Mapping[str, FixtureSet]
    own_targets: tuple[WebhookTarget, ...] = ()
    clock: ClockState | None = None
    ids: IdState | None = None
    budgets: Mapping[str, Mapping[str, Counted]] = field(default_factory=dict)
    section: Place | None = None

    def targets(self) -> Iterator[tuple[WebhookTarget, Place]]:
        """The addresses among the records of a vendor, then those of the sandbox, and where each was written."""
        for found in self.fixtures.values():
            for position, target in enumerate(found.webhook_targets()):
                yield target, found.places[WEBHOOKS, position]
        if self.section is not None:
            for target in self.own_targets:
                yield target, self.section


def load_world(fixtures: Path | None, providers: Iterable[Provider]) -> Loaded:
    """The fixtures of every vendor: a folder, or a file like an exported state. A vendor that a file leaves out has the
    shipped ones. Raises ConfigurationError."""
    if fixtures is None or fixtures.is_dir():
        found = {provider.name: load_fixtures(provider, fixtures) for provider in providers}
        return _with_section(found, SandboxSection(), None)
    loaded = load_state(fixtures)
    served = {
        provider.name: loaded.fixtures.get(provider.name) or load_fixtures(provider) for provider in providers
    }
    return replace(loaded, fixtures=served)


def load_state(file: Path) -> Loaded:
    """Raises ConfigurationError."""
    return read_state(file, yamlfile.read_text(file))


def read_state(name: Path, text: str, most_values: int = yamlfile.MOST_VALUES) -> Loaded:
    """`name` is what errors call it. Raises ConfigurationError."""
    root = yamlfile.compose_guarded(name, text, most_values)
    if root is None:
        raise ConfigurationError(f"{name}: is empty; a state begins with version: {VERSION}")
    keys = read_mapping(name, root, "the state")
    _hold_version(name, root, keys)
    fixtures = {}
    section, where = SandboxSection(), None
    for key, (key_node, node) in keys.items():
        if key == SANDBOX:
            section, where = read_record(name, node, SandboxSection, SANDBOX), place(name, node)
        elif key in REGISTRY:
            fixtures[key] = read_fixtures(REGISTRY[key], [(name, node)], key)
        elif key != "version":
            known = ("version", *REGISTRY, SANDBOX)
            raise place(name, key_node).error(f"unknown key {shown(key)}{meant(key, known)}")
    return _with_section(fixtures, section, where)


def _hold_version(name: Path, root: yaml.Node, keys: Mapping[str, tuple[yaml.Node, yaml.Node]]) -> None:
    if "version" not in keys:
        raise place(name, root).error(f"has no version; this reads version {VERSION}")
    node = keys["version"][1]
    if not isinstance(node, yaml.ScalarNode) or node.value != str(VERSION):
        given = shown(node.value) if isinstance(node, yaml.ScalarNode) else "of that kind"
        raise place(name, node).error(f"version {given} is unknown here; this reads version {VERSION}")


def _with_section(fixtures: Mapping[str, FixtureSet], section: SandboxSection, where: Place | None) -> Loaded:
    if where is None:
        return Loaded(fixtures)
    try:
        return Loaded(
            fixtures,
            section.webhooks,
            None if section.clock is None else section.clock.state(),
            None if section.ids is None else section.ids.state(),
            {vendor: counted(budgets) for vendor, budgets in section.budgets.items()},
            where,
        )
    except ValueError as error:
        raise where.error(f"{SANDBOX}: {error}") from None
