from __future__ import annotations

import httpx
import pytest

from contract_tests.deployment import Deployment
from contract_tests.grafana_oncall.client import GROUPS, OnCall
from tests.live import LiveServer


@pytest.mark.parametrize(
    "done",
    [
        [],
        ["acknowledge"],
        ["resolve"],
        ["acknowledge", "resolve"],
        ["silence"],
        ["silence", "resolve"],
    ],
    ids=" and ".join,
)
def test_a_group_is_firing_for_a_law_however_others_left_it(live_server: LiveServer, done: list[str]) -> None:
    deployment = Deployment()
    group = deployment.oncall_firing_alert_group
    with httpx.Client(base_url=live_server.base_url) as http:
        oncall = OnCall(http, deployment.oncall_token, group)
        before = oncall.got(GROUPS, group)
        for verb in done:
            assert oncall.act(verb, group, delay=3600).status_code == 200
        oncall.fire(group)
        assert oncall.got(GROUPS, group) == before
