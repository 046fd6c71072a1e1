"""One contestant that runs: started, filled, and held against the work before anything is measured."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.commands import ROOT, Setting, Unavailable
from benchmarks.contestants import JSON_SERVER, Contestant
from benchmarks.load import Job
from benchmarks.processes import descendants, start, stop, whole_cpu_seconds
from benchmarks.work import DOCUMENT, FIELDS, LIST, PAGE, STORED, Question, post, question

PATIENCE = 90.0
POLL = 0.005
# A body may be so much longer or shorter than the first one seen: times and ids are not all of one length.
SLACK_SHARE, SLACK_BYTES = 0.05, 24


class NotTheWork(Exception):
    """A contestant that answers something else than it was asked."""


@dataclass(frozen=True, slots=True)
class Started:
    """How long the first 2xx took, in seconds, and what it cost."""

    wall: float
    cpu: float


@dataclass
class Server:
    contestant: Contestant
    port: int
    processes: list[subprocess.Popen[bytes]]
    jobs: dict[str, Job] = field(default_factory=dict)
    pids: list[int] = field(default_factory=list)

    def stop(self) -> None:
        for process in reversed(self.processes):
            stop(process)


def free_port(avoid: frozenset[int] = frozenset()) -> int:
    """One whose next is free, too."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            if port in avoid or port > 65000:
                continue
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def launch(contestant: Contestant, setting: Setting, question: Question) -> tuple[Server, Started]:
    """Up to the first 2xx to the question. Raises Unavailable."""
    port = free_port()
    argv = contestant.argv(setting, port)
    log = setting.folder / f"{contestant.key}.log"
    server = Server(contestant, port, [])
    try:
        if contestant.beside is not None:
            server.processes.append(start(contestant.beside(setting, port), folder=setting.folder, log=log))
            _await_port(port + 1, server, log)
        env = {**contestant.env(setting), "PYTHONPATH": _python_path()}
        began, roots = time.perf_counter(), [process.pid for process in server.processes]
        before = whole_cpu_seconds(roots)
        server.processes.append(start(argv, folder=setting.folder, env=env, log=log))
        roots.append(server.processes[-1].pid)
        while not _answers(port, question):
            _alive(server, log)
            if time.perf_counter() - began > PATIENCE:
                raise Unavailable(f"no 2xx within {PATIENCE:g} s: {_tail(log)}")
            time.sleep(POLL)
        started = Started(time.perf_counter() - began, whole_cpu_seconds(roots) - before)
    except BaseException:
        server.stop()
        raise
    return server, started


def _python_path() -> str:
    """This project first, whatever was there behind it."""
    return os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))


def _await_port(port: int, server: Server, log: Path) -> None:
    until = time.perf_counter() + PATIENCE
    while time.perf_counter() < until:
        _alive(server, log)
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(POLL)
        else:
            return
    raise Unavailable(f"nothing listens: {_tail(log)}")


def _alive(server: Server, log: Path) -> None:
    for process in server.processes:
        if process.poll() is not None:
            raise Unavailable(f"it ended with {process.returncode}: {_tail(log)}")


def _tail(log: Path) -> str:
    """The end of what it printed, without the name of a folder that will be gone."""
    said = log.read_text("utf-8", "replace").replace(f"{log.parent}/", "")
    return " ".join(said.split())[-200:]


def _answers(port: int, question: Question) -> bool:
    try:
        return 200 <= ask(port, question)[0] < 300
    except (OSError, http.client.HTTPException):
        return False


def ask(port: int, question: Question) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        head, _, body = question.wire(port).encode("latin-1").partition(b"\r\n\r\n")
        connection.connect()
        connection.sock.sendall(head + b"\r\n\r\n" + body)
        answer = http.client.HTTPResponse(connection.sock, method=question.method)
        answer.begin()
        return answer.status, answer.read()
    finally:
        connection.close()


def fill_and_check(server: Server) -> None:
    """Stores what a stateful contestant has to hold, and makes the jobs. Raises NotTheWork."""
    contestant, document = server.contestant, DOCUMENT
    if contestant.stateful:
        for _ in range(STORED):
            status, body = ask(server.port, post())
            if status != 201:
                raise NotTheWork(f"{contestant.name}: POST was answered {status}: {body[:300]!r}")
            document = json.loads(body)["postmortem_document"]["id"]
    # By now all of its workers are there.
    server.pids = descendants(process.pid for process in server.processes)
    for kind in contestant.kinds:
        asked = question(kind, document)
        status, body = ask(server.port, asked)
        if problem := wrong(kind, status, body, contestant):
            raise NotTheWork(f"{contestant.name}: {kind}: {problem}: {body[:300]!r}")
        slack = int(len(body) * SLACK_SHARE) + SLACK_BYTES
        server.jobs[kind] = Job(
            port=server.port,
            request=asked.wire(server.port),
            status=status,
            shortest=max(0, len(body) - slack),
            longest=len(body) + slack,
            connections=1,
            pids=server.pids,
        )


def wrong(kind: str, status: int, body: bytes, contestant: Contestant) -> str | None:
    """What is not as the work wants it."""
    expected = contestant.invalid_status if kind == "invalid POST" else 201 if kind == "POST" else 200
    if status != expected:
        return f"{status}, not {expected}"
    if kind == "invalid POST":
        return None
    said = json.loads(body)
    if kind == "LIST":
        items = said if isinstance(said, list) else said["postmortem_documents"]
        return None if len(items) == PAGE else f"{len(items)} documents"
    found = said.get("postmortem_document", said)
    missing = sorted(FIELDS - found.keys())
    # json-server gives back what it was sent, with an id.
    return f"without {', '.join(missing)}" if missing and contestant.name != JSON_SERVER else None


READY = Question("GET", LIST)
