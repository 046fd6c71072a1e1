"""Texts of a server's, made fit for people: bounded, and without a letter that a terminal or a page would act upon."""

from __future__ import annotations

import unicodedata

_BREAKS = "\n\t"
# Letters that no reader sees, or that turn the reading direction around.
_UNSEEN = frozenset(["Cc", "Cf", "Cs", "Co", "Zl", "Zp"])


def block(text: str, limit: int = 4000) -> str:
    """Several lines of plain text; of a long one, its beginning and its end."""
    text = text.replace("\r\n", "\n")
    if len(text) > limit:
        head, tail = limit * 2 // 3, limit // 3
        left_out = len(text) - head - tail
        text = f"{text[:head]}\n… {left_out:,} characters left out …\n{text[-tail:]}"
    return "".join(letter if letter in _BREAKS else _plain(letter) for letter in text)


def line(text: str, limit: int = 200) -> str:
    """One line of plain text."""
    kept = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return "".join(_plain(letter) for letter in kept)


def first_line(text: str, limit: int = 200) -> str:
    return line(next((part for part in text.splitlines() if part.strip()), ""), limit)


def counted(number: int, thing: str, things: str = "") -> str:
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"


def took(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 90 else f"{int(seconds // 60)} min {int(seconds % 60)} s"


def _plain(letter: str) -> str:
    if letter.isprintable() or unicodedata.category(letter) not in _UNSEEN:
        return letter
    return letter.encode("unicode_escape").decode()
