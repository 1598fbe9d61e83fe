"""An electronic signature of a file as it was verified: who signed, when, and whether it counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final


class SignatureStanding(StrEnum):
    """What the verification of a signature came to; only VALID counts."""

    VALID = "valid"
    BROKEN = "broken"
    CHANGED = "changed"
    PARTIAL = "partial"
    REVOKED = "revoked"
    EXPIRED = "expired"
    UNTRUSTED = "untrusted"
    NO_TRUST_ROOTS = "no_trust_roots"
    UNREADABLE = "unreadable"


class SignatureKind(StrEnum):
    """Whose signature it is by its certificate; of a seal no person is known."""

    QUALIFIED = "qualified"
    TRUSTED_PROFILE = "trusted_profile"
    ADVANCED = "advanced"
    SEAL = "seal"


ALARMING: Final = frozenset(
    {SignatureStanding.BROKEN, SignatureStanding.CHANGED, SignatureStanding.PARTIAL, SignatureStanding.REVOKED}
)
"""What a file may not go straight through with, whether it owes a signature or not."""

LAPSED: Final = frozenset({SignatureStanding.EXPIRED, SignatureStanding.UNTRUSTED, SignatureStanding.NO_TRUST_ROOTS})
"""What a signature may become later without having been any worse when the file came."""
_ALTERED: Final = frozenset({SignatureStanding.BROKEN, SignatureStanding.CHANGED, SignatureStanding.PARTIAL})

_REASONS: Final[Mapping[SignatureStanding, str]] = {
    SignatureStanding.BROKEN: (
        "Podpis elektroniczny nie zgadza się z treścią pliku: plik zmieniono albo uszkodzono po podpisaniu."
    ),
    SignatureStanding.CHANGED: "Plik zmieniono po podpisaniu elektronicznym.",
    SignatureStanding.PARTIAL: "Podpis elektroniczny nie obejmuje całego pliku.",
    SignatureStanding.REVOKED: "Certyfikat podpisu elektronicznego był unieważniony.",
    SignatureStanding.EXPIRED: (
        "Certyfikat podpisu elektronicznego stracił ważność (albo jej jeszcze nie ma), a nic nie dowodzi, że podpis "
        "złożono, gdy był ważny."
    ),
    SignatureStanding.UNTRUSTED: (
        "Certyfikat podpisu elektronicznego nie pochodzi od wystawcy, któremu ufa ta instalacja."
    ),
    SignatureStanding.NO_TRUST_ROOTS: "Podpisu elektronicznego nie sprawdzono: brak zaufanych wystawców.",
    SignatureStanding.UNREADABLE: (
        "Podpisu elektronicznego nie da się sprawdzić: jego zapis jest uszkodzony albo nieobsługiwany."
    ),
}
_UNKNOWN_PERSON: Final = "Podpis elektroniczny jest prawidłowy, ale nie wynika z niego, która osoba podpisała."


@dataclass(frozen=True, slots=True)
class ElectronicSignature:
    """One signature with what was found in it, kept as evidence.

    ``signer`` is the person's name, ``surname`` the part of it that the certificate tells apart; ``nip`` is the
    person's own. ``signed_at`` is proven (``time_proven``) when a trusted time stamp tells it, else only claimed.
    ``further_signed`` tells that the file was signed again later; ``changed_fields`` are form fields that were changed
    after it. ``not_revoked`` is True when revocation data say so, None when there are none. ``chain`` are SHA-256
    digests of the certificates, from the signer's to the trusted one.
    """

    standing: SignatureStanding
    checked_at: datetime
    kind: SignatureKind | None = None
    signer: str | None = field(default=None, repr=False)
    surname: str | None = field(default=None, repr=False)
    pesel: str | None = field(default=None, repr=False)
    nip: str | None = field(default=None, repr=False)
    organisation: str | None = field(default=None, repr=False)
    organisation_nip: str | None = field(default=None, repr=False)
    issuer: str | None = None
    signed_at: datetime | None = None
    time_proven: bool = False
    further_signed: bool = False
    changed_fields: tuple[str, ...] = field(default=(), repr=False)
    not_revoked: bool | None = None
    chain: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether it was verified in every respect."""
        return self.standing is SignatureStanding.VALID

    @property
    def by_person(self) -> bool:
        """Whether it is known which person signed."""
        return self.kind is not None and self.kind is not SignatureKind.SEAL and self.signer is not None

    @property
    def counts(self) -> bool:
        """Whether it stands for the handwritten signature of the person that it names."""
        return self.valid and self.by_person

    @property
    def reason(self) -> str | None:
        """Why it does not count, in Polish."""
        if self.valid:
            return None if self.by_person else _UNKNOWN_PERSON
        return _REASONS[self.standing]

    def as_json(self) -> dict[str, Any]:
        """All of it, with the reason."""
        return {
            **asdict(self),
            "checked_at": self.checked_at.isoformat(timespec="seconds"),
            "signed_at": None if self.signed_at is None else self.signed_at.isoformat(timespec="seconds"),
            "changed_fields": list(self.changed_fields),
            "chain": list(self.chain),
            "counts": self.counts,
            "reason": self.reason,
        }


def unsigned_fields(signatures: Sequence[ElectronicSignature], names: Collection[str]) -> frozenset[str]:
    """Which of these fields hold what may have come into the file after it was signed.

    Those that were changed, or all of them where it is not known which. What its signer signs again is signed.
    """
    found: set[str] = set()
    for each in signatures:
        again = each.signer is not None and any(one.counts and one.signer == each.signer for one in signatures)
        if each.standing in _ALTERED and not again:
            told = each.changed_fields
            found |= set(told) if told and set(told) <= set(names) else set(names)
    return frozenset(found)


def from_json(told: Mapping[str, Any]) -> ElectronicSignature:
    """The signature that ``as_json`` told of."""
    kept = {name: told[name] for name in ElectronicSignature.__slots__ if name in told}
    signed = kept.get("signed_at")
    return replace(
        ElectronicSignature(**{**kept, "standing": SignatureStanding(told["standing"])}),
        checked_at=datetime.fromisoformat(told["checked_at"]),
        signed_at=None if signed is None else datetime.fromisoformat(signed),
        kind=None if told["kind"] is None else SignatureKind(told["kind"]),
        changed_fields=tuple(told["changed_fields"]),
        chain=tuple(told["chain"]),
    )
