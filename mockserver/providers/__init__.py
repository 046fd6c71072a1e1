"""The vendors that the server stands in for. A third one is a folder here, its specs and fixtures, and a line below."""

from mockserver.core.provider import Provider
from mockserver.providers import grafana_oncall, incident_io

REGISTRY: dict[str, Provider] = {
    provider.name: provider for provider in (grafana_oncall.PROVIDER, incident_io.PROVIDER)
}
