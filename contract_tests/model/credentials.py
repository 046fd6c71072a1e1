"""Answers that tell a credential, which none may. What somebody has written as content is theirs to read again."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterator
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from contract_tests.exchange import Answered, Asked

SHORT = 8  # anything shorter may stand anywhere
# A query that offers a credential under one of these names is no content.
OFFERED = ("token", "authorization", "api_key", "apikey", "key", "access_token", "auth", "api_token")


class Credentials:
    """Of one server. `others`: other people write there too, and may have written anything."""

    def __init__(self, known: Collection[str], *, others: bool) -> None:
        self._known, self._others = [token for token in known if len(token) >= SHORT], others
        self._written: set[str] = set()

    def sent(self, asked: Asked) -> None:
        """Whatever comes of the request: what it says may be stored, and shown from now on to anybody."""
        content = _content(asked)
        self._written.update(token for token in self._known if token in content)

    def are_told(self, asked: Asked, answered: Answered) -> bool:
        """A known one by any answer; by a refusal, what was offered in the place of one, too."""
        refused = answered.status >= 400
        told = answered.body.decode("utf-8", "replace") + "".join(f"\n{n}: {v}" for n, v in answered.headers)
        own = _content(asked, whole_query=not refused)  # which links of a page repeat
        suspects = set(_offered(asked)) if refused else set()
        if refused or not self._others or asked.method not in ("GET", "HEAD"):
            suspects.update(token for token in self._known if token not in self._written)
        return any(suspect in told and suspect not in own for suspect in suspects)


def _offered(asked: Asked) -> Iterator[str]:
    """What came in the place of a credential, with and without its scheme and quotes."""
    whole = (asked.header("Authorization") or "").strip()
    for form in {whole, whole.partition(" ")[2], whole.rpartition(" ")[2].strip("\"'")}:
        if len(form) >= SHORT:
            yield form


def _content(asked: Asked, *, whole_query: bool = False) -> str:
    """What a request says, in every way of writing it."""
    parts = urlsplit(asked.target)
    query = parse_qsl(parts.query, keep_blank_values=True, errors="replace")
    body = asked.body.decode("utf-8", "replace")
    said = [unquote_plus(parts.path), body]
    said += [f"{name} {value}" for name, value in query if whole_query or name.lower() not in OFFERED]
    if "%" in body or "+" in body:
        said.append(unquote_plus(body))
    if "\\" in body:
        with contextlib.suppress(ValueError, RecursionError):
            said.append(json.dumps(json.loads(body), ensure_ascii=False))
    return "\n".join(said)
