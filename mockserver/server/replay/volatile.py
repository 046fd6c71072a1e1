"""What differs from run to run by its nature, found in texts by its shape: ids, times, waits, a server's address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# A word begins where no letter or digit stands before it, unless that belongs to an escape of JSON or of a URL.
_BEGIN = r"(?:(?<![A-Za-z0-9])|(?<=\\[bfnrt])|(?<=\\u[0-9a-fA-F]{4})|(?<=%[0-9a-fA-F]{2}))"
_END = r"(?![A-Za-z0-9])"
_ID = (
    r"[A-Z][A-Z0-9]{12}"  # Grafana OnCall's
    r"|[0-7][0-9A-HJKMNP-TV-Z]{25}"  # a ULID, incident.io's
    r"|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"  # a UUID
)
# The zone stays outside: that a vendor writes `Z` and not `+00:00` is no matter of chance.
_TIME = (
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?=Z|[+-]\d\d:\d\d)"
    r"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d(?= GMT| UTC)"
)
_WAIT = r"available in \d+ seconds?"
_IN_AUTHORITY = r"[^\s/?#\"'<>\\]"
_REQUEST_ID = re.compile(r'("request_id"\s*:\s*")[^"]*')


@dataclass(frozen=True, slots=True)
class Part:
    """`kind` is `literal`, or `base`, `time`, `wait`, `id`."""

    kind: str
    text: str


class Shapes:
    """Takes texts apart. `base_url` is the target's: its links begin with it, path and all."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        base = rf"{re.escape(base_url)}(?!{_IN_AUTHORITY})|https?://{_IN_AUTHORITY}+"
        self._pattern = re.compile(
            rf"(?P<base>{base})|{_BEGIN}(?:(?P<time>{_TIME})|(?P<id>{_ID}){_END}|(?P<wait>{_WAIT}))"
        )

    def parts(self, text: str) -> list[Part]:
        """The whole text, in order; no two literals in a row."""
        found, at = [], 0
        for match in self._pattern.finditer(text):
            if match.start() > at:
                found.append(Part("literal", text[at : match.start()]))
            found.append(Part(str(match.lastgroup), match.group()))
            at = match.end()
        if at < len(text):
            found.append(Part("literal", text[at:]))
        return found

    def of_kind(self, kind: str, text: str) -> Iterator[str]:
        return (part.text for part in self.parts(text) if part.kind == kind)

    def fixed_length(self, text: str) -> int:
        """How much of a JSON text stays the same from run to run, in bytes."""
        fixed = (part.text for part in self.parts(_REQUEST_ID.sub(r"\1", text)) if part.kind == "literal")
        return sum(len(part.encode()) for part in fixed)
