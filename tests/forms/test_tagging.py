"""What a screen reader is told of the PDFs that we draw."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pdfplumber
import pikepdf
import pytest

from confirmations.receipt import Receipt, draw_receipt
from environment import clock
from forms.blank import draw_blank
from forms.catalogue import current_forms, form_by_code
from forms.fillable import draw_fillable
from forms.form import Form
from forms.leaflet import draw_leaflet
from forms.tagging import Headings, add_tags
from forms.terms import in_force
from forms.terms_pages import terms_pdf

_SIGN_UP = form_by_code("ebok_signup")


def _told(pdf: bytes) -> list[tuple[str, str]]:
    """Role and text of each element, in the order in which it is read."""
    with pdfplumber.open(BytesIO(pdf)) as opened:
        of_mark = {page.page_number: _texts(page) for page in opened.pages}
        (whole,) = opened.structure_tree
        assert whole["type"] == "Document"
        return [
            (one["type"], "".join(of_mark[one["page_number"]][mark] for mark in one.get("mcids", ())))
            for one in whole["children"]
        ]


def _texts(page: Any) -> dict[int | None, str]:
    texts: dict[int | None, str] = {}
    for sign in page.chars:
        texts[sign["mcid"]] = texts.get(sign["mcid"], "") + sign["text"]
    return texts


def _fields_in_order(pdf: bytes) -> Iterator[tuple[str, str]]:
    """Of each field that is read: what stands before it in the tree, and its name."""
    texts = iter([text for role, text in _told(pdf) if role != "Form"])
    with pikepdf.open(BytesIO(pdf)) as opened:
        before = ""
        for element in opened.Root.StructTreeRoot.K.K:
            if element.S == "/Form":
                widget = element.K.Obj
                numbers = opened.Root.StructTreeRoot.ParentTree.Nums
                back = {int(numbers[at]): numbers[at + 1] for at in range(0, len(numbers), 2)}
                assert back[int(widget.StructParent)].objgen == element.objgen, "a field leads back to its element"
                yield before, str(widget.T)
            else:
                before = next(texts)


@pytest.mark.parametrize("form", current_forms(), ids=lambda form: form.code)
def test_a_fillable_form_is_read_label_by_label_with_each_field_after_its_own(form: Form) -> None:
    wanted = [item for item in form.fields if item.kind.widget != "signature"]
    found = list(_fields_in_order(draw_fillable(form)))
    assert [name for _, name in found] == [item.name for item in wanted]
    for (label, _), item in zip(found, wanted, strict=True):
        assert "".join(item.label.split()).startswith("".join(label.split())[:20])


def test_a_blank_has_a_title_and_its_sections_as_headings_in_the_order_of_reading() -> None:
    told = _told(draw_blank(_SIGN_UP))
    assert [text for role, text in told if role == "H1"] == [_SIGN_UP.title]
    headings = [text for role, text in told if role == "H2"]
    assert [text[0] for text in headings] == ["1", "2", "3", "4", "5"]
    order = [text for _, text in told]
    assert order.index("PESEL") < order.index(headings[1]) < order.index("Miejscowość") < order.index(headings[2])


def test_lines_of_one_paragraph_are_one_and_dots_between_cells_are_not_read() -> None:
    told = [text for _, text in _told(draw_blank(_SIGN_UP))]
    assert any(len(text) > 120 for text in told), "a paragraph of several lines"
    assert "." not in told


def test_a_document_without_tags_looks_the_same_and_says_nothing() -> None:
    with pikepdf.open(BytesIO(draw_fillable(_SIGN_UP, tags=False))) as plain:
        assert "/StructTreeRoot" not in plain.Root
    with pikepdf.open(BytesIO(draw_fillable(_SIGN_UP))) as opened:
        assert opened.Root.MarkInfo.Marked
        assert str(opened.Root.Lang) == "pl"
        assert opened.pages[0].obj.Tabs == "/S"


def test_regulamin_receipt_and_leaflet_begin_with_their_title_and_leave_no_text_out() -> None:
    receipt = Receipt("K7M4-PX9A", "Zgłoszenie", "dziś", "strona", "Przyjęta.", (("Nazwa", "Łucja"),), True, "dziś")
    terms = in_force("ebok", clock.today())
    titles = {draw_receipt(receipt): "Potwierdzenie wpływu", terms_pdf(terms): terms.title, draw_leaflet(): "Załatw to"}
    for pdf, title in titles.items():
        told = _told(pdf)
        assert next(text for role, text in told if role == "H1").replace("\xa0", " ").startswith(title)
        assert len([role for role, _ in told if role == "H2"]) > 0
        with pdfplumber.open(BytesIO(pdf)) as opened:
            assert not any(None in _texts(page) for page in opened.pages)


def test_a_field_without_a_label_on_its_page_is_told() -> None:
    with pikepdf.open(BytesIO(draw_blank(_SIGN_UP, tags=False))) as pdf:
        widget = pdf.make_indirect(pikepdf.Dictionary())
        with pytest.raises(ValueError, match="1 fields"):
            add_tags(pdf, Headings(19.0, 11.5), [(widget, 0, (1.0, 1.0))])
