"""`Prefer: code=503` and `Prefer: wait=2`: a request that chooses its own fault (RFC 7240)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import orjson

from mockserver.core.errors import Refusal
from mockserver.core.exchange import Answer, Headers
from mockserver.server.faults.acting import failure
from mockserver.server.faults.calls import Call
from mockserver.server.faults.deciding import Fault
from mockserver.server.faults.delays import LONGEST
from mockserver.server.faults.effects import Effect

ID = "prefer"
# Nothing is tried twice (`++`, `*+`): a header may be long, and meant badly.
_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_WORD = rf'(?:{_NAME}|"(?:[^"\\]|\\.)*+")'
_GAP = r"[ \t]*+"
_VALUE = rf"(?:={_GAP}({_WORD})?{_GAP})?"
_PARAMETER = rf"{_NAME}{_GAP}(?:={_GAP}{_WORD}?{_GAP})?"
# A preference, its value, and parameters, which none of ours has.
_PREFERENCE = re.compile(rf"{_GAP}({_NAME}){_GAP}{_VALUE}(?:;{_GAP}(?:{_PARAMETER})?)*+(?:,|$)")
_CODE = re.compile(r"[1-5][0-9]{2}")
_WAIT = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,6})?")


def decide(call: Call) -> Fault | None:
    """None where the request prefers nothing of ours; what else it prefers is left alone."""
    headers = call.request.headers
    if headers.first("prefer") is None:
        return None
    wanted = preferences(headers)
    code, wait = wanted.get("code"), wanted.get("wait")
    if code is None and wait is None:
        return None
    if code is not None and (not _CODE.fullmatch(code) or not (200 <= int(code) < 300 or int(code) >= 400)):
        return _Misunderstood(
            f"Prefer: code={code[:20]!a} is no status that a vendor answers (2xx, 4xx, 5xx)"
        )
    if wait is not None and (not _WAIT.fullmatch(wait) or float(wait) > LONGEST):
        return _Misunderstood(f"Prefer: wait={wait[:20]!a} is no number of seconds from 0 to {LONGEST:g}")
    return _Preferred(None if code is None else int(code), wait)


def preferences(headers: Headers) -> dict[str, str]:
    """Names in lower case. Of a name that comes twice the first counts, of a broken header what stands before."""
    found: dict[str, str] = {}
    for line in headers.all("prefer"):
        at = 0
        while at < len(line):
            read = _PREFERENCE.match(line, at)
            if read is None:
                break
            value = read[2] or ""
            if value.startswith('"'):
                value = re.sub(r"\\(.)", r"\1", value[1:-1])
            found.setdefault(read[1].lower(), value)
            at = read.end()
    return found


@dataclass(frozen=True, slots=True)
class _Preferred:
    """A code below 400 is the model's to answer: it is applied where the model comes to it by itself."""

    code: int | None
    wait: str | None
    id: str = ID

    @property
    def effect(self) -> Effect | None:
        return None if self.wait is None else Effect(delay=float(self.wait))

    def answer(self, call: Call) -> tuple[Answer, Refusal | None]:
        refusal = None
        if self.code is not None and self.code >= 400:
            answer = failure(call, self.code, None)
        else:
            answer, refusal = call.honest()
        applied = [f"code={self.code}"] if self.code == answer.status else []
        if self.wait is not None:
            applied.append(f"wait={self.wait}")
        if not applied:
            return answer, refusal
        headers = (*answer.headers, ("Preference-Applied", ", ".join(applied)))
        return Answer(answer.status, headers, answer.body), refusal


@dataclass(frozen=True, slots=True)
class _Misunderstood:
    """Not a vendor's answer: a wish that is misspelt must not look as if it had been granted."""

    problem: str
    id: str = ID
    effect: Effect | None = None

    def answer(self, call: Call) -> tuple[Answer, Refusal | None]:
        body = orjson.dumps({"error": self.problem})
        return Answer(400, (("Content-Type", "application/json"),), body), None
