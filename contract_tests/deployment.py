"""What laws need to know of a deployment: credentials, and ids of what it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract_tests.options import Misuse

PREFIX = "CONTRACT_"


@dataclass(frozen=True)
class Deployment:
    """The credentials and ids that laws need. The defaults are the fixtures of a fresh mock.

    With `--target`, the variable CONTRACT_<FIELD> overrides a field, CONTRACT_ONCALL_TOKEN for example, and so does
    the field in a file. As soon as one is given, all others count as missing: laws that need one of them are not
    judged, and a vendor without a credential is not judged at all.
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
    # One that is firing and that laws may act on: they acknowledge, resolve and silence it, and take it back.
    oncall_firing_alert_group: str = "IQUIET1PAGE11"
    # One of the first ones that has messages.
    oncall_alert_group_with_messages: str = "I68T24C13IFW1"
    # An admin of another organization, an alert group of theirs, and a postmortem of theirs that was created at a
    # full second.
    oncall_other_organization_token: str = "other-organization-token"
    oncall_other_organization_alert_group: str = "IEXAMPLE2PAGE"
    oncall_other_organization_full_second_postmortem: str = "PEXAMPLE2PAGE"

    # Service accounts of the first token's organization, one that may write and one that only reads.
    oncall_service_account_token: str = "glsa_service-account"
    oncall_read_only_service_account_token: str = "glsa_read-only"
    # Alert groups of the same that laws may act on: one attached to another, that other one (firing), and one of a
    # maintenance.
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
        return cls.of(given_by_variables(environment))

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Deployment:
        if not given:
            return cls()
        return replace(cls(**dict.fromkeys((field.name for field in fields(cls)), "")), **given)

    @property
    def vendors(self) -> tuple[str, ...]:
        """The vendors that there is anything to judge of, as their marks are named."""
        named = {"oncall_token": "grafana_oncall", "incident_key": "incident_io"}
        return tuple(vendor for field, vendor in named.items() if getattr(self, field))

    def as_variables(self) -> dict[str, str]:
        """The environment that from_environment reads the same deployment from."""
        named = {PREFIX + field.name.upper(): getattr(self, field.name) for field in fields(self)}
        return {variable: value for variable, value in named.items() if value}

    def credentials(self) -> dict[str, str]:
        """What must never be shown, by field."""
        return {name: getattr(self, name) for name in CREDENTIALS if getattr(self, name)}

    def need(self, field: str) -> str:
        """The field's value; skips the law if the target has no such thing."""
        value: str = getattr(self, field)
        if not value:
            pytest.skip(f"not judged: the target has no {field}: {PREFIX}{field.upper()} is not set")
        return value

    def alert_groups(self, at_least: int = 1) -> list[str]:
        groups = [group for group in self.need("oncall_alert_groups").split(",") if group]
        if len(groups) < at_least:
            pytest.skip(
                f"not judged: the target has fewer than {at_least} alert groups: {PREFIX}ONCALL_ALERT_GROUPS"
            )
        return groups


CREDENTIALS = tuple(
    field.name for field in fields(Deployment) if "token" in field.name or "key" in field.name
)


def given_by_variables(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        field.name: environment[PREFIX + field.name.upper()].strip()
        for field in fields(Deployment)
        if PREFIX + field.name.upper() in environment
    }


def given_by_file(path: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """A mapping of fields. A value is a text, a list of texts, or {env: VARIABLE} or {file: PATH} to fetch it from.

    Raises Misuse, which names the file and the field but never a value.
    """
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise Misuse(f"{path}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise Misuse(f"{path}{f':{mark.line + 1}' if mark else ''}: is no YAML") from None
    if not isinstance(content, dict):
        raise Misuse(f"{path}: must be a mapping of fields to values")
    known = {field.name for field in fields(Deployment)}
    for name in content:
        if name not in known:
            raise Misuse(f"{path}: {name!r} is no field; they are the CONTRACT_ variables in small letters")
    return {name: _fetched(path, name, value, environment) for name, value in content.items()}


def _fetched(path: Path, name: str, value: Any, environment: Mapping[str, str]) -> str:
    if isinstance(value, dict) and len(value) == 1:
        ((how, where),) = value.items()
        if how == "env" and where in environment:
            return environment[where]
        if how == "env":
            raise Misuse(f"{path}: {name}: the variable {where} is not set")
        if how == "file":
            try:
                return (path.parent / str(where)).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise Misuse(f"{path}: {name}: the file {where} cannot be read") from None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ",".join(value)
    if isinstance(value, str):
        return value
    raise Misuse(f"{path}: {name}: must be a text, a list of texts, or {{env: VARIABLE}} or {{file: PATH}}")
