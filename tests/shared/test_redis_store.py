"""What a Redis server is asked, and what is said about it, before anything is kept there."""

from __future__ import annotations

import pytest

from mockserver.core.errors import ConfigurationError
from mockserver.server.shared.redis_line import Line
from mockserver.server.shared.redis_store import examined
from tests.shared.storecluster import store_cluster
from tests.shared.storeserver import StoreServer, needs_server, store_server

pytestmark = needs_server


def test_a_server_that_keeps_everything_is_not_warned_of(
    durable_server: StoreServer, caplog: pytest.LogCaptureFixture
) -> None:
    assert not examined(durable_server.url).cluster
    assert caplog.messages == []


def test_a_server_that_forgets_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    flags = ("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
    with store_server(durable=False, flags=flags) as server:
        examined(server.url)
        assert caplog.messages == [
            f"{server.url} keeps nothing over a restart, or not everything: appendonly is no",
            f"{server.url} forgets what it has no room for: maxmemory-policy is allkeys-lru",
        ]


def test_a_cluster_is_found_out() -> None:
    with store_cluster() as cluster:
        address = examined(cluster.url)
        assert address.cluster
        line = Line(address)
        assert [line.write("SET", key, key) for key in ("a", "b", "c", "d")] == [True] * 4
        line.close()
        assert examined(cluster.url.replace("redis://", "redis+cluster://")).cluster


def test_a_server_that_is_not_there_is_told_in_one_sentence(durable_server: StoreServer) -> None:
    durable_server.stop()
    with pytest.raises(ConfigurationError, match=r"--store: unix://.*: Error") as told:
        examined(durable_server.url)
    assert "\n" not in str(told.value)


def test_a_wrong_password_is_told_without_the_password() -> None:
    with store_server(flags=("--requirepass", "right")) as server:
        url = server.url.replace("unix://", "unix://:wr0ng@")
        with pytest.raises(ConfigurationError, match="--store: unix://") as told:
            examined(url)
        assert "wr0ng" not in str(told.value)
        assert examined(server.url.replace("unix://", "unix://:right@")).shown == server.url


def test_an_option_that_the_client_library_refuses_is_told_in_one_sentence() -> None:
    with pytest.raises(ConfigurationError, match=r"--store: .*bogus") as told:
        examined("rediss://127.0.0.1:1/0?ssl_cert_reqs=bogus")
    assert "\n" not in str(told.value)
