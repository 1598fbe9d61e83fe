"""Electronic signatures of PDFs: the right ones are verified, and each thing that is wrong with one is told."""

from __future__ import annotations

import io
import logging
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.diff_analysis import DiffPolicy, DiffResult, ModificationLevel

from environment.settings import get_settings
from forms.catalogue import form_by_code
from forms.electronic_signature import ElectronicSignature, SignatureKind, SignatureStanding, from_json
from forms.fillable import draw_fillable
from ocr.electronic_signatures import verification
from ocr.electronic_signatures.detection import signatures_in
from ocr.electronic_signatures.trust_roots import trust_roots
from tests.signed_files import (
    SEAL_NUMBER,
    YEAR,
    Identity,
    Issuer,
    WithoutNull,
    changed,
    name_of,
    now,
    signed,
    signed_in_part,
    with_attributes_reversed,
    with_empty_signature_field,
    with_note,
    with_page_content,
    with_revocation_lists,
)

PESEL: Final = "44051401359"
FORM: Final = form_by_code("einvoice_withdrawal")
FILLED: Final = draw_fillable(FORM, {"customer_no": "10000001", "name": "ANNA KOWALSKA"})
ISSUER: Final = Issuer()
ANNA: Final = ISSUER.person("ANNA MARIA", "KOWALSKA", PESEL)
BEGAN: Final = now().replace(microsecond=0)
SIGNED: Final = signed(FILLED, ANNA, ISSUER)
ENDED: Final = now()
ON_BEHALF: Final = "Opatrzono pieczęcią ministra właściwego do spraw informatyzacji w imieniu: "
DAYS: Final = timedelta(days=1)

Found = Callable[[bytes], tuple[ElectronicSignature, ...]]


@pytest.fixture
def found(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Found]:
    """Signatures of a file where the issuer of the tests is trusted."""
    monkeypatch.setenv("EBOK_TRUST_DIR", str(ISSUER.trusted_in(tmp_path / "wystawcy")))
    get_settings.cache_clear()

    def look(data: bytes) -> tuple[ElectronicSignature, ...]:
        path = tmp_path / "plik.pdf"
        path.write_bytes(data)
        return signatures_in(path)

    yield look
    get_settings.cache_clear()


def test_a_qualified_signature_tells_who_signed_and_counts(found: Found) -> None:
    (one,) = found(SIGNED)
    assert (one.standing, one.counts, one.reason) == (SignatureStanding.VALID, True, None)
    assert (one.kind, one.signer, one.surname, one.pesel) == (
        SignatureKind.QUALIFIED,
        "ANNA MARIA KOWALSKA",
        "KOWALSKA",
        PESEL,
    )
    assert one.issuer == "Centrum Testowe CA"
    assert one.not_revoked is None
    assert len(one.chain) == 3
    assert one.signed_at is not None
    assert BEGAN <= one.signed_at <= ENDED
    assert not one.time_proven


def test_a_time_stamp_of_a_trusted_issuer_proves_when_it_was_signed(found: Found) -> None:
    at = now() - 9 * DAYS
    (one,) = found(signed(FILLED, ANNA, ISSUER, stamps=ISSUER.time_stamps(at)))
    assert (one.standing, one.time_proven, one.signed_at) == (SignatureStanding.VALID, True, at)


def test_a_time_stamp_of_a_stranger_proves_nothing(found: Found) -> None:
    (one,) = found(signed(FILLED, ANNA, ISSUER, stamps=Issuer("Obcy").time_stamps(now() - 9 * DAYS)))
    assert (one.standing, one.time_proven) == (SignatureStanding.VALID, False)


def test_a_certificate_that_no_issuer_calls_qualified_is_told_as_such(found: Found) -> None:
    (one,) = found(signed(FILLED, ISSUER.person("ANNA", "KOWALSKA", qualified=False), ISSUER))
    assert (one.standing, one.kind) == (SignatureStanding.VALID, SignatureKind.ADVANCED)


@pytest.mark.parametrize(
    ("reason", "name", "pesel"),
    [
        (f"{ON_BEHALF}ANNA KOWALSKA, PESEL: {PESEL}, PZ ID: akow", "ANNA KOWALSKA", PESEL),
        (f"{ON_BEHALF}Anna Kowalska-Nowak", "Anna Kowalska-Nowak", None),
        (f"{ON_BEHALF}(ANNA KOWALSKA, {PESEL})", "ANNA KOWALSKA", PESEL),
        (f"{ON_BEHALF}ANNA KOWALSKA, {PESEL}, 02070803628", "ANNA KOWALSKA", None),
        ("Zgoda na e-faktury", None, None),
        (None, None, None),
    ],
)
def test_of_a_podpis_zaufany_the_seal_tells_on_whose_behalf(
    found: Found, reason: str | None, name: str | None, pesel: str | None
) -> None:
    (one,) = found(signed(FILLED, ISSUER.ministry(), ISSUER, reason=reason))
    assert (one.standing, one.kind, one.signer, one.pesel) == (
        SignatureStanding.VALID,
        SignatureKind.TRUSTED_PROFILE,
        name,
        pesel,
    )
    assert one.counts == (name is not None)
    assert (one.reason is None) == one.counts


