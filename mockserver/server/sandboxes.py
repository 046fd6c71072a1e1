"""The sandboxes of one server: today the default one, and its replacement by a fresh one."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.core.sandbox import Sandbox, services
from mockserver.server.fixtures import FixtureSet
from mockserver.server.settings import Settings

DEFAULT = "default"


class Sandboxes:
    def __init__(self, settings: Settings, fixtures: Sequence[FixtureSet]) -> None:
        self._settings = settings
        self._fixtures = fixtures
        self.default = self._fresh(DEFAULT)

    def reset(self) -> None:
        self.default = self._fresh(DEFAULT)

    def _fresh(self, name: str) -> Sandbox:
        settings = self._settings
        handed_in = services(
            seed=settings.seed,
            name=name,
            base_url=settings.base_url,
            rate_factor=settings.rate_factor,
            quirks=settings.quirks,
        )
        worlds = {fixtures.provider.name: fixtures.build(handed_in) for fixtures in self._fixtures}
        return Sandbox(name, handed_in, worlds)
