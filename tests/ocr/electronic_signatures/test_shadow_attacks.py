"""What a signed file shows is changed, and nothing of its signed part: the signature says so, and does not count."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from environment.settings import get_settings
from forms.electronic_signature import SignatureStanding
from ocr.electronic_signatures.detection import signatures_in
from specimens.files import write
from tests.ocr.electronic_signatures.test_verification import ANNA, FILLED, ISSUER, SIGNED
from tests.shadow_files import (
    with_cover,
    with_empty_object,
    with_hidden_object,
    with_object_at,
    with_other_font,
    with_other_look,
    with_shadow,
    with_shadow_shown,
    without_form,
    without_object,
)
from tests.signed_files import signed

COVER: Final = with_cover(FILLED)
COVERED: Final = signed(COVER[0], ANNA, ISSUER)
HIDING: Final = with_hidden_object(*COVER)
SHADOWED: Final = signed(with_shadow(FILLED), ANNA, ISSUER)
ATTACKS: Final[dict[str, tuple[bytes, Callable[[bytes], bytes]]]] = {
    "hidden: a sheet that covered the page is said not to be there": (
        COVERED,
        lambda data: without_object(data, COVER[1]),
    ),
    "hidden: that sheet is exchanged for an empty one": (COVERED, lambda data: with_empty_object(data, COVER[1])),
    "hidden and replaced: the empty one was signed along": (
        signed(HIDING[0], ANNA, ISSUER),
        lambda data: with_object_at(data, COVER[1], HIDING[1]),
    ),
    "replaced: another font": (SIGNED, with_other_font),
    "replaced: another look of a field": (SIGNED, lambda data: with_other_look(data, "name")),
    "replaced: another document that was signed along": (SHADOWED, with_shadow_shown),
    "replaced: the form without the place of the signature": (SIGNED, without_form),
    "replaced: another document behind it": (SIGNED, lambda data: data + FILLED),
    "covered by the look of a later signature that counts": (
        SIGNED,
        lambda data: signed(data, ISSUER.person("EWA", "OSZUST"), ISSUER, name="Podpis2", box=(0, 0, 595, 842)),
    ),
}


@pytest.mark.parametrize(("before", "attack"), list(ATTACKS.values()), ids=list(ATTACKS))
def test_whoever_changes_what_a_signed_file_shows_makes_its_signature_count_for_nothing(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: bytes, attack: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setenv("EBOK_TRUST_DIR", str(ISSUER.trusted_in(tmp_path / "wystawcy")))
    get_settings.cache_clear()
    assert [one.standing for one in signatures_in(write(tmp_path / "before.pdf", before))] == [SignatureStanding.VALID]
    first, *_ = signatures_in(write(tmp_path / "after.pdf", attack(before)))
    assert (first.standing, first.counts) == (SignatureStanding.CHANGED, False)
    assert first.reason == "Plik zmieniono po podpisaniu elektronicznym."
