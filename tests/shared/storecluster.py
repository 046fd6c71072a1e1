"""Three Valkey servers that are one cluster, each with a third of the keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.shared.storeserver import StoreServer, free_ports

SLOTS = ((0, 5460), (5461, 10922), (10923, 16383))
UNITED = b"cluster state changed: ok"


@dataclass(frozen=True, slots=True)
class StoreCluster:
    servers: Sequence[StoreServer]

    @property
    def url(self) -> str:
        """Of one of them, as for a single server: that it is one of three is to be found out."""
        return f"redis://127.0.0.1:{self.servers[0].port}/0"


@contextmanager
def store_cluster() -> Iterator[StoreCluster]:
    """They are told of each other by the file that each keeps, which is quicker than to introduce them."""
    free = free_ports(2 * len(SLOTS))
    ports = list(zip(free[::2], free[1::2], strict=True))
    with ExitStack() as stack:
        servers = []
        for me, (port, bus) in enumerate(ports):
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="mock-")))
            (folder / "nodes.conf").write_text(_nodes(me, ports))
            flags = ("--cluster-enabled", "yes", "--cluster-port", str(bus))
            servers.append(StoreServer(folder, port=port, flags=flags))
            servers[me].start()
            stack.callback(servers[me].close)
        for server in servers:
            server.wait_for(UNITED)
        yield StoreCluster(servers)


def _nodes(me: int, ports: Sequence[tuple[int, int]]) -> str:
    lines = [
        f"{number:040x} 127.0.0.1:{port}@{bus} {'myself,' if number == me else ''}master - 0 0 {number + 1}"
        f" connected {first}-{last}\n"
        for number, ((port, bus), (first, last)) in enumerate(zip(ports, SLOTS, strict=True))
    ]
    return "".join(lines) + f"vars currentEpoch {len(ports)} lastVoteEpoch 0\n"
