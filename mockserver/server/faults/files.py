"""Fault rules in YAML: files of somebody's own, and the profiles as shipped. A slip is told with file and line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mockserver.core.errors import ConfigurationError
from mockserver.server import yamlfile
from mockserver.server.faults import values
from mockserver.server.faults.catalogue import Catalogue
from mockserver.server.faults.deciding import MOST_RULES
from mockserver.server.faults.reading import read_rules
from mockserver.server.faults.rules import RuleSpec
from mockserver.server.faults.values import Where, Wrong

PROFILES = Path(__file__).parent / "profiles"
DEEPEST = 60
MOST_NODES = 100_000


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    about: str
    rules: tuple[RuleSpec, ...]


def standing_rules(
    files: Sequence[Path], profiles: Sequence[str], catalogue: Catalogue
) -> tuple[RuleSpec, ...]:
    """The rules that every fresh sandbox begins with. Raises ConfigurationError."""
    rules = [rule for file in files for rule in load_rules(file, catalogue)]
    for name in profiles:
        rules += load_profile(name, catalogue).rules
    counted = Counter(rule.id for rule in rules if rule.id is not None)
    for name, count in counted.items():
        if count > 1:
            raise ConfigurationError(f"the fault {name!r} is there {count} times in --faults and --profile")
    if len(rules) > MOST_RULES:
        raise ConfigurationError(f"--faults and --profile give {len(rules)} rules; {MOST_RULES} are the most")
    return tuple(rules)


def load_rules(file: Path, catalogue: Catalogue) -> list[RuleSpec]:
    """`rules`, and those of the profiles that are named in `profiles`. Raises ConfigurationError."""
    document = _Document(file)
    try:
        content = values.mapping(document.value, (), ("rules", "profiles"))
        rules = read_rules(content.get("rules", []), catalogue)
        names = values.texts(content["profiles"], ("profiles",)) if "profiles" in content else ()
        for name in names:
            values.choice(name, ("profiles",), profile_names())
    except Wrong as wrong:
        raise document.error(wrong) from None
    return rules + [rule for name in names for rule in load_profile(name, catalogue).rules]


@cache
def profile_names() -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in PROFILES.glob("*.yaml")))


def load_profile(name: str, catalogue: Catalogue) -> Profile:
    """Raises ConfigurationError."""
    if name not in profile_names():
        raise ConfigurationError(f"there is no profile {name!r}; there are {', '.join(profile_names())}")
    document = _Document(PROFILES / f"{name}.yaml")
    try:
        content = values.mapping(document.value, (), ("about", "rules"))
        return Profile(
            name,
            values.text(content.get("about"), ("about",)),
            tuple(read_rules(content.get("rules"), catalogue)),
        )
    except Wrong as wrong:
        raise document.error(wrong) from None


class _Document:
    """A YAML file as plain values, and the line of each."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lines: dict[Where, int] = {}
        self._nodes = 0
        root = yamlfile.compose_guarded(file, yamlfile.read_text(file))
        self.value: Any = {} if root is None else self._plain(root, ())

    def error(self, wrong: Wrong) -> ConfigurationError:
        where = wrong.where
        while where and where not in self._lines:
            where = where[:-1]
        return ConfigurationError(f"{self._file}:{self._lines.get(where, 1)}: {wrong}")

    def _plain(self, node: yaml.Node, where: Where) -> Any:
        self._lines.setdefault(where, node.start_mark.line + 1)
        self._nodes += 1
        if len(where) > DEEPEST or self._nodes > MOST_NODES:
            raise self.error(Wrong(where[:3], "is too deep, or too much"))
        if isinstance(node, yaml.MappingNode):
            return dict(self._pairs(node, where))
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(item, (*where, at)) for at, item in enumerate(node.value)]
        try:
            return yaml.constructor.SafeConstructor().construct_object(node)
        except (ValueError, yaml.YAMLError) as error:
            problem = getattr(error, "problem", None) or error
            raise self.error(Wrong(where, str(problem))) from None

    def _pairs(self, node: yaml.MappingNode, where: Where) -> Iterator[tuple[str, Any]]:
        seen = set()
        for key_node, value in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self.error(Wrong(where, "has a key that is no text"))
            key = str(key_node.value)
            self._lines[*where, key] = key_node.start_mark.line + 1
            if key in seen:
                raise self.error(Wrong((*where, key), "is there twice"))
            seen.add(key)
            yield key, self._plain(value, (*where, key))


def shown(profile: Profile) -> Mapping[str, Any]:
    return {
        "name": profile.name,
        "about": profile.about,
        "rules": [{"id": rule.id, **rule.shown, "enabled": rule.enabled} for rule in profile.rules],
    }
