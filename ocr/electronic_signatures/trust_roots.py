"""Whose certificates this installation trusts: certificates and revocation lists in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from environment.settings import get_settings

_LARGEST: Final = 16 * 1024**2
"""Bytes of a file of the folder that are read: revocation lists of large issuers have some megabytes."""


@dataclass(frozen=True, slots=True)
class TrustRoots:
    """Issuers that are trusted and lists of what they revoked; ``unusable`` names files that are neither."""

    certificates: tuple[x509.Certificate, ...] = ()
    revocation_lists: tuple[x509.CertificateRevocationList, ...] = ()
    unusable: tuple[str, ...] = ()

    def expired(self, moment: datetime) -> int:
        """How many of the certificates are not valid any more."""
        return sum(1 for each in self.certificates if each.not_valid_after_utc < moment)


def trust_roots() -> TrustRoots:
    """What lies in the folder of the settings, PEM or DER; nobody is trusted where there is none."""
    folder = get_settings().trust_dir
    if folder is None:
        return TrustRoots()
    try:
        paths = sorted(folder.iterdir())
    except OSError:
        return TrustRoots(unusable=(folder.name,))
    certificates: list[x509.Certificate] = []
    lists: list[x509.CertificateRevocationList] = []
    unusable = []
    for path in paths:
        if path.name.startswith(".") or path.is_dir():
            continue
        found, revoked = _in_file(path)
        certificates += found
        lists += revoked
        if not found and not revoked:
            unusable.append(path.name)
    return TrustRoots(tuple(dict.fromkeys(certificates)), tuple(lists), tuple(unusable))


def _in_file(path: Path) -> tuple[Sequence[x509.Certificate], Sequence[x509.CertificateRevocationList]]:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST)
    except OSError:
        return (), ()
    certificates: tuple[Callable[[bytes], Sequence[x509.Certificate]], ...] = (
        x509.load_pem_x509_certificates,
        lambda der: [x509.load_der_x509_certificate(der)],
    )
    lists: tuple[Callable[[bytes], x509.CertificateRevocationList], ...] = (
        x509.load_pem_x509_crl,
        x509.load_der_x509_crl,
    )
    for read in certificates:
        try:
            return read(data), ()
        except ValueError:
            continue
    for read_list in lists:
        try:
            return (), [read_list(data)]
        except ValueError:
            continue
    return (), ()
