"""The application for test clients: made with settings by name, driven without a server."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Message

from mockserver.asgi import Application, app, create_app
from mockserver.core.errors import ConfigurationError
from mockserver.server.settings import Settings
from tests.inprocess import InProcess


def test_the_first_request_makes_the_mock_where_no_start_was_announced() -> None:
    with InProcess(create_app(seed=1, providers=("grafana-oncall",))) as transport:
        for _ in range(2):
            answer = transport.exchange(
                "GET", "/api/v1/users/current/", [(b"authorization", b"meowmeowmeow")]
            )
            assert answer.status == 200
    with pytest.raises(TypeError, match="nonsense"):
        create_app(nonsense=1).mock.app  # noqa: B018 - made by being asked for


async def lived(application: Application) -> list[Message]:
    """What it says to a start and an end."""
    coming = iter(["lifespan.startup", "lifespan.shutdown"])
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": next(coming)}

    async def send(message: Message) -> None:
        said.append(message)

    await application({"type": "lifespan"}, receive, send)
    return said


def test_a_start_and_an_end_are_confirmed() -> None:
    said = [message["type"] for message in asyncio.run(lived(create_app(seed=1)))]
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_wrong_setting_is_told_when_the_server_starts() -> None:
    def wrong() -> Settings:
        raise ConfigurationError("--seed: no number")

    assert asyncio.run(lived(Application(wrong))) == [
        {"type": "lifespan.startup.failed", "message": "mockserver: --seed: no number"}
    ]


@pytest.mark.parametrize("variable", ["MOCKSERVER_STORE=lmdb", "MOCKSERVER_WORKERS=2"])
def test_records_are_not_shared_and_nobody_is_left_to_think_so(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(*variable.split("="))
    with pytest.raises(ConfigurationError, match="only `mockserver serve` shares"):
        app.mock.app  # noqa: B018 - made by being asked for
