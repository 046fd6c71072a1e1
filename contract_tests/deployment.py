"""What is judged: a mock that the suite starts for itself, or a deployment given with `--target`."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from tempfile import TemporaryDirectory

import httpx
import pytest

PREFIX = "CONTRACT_"
MOCK_COMMAND = "CONTRACT_MOCK_COMMAND"
VENDORS = ("oncall_", "incident_")
RATE_FACTOR = 0.02


@dataclass(frozen=True)
class Deployment:
    """The credentials and ids that laws need. The defaults are the fixtures of a fresh mock.

    With `--target`, the variable CONTRACT_<FIELD> overrides a field, CONTRACT_ONCALL_TOKEN for example. As soon as one
    variable of a vendor (CONTRACT_ONCALL_*, CONTRACT_INCIDENT_*) is set, all of that vendor's that are not set count as
    missing, and laws that need one of them are skipped.
    """

    # Grafana OnCall. A token is the whole Authorization header; the first one is an admin's.
    oncall_token: str = "meowmeowmeow"
    oncall_editor_token: str = "editor-token"
    oncall_viewer_token: str = "viewer-token"
    oncall_no_role_token: str = "no-role-token"
    oncall_inactive_token: str = "inactive-token"
    # Alert groups of the first token's organization, separated by commas, the one that started last first. Laws
    # attach postmortems to them and delete these again.
    oncall_alert_groups: str = "IQUIET1PAGE11,I68T24C13IFW1,IEARLY1PAGE11"
    # One of them that has messages.
    oncall_alert_group_with_messages: str = "I68T24C13IFW1"
    # An admin of another organization, an alert group of theirs, and a postmortem of theirs that was created at a
    # full second.
    oncall_other_organization_token: str = "other-organization-token"
    oncall_other_organization_alert_group: str = "IEXAMPLE2PAGE"
    oncall_other_organization_full_second_postmortem: str = "PEXAMPLE2PAGE"

    # Service accounts of the first token's organization, one that may write and one that only reads.
    oncall_service_account_token: str = "glsa_service-account"
    oncall_read_only_service_account_token: str = "glsa_read-only"
    # Alert groups of the same: one attached to another, that other one (firing), and one of a maintenance.
    oncall_attached_alert_group: str = "ISAMPLEAN1111"
    oncall_root_alert_group: str = "ISAMPLEAH1111"
    oncall_maintenance_alert_group: str = "ISAMPLEAF1111"
    # Two more with alerts, separated by a comma, that laws may wipe and delete for good.
    oncall_disposable_alert_groups: str = "ISAMPLEAP1111,ISAMPLEAW1111"
    # Notes of the same that were written elsewhere (Slack, Mobile App, nobody knows), separated by commas.
    oncall_foreign_notes: str = "MSAMPLEAB1111,MSAMPLEAC1111,MSAMPLEAD1111"

    # A user of an organization that was deleted.
    oncall_deleted_organization_token: str = "deleted-organization-token"

    # incident.io. An API key that may import, and another one of the same organisation that may not.
    incident_key: str = "inc-test-key"
    incident_key_without_scope: str = "inc-no-scope-key"
    # Keys of the same organisation: one reads everything and changes nothing, one may change the name of an incident
    # alone, one shares updates that move neither status nor severity.
    incident_view_key: str = "inc-view-key"
    incident_rename_key: str = "inc-rename-key"
    incident_message_key: str = "inc-message-key"
    # An incident and the address of its page in the dashboard. Laws import documents, which no API can remove.
    incident_id: str = "01GBA8J19SMXQWPJMX3P2ESCVG"
    incident_url: str = "https://app.incident.io/my-org/incidents/123"
    # An incident with a link to an external postmortem document, or with no document; laws move the link and import.
    incident_with_link_id: str = "01GBA8J19SMXQWPJMX3P2ESCW1"
    incident_with_link_url: str = "https://app.incident.io/my-org/incidents/131"
    # What a follow-up can be given: a user, a team, a priority and a category of the same organisation. Laws create
    # follow-ups and delete them again.
    incident_user_id: str = "01FCNDV6P870EA6S7TK1DSYDG0"
    incident_team_id: str = "01FCNDV6P870EA6S7TK1DSYDT0"
    incident_priority_id: str = "01GNW4BAQ7XRMFF6FHKNXDFPR3"
    incident_category_id: str = "01GNW4BAQ7XRMFF6FHKNXDFPC0"
    # An incident of mode test, of the same organisation.
    incident_test_id: str = "01GBA8J19SMXQWPJMX3P2ESCW2"
    # A key of another organisation that may import, an incident of theirs and its page.
    incident_other_organisation_key: str = "inc-other-org-key"
    incident_other_organisation_id: str = "01GBA8J19SMXQWPJMX3P2ESCVJ"
    incident_other_organisation_url: str = "https://app.incident.io/other-org/incidents/7"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Deployment:
        given = {
            field.name: environment[PREFIX + field.name.upper()]
            for field in fields(cls)
            if PREFIX + field.name.upper() in environment
        }
        described = tuple(vendor for vendor in VENDORS if any(name.startswith(vendor) for name in given))
        missing = {field.name: "" for field in fields(cls) if field.name.startswith(described)}
        return replace(cls(), **(missing | given)) if described else cls()

    def need(self, field: str) -> str:
        """The field's value; skips the law if the target has no such thing."""
        value: str = getattr(self, field)
        if not value:
            pytest.skip(f"the target has no {field}: {PREFIX}{field.upper()} is not set")
        return value

    def alert_groups(self, at_least: int = 1) -> list[str]:
        groups = [group for group in self.need("oncall_alert_groups").split(",") if group]
        if len(groups) < at_least:
            pytest.skip(f"the target has fewer than {at_least} alert groups: {PREFIX}ONCALL_ALERT_GROUPS")
        return groups


@dataclass(frozen=True)
class Throttled:
    """A mock whose rate limits are the vendors' times RATE_FACTOR, with all budgets whole."""

    http: httpx.Client
    oncall_limit: int = round(300 * RATE_FACTOR)
    incident_limit: int = round(1200 * RATE_FACTOR)
    incident_list_limit: int = max(1, round(60 * RATE_FACTOR))


def mock_command() -> list[str]:
    """What starts a mock: `mockserver serve`, or what CONTRACT_MOCK_COMMAND says, which takes the same flags."""
    given = os.environ.get(MOCK_COMMAND)
    return shlex.split(given) if given else [sys.executable, "-m", "mockserver", "serve"]


@contextmanager
def running_mock(*flags: str) -> Iterator[str]:
    """Starts `mockserver serve` on a free port, yields its base URL, ends it, and wants it to have ended well."""
    command = [*mock_command(), "--port", "0", "--log-level", "error", *flags]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
    # In a folder of its own, where no config file of anybody's lies.
    with (
        TemporaryDirectory() as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder) as process,
    ):
        try:
            assert process.stdout is not None
            first_line = process.stdout.readline().strip()
            assert first_line.startswith("http"), f"the mock did not start; it said {first_line!r}"
            yield first_line
        finally:
            process.terminate()
            try:
                code = process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
    assert code == 0, f"the mock ended with {code}"
