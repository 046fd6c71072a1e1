"""What is shown of users."""

from __future__ import annotations

from mockserver.core.clues import argument
from mockserver.core.explaining import Case, Cases, when
from mockserver.providers.grafana_oncall.explaining.postmortems import has_neighbours, paged

USERS = "/api/v1/users/"
_FIELDS = ("user.published-fields", "user.fields")

DONE: dict[str, Cases] = {
    "list_users": (
        Case(
            "done: a page of the organization's active users",
            (
                when(argument("username"), "user.username"),
                when(argument("email", "short"), "user.email-and-short"),
                "user.list",
                "user.page-size",
                *_FIELDS,
                when(paged, "note.page.numbers"),
                when(has_neighbours, "note.page.links"),
                "user.rights",
            ),
        ),
    ),
    "get_user": (Case("done: the user was shown", (*_FIELDS, "user.rights")),),
    "get_current_user": (Case("done: whose token it is was shown", ("user.current", *_FIELDS)),),
}
