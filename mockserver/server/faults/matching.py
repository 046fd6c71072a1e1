"""Which requests, and which webhooks, a rule is about: compiled when the rule is read.

Texts are globs: `*` stands for any text, slashes too, `?` for one letter, `[abc]` for one of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import translate

from mockserver.server.faults.calls import Asked

Test = Callable[[Asked], bool]
Glob = Callable[[str], object]
READING = frozenset({"GET", "HEAD"})
_MAGIC = re.compile(r"[*?\[]")


def glob(texts: Sequence[str]) -> Glob:
    """Whether a text fits one of these."""
    if not any(map(_MAGIC.search, texts)):
        return frozenset(texts).__contains__
    return re.compile("|".join(map(translate, texts))).match


def of_provider(name: str) -> Test:
    return lambda asked: asked.call.provider.name == name


def of_operation(texts: Sequence[str]) -> Test:
    fits = glob(texts)

    def test(asked: Asked) -> bool:
        operation = asked.call.operation
        return operation is not None and bool(fits(operation.id))

    return test


def of_method(texts: Sequence[str]) -> Test:
    fits = glob([text.upper() for text in texts])
    return lambda asked: bool(fits(asked.request.method.upper()))


def of_path(texts: Sequence[str]) -> Test:
    fits = glob(texts)
    return lambda asked: bool(fits(asked.path))


def of_header(name: str, text: str | None) -> Test:
    """None wants the header not to be there."""
    if text is None:
        return lambda asked: asked.request.headers.first(name) is None
    fits = glob([text])
    return lambda asked: any(map(fits, asked.request.headers.all(name)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """`tests` are what a request is asked; `event` what a webhook's event must fit, None if the rule is about requests.

    Of those that fit: `nth` are the numbers of the ones that are meant (empty: all), `every` the step, `probability`
    the share, `times` how often the rule acts at most.
    """

    tests: tuple[Test, ...] = ()
    event: Glob | None = None
    nth: frozenset[int] = frozenset()
    every: int = 1
    probability: float | None = None
    seed: int | None = None
    times: int | None = None
