"""Where the Redis or Valkey server is, as `--store` says it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from mockserver.core.errors import ConfigurationError

# Our spelling of a scheme -> the client library's, and whether a cluster is meant.
SCHEMES = {
    "redis": ("redis", False),
    "rediss": ("rediss", False),
    "unix": ("unix", False),
    "redis+cluster": ("redis", True),
    "rediss+cluster": ("rediss", True),
}
PREFIX = re.compile(r"[A-Za-z0-9._-]{1,40}")
TLS_OPTIONS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname")
KNOWN_OPTIONS = ("db", "prefix", *TLS_OPTIONS)


@dataclass(frozen=True, slots=True)
class Address:
    """`url` is for the client library and may hold a password; `shown` is for people. Every key begins with
    `prefix`, so that several groups of servers can use one database. A cluster that `url` leads to is found out
    without `cluster`, too."""

    url: str = field(repr=False)
    shown: str
    prefix: str
    cluster: bool


def read_address(given: str) -> Address:
    """Raises ConfigurationError."""
    try:
        url = urlsplit(given)
        _ = url.port  # is read when it is asked for
    except ValueError:
        raise ConfigurationError("--store: the address cannot be read") from None
    if "@" in url.path + url.query + url.fragment:
        # Most likely what stands before it is a part of a password, so it is not shown.
        raise ConfigurationError(
            "--store: an @ comes after the host; in a password, / is written %2F, ? %3F, # %23, and elsewhere @ %40"
        )
    if url.scheme not in SCHEMES:
        raise ConfigurationError(
            f"--store {url.scheme[:40]}: no such store; Redis is one of {', '.join(SCHEMES)}"
        )
    scheme, cluster = SCHEMES[url.scheme]
    place = url.path if scheme == "unix" else url.hostname
    if not place:
        raise ConfigurationError(f"--store {url.scheme}: says no {'path' if scheme == 'unix' else 'host'}")
    options = dict(parse_qsl(url.query, keep_blank_values=True))
    for name in options:
        if name not in KNOWN_OPTIONS:
            raise ConfigurationError(
                f"--store: unknown option {name[:40]!r}; known are {', '.join(KNOWN_OPTIONS)}"
            )
    prefix = options.pop("prefix", "mock")
    if not PREFIX.fullmatch(prefix):
        raise ConfigurationError("--store: a prefix has letters, digits and ._- and is not longer than 40")
    database = options.get("db", url.path.strip("/") if scheme != "unix" else "") or "0"
    if not (database.isascii() and database.isdigit()):
        raise ConfigurationError(f"--store: {database[:40]!r} is no number of a database")
    if cluster and database != "0":
        raise ConfigurationError("--store: a cluster has database 0 only")
    host = url.netloc.rpartition("@")[2]
    shown = url.path if scheme == "unix" else f"{host}/{database}"
    query = f"?{urlencode(options)}" if options else ""
    path = url.path if scheme == "unix" else f"/{database}"
    return Address(f"{scheme}://{url.netloc}{path}{query}", f"{url.scheme}://{shown}", prefix, cluster)
