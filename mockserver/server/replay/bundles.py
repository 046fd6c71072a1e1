"""A bundle that a failure of the contract suite has left behind, as a recording.

In its requests, `<oncall_token>` and the like stand for credentials.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockserver.core.errors import ConfigurationError
from mockserver.server.replay.recording import Body, Exchange, RecordedRequest, RecordedResponse

VERSION = 1
_SENDABLE = re.compile(r"/[!-~]*")
# What the suite notes of a body that was too long to keep whole.
_CLIPPED = "bytes of the {}'s body"
_MARK = re.compile(r"<[a-z][a-z0-9_]*>")


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was found, and the exchanges that showed it; `credentials` names the variable that holds each."""

    told: Mapping[str, Any]
    exchanges: list[Exchange]

    @property
    def title(self) -> list[str]:
        rule = self.told.get("rule") or {}
        lines = [str(self.told["test"])]
        lines += [f"{rule['name']} ({rule['grade']}): {rule['rule']}"] if rule else []
        lines += [f"{key} {self.told[key]}" for key in ("expected", "seen") if self.told.get(key)]
        return lines

    def law(self, target: str | None) -> str:
        """The command that runs the very law again; "" if the test is none."""
        law = self.told.get("law")
        if not law:
            return ""
        words = ["python", "-m", "pytest", "--pyargs", str(law)]
        if target is not None:
            words += [f"--target={target}", *map(str, self.told.get("rerun", ()))]
        return shlex.join(words)


def read_bundle(folder: Path, secrets: Mapping[str, str]) -> Bundle:
    """`secrets` by the variables' names. Raises ConfigurationError for what is no bundle, and for a secret that it
    needs and that is not among them.
    """
    told, content = (_read(folder / name) for name in ("bundle.json", "exchanges.json"))
    for needed in told.get("credentials", {}).values():
        if needed not in secrets:
            raise ConfigurationError(f"{folder}: needs a credential: {needed} is not set")
    named = {mark: secrets[variable] for mark, variable in told.get("credentials", {}).items()}
    try:
        exchanges = [_exchange(at, entry, named) for at, entry in enumerate(content["exchanges"], start=1)]
        told["test"]
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
        raise ConfigurationError(f"{folder}: is no bundle as the contract suite leaves it") from None
    if not exchanges:
        raise ConfigurationError(f"{folder}: holds no exchange")
    return Bundle(told, exchanges)


def needed_by(folder: Path) -> Mapping[str, str]:
    """The variables of the credentials, by what stands for them. Raises ConfigurationError."""
    return dict(_read(folder / "bundle.json").get("credentials", {}))


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise ConfigurationError(f"{file}: is not JSON") from None
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise ConfigurationError(f"{file}: is not of version {VERSION}")
    return content


def _exchange(number: int, entry: Mapping[str, Any], named: Mapping[str, str]) -> Exchange:
    """A request that no line of a recording can hold is not sent, an answer that never came not compared."""
    asked, answered = entry["asked"], entry["answered"]
    path, _, query = _filled(asked["target"], named).partition("?")
    body = _body(asked["body"], named)
    note = str(entry.get("note", ""))
    sendable = bool(_SENDABLE.fullmatch(asked["target"])) and _CLIPPED.format("request") not in note
    request = RecordedRequest(
        asked["method"], path, query, _headers(asked, named), Body(body or None, recorded=sendable)
    )
    if answered is None:
        response = RecordedResponse(0, {}, Body(recorded=False))
    else:
        response = RecordedResponse(
            answered["status"],
            _headers(answered, named),
            Body(_body(answered["body"], named), recorded=_CLIPPED.format("answer") not in note),
        )
    return Exchange(number, str(number), None, request, response)


def _headers(side: Mapping[str, Any], named: Mapping[str, str]) -> dict[str, str]:
    """Repeated ones in one, as the comparison has them."""
    folded: dict[str, str] = {}
    spelled: dict[str, str] = {}
    for name, value in side["headers"]:
        key = spelled.setdefault(name.lower(), name)
        filled = _filled(value, named)
        folded[key] = f"{folded[key]}, {filled}" if key in folded else filled
    return folded


def _body(written: str | Mapping[str, str], named: Mapping[str, str]) -> bytes:
    if isinstance(written, str):
        return _filled(written, named).encode("utf-8", "surrogatepass")
    return base64.b64decode(written["base64"], validate=True)


def _filled(text: str, named: Mapping[str, str]) -> str:
    return _MARK.sub(lambda mark: named.get(mark[0], mark[0]), text)
