"""The way to a Redis or Valkey server, or to a cluster of them: commands out, replies in, and no wait without an end.

The client library's own retries are off. A command that changes something is sent once at most: sent again after a
broken connection it would meet what it has done itself.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Protocol, cast

from redis import ConnectionPool, RedisCluster, RedisError
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import NoScriptError, RedisClusterException
from redis.retry import Retry

from mockserver.server.shared.log import Unavailable
from mockserver.server.shared.redis_address import Address

# Seconds.
CONNECT_WITHIN = 0.5
REPLY_WITHIN = 1.0
REST = 1.0
# Of a cluster that is gone the client library asks one server after another where the keys are.
CLUSTER_REPLY_WITHIN = 0.5

logger = logging.getLogger(__name__)

Part = str | bytes | int | float


class _Way(Protocol):
    """Raises RedisError, RedisClusterException (which is none), and OSError where a name cannot be looked up."""

    def send(self, *command: Part) -> Any: ...

    def send_all(self, commands: Sequence[tuple[Part, ...]]) -> list[Any]: ...

    def hang_up(self) -> None: ...


class _Single:
    """One connection, made when it is first needed. The library's pool and its client would cost more than the
    command."""

    def __init__(self, address: Address, reply_within: float) -> None:
        pool = ConnectionPool.from_url(address.url, retry=Retry(NoBackoff(), 0), **_bounds(reply_within))
        # Half of its methods say nothing of types.
        self._connection: Any = pool.make_connection()

    def send(self, *command: Part) -> Any:
        connection = self._connection
        connection.send_packed_command(connection.pack_command(*command), check_health=False)
        return connection.read_response()

    def send_all(self, commands: Sequence[tuple[Part, ...]]) -> list[Any]:
        connection = self._connection
        connection.send_packed_command(connection.pack_commands(commands), check_health=False)
        return [connection.read_response() for _ in commands]

    def hang_up(self) -> None:
        self._connection.disconnect()


class _Cluster:
    """The library knows which server has which keys, and follows them when they move."""

    def __init__(self, address: Address, reply_within: float) -> None:
        self._address, self._reply_within = address, reply_within
        self._client: Any = None

    def send(self, *command: Part) -> Any:
        if self._client is None:
            self._client = RedisCluster.from_url(
                self._address.url, retry=Retry(NoBackoff(), 0), **_bounds(self._reply_within)
            )
        return self._client.execute_command(*command)

    def send_all(self, commands: Sequence[tuple[Part, ...]]) -> list[Any]:
        return [self.send(*command) for command in commands]

    def hang_up(self) -> None:
        if self._client is not None:
            with suppress(RedisError, RedisClusterException):
                self._client.close()
            self._client = None


class Line:
    """For one thread. After a failure it fails at once for a while, so that a server that hangs costs one request its
    patience, not every one. `timer` gives seconds; `reply_within` is for commands that wait on purpose. One that
    `tells` logs when the server is lost and when it is back."""

    def __init__(
        self,
        address: Address,
        *,
        reply_within: float | None = None,
        timer: Callable[[], float] = time.monotonic,
        tells: bool = False,
    ) -> None:
        self.address = address
        self._tells = tells
        self._way: _Way
        if address.cluster:
            self._way = _Cluster(address, reply_within or CLUSTER_REPLY_WITHIN)
        else:
            self._way = _Single(address, reply_within or REPLY_WITHIN)
        self._timer = timer
        self._rests_until = 0.0
        self._used = False

    def read(self, *command: Part) -> Any:
        """A command that may be carried out twice. A connection that the server has closed since, as it does when it
        is restarted, is made anew. Raises Unavailable, and NoScriptError."""
        return self._ask(self._way.send, command, again=self._used)

    def read_all(self, commands: Iterable[tuple[Part, ...]]) -> list[Any]:
        """Like `read`, for many at once."""
        return cast("list[Any]", self._ask(self._way.send_all, (list(commands),), again=self._used))

    def write(self, *command: Part) -> Any:
        """Raises Unavailable, after which nobody knows whether it was carried out, and NoScriptError."""
        return self._ask(self._way.send, command, again=False)

    def write_all(self, commands: Iterable[tuple[Part, ...]]) -> list[Any]:
        """Like `write`, for many at once; of these, some may have been carried out and others not."""
        return cast("list[Any]", self._ask(self._way.send_all, (list(commands),), again=False))

    def close(self) -> None:
        self._way.hang_up()
        self._used = False

    def _ask(self, send: Callable[..., Any], arguments: tuple[Any, ...], *, again: bool) -> Any:
        if self._rests_until and self._timer() < self._rests_until:
            raise Unavailable(f"{self.address.shown} did not answer a moment ago")
        try:
            reply = send(*arguments)
        except NoScriptError:
            raise
        except (RedisError, RedisClusterException, OSError) as error:
            self.close()
            if again and isinstance(error, Disconnected):
                return self._ask(send, arguments, again=False)
            if self._tells and not self._rests_until:
                logger.warning("%s is lost: %s", self.address.shown, error)
            self._rests_until = self._timer() + REST
            raise Unavailable(f"{self.address.shown}: {error}") from None
        if self._rests_until:
            self._rests_until = 0.0
            if self._tells:
                logger.warning("%s is back", self.address.shown)
        self._used = True
        return reply


def _bounds(reply_within: float) -> dict[str, Any]:
    return {
        "socket_timeout": reply_within,
        "socket_connect_timeout": CONNECT_WITHIN,
        "protocol": 2,
    }
