"""Which hosts may be judged."""

from __future__ import annotations

import pytest

from contract_tests.guard.allow import NotAllowed, check_allowed, is_loopback

LOOPBACK = [
    "http://127.0.0.1:4010",
    "http://127.9.8.7/x",
    "http://localhost:1",
    "https://LOCALHOST.",
    "http://[::1]:5",
]
STRANGERS = [
    "https://api.incident.io",
    "http://localhost.example.com",
    "http://127.0.0.1.nip.io",
    "http://127.1",
    "http://2130706433",
    "http://0x7f000001",
    "http://0.0.0.0:4010",
    "http://10.0.0.1",
    "http://[::]",
    "http://my-machine",
]
WRONG = [
    "127.0.0.1:4010",
    "ftp://127.0.0.1",
    "file:///etc/passwd",
    "http://",
    "http://user@127.0.0.1",
    "http://:word@127.0.0.1",
    "http://localhost@stranger.example",
    "http://127.0.0.1/?a=b",
    "http://127.0.0.1/#a",
    "http://127.0.0.1:nonsense",
    "http://[::1",
]


@pytest.mark.parametrize("url", LOOPBACK)
def test_this_machine_may_always_be_judged(url: str) -> None:
    check_allowed(url)


@pytest.mark.parametrize("url", STRANGERS)
def test_another_host_must_be_named(url: str) -> None:
    with pytest.raises(NotAllowed, match="--allow-host"):
        check_allowed(url, ["other.example", "example.com", "nip.io", ""])


@pytest.mark.parametrize("url", WRONG)
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(NotAllowed):
        check_allowed(url, ["stranger.example"])


@pytest.mark.parametrize(
    "url, host",
    [
        ("https://staging.example/api", "staging.example"),
        ("https://STAGING.example.", " Staging.Example "),
        ("https://staging.example", "staging.example:443"),
        ("http://staging.example:8080", "staging.example:8080"),
        ("http://[2001:db8::1]:80", "[2001:db8::1]"),
        ("http://[2001:db8::1]:80", "2001:db8::1"),
    ],
)
def test_a_named_host_may_be_judged(url: str, host: str) -> None:
    check_allowed(url, [host])


def test_a_host_that_is_named_with_a_port_is_allowed_at_that_port() -> None:
    with pytest.raises(NotAllowed):
        check_allowed("http://staging.example:8081", ["staging.example:8080"])


def test_loopback_is_a_literal() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "127.255.0.1", "::1", "[::1]", "localhost", "Localhost."]))
    assert not any(map(is_loopback, ["", "0.0.0.0", "localhost6", "127.1", "ip6-localhost", "example"]))
