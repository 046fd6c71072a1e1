"""What flags, variables and files say of a deployment, before anything is sent there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from urllib.parse import urlsplit

from contract_tests.deployment import Deployment, given_by_file, given_by_variables
from contract_tests.guard.allow import NotAllowed, check_allowed, is_loopback
from contract_tests.options import Misuse, Options


def describe(options: Options, environment: Mapping[str, str]) -> Deployment:
    """Raises Misuse."""
    if options.target is None:
        return Deployment()
    try:
        check_allowed(options.target, options.allowed_hosts)
    except NotAllowed as refused:
        raise Misuse(str(refused)) from None
    given = given_by_variables(environment)
    if options.deployment is not None:
        given |= given_by_file(options.deployment, environment)
    deployment = Deployment.of(given)
    if not given and not is_loopback(urlsplit(options.target).hostname or ""):
        raise Misuse(
            "nothing is known of the target: set CONTRACT_ONCALL_TOKEN or CONTRACT_INCIDENT_KEY, or --deployment FILE"
        )
    for name, value in deployment.credentials().items():
        if not (value.isascii() and value.isprintable()):
            raise Misuse(f"{name} holds a character that no header can hold")
    if not deployment.vendors:
        raise Misuse("neither oncall_token nor incident_key is given: there is nothing to judge with")
    if options.plan:
        # The plan is made on a mock: whatever the deployment has, the mock has something like it.
        known = {field.name for field in fields(Deployment) if getattr(deployment, field.name)}
        found = {"oncall_alert_groups"} if deployment.oncall_token else set()
        found |= {"incident_id", "incident_url"} if deployment.incident_key else set()
        like = {name: getattr(Deployment(), name) for name in known | found}
        return replace(Deployment.of({"oncall_token": ""}), **like)
    return deployment
