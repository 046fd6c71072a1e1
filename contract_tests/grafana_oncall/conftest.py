"""The users that laws speak as."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from contract_tests.deployment import Deployment
from contract_tests.grafana_oncall.client import GROUPS, OnCall


@pytest.fixture
def oncall(http: httpx.Client, deployment: Deployment, strict: bool) -> Iterator[OnCall]:
    """An admin. What anybody creates in a law is deleted after it."""
    token, group = deployment.need("oncall_token"), deployment.alert_groups()[0]
    user = OnCall(http, token, group, shared=not strict)
    yield user
    user.clear()


@pytest.fixture
def editor(oncall: OnCall, deployment: Deployment) -> OnCall:
    return oncall.as_user(deployment.need("oncall_editor_token"))


@pytest.fixture
def viewer(oncall: OnCall, deployment: Deployment) -> OnCall:
    return oncall.as_user(deployment.need("oncall_viewer_token"))


@pytest.fixture
def without_role(oncall: OnCall, deployment: Deployment) -> OnCall:
    return oncall.as_user(deployment.need("oncall_no_role_token"))


@pytest.fixture
def nobody(oncall: OnCall) -> OnCall:
    """Somebody without a token."""
    return oncall.as_user(None)


@pytest.fixture
def account(oncall: OnCall, deployment: Deployment) -> OnCall:
    """A service account that may write."""
    return oncall.as_user(deployment.need("oncall_service_account_token"))


@pytest.fixture
def firing(oncall: OnCall, deployment: Deployment) -> Iterator[str]:
    """An alert group that is firing, whatever was done to it before, and is again after the law."""
    group = deployment.need("oncall_firing_alert_group")
    if not oncall.shared:
        oncall.fire(group)
    elif oncall.got(GROUPS, group)["state"] != "firing":
        pytest.skip(f"not judged: {group} is not firing, and what others did to it is not ours to undo")
    yield group
    oncall.fire(group)


@pytest.fixture
def root(oncall: OnCall, deployment: Deployment) -> Iterator[str]:
    """One that another is attached to; firing as well."""
    group = deployment.need("oncall_root_alert_group")
    if not oncall.shared:
        oncall.fire(group)
    yield group
    oncall.fire(group)


@pytest.fixture
def stranger(oncall: OnCall, deployment: Deployment) -> OnCall:
    """An admin of another organization."""
    group = deployment.need("oncall_other_organization_alert_group")
    return oncall.as_user(deployment.need("oncall_other_organization_token"), group)
