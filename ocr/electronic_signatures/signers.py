"""Who signed, according to the certificate or, for a podpis zaufany, according to the ministry's seal."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from asn1crypto import x509
from pyhanko.sign.ades.qualified_asn1 import get_qc_statements

from environment.settings import get_settings
from forms.electronic_signature import SignatureKind
from forms.kinds import Pesel

_LONGEST: Final = 200
_PERSON_NUMBER: Final = re.compile(r"PNOPL-(\d{11})")
"""The identifiers of a person, and below of an organisation, are written so (ETSI EN 319 412-1, 5.1)."""
_TAX_NUMBER: Final = re.compile(r"TINPL-(\d{10})")
_TAX_NUMBER_OF_ORGANISATION: Final = re.compile(r"VATPL-(\d{10})")
_TRUSTED_PROFILE_SEAL: Final = "pieczęć podpisu zaufanego"
_ON_BEHALF: Final = re.compile(r"w imieniu:\s*\(?([^,;()\d]{3,200}?)\s*(?:[,;()].*)?$", re.IGNORECASE | re.DOTALL)
"""'Opatrzono pieczęcią ministra właściwego do spraw informatyzacji w imieniu: JAN KOWALSKI, …'"""
_ELEVEN_DIGITS: Final = re.compile(r"(?<!\d)\d{11}(?!\d)")


@dataclass(frozen=True, slots=True)
class Signer:
    """What is known of who signed; names as the certificate or the seal has them."""

    kind: SignatureKind
    name: str | None = field(default=None, repr=False)
    surname: str | None = field(default=None, repr=False)
    pesel: str | None = field(default=None, repr=False)
    nip: str | None = field(default=None, repr=False)
    organisation: str | None = field(default=None, repr=False)
    organisation_nip: str | None = field(default=None, repr=False)


def signer_of(certificate: x509.Certificate, reason: str) -> Signer:
    """Who signed; ``reason`` is that of the signature, which only the seal of a podpis zaufany is believed."""
    subject = certificate.subject.native
    organisation, number = _text(subject, "organization_name"), _text(subject, "organization_identifier")
    if _is_trusted_profile(_text(subject, "common_name"), number):
        return _on_behalf(reason)
    nip = _matched(_TAX_NUMBER_OF_ORGANISATION, number)
    given, surname = _text(subject, "given_name"), _text(subject, "surname")
    if not given or not surname:
        name = organisation or _text(subject, "common_name")
        return Signer(SignatureKind.SEAL, organisation=name or None, organisation_nip=nip)
    serial = _text(subject, "serial_number")
    return Signer(
        SignatureKind.QUALIFIED if _is_qualified(certificate) else SignatureKind.ADVANCED,
        name=f"{given} {surname}",
        surname=surname,
        pesel=_matched(_PERSON_NUMBER, serial),
        nip=_matched(_TAX_NUMBER, serial),
        organisation=organisation or None,
        organisation_nip=nip,
    )


def issuer_of(certificate: x509.Certificate) -> str | None:
    """Who issued it, in a few words."""
    issuer = certificate.issuer.native
    return _text(issuer, "common_name") or _text(issuer, "organization_name") or None


def _is_trusted_profile(common_name: str, number: str) -> bool:
    """Both are certified: the name that the seal bears, and that it is the ministry's."""
    seals = {each.strip() for each in get_settings().trusted_profile_seals.split(",")}
    return _TRUSTED_PROFILE_SEAL in common_name.casefold() and number in seals


def _on_behalf(reason: str) -> Signer:
    found = _ON_BEHALF.search(reason[: 2 * _LONGEST])
    if found is None:
        return Signer(SignatureKind.TRUSTED_PROFILE)
    numbers = [each for each in _ELEVEN_DIGITS.findall(reason[found.start() :]) if Pesel().parse(each).fault is None]
    return Signer(
        SignatureKind.TRUSTED_PROFILE,
        name=_shown(found[1]),
        pesel=numbers[0] if len(numbers) == 1 else None,
    )


def _is_qualified(certificate: x509.Certificate) -> bool:
    """Whether its issuer states that it is a qualified one (ETSI EN 319 412-5)."""
    return any(each["statement_id"].native == "qc_compliance" for each in get_qc_statements(certificate))


def _text(subject: Any, name: str) -> str:
    """A part of a name, its first value where there are several; '' where there is none."""
    value = subject.get(name, "")
    if isinstance(value, list):
        value = " ".join(map(str, value)) if name == "given_name" else value[0]
    return _shown(str(value))


def _shown(text: str) -> str:
    """A name without what turns text around or hides it: strangers write their own certificates."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text[:_LONGEST]).split())


def _matched(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.fullmatch(text)
    return None if found is None else found[1]