@pytest.mark.parametrize(
    "seal",
    [
        ISSUER.seal("Firma", "VATPL-1234563218", "Minister do spraw informatyzacji - pieczęć podpisu zaufanego"),
        ISSUER.seal("Ministerstwo Cyfryzacji", SEAL_NUMBER),
    ],
)
def test_what_another_seal_says_of_a_person_is_not_believed(found: Found, seal: Identity) -> None:
    (one,) = found(signed(FILLED, seal, ISSUER, reason=f"{ON_BEHALF}ANNA KOWALSKA, PESEL: {PESEL}"))
    assert (one.standing, one.kind, one.signer, one.pesel) == (SignatureStanding.VALID, SignatureKind.SEAL, None, None)
    assert not one.counts


def test_names_of_a_stranger_have_nothing_that_turns_text_around(found: Found) -> None:
    stranger = Issuer("Obcy\u202eyrtsiniM")
    (one,) = found(signed(FILLED, stranger.person("AN\u202eNA", "KOWAL\u200bSKA\nX"), stranger))
    assert (one.signer, one.issuer) == ("AN NA KOWAL SKA X", "Obcy yrtsiniM CA")


def test_a_person_who_writes_that_somebody_else_signs_stays_himself(found: Found) -> None:
    (one,) = found(signed(FILLED, ISSUER.person("JAN", "NOWAK"), ISSUER, reason=f"{ON_BEHALF}ANNA KOWALSKA"))
    assert one.signer == "JAN NOWAK"


def _expired() -> Identity:
    name = name_of(country="PL", common="A", given="ANNA", surname="KOWALSKA")
    return ISSUER.issued(name, since=now() - 2 * YEAR, until=now() - 100 * DAYS)


def _revoked(data: bytes, at: datetime, **told: datetime) -> bytes:
    return with_revocation_lists(data, ISSUER.revoked((ANNA, at), **told))


STRANGER: Final = Issuer("Obcy")
BROKEN_BYTE: Final = SIGNED.index(b"/MaxLen") + 8
WRONG: Final[dict[str, tuple[Callable[[], bytes], SignatureStanding]]] = {
    "of an untrusted issuer": (
        lambda: signed(FILLED, STRANGER.person("ANNA", "KOWALSKA"), STRANGER),
        SignatureStanding.UNTRUSTED,
    ),
    "expired": (lambda: signed(FILLED, _expired(), ISSUER), SignatureStanding.EXPIRED),
    "revoked": (lambda: _revoked(SIGNED, now() - 3 * DAYS), SignatureStanding.REVOKED),
    "revoked by a list that is out of date": (
        lambda: _revoked(SIGNED, now() - 30 * DAYS, told=now() - 20 * DAYS, until=now() - 10 * DAYS),
        SignatureStanding.REVOKED,
    ),
    "revoked before its time stamp": (
        lambda: _revoked(signed(FILLED, ANNA, ISSUER, stamps=ISSUER.time_stamps(now() - 2 * DAYS)), now() - 3 * DAYS),
        SignatureStanding.REVOKED,
    ),
    "of another content": (lambda: SIGNED[:BROKEN_BYTE] + b"7" + SIGNED[BROKEN_BYTE + 1 :], SignatureStanding.BROKEN),
    "with a field filled in later": (lambda: changed(SIGNED, "name", "JAN NOWAK"), SignatureStanding.CHANGED),
    "with something drawn later": (lambda: with_page_content(SIGNED, b"0 0 99 99 re f"), SignatureStanding.CHANGED),
    "with a note laid over it later": (lambda: with_note(SIGNED), SignatureStanding.CHANGED),
    "with objects behind its end": (lambda: SIGNED + b"\n1 0 obj\n<<>>\nendobj\n", SignatureStanding.CHANGED),
    "of a part of the file": (lambda: signed_in_part(FILLED, ANNA, ISSUER, 20), SignatureStanding.PARTIAL),
    "that is no signature": (
        lambda: SIGNED.replace(b"/Contents <30", b"/Contents <FF", 1),
        SignatureStanding.UNREADABLE,
    ),
    "of an unknown kind": (
        lambda: SIGNED.replace(b"/ETSI.CAdES.detached", b"/ETSI.CAdES.detachee", 1),
        SignatureStanding.UNREADABLE,
    ),
}


