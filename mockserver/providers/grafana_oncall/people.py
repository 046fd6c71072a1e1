"""The users of an organization, without HTTP. Who is inactive is not there."""

from __future__ import annotations

from mockserver.core.errors import NotFound
from mockserver.providers.grafana_oncall.records import Caller, User
from mockserver.providers.grafana_oncall.tables import (
    BY_ORGANIZATION,
    BY_USERNAME,
    Page,
    Tables,
    indexed_page,
    page_of,
)

CURRENT = "current"


class People:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def current(self, caller: Caller) -> User:
        """Raises NotFound for a service account, which is no user."""
        if not isinstance(caller, User):
            raise NotFound
        return caller

    def find(self, caller: Caller, user_id: str) -> User:
        user = self._tables.users.get(user_id)
        if user is None or not user.active or user.organization != caller.organization:
            raise NotFound
        return user

    def page(
        self, caller: Caller, username: str | None, email: str | None, page: int, size: int
    ) -> Page[User]:
        """In the order in which they joined. Filters want the whole value, an empty one too."""
        index, value = BY_ORGANIZATION, (caller.organization, True)
        if username is not None:
            index, value = BY_USERNAME, (*value, username)  # type: ignore[assignment]
        if email is None:
            return indexed_page(self._tables.users, index, value, page, size)
        found = [user for user in self._tables.users.where(index, value) if (user.email or "") == email]
        return page_of(len(found), lambda start, most: found[start : start + most], page, size)
