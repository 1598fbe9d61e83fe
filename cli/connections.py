"""Which connections named in the settings leave this machine unencrypted."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qs, urlsplit

from environment.settings import Settings

_IMPLICIT_TLS: Final = 465
_VERIFIED: Final = "verify-full"


@dataclass(frozen=True, slots=True)
class Connection:
    """A way to another program: its stable code, and whether nobody on the way can read it or stand in for its end."""

    code: str
    private: bool


def connections(settings: Settings) -> Iterator[Connection]:
    """Those that are set; what stays on this machine is private."""
    if settings.smtp_host is not None:
        encrypted = settings.smtp_tls or settings.smtp_port == _IMPLICIT_TLS
        yield Connection("smtp", encrypted or _is_here(settings.smtp_host))
    if settings.bounces_imap_host is not None:
        encrypted = settings.bounces_imap_encryption != "none"
        yield Connection("imap", encrypted or _is_here(settings.bounces_imap_host))
    if settings.sms_gateway_url is not None:
        yield Connection("sms", is_private(settings.sms_gateway_url))
    database = urlsplit(settings.url)
    if not database.scheme.startswith("sqlite"):
        asked = parse_qs(database.query)
        yield Connection("database", asked.get("sslmode") == [_VERIFIED] or all(map(_is_here, _hosts(database))))
    if settings.originals_endpoint is not None and settings.originals_bucket is not None:
        yield Connection("originals", is_private(settings.originals_endpoint))
    if settings.prefect_url is not None:
        yield Connection("engine", is_private(settings.prefect_url))
    if settings.clamav is not None:
        yield Connection("clamav", settings.clamav.startswith("/") or _is_here(settings.clamav.partition(":")[0]))


def is_private(url: str) -> bool:
    """Whether nobody on the way reads what is told to the server at this address of the web."""
    address = urlsplit(url)
    return address.scheme == "https" or _is_here(address.hostname)


def _hosts(database: SplitResult) -> list[str | None]:
    """The hosts of an address of PostgreSQL; a folder is that of its socket."""
    return [*parse_qs(database.query).get("host", [])] or [database.hostname]


def _is_here(host: str | None) -> bool:
    """Whether that is this machine; no host at all is a socket of it."""
    if not host or host == "localhost" or Path(host).is_absolute():
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