@pytest.mark.parametrize(("data", "standing"), list(WRONG.values()), ids=list(WRONG))
def test_a_signature_with_something_wrong_never_counts_and_says_why(
    found: Found, data: Callable[[], bytes], standing: SignatureStanding
) -> None:
    (one,) = found(data())
    assert (one.standing, one.counts) == (standing, False)
    assert one.reason


class _Blind(DiffPolicy):
    """Finds no change in anything."""

    def apply(self, *_: object, **__: object) -> DiffResult:
        return DiffResult(ModificationLevel.NONE, set())

    def review_file(self, *_: object, **__: object) -> DiffResult:
        return DiffResult(ModificationLevel.NONE, set())


@pytest.mark.parametrize("change", [lambda data: with_page_content(data, b"0 0 9 9 re f"), with_note])
def test_a_change_that_the_comparison_of_revisions_overlooks_is_seen_on_the_page(
    found: Found, monkeypatch: pytest.MonkeyPatch, change: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr(verification, "FURTHER_SIGNATURES_ONLY", _Blind())
    (one,) = found(change(SIGNED))
    assert one.standing is SignatureStanding.CHANGED
    seal = ISSUER.seal("Firma", "VATPL-1234563218")
    first, second = found(signed(change(SIGNED), STRANGER.person("JAN", "NOWAK"), STRANGER, name="Podpis2"))
    assert [first.standing, second.standing] == [SignatureStanding.CHANGED, SignatureStanding.UNTRUSTED]
    first, second = found(signed(SIGNED, seal, ISSUER, name="Podpis2", box=(300, 20, 400, 60)))
    assert [first.standing, second.standing] == [SignatureStanding.VALID, SignatureStanding.VALID]


def test_the_fields_that_were_filled_in_later_are_named(found: Found) -> None:
    (one,) = found(changed(SIGNED, "name", "JAN NOWAK"))
    assert one.changed_fields == ("name",)


def test_who_fills_in_what_was_signed_empty_has_signed_nothing_of_it(found: Found) -> None:
    blank = signed(draw_fillable(FORM), ANNA, ISSUER)
    (one,) = found(changed(changed(blank, "name", "ANNA KOWALSKA"), "customer_no", "10000001"))
    assert (one.standing, one.changed_fields) == (SignatureStanding.CHANGED, ("customer_no", "name"))


@pytest.mark.parametrize("after", [b"\r\n", b"\r\nX-Scanned: by a mail gateway\r\n", b"\0" * 500])
def test_bytes_that_gateways_add_behind_the_end_do_no_harm(found: Found, after: bytes) -> None:
    (one,) = found(SIGNED + after)
    assert one.standing is SignatureStanding.VALID


def test_an_expired_certificate_counts_where_a_time_stamp_proves_that_it_was_valid(found: Found) -> None:
    stamps = ISSUER.time_stamps(now() - 110 * DAYS)
    (one,) = found(signed(FILLED, _expired(), ISSUER, stamps=stamps))
    assert (one.standing, one.time_proven) == (SignatureStanding.VALID, True)


def test_what_is_revoked_after_a_proven_time_was_still_valid_then(found: Found) -> None:
    stamped = signed(FILLED, ANNA, ISSUER, stamps=ISSUER.time_stamps(now() - 9 * DAYS))
    (one,) = found(_revoked(stamped, now() - 3 * DAYS))
    assert one.standing is SignatureStanding.VALID


def test_revocation_data_of_the_file_say_that_nothing_was_revoked(found: Found) -> None:
    (one,) = found(with_revocation_lists(SIGNED, ISSUER.revoked()))
    assert (one.standing, one.not_revoked) == (SignatureStanding.VALID, True)


def test_a_revocation_list_of_the_administrator_counts_too(found: Found, tmp_path: Path) -> None:
    (tmp_path / "wystawcy" / "lista.crl").write_bytes(ISSUER.revoked((ANNA, now() - 3 * DAYS)))
    (one,) = found(SIGNED)
    assert one.standing is SignatureStanding.REVOKED


def test_a_person_and_then_a_company_sign_and_both_signatures_stand(found: Found) -> None:
    seal = ISSUER.seal("Firma", "VATPL-1234563218")
    first, second = found(signed(SIGNED, seal, ISSUER, name="Podpis2"))
    assert (first.standing, first.signer, first.further_signed) == (
        SignatureStanding.VALID,
        "ANNA MARIA KOWALSKA",
        True,
    )
    assert (second.standing, second.kind, second.further_signed) == (SignatureStanding.VALID, SignatureKind.SEAL, False)
    assert (second.organisation, second.organisation_nip) == ("Firma", "1234563218")


def test_a_visible_signature_is_one_as_well(found: Found) -> None:
    (one,) = found(signed(FILLED, ANNA, ISSUER, box=(40, 40, 200, 90)))
    assert one.counts


def test_a_signed_file_that_asks_for_no_password_to_be_read_is_verified(found: Found) -> None:
    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(FILLED)) as pdf:
        pdf.save(file, encryption=pikepdf.Encryption(owner="tajne", user=""))
    (one,) = found(signed(file.getvalue(), ANNA, ISSUER, password="tajne"))
    assert one.counts


