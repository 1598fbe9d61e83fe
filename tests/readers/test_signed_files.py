"""Signed files in readers: whom the installation trusts is known there, and hostile signatures cost little."""

from __future__ import annotations

import resource
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from environment.settings import get_settings
from forms.catalogue import form_by_code
from forms.electronic_signature import SignatureStanding
from forms.fillable import draw_fillable
from ocr.electronic_signatures.detection import signatures_in
from ocr.errors import ReaderDiedError, TooCostlyError
from readers import looks
from specimens import hostile
from specimens.files import write
from tests.signed_files import Issuer, changed, signed

FORM = form_by_code("einvoice_withdrawal")
FILLED = draw_fillable(FORM, {"customer_no": "10000001", "name": "ANNA KOWALSKA"})


def test_a_confined_reader_knows_whom_the_installation_trusts(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer = Issuer()
    monkeypatch.setenv("EBOK_TRUST_DIR", str(issuer.trusted_in(tmp_path / "wystawcy")))
    get_settings.cache_clear()
    data = signed(FILLED, issuer.person("ANNA", "KOWALSKA"), issuer)
    found = looks.read_file(write(tmp_path / "signed.pdf", data))
    assert [each.standing for each in found.signatures] == [SignatureStanding.VALID]
    (document,) = found.documents
    assert document.submission is not None
    assert document.submission.fields["signature"].value is True
    as_named = looks.read_as(write(tmp_path / "signed.pdf", data), FORM, [1])
    assert [each.standing for each in as_named.signatures] == [SignatureStanding.VALID]


def _of_many_revisions() -> bytes:
    issuer = Issuer()
    data = signed(FILLED, issuer.person("ANNA", "KOWALSKA"), issuer)
    for number in range(70):
        data = changed(data, "name", f"ANNA {number}")
    return data


@pytest.mark.parametrize(
    "make",
    [
        hostile.many_signatures,
        hostile.circular_signature_fields,
        lambda: hostile.many_signatures(5, b"0", 20_000),
        lambda: hostile.many_signatures(3, hostile.nested_asn1(520_000)),
        lambda: hostile.many_signatures(3, b"\x30\x84\x7f\xff\xff\xff" + bytes(100)),
        _of_many_revisions,
        lambda: b"%PDF-1.7\n/ByteRange [0 1 2 3]\n%%EOF",
    ],
    ids=["many", "circular", "many parts", "deep", "told too long", "many revisions", "no structure"],
)
def test_a_hostile_signature_counts_for_nothing_and_costs_little(
    home: Path, tmp_path: Path, make: Callable[[], bytes]
) -> None:
    path = write(tmp_path / "hostile.pdf", make())
    before = resource.getrusage(resource.RUSAGE_SELF)
    found = signatures_in(path)
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert found == () or {each.standing for each in found} <= {SignatureStanding.UNREADABLE, SignatureStanding.BROKEN}
    assert after.ru_utime - before.ru_utime < 5
    assert after.ru_maxrss - before.ru_maxrss < 300_000, "kilobytes"


@pytest.mark.usefixtures("one_reader")
def test_a_signature_of_many_megabytes_costs_its_own_file_alone(tmp_path: Path) -> None:
    with suppress(TooCostlyError, ReaderDiedError):
        found = looks.read_file(
            write(tmp_path / "huge.pdf", hostile.many_signatures(3, hostile.nested_asn1(5_000_000)))
        )
        assert not any(each.counts for each in found.signatures)
    assert looks.read_file(write(tmp_path / "filled.pdf", FILLED)).documents[0].form_code == FORM.code
