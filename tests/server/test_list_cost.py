from __future__ import annotations

from dataclasses import replace

from mockserver.providers.grafana_oncall.model import World
from mockserver.server.app import MockServer
from tests.conftest import MakeServer
from tests.inprocess import InProcess
from tests.steps import steps

TOKEN = [(b"authorization", b"meowmeowmeow")]
PAGES = (
    "?alert_group_id=IQUIET1PAGE11&perpage=10&page=3",
    "?perpage=10&page=3",
    "?alert_group_id=IQUIET1PAGE11",
)


def holding(make_server: MakeServer, postmortems: int) -> MockServer:
    server = make_server(seed=1)
    world = server.sandboxes.default.worlds["grafana-oncall"]
    assert isinstance(world, World)
    (made,) = world.tables.postmortems.where("alert_group_id", "I68T24C13IFW1")
    for number in range(postmortems):
        group = ("IQUIET1PAGE11", "IEARLY1PAGE11")[number % 2]
        world.tables.postmortems.insert(
            replace(made, id=f"P{number:012}".replace("0", "A"), alert_group_id=group)
        )
    return server


def test_a_filtered_page_over_http_takes_the_same_steps_among_a_hundred_thousand(
    make_server: MakeServer,
) -> None:
    seen = []
    for size in (200, 100_000):
        server = holding(make_server, size)
        with InProcess(server.app) as transport:
            for page in PAGES:
                transport.exchange("GET", "/api/v1/postmortems/" + page, TOKEN)
            seen.append(
                [
                    steps(lambda page=page: transport.exchange("GET", "/api/v1/postmortems/" + page, TOKEN))  # type: ignore[misc]
                    for page in PAGES
                ]
            )
    for small, large in zip(*seen, strict=True):
        assert abs(large - small) <= 0.02 * small