def test_without_trusted_issuers_nobody_is_believed_and_it_is_said_so(
    found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EBOK_TRUST_DIR")
    get_settings.cache_clear()
    (one,) = found(SIGNED)
    assert (one.standing, one.counts) == (SignatureStanding.NO_TRUST_ROOTS, False)
    assert one.reason == "Podpisu elektronicznego nie sprawdzono: brak zaufanych wystawców."


@pytest.mark.parametrize(
    "data",
    [FILLED, with_empty_signature_field(FILLED), b"\xff\xd8\xff a photograph /ByteRange [0 1 2 3]"],
    ids=["unsigned", "with an empty place for a signature", "no PDF"],
)
def test_a_file_that_nobody_signed_has_no_signature(found: Found, data: bytes) -> None:
    assert found(data) == ()


def _with_rsa() -> Identity:
    name = name_of(country="PL", common="A", given="ANNA", surname="KOWALSKA")
    return ISSUER.issued(name, key=rsa.generate_private_key(65537, 2048))


def test_a_signature_whose_encoding_only_openssl_refuses_is_verified(found: Found) -> None:
    identity = _with_rsa()
    for data in (signed(FILLED, identity, ISSUER), signed(FILLED, identity, ISSUER, by=WithoutNull)):
        for written in (data, with_attributes_reversed(data)):
            assert [each.standing for each in found(written)] == [SignatureStanding.VALID]
            broken = written[:BROKEN_BYTE] + b"7" + written[BROKEN_BYTE + 1 :]
            assert [each.standing for each in found(broken)] == [SignatureStanding.BROKEN]


def test_another_rsa_signature_is_broken(found: Found) -> None:
    class Wrong(WithoutNull):
        """Signs something else."""

        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            return await super().async_sign_raw(data + b" ", digest_algorithm, dry_run)

    assert [each.standing for each in found(signed(FILLED, _with_rsa(), ISSUER, by=Wrong))] == [
        SignatureStanding.BROKEN
    ]


def test_names_of_signers_never_come_into_the_log(found: Found, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for data, _ in WRONG.values():
            found(data())
    assert "KOWALSKA" not in caplog.text
    assert PESEL not in caplog.text


def test_nothing_is_asked_of_the_network(found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("somebody was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    (one,) = found(SIGNED)
    assert one.counts


def test_the_evidence_is_the_same_when_it_was_kept(found: Found) -> None:
    (one,) = found(signed(FILLED, ANNA, ISSUER, stamps=ISSUER.time_stamps(now() - DAYS)))
    again = from_json(one.as_json())
    assert again.as_json() == one.as_json()
    assert again.counts


def test_issuers_are_read_in_either_form_and_other_files_are_named(found: Found, tmp_path: Path) -> None:
    folder = tmp_path / "wystawcy"
    (folder / "inny.cer").write_bytes(STRANGER.root.certificate.public_bytes(Encoding.DER))
    (folder / "lista.pem").write_bytes(b"")
    (folder / ".ukryty").write_bytes(b"")
    told = trust_roots()
    assert len(told.certificates) == 2
    assert told.unusable == ("lista.pem",)
    assert told.expired(now()) == 0
    assert told.expired(now() + 3 * YEAR) == 2


def test_a_folder_of_issuers_that_went_away_trusts_nobody(found: Found, tmp_path: Path) -> None:
    assert len(trust_roots().certificates) == 1
    (tmp_path / "wystawcy").rename(tmp_path / "gdzie indziej")
    assert trust_roots().unusable == ("wystawcy",)
    assert [each.standing for each in found(SIGNED)] == [SignatureStanding.NO_TRUST_ROOTS]
