from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("postmortem_mockserver-*.whl")
    return built


def test_the_wheel_carries_every_spec_and_fixture_and_nothing_of_the_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for kind in ("specs", "fixtures"):
        for file in (ROOT / kind).rglob("*"):
            if file.is_file():
                assert f"mockserver/{file.relative_to(ROOT).as_posix()}" in names
    for profile in (ROOT / "mockserver" / "server" / "faults" / "profiles").iterdir():
        assert profile.relative_to(ROOT).as_posix() in names
    for file in (ROOT / "mockserver").rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            assert file.relative_to(ROOT).as_posix() in names
    assert "contract_tests/__init__.py" in names
    tops = {name.partition("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"mockserver", "contract_tests"}


def test_the_installed_wheel_serves_both_vendors_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(site),
    ]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    environment = {**os.environ, "PYTHONPATH": str(site)}
    program = (
        "import mockserver, mockserver.server.resources as r; print(mockserver.__file__, r.folder('specs'))"
    )
    where = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert where.stdout.count(str(site)) == 2
    process = subprocess.Popen(
        [sys.executable, "-m", "mockserver", "serve", "--port", "0"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        base_url = process.stdout.readline().strip()
        headers = {"Authorization": "meowmeowmeow"}
        assert httpx.get(f"{base_url}/api/v1/postmortems/", headers=headers).json()["count"] == 1
        assert httpx.get(f"{base_url}/_mock/openapi/incident-io").status_code == 200
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert process.returncode == 0
