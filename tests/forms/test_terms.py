"""Regulamin texts: the version of a day, the company's own folder, and what a reader gets."""

from __future__ import annotations

import re
from datetime import date
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pdfplumber
import pytest

import forms.terms
from environment.settings import get_settings
from forms.terms import KEYS, REGULAMINS, TermsError, in_force, text_of, versions
from forms.terms_pages import terms_html, terms_pdf
from tests.own_terms import own_terms

BOTH = (("ebok", "1", "2025-01-01"), ("ebok", "2", "2025-06-01"), ("einvoice", "1", "2025-01-01"))


@pytest.mark.parametrize(
    ("day", "version"),
    [("2024-12-31", "1"), ("2025-01-01", "1"), ("2025-05-31", "1"), ("2025-06-01", "2"), ("2030-01-01", "2")],
)
def test_each_day_has_its_version(home: Path, monkeypatch: pytest.MonkeyPatch, day: str, version: str) -> None:
    own_terms(home / "terms", monkeypatch, *reversed(BOTH))
    assert in_force("ebok", date.fromisoformat(day)).version == version


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("parking,1,2025-01-01", "wiersz 4: nie ma tekstu 'parking'"),
        ("ebok,../2,2025-06-01", r"wiersz 4: '\.\./2' to nie wersja"),
        ("ebok,2,wiosna", "wiersz 4: 'wiosna' to nie dzień"),
        ("ebok,2,2025-06-01", r"wiersz 4: brakuje pliku ebok-2\.md"),
        ("ebok,1,2025-06-01", "każda wersja i każdy dzień może być tylko raz"),
    ],
)
def test_a_wrong_row_is_told_by_its_line(home: Path, monkeypatch: pytest.MonkeyPatch, row: str, told: str) -> None:
    table = own_terms(home / "terms", monkeypatch, BOTH[0], BOTH[2])
    table.write_text(table.read_text() + row + "\n")
    with pytest.raises(TermsError, match=told):
        versions("ebok")


def test_a_word_that_nobody_fills_in_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = own_terms(home / "terms", monkeypatch, *BOTH).parent
    (folder / "ebok-2.md").write_text("Prezes: ${company_president}")
    with pytest.raises(TermsError, match="company_president"):
        versions("ebok")


def test_the_shipped_texts_say_what_the_law_wants_of_them() -> None:
    texts = {key: " ".join(text_of(versions(key)[-1]).split()) for key in REGULAMINS}
    assert all(get_settings().company_name in text and "Reklamac" in text and "RODO" in text for text in texts.values())
    assert "106n" in texts["einvoice"]
    assert "od dnia następującego po dniu, w którym otrzymaliśmy wycofanie" in texts["einvoice"]
    assert f"po {get_settings().proof_days} dniach" in texts["ebok"]


@pytest.mark.parametrize("key", KEYS)
def test_the_pdf_holds_the_whole_text_and_names_its_version_on_each_page(key: str) -> None:
    terms = versions(key)[-1]
    with pdfplumber.open(BytesIO(terms_pdf(terms))) as pdf:
        breaking = str.maketrans({"\N{NO-BREAK SPACE}": " ", "\N{NON-BREAKING HYPHEN}": "-"})
        pages = [" ".join((page.extract_text() or "").translate(breaking).split()) for page in pdf.pages]
    last = len(pages)
    assert all(f"wersja {terms.version} strona {number} z {last}" in page for number, page in enumerate(pages, 1))
    headings = [line[3:] for line in text_of(terms).splitlines() if line.startswith("## ")]
    assert [heading for heading in headings if heading not in " ".join(pages)] == []
    assert "**" not in " ".join(pages) and "{#" not in " ".join(pages)


def test_markup_in_a_text_of_ones_own_stays_text(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = own_terms(home / "terms", monkeypatch, *BOTH).parent
    (folder / "ebok-2.md").write_text("<script>alert(1)</script> i [tu](javascript:alert(1))")
    shown = terms_html(versions("ebok")[-1])
    assert "<script" not in shown
    assert "href" not in shown


DECLARED = (
    *("wstep", "podmiot", "zakres", "url", "data-publikacja", "data-aktualizacja", "status", "kontakt", "email"),
    *("telefon", "procedura", "data-sporzadzenie", "architektura", "komunikacja"),
)
"""Places that the technical conditions of declarations demand, in edition 2.0 of 2024."""


def test_the_declaration_of_accessibility_has_the_places_that_programs_look_for() -> None:
    shown = terms_html(versions("accessibility")[-1])
    assert [place for place in DECLARED if shown.count(f'id="a11y-{place}"') != 1] == []
    assert re.search(r'<time id="a11y-data-sporzadzenie" datetime="2026-12-01">01\.12\.2026\s+r\.</time>', shown)
    assert "{#" not in shown and "]" not in shown


@pytest.mark.parametrize(("key", "digest"), [("ebok", "23782ccf2e874aa4"), ("einvoice", "8592405549254875")])
def test_a_text_that_people_consented_to_is_never_edited(key: str, digest: str) -> None:
    text = Path(forms.terms.__file__).parent / "terms_texts" / f"{key}-1.md"
    assert sha256(text.read_bytes()).hexdigest().startswith(digest)


@pytest.mark.parametrize("key", KEYS)
def test_no_verb_hangs_on_the_name_of_the_company(key: str) -> None:
    before, *rest = text_of(versions(key)[-1]).split(get_settings().company_name)
    assert rest
    assert [part[-30:] for part in (before, *rest[:-1]) if not part.endswith((": ", "Podmiot publiczny ["))] == []


def test_periods_of_keeping_stand_in_the_text_on_privacy_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, days in (("ORIGINALS", 0), ("ACCOUNTS", 365), ("BILLING", 2192), ("MESSAGES", 100)):
        monkeypatch.setenv(f"EBOK_KEEP_{name}_DAYS", str(days))
    get_settings.cache_clear()
    text = text_of(versions("privacy")[-1])
    for told in ("ze spraw załatwionych: bezterminowo", "konto: 1 rok", "odczyty: 6 lat", "wiadomości: 100 dni"):
        assert told in text


def test_who_has_regulamins_of_his_own_has_the_other_texts_all_the_same(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = own_terms(home / "terms", monkeypatch, *BOTH).parent
    assert "a11y-status" in terms_html(versions("accessibility")[-1])
    (folder / "privacy-2.md").write_text("Nasza prywatność")
    (folder / "history.csv").write_text((folder / "history.csv").read_text() + "privacy,2,2025-02-01\n")
    get_settings.cache_clear()
    forms.terms._history.cache_clear()
    assert text_of(versions("privacy")[-1]) == "Nasza prywatność"
