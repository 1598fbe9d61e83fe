"""Regulamin texts: the version of a day, the company's own folder, and what a reader gets."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path

import pdfplumber
import pytest

from environment.settings import get_settings
from forms.terms import KEYS, TermsError, in_force, text_of, versions
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
        ("parking,1,2025-01-01", "wiersz 4: nie ma regulaminu 'parking'"),
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
    texts = {key: " ".join(text_of(versions(key)[-1]).split()) for key in KEYS}
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
    assert "**" not in " ".join(pages)


def test_markup_in_a_text_of_ones_own_stays_text(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = own_terms(home / "terms", monkeypatch, *BOTH).parent
    (folder / "ebok-2.md").write_text("<script>alert(1)</script> i [tu](javascript:alert(1))")
    shown = terms_html(versions("ebok")[-1])
    assert "<script" not in shown
    assert "href" not in shown
