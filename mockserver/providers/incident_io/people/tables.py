"""People as tables, and how they are looked up."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from mockserver.core.store import Table
from mockserver.providers.incident_io.people.records import RbacRole, User

BY_ACTIVITY, BY_EMAIL, BY_SLACK = "active", "email", "slack_user_id"
RECORDS: dict[str, type] = {"rbac_roles": RbacRole, "users": User}
REFERENCES = {
    ("rbac_roles", "organisation"): "organisations",
    ("users", "organisation"): "organisations",
    ("users", "base_role"): "rbac_roles",
}


class People:
    """Users are listed by id."""

    def __init__(self) -> None:
        self.rbac_roles: Table[RbacRole] = Table()
        self.users: Table[User] = Table(
            order=attrgetter("id"),
            indexes={
                BY_ACTIVITY: attrgetter("organisation", "active"),
                BY_EMAIL: attrgetter("organisation", "email"),
                BY_SLACK: attrgetter("organisation", "slack_user_id"),
            },
        )

    def tables(self) -> dict[str, Table[Any]]:
        return {"rbac_roles": self.rbac_roles, "users": self.users}

    def list_users(
        self,
        organisation: str,
        *,
        email: str | None,
        slack_user_id: str | None,
        include_inactive: bool,
        after: str | None,
        limit: int,
    ) -> list[User]:
        """A page of users, those with this address and Slack id if one is given."""
        activity = (True, False) if include_inactive else (True,)
        if email is None and slack_user_id is None:
            values = [(organisation, active) for active in activity]
            return self.users.page_after(BY_ACTIVITY, values, after, limit)
        index, value = (BY_EMAIL, email) if email is not None else (BY_SLACK, slack_user_id)
        found = [
            user
            for user in self.users.where(index, (organisation, value))
            if user.active in activity
            and (slack_user_id is None or user.slack_user_id == slack_user_id)
            and (after is None or user.id > after)
        ]
        return found[:limit]

    def refer(self, organisation: str, reference: dict[str, Any]) -> User | None:
        """Whom a payload means: by id, else by address, else by Slack id; None if there is nobody like that."""
        if reference.get("id"):
            user = self.users.get(reference["id"])
            return user if user is not None and user.organisation == organisation else None
        for index, key in ((BY_EMAIL, "email"), (BY_SLACK, "slack_user_id")):
            if reference.get(key):
                return next(iter(self.users.where(index, (organisation, reference[key]))), None)
        return None
