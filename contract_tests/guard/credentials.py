"""The credentials among the fields of a deployment: named in what is written down, never told."""

from __future__ import annotations

from contract_tests.deployment import Deployment
from contract_tests.guard.vendors import Vendor


def field_of(authorization: str | None, deployment: Deployment) -> str:
    """The field that a header Authorization was made of, "" if it was none."""
    if not authorization:
        return ""
    for name, value in deployment.credentials().items():
        if authorization in (value, f"Bearer {value}"):
            return name
    return ""


def authorization(field: str, deployment: Deployment, vendor: Vendor) -> str:
    """The header of a field's credential, "" if the deployment has none."""
    value = deployment.credentials().get(field, "")
    return f"{vendor.scheme}{value}" if value else ""
