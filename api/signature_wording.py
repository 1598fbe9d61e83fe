"""An electronic signature in words, for staff and for the customer (Polish)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from api.pages import moment
from forms.electronic_signature import ElectronicSignature, SignatureKind, SignatureStanding
from forms.form import Form

_KINDS: Final[Mapping[SignatureKind, str]] = {
    SignatureKind.QUALIFIED: "kwalifikowany",
    SignatureKind.TRUSTED_PROFILE: "zaufany",
    SignatureKind.ADVANCED: "zaawansowany, bez kwalifikowanego certyfikatu",
    SignatureKind.SEAL: "pieczęć organizacji",
}
_VALID: Final = "Podpis elektroniczny jest prawidłowy."
_CHANGES: Final[Mapping[SignatureStanding, str]] = {
    SignatureStanding.BROKEN: "plik zmieniono albo uszkodzono",
    SignatureStanding.CHANGED: "plik zmieniono",
    SignatureStanding.PARTIAL: "nie wiadomo: podpis nie obejmuje całego pliku",
    SignatureStanding.UNREADABLE: "nie ustalono",
}


@dataclass(frozen=True, slots=True)
class SignatureInWords:
    """What is told of a signature: whether it counts, why not, and what was found."""

    counts: bool
    verdict: str
    rows: tuple[tuple[str, str], ...] = field(repr=False)


def in_words(
    signature: ElectronicSignature, form: Form | None = None, *, named: bool = True, evidence: bool = False
) -> SignatureInWords:
    """A signature for a page; ``named``: with whose it is; ``evidence``: with what proves that it was checked."""
    rows = [*_rows(signature, form, named=named), *(_evidence(signature) if evidence else ())]
    return SignatureInWords(signature.counts, signature.reason or _VALID, tuple(rows))


def _rows(signature: ElectronicSignature, form: Form | None, *, named: bool) -> Iterator[tuple[str, str]]:
    if signature.kind is not None:
        yield "Rodzaj", _KINDS[signature.kind]
    if named:
        who = [signature.signer, signature.pesel and f"PESEL {signature.pesel}", signature.organisation]
        yield "Kto podpisał", ", ".join(filter(None, who)) or "nie wiadomo"
        if signature.issuer:
            yield "Wystawca certyfikatu", signature.issuer
    if signature.signed_at is not None:
        how = "dowodzi tego znacznik czasu" if signature.time_proven else "według programu podpisującego, bez dowodu"
        yield "Kiedy", f"{moment(signature.signed_at)} ({how})"
    yield "Po podpisaniu", _changes(signature, form)


def _changes(signature: ElectronicSignature, form: Form | None) -> str:
    told = _CHANGES.get(signature.standing)
    if told is None:
        return "dodano tylko kolejny podpis" if signature.further_signed else "pliku nie zmieniono"
    fields = [form[name].label for name in signature.changed_fields if form is not None and name in form]
    return f"{told}: {', '.join(fields)}" if fields else told


def _evidence(signature: ElectronicSignature) -> Iterator[tuple[str, str]]:
    yield "Sprawdzono", moment(signature.checked_at)
    if signature.valid:
        known = signature.not_revoked is True
        yield "Unieważnienie", "certyfikat nie był unieważniony" if known else "nie sprawdzono: brak danych w pliku"
    if signature.chain:
        yield "Odciski certyfikatów (SHA-256)", ", ".join(signature.chain)
