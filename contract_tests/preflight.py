"""A look at the target before it is judged: is it there, is it the API, are we let in, may we write?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import httpx

from contract_tests.deployment import PREFIX, Deployment
from contract_tests.guard.header import GUARD

ONCALL_LIST = "/api/v1/postmortems/"
NAMES = {"grafana_oncall": "Grafana OnCall", "incident_io": "incident.io"}


class Problem(Exception):
    """Why the target is not judged: the sentence, and the exit code that goes with it (2 or 3)."""

    def __init__(self, sentence: str, code: int = 3) -> None:
        super().__init__(sentence)
        self.code = code


class OutsideScope(Problem):
    """Nothing that could be looked at is in the scope of the run."""


def look(deployment: Deployment, http: httpx.Client, target: str) -> None:
    """One read for each vendor. Raises Problem."""
    asks: dict[str, Callable[[], None]] = {
        "grafana_oncall": lambda: _oncall(deployment, http, target),
        "incident_io": lambda: _incident_io(deployment, http, target),
    }
    for vendor in deployment.vendors:
        with suppress(OutsideScope):  # then the laws will say what there is
            asks[vendor]()


def try_to_write(deployment: Deployment, http: httpx.Client, tag: str) -> str:
    """Creates a postmortem, and deletes it again. Returns why nothing can be written, or nothing."""
    groups = [group for group in deployment.oncall_alert_groups.split(",") if group]
    if "grafana_oncall" not in deployment.vendors or not groups:
        return ""
    headers = {"Authorization": deployment.oncall_token}
    body = {"alert_group_id": groups[0], "text": f"May this be written?{tag}"}
    answer = http.post(ONCALL_LIST, json=body, headers=headers)
    if GUARD in answer.headers or answer.status_code >= 500:
        return ""  # the laws will say so
    if answer.status_code in (401, 403, 405):
        return f"the target lets nobody write: a create was answered with {_seen(answer)}"
    try:
        made = answer.json()["id"] if answer.status_code == 201 else None
    except (ValueError, KeyError, TypeError):
        made = None
    if made:
        http.delete(f"{ONCALL_LIST}{made}/", headers=headers)
    return ""


def _oncall(deployment: Deployment, http: httpx.Client, target: str) -> None:
    answer = http.get(
        ONCALL_LIST, params={"perpage": "1"}, headers={"Authorization": deployment.oncall_token}
    )
    body = _judged(answer, target, "grafana_oncall")
    if answer.status_code in (401, 403):
        raise _locked(target, "ONCALL_TOKEN", ONCALL_LIST, answer)
    if not isinstance(body, dict) or not ({"results", "detail"} & body.keys()):
        raise _stranger(target, "grafana_oncall", ONCALL_LIST, answer)
    if answer.status_code == 404:
        raise Problem(f"{target}: GET {ONCALL_LIST} is not served there: {_seen(answer)}")


def _incident_io(deployment: Deployment, http: httpx.Client, target: str) -> None:
    path = "/v1/identity"
    headers = {"Authorization": f"Bearer {deployment.incident_key}"}
    answer = http.get(path, headers=headers)
    if GUARD in answer.headers and answer.headers[GUARD].startswith("outside-scope"):
        path = f"/v2/incidents/{deployment.incident_id}/actions/import_postmortem_document"
        answer = http.get(path, headers=headers)
    if answer.status_code == 404 and not answer.content:
        return  # a route that it does not have
    body = _judged(answer, target, "incident_io")
    if answer.status_code == 401:
        raise _locked(target, "INCIDENT_KEY", path, answer)
    if not isinstance(body, dict) or not ({"identity", "errors", "type"} & body.keys()):
        raise _stranger(target, "incident_io", path, answer)


def _judged(answer: httpx.Response, target: str, vendor: str) -> object:
    """The JSON of an answer that the target itself gave. Raises Problem."""
    guard = answer.headers.get(GUARD)
    if guard is not None:
        word, _, reason = guard.partition(";")
        if word == "outside-scope":
            raise OutsideScope(f"{target}: nothing to look at is within the scope: {reason.strip()}")
        if word == "unreachable":
            raise Problem(f"{target} cannot be reached: {reason.strip()}")
        raise Problem(f"{target}: nothing can be judged: {reason.strip() or word}")
    try:
        return answer.json()
    except ValueError:
        raise _stranger(target, vendor, answer.request.url.path, answer) from None


def _locked(target: str, variable: str, path: str, answer: httpx.Response) -> Problem:
    return Problem(
        f"{target}: {PREFIX}{variable} is refused there: GET {path} was answered with {_seen(answer)}", code=2
    )


def _stranger(target: str, vendor: str, path: str, answer: httpx.Response) -> Problem:
    return Problem(
        f"{target} does not look like {NAMES[vendor]}: GET {path} was answered with {_seen(answer)}; "
        "is the base URL right?"
    )


def _seen(answer: httpx.Response) -> str:
    kind = answer.headers.get("Content-Type", "no content type")
    start = " ".join(answer.text[:120].split())
    printable = "".join(letter if letter.isprintable() else "?" for letter in start)
    return f"{answer.status_code} ({kind}) {printable}".rstrip()
