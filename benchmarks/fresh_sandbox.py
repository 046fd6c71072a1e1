"""Tests a second when every test starts clean, beside pytest-httpserver, respx and moto doing the nearest thing.

Each test writes one thing to a fresh world and reads it back. A suite of few tests and one of many are timed, so that
what a test costs is told apart from what starting costs. Rounds are interleaved; figures are medians.

    pip install '.[fresh]' && python benchmarks/fresh_sandbox.py [ROUNDS]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
FEW, MANY = 20, 220


@dataclass(frozen=True)
class Contestant:
    name: str
    does: str
    test: str
    plugin: str = ""
    ini: str = ""


OURS = """
NOTES = "/api/v1/postmortems/"

@pytest.mark.parametrize("number", range({count}))
def test_it(mock_grafana_oncall, number):
    client = mock_grafana_oncall.client
    made = client.post(NOTES, json={{"alert_group_id": "IQUIET1PAGE11", "text": "new"}}).json()
    assert client.get(NOTES + made["id"] + "/").json()["text"] == "new"
"""

CONTESTANTS = (
    Contestant(
        "nothing",
        "an empty test: pytest itself",
        """
@pytest.mark.parametrize("number", range({count}))
def test_it(number):
    pass
""",
    ),
    Contestant("mockserver, direct", "kept, validated, journaled", OURS, "mockserver.pytest_plugin"),
    Contestant(
        "mockserver, socket",
        "the same over a socket",
        OURS,
        "mockserver.pytest_plugin",
        "mock_transport = socket",
    ),
    Contestant(
        "pytest-httpserver",
        "two canned answers over a socket",
        """
import httpx

@pytest.mark.parametrize("number", range({count}))
def test_it(httpserver, number):
    httpserver.expect_request("/notes", method="POST").respond_with_json({{"id": "N1", "text": "new"}}, 201)
    httpserver.expect_request("/notes/N1").respond_with_json({{"id": "N1", "text": "new"}})
    with httpx.Client(base_url=httpserver.url_for(""), trust_env=False, verify=False) as client:
        made = client.post("/notes", json={{"text": "new"}}).json()
        assert client.get("/notes/" + made["id"]).json()["text"] == "new"
""",
        "pytest_httpserver.pytest_plugin",
    ),
    Contestant(
        "respx",
        "two canned answers, no socket",
        """
import httpx

@pytest.mark.parametrize("number", range({count}))
def test_it(respx_mock, number):
    respx_mock.post("http://mock.test/notes").respond(201, json={{"id": "N1", "text": "new"}})
    respx_mock.get("http://mock.test/notes/N1").respond(json={{"id": "N1", "text": "new"}})
    with httpx.Client(base_url="http://mock.test", trust_env=False, verify=False) as client:
        made = client.post("/notes", json={{"text": "new"}}).json()
        assert client.get("/notes/" + made["id"]).json()["text"] == "new"
""",
        "respx.plugin",
    ),
    Contestant(
        "moto",
        "an object kept in S3, no socket; boto3's client made once",
        """
import boto3
from moto import mock_aws

@pytest.fixture(scope="session")
def s3():
    with mock_aws():
        yield boto3.client("s3", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")

@pytest.mark.parametrize("number", range({count}))
def test_it(s3, number):
    with mock_aws():
        s3.create_bucket(Bucket="notes")
        s3.put_object(Bucket="notes", Key="N1", Body=b"new")
        assert s3.get_object(Bucket="notes", Key="N1")["Body"].read() == b"new"
""",
    ),
)


def cpu_of(contestant: Contestant, count: int, folder: Path) -> float:
    """Seconds of CPU for a whole run of pytest with so many tests."""
    (folder / "test_it.py").write_text("import pytest\n" + contestant.test.format(count=count))
    (folder / "pytest.ini").write_text(f"[pytest]\n{contestant.ini}\n")
    plugin = ["-p", contestant.plugin] if contestant.plugin else []
    before = os.times()
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin, str(folder)],
        check=True,
        capture_output=True,
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)},
    )
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    each: dict[str, list[float]] = {contestant.name: [] for contestant in CONTESTANTS}
    start: dict[str, list[float]] = {contestant.name: [] for contestant in CONTESTANTS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for contestant in CONTESTANTS:
                few = cpu_of(contestant, FEW, Path(folder))
                many = cpu_of(contestant, MANY, Path(folder))
                each[contestant.name].append((many - few) / (MANY - FEW))
                start[contestant.name].append(few)
    ours = median(each["mockserver, direct"])
    print("| every test starts clean | it does | CPU a test | tests a second | cost, ours = 1 | 20 tests |")
    print("|---|---|---|---|---|---|")
    for contestant in CONTESTANTS:
        cost, whole = median(each[contestant.name]), median(start[contestant.name])
        print(
            f"| {contestant.name} | {contestant.does} | {cost * 1000:.2f} ms | {1 / cost:.0f} | {cost / ours:.2f} |"
            f" {whole:.2f} s |"
        )


if __name__ == "__main__":
    main()
