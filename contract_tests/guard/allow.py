"""Which hosts may be judged."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit


class NotAllowed(ValueError):
    """A target that nobody has allowed."""


def check_allowed(url: str, hosts: Iterable[str] = ()) -> None:
    """Loopback is always allowed, another host if it is named: `host` or `host:port`. Raises NotAllowed.

    No name but `localhost` is loopback, whatever it resolves to today.
    """
    try:
        parts = urlsplit(url)
        name, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise NotAllowed(f"{url!r} is no URL: {error}") from error
    if parts.scheme not in ("http", "https") or not name:
        raise NotAllowed("the target is no http or https URL")
    if parts.username is not None or parts.password is not None:
        raise NotAllowed("credentials do not belong into the URL of a target")
    if parts.query or parts.fragment:
        raise NotAllowed("the URL of a target has neither query nor fragment")
    if is_loopback(name):
        return
    full = f"[{name}]" if ":" in name else name
    port = port or (443 if parts.scheme == "https" else 80)
    allowed = {host.strip().lower().rstrip(".") for host in hosts}
    if not allowed & {name, full, f"{full}:{port}"}:
        raise NotAllowed(f"{name} is not among the hosts that may be judged (--allow-host {name})")


def is_loopback(host: str) -> bool:
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
