"""The keys that laws use."""

from __future__ import annotations

import httpx
import pytest

from contract_tests.deployment import Deployment
from contract_tests.incident_io.client import IncidentIo, Workflow


@pytest.fixture
def incident(http: httpx.Client, deployment: Deployment, strict: bool) -> IncidentIo:
    """A key that may import, and an incident of its organisation."""
    return IncidentIo(
        http, deployment.need("incident_key"), deployment.need("incident_id"), shared=not strict
    )


@pytest.fixture
def without_key(incident: IncidentIo) -> IncidentIo:
    return incident.with_key(None)


@pytest.fixture
def unknown_key(incident: IncidentIo) -> IncidentIo:
    return incident.with_key("not-a-key-of-anybody")


@pytest.fixture
def without_scope(incident: IncidentIo, deployment: Deployment) -> IncidentIo:
    """A key that may not import."""
    return incident.with_key(deployment.need("incident_key_without_scope"))


@pytest.fixture
def stranger(incident: IncidentIo, deployment: Deployment) -> IncidentIo:
    """A key of another organisation, and an incident of theirs."""
    return incident.with_key(
        deployment.need("incident_other_organisation_key"), deployment.need("incident_other_organisation_id")
    )


@pytest.fixture
def workflow(incident: IncidentIo) -> Workflow:
    """A key that may do everything around the import."""
    return Workflow(incident)


@pytest.fixture
def reader(incident: IncidentIo, deployment: Deployment) -> Workflow:
    """A key that may read everything and change nothing."""
    return Workflow(incident.with_key(deployment.need("incident_view_key")))
