"""The credentials among the fields of a deployment: named in what is written down, never told."""

from __future__ import annotations

from dataclasses import fields

from contract_tests.deployment import Deployment
from contract_tests.guard.vendors import Vendor


def is_credential(field: str) -> bool:
    return field.endswith(("_token", "_key")) or field.startswith("incident_key")


def credentials(deployment: Deployment) -> dict[str, str]:
    """By the name of the field; those that the deployment lacks are left out."""
    named = {field.name: getattr(deployment, field.name) for field in fields(deployment)}
    return {name: value for name, value in named.items() if is_credential(name) and value}


def field_of(authorization: str | None, deployment: Deployment) -> str:
    """The field that a header Authorization was made of, "" if it was none."""
    if not authorization:
        return ""
    for name, value in credentials(deployment).items():
        if authorization in (value, f"Bearer {value}"):
            return name
    return ""


def authorization(field: str, deployment: Deployment, vendor: Vendor) -> str:
    """The header of a field's credential, "" if the deployment has none."""
    value: str = getattr(deployment, field, "") if is_credential(field) else ""
    return f"{vendor.scheme}{value}" if value else ""
