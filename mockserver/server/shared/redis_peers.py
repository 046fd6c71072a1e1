"""Questions to every other process on the same Redis server, and their answers: a list for each process, one for each
question.

A process is one of those that are asked for as long as it says so. Of one that has died nobody waits longer than that,
and nobody twice.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress

import msgspec

from mockserver.server.shared.codec import ENCODER
from mockserver.server.shared.log import Unavailable
from mockserver.server.shared.peers import Reply
from mockserver.server.shared.redis_address import Address
from mockserver.server.shared.redis_line import REPLY_WITHIN, Line, Part
from mockserver.server.shared.redis_script import Script

# Seconds: how often a process says that it is there, how long that counts, how long others wait for it, how long what
# nobody takes is kept.
BEAT = 1
COUNTS = 4
ANSWER_WITHIN = 1.0
KEPT = 10

logger = logging.getLogger(__name__)

# The server's clock, as those of the processes may differ.
_BEAT = Script(
    """
local now = tonumber(redis.call('TIME')[1])
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
return 1
"""
)


class Question(msgspec.Struct, frozen=True, array_like=True):
    """`reply_to` is the list that the answer goes to."""

    reply_to: str
    asked: bytes


class Answer(msgspec.Struct, frozen=True, array_like=True):
    by: str
    answer: bytes


_read_question = msgspec.msgpack.Decoder(Question).decode
_read_answer = msgspec.msgpack.Decoder(Answer).decode


class RedisPeers:
    """Waits in threads of its own; `reply` is called in the loop."""

    def __init__(self, address: Address) -> None:
        self._prefix = address.prefix
        self._me = secrets.token_hex(8)
        self._asking = threading.Lock()
        self._out = Line(address, reply_within=ANSWER_WITHIN + REPLY_WITHIN)
        self._in = Line(address, reply_within=BEAT + REPLY_WITHIN)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="peers", daemon=True)

    async def start(self, reply: Reply) -> None:
        self._reply = reply
        self._loop = asyncio.get_running_loop()
        with suppress(Unavailable):
            await asyncio.to_thread(self._beat)
        self._thread.start()

    async def ask(self, question: bytes) -> Sequence[bytes]:
        try:
            return await asyncio.to_thread(self._ask, question)
        except Unavailable as error:
            logger.info("the others cannot be asked: %s", error)
            return []

    async def close(self) -> None:
        await asyncio.to_thread(self._close)

    @property
    def _known(self) -> str:
        return f"{self._prefix}:peers"

    def _list(self, kind: str, whose: str) -> str:
        return f"{self._prefix}:{kind}:{whose}"

    def _there(self) -> list[str]:
        return [one.decode() for one in self._out.read("ZRANGE", self._known, 0, -1)]

    def _ask(self, question: bytes) -> Sequence[bytes]:
        with self._asking:
            asked = set(self._there()) - {self._me}
            reply_to = self._list("reply", secrets.token_hex(8))
            told = ENCODER.encode(Question(reply_to, question))
            if asked:
                _send(self._out, [self._list("ask", one) for one in asked], told)
            answers = self._answers(reply_to, len(asked), time.monotonic() + ANSWER_WITHIN)
            silent = asked - answers.keys()
            if silent:
                # Who is only slow says again that it is there.
                self._out.write("ZREM", self._known, *silent)
            return list(answers.values())

    def _close(self) -> None:
        self._ended.set()
        try:
            with self._asking:
                # Wakes who listens.
                _send(self._out, [self._list("ask", self._me)], b"")
                self._thread.join(BEAT + 2 * REPLY_WITHIN)
                self._out.write("ZREM", self._known, self._me)
        except Unavailable as error:
            logger.info("the others are not told that this process ends: %s", error)
        self._thread.join(BEAT + 2 * REPLY_WITHIN)
        self._out.close()

    def _answers(self, reply_to: str, number: int, until: float) -> dict[str, bytes]:
        answers: dict[str, bytes] = {}
        while len(answers) < number and (left := until - time.monotonic()) > 0:
            found = self._out.write("BLPOP", reply_to, max(left, 0.01))
            if found is not None:
                with suppress(msgspec.DecodeError):
                    read = _read_answer(found[1])
                    answers[read.by] = read.answer
        return answers

    def _beat(self) -> None:
        _BEAT.write(self._in, (self._known,), self._me, COUNTS)

    def _listen(self) -> None:
        mine = self._list("ask", self._me)
        while not self._ended.is_set():
            try:
                self._beat()
                found = self._in.write("BLPOP", mine, BEAT)
                if found is not None and found[1]:
                    self._answer(_read_question(found[1]))
            except Unavailable:
                self._ended.wait(BEAT)
            except msgspec.DecodeError as error:
                logger.warning("somebody has asked what cannot be read: %s", error)
        self._in.close()

    def _answer(self, question: Question) -> None:
        answer: Future[bytes] = Future()

        def reply() -> None:
            answer.set_result(self._reply(question.asked))

        self._loop.call_soon_threadsafe(reply)
        try:
            told = Answer(self._me, answer.result(ANSWER_WITHIN))
        except TimeoutError:
            # By now nobody waits for it.
            return
        _send(self._in, [question.reply_to], ENCODER.encode(told))


def _send(line: Line, lists: Sequence[str], what: bytes) -> None:
    commands: list[tuple[Part, ...]] = []
    for to in lists:
        commands += [("RPUSH", to, what), ("EXPIRE", to, KEPT)]
    line.write_all(commands)
