"""The load generator: a process of its own that holds connections open and asks again as soon as it is answered.

Reads one job a line on standard input and writes one line of measures for each. Every answer is held against what the
job expects; a wrong one ends the job with its first bytes.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from dataclasses import asdict, dataclass, field

from benchmarks.processes import own_seconds
from benchmarks.results import quantile

PATIENCE = 30.0
# Larger ones are mapped and unmapped for every answer.
CHUNK = 1 << 16
SHOWN = 300


@dataclass(frozen=True, slots=True)
class Job:
    """`seconds` or `count` bounds it. Answers have the `status`, and a body of `shortest` to `longest` bytes.

    `pids` are the server's, whose CPU is read before and after, with all connections open and warm.
    """

    port: int
    request: str
    status: int
    shortest: int
    longest: int
    connections: int
    seconds: float | None = None
    count: int | None = None
    pids: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Burst:
    """What a job came to; `cpu` is the server's, in seconds, and `busiest` that of its busiest process; `p50` and `p99`
    are seconds, too."""

    requests: int
    seconds: float
    cpu: float
    busiest: float
    p50: float
    p99: float


class WrongAnswer(Exception):
    """An answer that is not the work that was asked for."""


class Framing:
    """Tells when an answer is whole, and whether it is the expected one."""

    def __init__(self, job: Job) -> None:
        self._status = b"%d" % job.status
        self._shortest, self._longest = job.shortest, job.longest
        self._head, self._total = b"", -1

    def whole(self, answer: bytes) -> bool:
        """Raises WrongAnswer."""
        if len(answer) == self._total and answer.startswith(self._head):
            return True  # the very head of the answer before
        end = answer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = answer[:end].lower()
        if head[9:12] != self._status:
            raise WrongAnswer(answer[:SHOWN].decode("latin-1"))
        at = head.find(b"\r\ncontent-length:")
        if at < 0:
            return self._whole_chunks(answer, head, end)
        until = head.find(b"\r\n", at + 2)
        length = int(head[at + 17 : until if until > 0 else end])
        if not self._shortest <= length <= self._longest:
            raise WrongAnswer(f"{length} bytes: {answer[:SHOWN].decode('latin-1')}")
        if len(answer) > end + 4 + length:
            raise WrongAnswer(f"more than one answer: {answer[-SHOWN:].decode('latin-1')}")
        self._head, self._total = answer[: end + 4], end + 4 + length
        return len(answer) == self._total

    def _whole_chunks(self, answer: bytes, head: bytes, end: int) -> bool:
        if b"chunked" not in head:
            raise WrongAnswer(f"without a length: {answer[:SHOWN].decode('latin-1')}")
        if not answer.endswith(b"\r\n0\r\n\r\n"):
            return False
        # With some bytes of framing, which the bounds leave room for.
        if not self._shortest <= len(answer) - end - 4 <= self._longest + 64:
            raise WrongAnswer(f"{len(answer) - end - 4} bytes in chunks: {answer[:SHOWN].decode('latin-1')}")
        return True


def run(job: Job) -> Burst:
    """Raises WrongAnswer, also for a connection that the server closes and for an answer that does not come."""
    request, framing = job.request.encode("latin-1"), Framing(job)
    sockets = [_connected(job.port) for _ in range(job.connections)]
    try:
        for each in sockets:
            each.sendall(request)
            _receive(each, framing)
        return _burst(job, request, framing, sockets)
    except TimeoutError:
        raise WrongAnswer(f"no answer within {PATIENCE:g} s") from None
    except ConnectionError as error:
        raise WrongAnswer(f"the server closed a connection: {error}") from None
    finally:
        for each in sockets:
            each.close()


def _connected(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), PATIENCE)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def _receive(connection: socket.socket, framing: Framing) -> None:
    answer = b""
    while not framing.whole(answer):
        chunk = connection.recv(CHUNK)
        if not chunk:
            raise WrongAnswer(f"closed after {answer[:SHOWN].decode('latin-1')!r}")
        answer += chunk


def _burst(job: Job, request: bytes, framing: Framing, sockets: list[socket.socket]) -> Burst:
    clock = time.perf_counter
    poll = select.epoll()
    by_number = {each.fileno(): each for each in sockets}
    half: dict[int, bytes] = {}
    sent: dict[int, float] = {}
    took: list[float] = []
    left = job.count if job.count is not None else sys.maxsize
    before, began = [own_seconds(pid) for pid in job.pids], clock()
    until = began + job.seconds if job.seconds is not None else float("inf")
    for number, each in by_number.items():
        poll.register(number, select.EPOLLIN)
        if left > 0:
            left -= 1
            sent[number] = clock()
            each.send(request)
    while sent:
        ready = poll.poll(PATIENCE)
        if not ready:
            raise TimeoutError
        for number, _ in ready:
            connection = by_number[number]
            answer = connection.recv(CHUNK)
            if not answer:
                raise WrongAnswer("the server closed a connection")
            if number in half:
                answer = half.pop(number) + answer
            if not framing.whole(answer):
                half[number] = answer
                continue
            now = clock()
            took.append(now - sent[number])
            if now < until and left > 0:
                left -= 1
                sent[number] = now
                connection.send(request)
            else:
                del sent[number]
    ended = clock()
    spent = [own_seconds(pid) - earlier for pid, earlier in zip(job.pids, before, strict=True)]
    poll.close()
    return Burst(
        requests=len(took),
        seconds=ended - began,
        cpu=sum(spent),
        busiest=max(spent, default=0.0),
        p50=quantile(took, 0.5),
        p99=quantile(took, 0.99),
    )


def main() -> None:
    for line in sys.stdin:
        try:
            said: dict[str, object] = {"burst": asdict(run(Job(**json.loads(line))))}
        except WrongAnswer as error:
            said = {"wrong": str(error)}
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
