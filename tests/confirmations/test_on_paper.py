"""Letter and receipt as a printer puts them on paper: what stands where, in millimetres from the left and the top."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pdfplumber
import pikepdf
import pypdfium2
import pytest
import zxingcpp

from confirmations.channels.interface import Envelope
from confirmations.channels.letter import draw_letter
from confirmations.receipt import Receipt, draw_receipt
from confirmations.rendering import render
from confirmations.tables import Medium
from tests.confirmations.samples import RECIPIENT, TRACKING

pytestmark = pytest.mark.usefixtures("home")

MM = 72 / 25.4
COMPANY = "Miejskie Zakłady Komunalne Sp. z o.o."
ASKED = "Strona zapyta o adres e-mail albo kod pocztowy z formularza."
STATE = f"Stan sprawy: http://127.0.0.1:8000/sprawa/{TRACKING}"
WRITTEN = datetime(2026, 11, 24, 12, tzinfo=UTC)
RECEIPT = Receipt(
    TRACKING,
    "Zgłoszenie do eBOK",
    "24 listopada 2026 r., 12:30",
    "formularz na stronie",
    "Czeka <na> adres & trwa",
    (("Imię i nazwisko", "Zofia Przykładna"), ("PESEL", "•" * 11)),
    typed=True,
    made="25 listopada 2026 r.",
)


def letter(template: str = "incomplete_signature", recipient: str = RECIPIENT[Medium.LETTER], **said: Any) -> bytes:
    context = {"tracking": TRACKING, "customer_ref": "10000678", "proven": True, "form_title": "Zgłoszenie", **said}
    content = render(template, context, Medium.LETTER)
    return draw_letter(Envelope("key", TRACKING, template, recipient, content, WRITTEN))


def texts(pdf: bytes, page: int = 0) -> list[tuple[str, float, float, str, float]]:
    """Every run of text with its left and lower edge, weight and size, in the order of drawing."""
    with pdfplumber.open(BytesIO(pdf)) as opened:
        words = opened.pages[page].extract_words(
            keep_blank_chars=True, x_tolerance=8, extra_attrs=["fontname", "size"], use_text_flow=True
        )
    return [
        (
            word["text"].strip(),
            word["x0"] / MM,
            word["bottom"] / MM,
            word["fontname"].rpartition("-")[2],
            float(word["size"]),
        )
        for word in words
    ]


def lines(pdf: bytes, page: int = 0) -> list[tuple[float, float, float, float]]:
    """Every line with its left end, its height on the page, its right end and its width in points."""
    with pdfplumber.open(BytesIO(pdf)) as opened:
        drawn = opened.pages[page].lines
    return [(line["x0"] / MM, line["top"] / MM, line["x1"] / MM, line["linewidth"]) for line in drawn]


def near(text: str, left: float, low: float, weight: str, size: float) -> tuple[Any, ...]:
    return (text, pytest.approx(left, abs=0.15), pytest.approx(low, abs=0.15), weight, pytest.approx(size, abs=0.01))


def missing(wanted: list[tuple[Any, ...]], pdf: bytes) -> list[tuple[Any, ...]]:
    found = texts(pdf)
    return [one for one in wanted if not any(one == other for other in found)]


def test_the_head_the_address_and_the_foot_of_a_letter_stand_where_a_window_envelope_wants_them() -> None:
    wanted = [
        near(COMPANY, 25, 23.2, "Bold", 12),
        near("66-470 Kostrzyn nad Odrą", 25, 28.5, "Regular", 9.5),
        near("Kostrzyn nad Odrą, 24 listopada 2026 r.", 116.5, 39.1, "Regular", 10.5),
        near("Zofia Przykładna", 115, 57.1, "Regular", 11),
        near("ul. Źródlana 12/4", 115, 62.3, "Regular", 11),
        near("66-470 Kostrzyn nad Odrą", 115, 67.5, "Regular", 11),
        near("Numer sprawy", 25, 57, "Regular", 9.5),
        near(TRACKING, 25, 63.3, "Bold", 13),
        near(STATE, 25, 281.4, "Regular", 9),
        near(ASKED, 25, 285.9, "Regular", 9),
    ]
    pdf = letter()
    assert missing(wanted, pdf) == []
    (contact,) = [one for one in texts(pdf) if one[0].startswith("Telefon:")]
    assert contact[1:] == near("", 25, 276.9, "Regular", 9)[1:]
    assert contact[0] == "Telefon: 95 727 96 51 lub 95 727 96 42   E-mail: mzk@kostrzyn.pl   www.mzk.kostrzyn.pl"


def test_a_letter_has_two_marks_where_it_is_folded_and_a_line_above_its_foot() -> None:
    assert lines(letter()) == [
        pytest.approx((5, 105, 9, 0.4), abs=0.05),
        pytest.approx((5, 210, 9, 0.4), abs=0.05),
        pytest.approx((25, 271, 185, 0.5), abs=0.05),
    ]


def test_the_text_of_a_letter_begins_below_the_window_with_its_title_and_numbers_its_steps() -> None:
    pdf = letter()
    wanted = [
        near("Brakuje podpisu na formularzu", 25, 114.4, "Bold", 14),
        near("Dzień dobry,", 25, 124, "Regular", 11),
    ]
    assert missing(wanted, pdf) == []
    told = [text for text, *_ in texts(pdf)]
    assert [text[:2] for text in told if text[:2] in {"1.", "2.", "3."}] == ["1.", "2.", "3."]
    assert told.index("Z poważaniem") + 1 == len(told) - 1 - told[::-1].index(COMPANY)
    assert all(left > 25 * 0.99 and low < 297 - 32 for text, left, low, *_ in texts(pdf)[11:])


def test_the_barcode_of_a_letter_stands_below_its_case_number_a_centimetre_high() -> None:
    with pdfplumber.open(BytesIO(letter())) as opened:
        bars = opened.pages[0].rects
    edges = (min(b["x0"] for b in bars), min(b["top"] for b in bars), max(b["x1"] for b in bars),
             max(b["bottom"] for b in bars))  # fmt: skip
    assert tuple(edge / MM for edge in edges) == pytest.approx((25, 65, 69.2, 75), abs=0.1)


def test_a_letter_says_in_its_properties_what_it_is_and_in_which_language() -> None:
    with pikepdf.open(BytesIO(letter())) as pdf:
        assert str(pdf.Root.Lang) == "pl"
        assert str(pdf.docinfo["/Title"]) == "Brakuje podpisu na formularzu"
        assert str(pdf.docinfo["/Author"]) == COMPANY
        assert [float(edge) for edge in pdf.pages[0].mediabox] == pytest.approx([0, 0, 595.28, 841.89], abs=0.01)


def test_a_receipt_has_its_giver_above_and_below_and_labels_beside_values() -> None:
    wanted = [
        near(COMPANY, 22, 21.2, "Bold", 12),
        near("66-470 Kostrzyn nad Odrą", 22, 26.5, "Regular", 9.5),
        near(STATE, 22, 283.4, "Regular", 9),
        near(ASKED, 22, 287.9, "Regular", 9),
        near("Potwierdzenie wpływu", 22, 41.8, "Bold", 17),
        near("Numer sprawy", 22, 51.6, "Regular", 10.5),
        near(TRACKING, 22, 61.2, "Bold", 20),
        near("Formularz", 22, 91.7, "Bold", 10.5),
        near("Zgłoszenie do eBOK", 82, 91.7, "Regular", 10.5),
        near("Data i godzina wpływu", 22, 99.1, "Bold", 10.5),
        near("24 listopada 2026 r., 12:30", 82, 99.1, "Regular", 10.5),
        near("Jak dotarł", 22, 106.5, "Bold", 10.5),
        near("formularz na stronie", 82, 106.5, "Regular", 10.5),
        near("Stan", 22, 114, "Bold", 10.5),
        near("Czeka <na> adres & trwa", 82, 114, "Regular", 10.5),
        near("Dane podane w formularzu", 22, 127, "Bold", 12),
        near("Imię i nazwisko", 22, 134.5, "Bold", 10.5),
        near("Zofia Przykładna", 82, 134.5, "Regular", 10.5),
        near("PESEL", 22, 141.9, "Bold", 10.5),
    ]
    assert missing(wanted, draw_receipt(RECEIPT)) == []


def test_every_row_of_a_receipt_is_ruled_off_and_so_is_its_foot() -> None:
    assert [line[:3] for line in lines(draw_receipt(RECEIPT))] == [
        pytest.approx((22, at, 188), abs=0.1) for at in (93.3, 100.7, 108.1, 115.5, 136.1, 143.5, 273)
    ]


def test_the_codes_of_a_receipt_stand_beside_each_other_and_are_read_from_its_picture() -> None:
    document = pypdfium2.PdfDocument(draw_receipt(RECEIPT))
    picture = document[0].render(scale=3).to_pil()
    document.close()
    found = {code.format: code for code in zxingcpp.read_barcodes(picture)}
    assert found[zxingcpp.BarcodeFormat.Code128].text == TRACKING
    qr_code = found[zxingcpp.BarcodeFormat.QRCode]
    assert qr_code.text == f"http://127.0.0.1:8000/sprawa/{TRACKING}"
    corners = qr_code.position
    left, top, right = (value / 3 / MM for value in (corners.top_left.x, corners.top_left.y, corners.bottom_right.x))
    assert (left, top, right) == pytest.approx((156.1, 48.9, 186), abs=0.6)


def test_what_was_read_from_paper_is_not_told_as_typed_and_a_receipt_without_values_has_no_table_of_them() -> None:
    read = Receipt(**{**{name: getattr(RECEIPT, name) for name in RECEIPT.__slots__}, "typed": False})
    none = Receipt(**{**{name: getattr(RECEIPT, name) for name in RECEIPT.__slots__}, "values": ()})
    assert "Dane odczytane z dokumentu" in [text for text, *_ in texts(draw_receipt(read))]
    told = [text for text, *_ in texts(draw_receipt(none))]
    assert not [text for text in told if text.startswith("Dane ")]
    assert any(text.startswith("Wydane 25 listopada 2026 r.") for text in told)


def test_a_receipt_of_many_values_goes_on_on_a_second_page_within_its_edges() -> None:
    values = tuple((f"Pole {number}", "wartość " * 12) for number in range(40))
    long = Receipt(**{**{name: getattr(RECEIPT, name) for name in RECEIPT.__slots__}, "values": values})
    with pikepdf.open(BytesIO(draw_receipt(long))) as pdf:
        assert len(pdf.pages) > 1
        assert str(pdf.docinfo["/Title"]) == f"Potwierdzenie wpływu, sprawa {TRACKING}"
        assert str(pdf.docinfo["/Author"]) == COMPANY
    second = texts(draw_receipt(long), page=1)
    body = [one for one in second if one[0].startswith(("Pole", "wartość"))]
    assert min(one[2] for one in body) == pytest.approx(39, abs=2)
    assert max(one[2] for one in body) < 297 - 30
    assert COMPANY in [one[0] for one in second]
