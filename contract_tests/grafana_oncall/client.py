"""One user of the postmortem API, who takes away in the end what laws have created."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

Json = dict[str, Any]

LIST = "/api/v1/postmortems/"
MESSAGES = "/api/v1/postmortem_messages/"
NOTES = "/api/v1/resolution_notes/"
GROUPS = "/api/v1/alert_groups/"
USERS = "/api/v1/users/"
PAGE = 500
UNKNOWN = "PNEVER1EX1STS"
JSON = {"Content-Type": "application/json"}
FIELDS = {"id", "alert_group_id", "created_at", "text"}
MESSAGE_FIELDS = {"id", "alert_group_id", "author", "source", "created_at", "text"}

NOT_FOUND = {"detail": "Not found."}
INVALID_TOKEN = {"detail": "Invalid token."}
INACTIVE = {"detail": "Only active users are allowed to perform this action."}
NO_PERMISSION = {"detail": "You do not have permission to perform this action."}
REQUIRED = ["This field is required."]
NOT_NULL = ["This field may not be null."]
NOT_BLANK = ["This field may not be blank."]


def at(postmortem_id: str) -> str:
    return f"{LIST}{postmortem_id}/"


class OnCall:
    def __init__(self, http: httpx.Client, token: str | None, group: str, *, shared: bool = False) -> None:
        self.http = http
        self.token = token
        self.group = group
        self.shared = shared  # with other people, who use the deployment too
        self.created: list[tuple[OnCall, str]] = []

    def as_user(self, token: str | None, group: str | None = None) -> OnCall:
        """Somebody else, None for somebody without a token."""
        user = OnCall(self.http, token, group or self.group, shared=self.shared)
        user.created = self.created
        return user

    def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """A request with the user's token, unless the headers say otherwise."""
        own = {} if self.token is None else {"Authorization": self.token.encode("latin-1")}
        request["headers"] = own | request.get("headers", {})
        answer = self.http.request(method, path, **request)
        if method == "POST" and answer.status_code == 201:
            self.created.append((self, f"{path.rstrip('/')}/{answer.json()['id']}/"))
        return answer

    def clear(self) -> None:
        while self.created:
            user, address = self.created.pop()
            user.send("DELETE", address)

    def note(self, text: Any = "Restarted it", group: str | None = None, resource: str = NOTES) -> Json:
        """A new resolution note, or a message by its older name."""
        answer = self.send("POST", resource, json={"alert_group_id": group or self.group, "text": text})
        assert answer.status_code == 201, answer.text
        created: Json = answer.json()
        return created

    def got(self, resource: str, id: str = "", /, **query: Any) -> Json:
        answer = self.send("GET", one(resource, id) if id else resource, params=query)
        assert answer.status_code == 200, answer.text
        shown: Json = answer.json()
        return shown

    def everything(self, resource: str, /, **query: Any) -> list[Json]:
        """All objects of a list, page by page."""
        found: list[Json] = []
        for number in range(1, 10_000):
            shown = self.got(resource, page=number, perpage=100, **query)
            found += shown["results"]
            if shown["next"] is None:
                return found
        raise AssertionError(f"the list of {resource} has no end")

    def act(self, verb: str, group: str, **body: Any) -> httpx.Response:
        return self.send("POST", one(GROUPS, group, verb), **({"json": body} if body else {}))

    def fire(self, group: str) -> None:
        """Takes back whatever was done to an alert group, so that it is firing."""
        for verb in ("unresolve", "unacknowledge", "unsilence"):
            self.act(verb, group)

    def post(self, text: Any = "Root cause: a full disk", group: Any = None) -> httpx.Response:
        return self.send("POST", LIST, json={"alert_group_id": group or self.group, "text": text})

    def post_raw(self, body: bytes, content_type: str | None = "application/json") -> httpx.Response:
        headers = {} if content_type is None else {"Content-Type": content_type}
        return self.send("POST", LIST, content=body, headers=headers)

    def create(self, text: Any = "Root cause: a full disk", group: Any = None) -> Json:
        answer = self.post(text, group)
        assert answer.status_code == 201, answer.text
        created: Json = answer.json()
        return created

    def read(self, postmortem_id: str) -> Json:
        answer = self.send("GET", at(postmortem_id))
        assert answer.status_code == 200, answer.text
        shown: Json = answer.json()
        return shown

    def page(self, **query: Any) -> Json:
        """One page of the list."""
        answer = self.send("GET", LIST, params=query)
        assert answer.status_code == 200, answer.text
        shown: Json = answer.json()
        return shown

    def listed(self, **query: Any) -> list[Json]:
        """The postmortems on all pages; none of them torn, where others write at the same time."""
        found = self._pages(**query)
        for _ in range(10):
            if len(found) <= PAGE or not self.shared:
                return found
            before, found = found, self._pages(**query)
            if ids(before) == ids(found):
                return found
        pytest.skip("inconclusive: others kept changing the list")

    def mine(self, **query: Any) -> list[Json]:
        """The postmortems on all pages; where others write too, those that were created here."""
        found = self.listed(**query)
        if not self.shared:
            return found
        created = {address.split("/")[-2] for _, address in self.created}
        return [self.core(it) for it in found if it["id"] in created]

    def theirs(self, **query: Any) -> list[Json] | None:
        """Where others write too, what they have."""
        if not self.shared:
            return None
        created = {address.split("/")[-2] for _, address in self.created}
        return [it for it in self.listed(**query) if it["id"] not in created]

    def counted(self, **query: Any) -> int:
        """How many postmortems there are; where others write too, how many that were created here."""
        count: int = len(self.mine(**query)) if self.shared else self.page(**query)["count"]
        return count

    def core(self, shown: Json) -> Json:
        """A postmortem without what others may change of it: the messages about its alert group."""
        return {name: shown[name] for name in FIELDS} if self.shared else shown

    def _pages(self, **query: Any) -> list[Json]:
        """The pages asked for by their numbers."""
        first = self.page(perpage=PAGE, **query)
        found: list[Json] = first["results"]
        for number in range(2, -(-first["count"] // PAGE) + 1):
            found += self.page(perpage=PAGE, page=number, **query)["results"]
        return found


def one(resource: str, id: str, action: str = "") -> str:
    """The address of one object of a resource, or of what can be done to it."""
    return f"{resource}{id}/{action}/" if action else f"{resource}{id}/"


def ids(postmortems: list[Json]) -> list[str]:
    return [postmortem["id"] for postmortem in postmortems]
