"""What `--store redis://…` says."""

from __future__ import annotations

import pytest

from mockserver.core.errors import ConfigurationError
from mockserver.server.shared.redis_address import read_address


@pytest.mark.parametrize(
    "given, url, shown",
    [
        ("redis://127.0.0.1:6380/3", "redis://127.0.0.1:6380/3", "redis://127.0.0.1:6380/3"),
        ("redis://store.example", "redis://store.example/0", "redis://store.example/0"),
        ("redis://[::1]:6380", "redis://[::1]:6380/0", "redis://[::1]:6380/0"),
        ("unix:///run/valkey.sock", "unix:///run/valkey.sock", "unix:///run/valkey.sock"),
        ("unix:///run/valkey.sock?db=2", "unix:///run/valkey.sock?db=2", "unix:///run/valkey.sock"),
        (
            "rediss://store.example/0?ssl_ca_certs=ca.pem",
            "rediss://store.example/0?ssl_ca_certs=ca.pem",
            "rediss://store.example/0",
        ),
    ],
)
def test_an_address_is_handed_to_the_client_library(given: str, url: str, shown: str) -> None:
    address = read_address(given)
    assert (address.url, address.shown, address.cluster) == (url, shown, False)


@pytest.mark.parametrize(
    "given, url",
    [
        ("redis+cluster://127.0.0.1:7000", "redis://127.0.0.1:7000/0"),
        ("rediss+cluster://127.0.0.1:7000/0", "rediss://127.0.0.1:7000/0"),
    ],
)
def test_a_cluster_is_asked_for_by_the_scheme(given: str, url: str) -> None:
    address = read_address(given)
    assert (address.url, address.cluster) == (url, True)


def test_a_password_reaches_the_client_library_and_is_never_shown() -> None:
    address = read_address("redis://user:s3cret@127.0.0.1/0")
    assert address.url == "redis://user:s3cret@127.0.0.1/0"
    assert "s3cret" not in address.shown + repr(address)


def test_groups_of_servers_keep_apart_by_prefix() -> None:
    address = read_address("redis://127.0.0.1/0?prefix=team-a")
    assert (address.prefix, address.url) == ("team-a", "redis://127.0.0.1/0")
    assert read_address("redis://127.0.0.1").prefix == "mock"


@pytest.mark.parametrize(
    "given, complaint",
    [
        ("mongodb://127.0.0.1", "no such store"),
        ("redis://", "says no host"),
        ("unix://", "says no path"),
        ("redis://127.0.0.1:port", "cannot be read"),
        ("redis://127.0.0.1/first", "is no number of a database"),
        ("redis://127.0.0.1/-1", "is no number of a database"),
        ("redis+cluster://127.0.0.1/1", "a cluster has database 0 only"),
        ("redis://127.0.0.1?socket_timeout=60", "unknown option"),
        ("redis://127.0.0.1?prefix={a}", "a prefix has letters"),
        ("redis://user:12/s3cret@127.0.0.1/0", "in a password, / is written %2F"),
        ("redis://user:12?s3cret@127.0.0.1/0", "in a password, / is written %2F"),
        ("redis://user:12#s3cret@127.0.0.1/0", "in a password, / is written %2F"),
    ],
)
def test_an_address_that_makes_no_sense_is_told_in_one_sentence(given: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint) as told:
        read_address(given)
    assert "\n" not in str(told.value)
    assert "s3cret" not in str(told.value)
