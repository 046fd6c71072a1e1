"""The log: lines of ours only. What a client sends can neither begin one nor move the cursor of who reads it."""

from __future__ import annotations

import logging
import re

# Control characters, and those that turn the direction of a line around; lone surrogates cannot be written at all.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """The same text on one line, with every character that a terminal would act on written as Python writes it."""
    return _INVISIBLE.sub(lambda found: repr(found.group())[1:-1], text)


class LineFormatter(logging.Formatter):
    """Further lines of one record, as those of a traceback, are indented: none of them passes for a record."""

    def format(self, record: logging.LogRecord) -> str:
        return "\n    ".join(map(visible, super().format(record).split("\n")))
