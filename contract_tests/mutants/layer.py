"""python -m contract_tests.mutants.layer NAME [-- COMMAND...] [FLAGS of COMMAND]

Starts COMMAND (by default `python -m mockserver serve`) with the flags, which are those of `mockserver serve`, and
stands in front of it on a loopback port as the mutant NAME. Prints its own base URL first, as COMMAND does.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from contract_tests.exchange import Answered, Asked
from contract_tests.guard.relay import Relay
from contract_tests.guard.seam import Forward, Handler, NoAnswer, RawBytes
from contract_tests.mutants.catalogue import MUTANTS
from contract_tests.mutants.mutant import Memory, Mutant, Raw
from contract_tests.mutants.operations import is_the_vendors, reset_by, sandbox_of

SERVE = [sys.executable, "-m", "mockserver", "serve"]
# A file that tells of acts that failed, which is no defect of the server but one of the catalogue.
FAULTS = "CONTRACT_MUTANT_FAULTS"
GRACE = 10
ATTEMPTS = 5


def handler(mutant: Mutant) -> Handler:
    """The mutant as what stands on a relay; every world of a mock gets a memory of its own."""
    memories: defaultdict[str, Memory] = defaultdict(dict)

    async def handle(asked: Asked, forward: Forward) -> Answered | RawBytes:
        if not is_the_vendors(asked):
            emptied = reset_by(asked)
            if emptied is not None:
                memories[emptied].clear()
            return await forward()

        async def onward(request: Asked) -> Answered:
            return await forward(None if request is asked else request)

        try:
            return await mutant.act(asked, onward, memories[sandbox_of(asked)])
        except Raw as ended:
            return RawBytes(ended.sent)
        except NoAnswer:
            raise
        except Exception:  # noqa: BLE001 - whatever it is, it is told, and no verdict on the suite
            _tell(f"{mutant.name}: {asked.method} {asked.target}\n{traceback.format_exc()}")
            return await forward()

    return handle


def _tell(fault: str) -> None:
    sys.stderr.write(fault)
    if os.environ.get(FAULTS):
        with Path(os.environ[FAULTS]).open("a", encoding="utf-8") as file:
            file.write(fault)


def split(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """The name of the mutant, and what is to be started."""
    name, *rest = arguments
    command = rest[1:] if rest[:1] == ["--"] else rest
    return name, [*SERVE, *command] if not command or command[0].startswith("-") else command


def take(command: list[str], flag: str) -> str | None:
    """The value of a flag, which is taken out of the command."""
    if flag not in command:
        return None
    position = command.index(flag)
    _, value = command[position : position + 2]
    del command[position : position + 2]
    return value


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def start(command: list[str], port: int) -> tuple[subprocess.Popen[str], str]:
    """The server behind, which calls itself by the address of the layer, and its own address."""
    process = subprocess.Popen(
        [*command, "--port", "0", "--base-url", f"http://127.0.0.1:{port}"],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=_end_with_parent,
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    if not url.startswith("http"):
        process.terminate()
        sys.exit(f"the server behind the layer did not start; it said {url!r}")
    threading.Thread(target=process.stdout.read, daemon=True).start()  # so that it never waits for a reader
    return process, url


def serve(mutant: Mutant, command: list[str], port: int, stopped: threading.Event) -> int:
    """Until told to stop, the parent is gone, or the server behind is. Raises OSError if the port is taken."""
    parent = os.getppid()
    process, upstream = start(command, port)
    try:
        with Relay() as relay:
            print(relay.door(upstream, handler(mutant), port=port), flush=True)  # noqa: T201
            while not stopped.wait(0.2) and process.poll() is None and os.getppid() == parent:
                pass
    finally:
        process.terminate()
        try:
            code = process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
    return code


def main(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] not in MUTANTS:
        sys.stderr.write(f"{__doc__}\nno such mutant: {' '.join(arguments[:1])}\n")
        return 2
    name, command = split(arguments)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    mutant = MUTANTS[name]
    command += mutant.flags
    given = int(take(command, "--port") or 0)
    for _ in range(ATTEMPTS - 1):
        try:
            return serve(mutant, list(command), given or free_port(), stopped)
        except OSError:  # somebody else was faster
            if given:
                raise
    return serve(mutant, list(command), free_port(), stopped)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
