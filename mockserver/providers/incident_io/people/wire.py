"""People as the vendor's JSON."""

from __future__ import annotations

from typing import Any

from mockserver.core.store import Table
from mockserver.providers.incident_io.people.records import RbacRole, User
from mockserver.providers.incident_io.people.tables import People
from mockserver.providers.incident_io.wire import present, user


def user_with_roles(people: People, record: User) -> dict[str, Any]:
    return user(record) | {
        "base_role": _role(people.rbac_roles, record.base_role),
        "custom_roles": [_role(people.rbac_roles, role) for role in record.custom_roles],
        "is_active": record.active,
        "seats": {"on_call": record.on_call_seat, "response": record.response_seat},
    }


def _role(roles: Table[RbacRole], id: str) -> dict[str, Any]:
    role = roles.get(id)
    if role is None:
        raise KeyError(id)
    return present(id=role.id, name=role.name, slug=role.slug, description=role.description)
