"""What counts as this machine: for who may use the control API, and for where messages and replays may go."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address


def is_loopback(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        # How a socket for both kinds of address shows a client that came by the older one.
        address = address.ipv4_mapped
    return address.is_loopback
