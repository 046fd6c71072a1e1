"""A Redis or Valkey server as the place of what processes share, on one machine or on many."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from redis import RedisError

from mockserver.core.errors import ConfigurationError
from mockserver.server.shared.log import Unavailable
from mockserver.server.shared.redis_address import Address, read_address
from mockserver.server.shared.redis_line import Line
from mockserver.server.shared.redis_log import RedisLog
from mockserver.server.shared.redis_peers import RedisPeers

logger = logging.getLogger(__name__)


class RedisStore:
    """Named as `--store` names it, but for credentials. Raises ConfigurationError."""

    def __init__(self, given: str) -> None:
        self._address = examined(given)
        self.named = self._address.shown

    def open(self) -> RedisLog:
        return RedisLog(Line(self._address, tells=True))

    def seat(self, worker: int) -> int:
        line = Line(self._address)
        try:
            return int(line.write("INCR", f"{self._address.prefix}:seats"))
        finally:
            line.close()

    def peers(self, seat: int) -> RedisPeers:
        return RedisPeers(self._address)

    def close(self) -> None:
        """What is there is for those who come later."""


def examined(given: str) -> Address:
    """The address, once a server has answered there. Warns of one that may forget what it was told. Raises
    ConfigurationError."""
    address = read_address(given)
    try:
        line = Line(address)
    except (RedisError, ValueError) as error:
        # The library has looked at the options.
        raise ConfigurationError(f"--store: {error}") from None
    try:
        facts = _facts(line.read("INFO"))
    except Unavailable as error:
        raise ConfigurationError(f"--store: {error}") from None
    finally:
        line.close()
    _warn(address, facts)
    return replace(address, cluster=True) if facts.get("cluster_enabled") == "1" else address


def _facts(told: bytes | Mapping[str, object]) -> Mapping[str, str]:
    """The client of a cluster has read them already."""
    if isinstance(told, Mapping):
        return {name: str(value) for name, value in told.items()}
    lines = (line.partition(":") for line in told.decode().splitlines())
    return {name: value for name, _, value in lines}


def _warn(address: Address, facts: Mapping[str, str]) -> None:
    if facts.get("aof_enabled") == "0":
        logger.warning("%s keeps nothing over a restart, or not everything: appendonly is no", address.shown)
    if facts.get("maxmemory", "0") != "0" and facts.get("maxmemory_policy") != "noeviction":
        policy = facts.get("maxmemory_policy")
        logger.warning("%s forgets what it has no room for: maxmemory-policy is %s", address.shown, policy)
