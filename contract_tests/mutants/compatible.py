"""Changes that leave what is said as it is, and who says that they may be made."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from contract_tests.exchange import Answered, Asked
from contract_tests.mutants.changes import (
    Json,
    answer,
    read,
    with_body,
    with_header,
    without,
)
from contract_tests.mutants.mutant import Act, Forward, Memory, Raw
from contract_tests.mutants.operations import operation_of

JSON = "RFC 8259 leaves white space and escapes to whoever writes."


HTTP = "RFC 9110 leaves this to the server."


def always(status: int) -> bool:
    return status > 0


def written(dump: Callable[[Json], bytes]) -> Any:
    def changed(answered: Answered, _: Asked) -> Answered:
        body = read(answered)
        return answered if body is None else with_body(answered, dump(body))

    return answer("*", changed, when=always)


async def chunked(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    if operation_of(asked) is None or not answered.body:
        return answered
    headers = (
        *without(answered.headers, "Content-Length"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "close"),
    )
    half = len(answered.body) // 2
    parts = [part for part in (answered.body[:half], answered.body[half:]) if part]
    sent = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    lines = [f"HTTP/1.1 {answered.status} Whatever", *(f"{name}: {value}" for name, value in headers), "", ""]
    raise Raw("\r\n".join(lines).encode("latin-1") + sent)


async def gzipped(asked: Asked, forward: Forward, memory: Memory) -> Answered:
    answered = await forward(asked)
    if (
        "gzip" not in (asked.header("Accept-Encoding") or "")
        or not answered.body
        or operation_of(asked) is None
    ):
        return answered
    headers = with_header(answered.headers, "Content-Encoding", "gzip")
    return with_body(replace(answered, headers=headers), gzip.compress(answered.body))


def for_head_too(act: Act) -> Act:
    """HEAD is answered with the headers that GET is."""

    async def acting(asked: Asked, forward: Forward, memory: Memory) -> Answered:
        if asked.method != "HEAD":
            return await act(asked, forward, memory)
        try:
            return replace(await act(replace(asked, method="GET"), forward, memory), body=b"")
        except Raw as raw:
            raise Raw(raw.sent.partition(b"\r\n\r\n")[0] + b"\r\n\r\n") from None

    return acting
