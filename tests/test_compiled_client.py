"""A compiled client of somebody else's, unmodified: an MCP server that reads Grafana OnCall for assistants."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.live import LiveServer

pytest.importorskip("grafana_oncall_mcp")
pytestmark = pytest.mark.realclient

PATIENCE = 20


class Assistant:
    """Speaks JSON-RPC over the client's standard streams."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._last = 0
        hello = {"protocolVersion": "2024-11-05", "capabilities": {}}
        self._ask("initialize", {**hello, "clientInfo": {"name": "test", "version": "1"}})
        self._send({"method": "notifications/initialized", "params": {}})

    def call(self, tool: str, **arguments: Any) -> Any:
        """The tool's answer; an answer that is an error fails the test."""
        result = self._ask("tools/call", {"name": tool, "arguments": arguments})
        (content,) = result["content"]
        assert not result.get("isError"), content
        return json.loads(content["text"])

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self._process.stdin.flush()

    def _ask(self, method: str, params: dict[str, Any]) -> Any:
        self._last += 1
        self._send({"id": self._last, "method": method, "params": params})
        assert self._process.stdout is not None
        for line in self._process.stdout:
            answer = json.loads(line)
            if answer.get("id") == self._last:
                return answer["result"]
        raise AssertionError("the client has ended")


@contextmanager
def assistant(live: LiveServer, token: str) -> Iterator[Assistant]:
    environment = {
        **os.environ,
        "GRAFANA_ONCALL_API_URL": live.base_url,
        "GRAFANA_ONCALL_API_KEY": token,
        "GRAFANA_ONCALL_PLUGIN_PREFERENCE": "oncall-app",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "grafana_oncall_mcp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as process:
        try:
            yield Assistant(process)
        finally:
            process.terminate()
            process.wait(PATIENCE)


def ids(path: str, live: LiveServer) -> list[str]:
    answer = httpx.get(live.base_url + path, headers={"Authorization": "meowmeowmeow"}).json()
    return [record["id"] for record in answer["results"]]


def test_it_lists_alert_groups_with_and_without_a_filter(live_server: LiveServer) -> None:
    with assistant(live_server, "meowmeowmeow") as client:
        for state in ("", "resolved", "silenced"):
            listed = client.call("list_alert_groups", **({"state": state} if state else {}))["items"]
            expected = ids(f"/api/v1/alert_groups/{f'?state={state}' if state else ''}", live_server)
            assert [group["id"] for group in listed] == expected[: len(listed)]
            assert listed


def test_it_lists_users(live_server: LiveServer) -> None:
    with assistant(live_server, "viewer-token") as client:
        listed = client.call("list_oncall_users")["items"]
    assert [user["id"] for user in listed] == ids("/api/v1/users/", live_server)
    assert {"U4DNY931HHJS5", "UVIEWER1PAGE1"} <= {user["id"] for user in listed}


def test_it_reads_an_alert_group(live_server: LiveServer) -> None:
    """Its actions go to a path with two slashes, which no engine routes, and it does not look at the 404."""
    with assistant(live_server, "meowmeowmeow") as client:
        group = client.call("get_alert_group", alert_group_id="I68T24C13IFW1")
    assert (group["id"], group["title"]) == ("I68T24C13IFW1", "The page's alert group")
