"""Blanks: what a person prints and fills in by hand."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import zxingcpp

from environment.settings import get_settings
from forms.blank import draw_blank
from forms.catalogue import current_forms, form_by_code
from forms.form import Form
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, code_text, corner_marks, layout
from tests.own_terms import own_terms

FORMS = pytest.mark.parametrize("form", current_forms(), ids=lambda form: form.code)


def text_of(pdf: bytes) -> str:
    return " ".join(pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range().split())


@FORMS
def test_a_blank_is_one_a4_page_with_title_and_language(form: Form) -> None:
    with pikepdf.open(BytesIO(draw_blank(form))) as pdf:
        assert len(pdf.pages) == 1
        assert [float(edge) for edge in pdf.pages[0].mediabox] == pytest.approx([0, 0, PAGE_WIDTH, PAGE_HEIGHT])
        assert str(pdf.Root.Lang) == "pl"
        assert str(pdf.docinfo["/Title"]) == form.title
        assert all("/FontFile2" in font.FontDescriptor for font in pdf.pages[0].Resources.Font.values())


@FORMS
def test_the_same_form_gives_the_same_bytes(form: Form) -> None:
    assert draw_blank(form) == draw_blank(form)


@FORMS
def test_a_blank_says_everything_that_a_person_needs(form: Form) -> None:
    text = text_of(draw_blank(form)).replace("\xad", "")
    settings = get_settings()
    for wanted in (
        settings.company_name,
        settings.company_phones[0],
        form.title,
        "Jak wypełnić",
        "Gdzie oddać",
        "Administrator danych:",
        "Prezesa Urzędu Ochrony Danych Osobowych",
        f"wersja {form.version}",
        *(section.title for section in form.sections),
        *(item.label for item in form.fields),
    ):
        assert wanted in text


@pytest.mark.parametrize("code", [form.code for form in current_forms()])
def test_version_2_differs_from_version_1_by_its_note_on_data_and_stands_in_the_same_places(code: str) -> None:
    older, newer = (form_by_code(code, version) for version in ("1", "2"))
    assert newer.looks_like(older) and newer != older
    assert replace(layout(newer), form=older) == layout(older)
    before, after = (text_of(draw_blank(form)).replace("\xad", "") for form in (older, newer))
    assert "Administratorem danych jest" in before and "Administrator danych:" in after
    before = before.replace("Administratorem danych jest", "Administrator danych:").replace("wersja 1", "wersja 2")
    assert before.replace(" ", "") == after.replace(" ", ""), "lines may break elsewhere"


@pytest.mark.parametrize("code", ["ebok_signup", "einvoice_acceptance"])
def test_a_consent_names_the_version_of_its_terms(code: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_terms(home / "terms", monkeypatch, ("ebok", "7", "2026-01-01"), ("einvoice", "7", "2026-01-01"))
    assert "w wersji 7." in text_of(draw_blank(form_by_code(code)))


@pytest.mark.parametrize(
    ("form", "dpi"), [*((form, 100) for form in current_forms()), *((current_forms()[0], dpi) for dpi in (150, 300))]
)
def test_the_code_tells_form_version_and_page(form: Form, dpi: int) -> None:
    picture = pypdfium2.PdfDocument(draw_blank(form))[0].render(scale=dpi / 72).to_pil()
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [code_text(form, 1)]


def test_the_corner_marks_are_black_and_what_is_written_by_hand_is_white() -> None:
    form = form_by_code("ebok_signup")
    picture = pypdfium2.PdfDocument(draw_blank(form))[0].render(scale=2).to_pil().convert("L")

    def inner(box: tuple[float, float, float, float]) -> tuple[int, int]:
        cut = picture.crop((round(box[0] * 2) + 3, round(box[1] * 2) + 3, round(box[2] * 2) - 3, round(box[3] * 2) - 3))
        darkest, lightest = cut.getextrema()
        return int(darkest), int(lightest)

    assert all(inner(mark) == (0, 0) for mark in corner_marks())
    assert all(inner(box) == (255, 255) for item in layout(form).fields for box in item.boxes)
