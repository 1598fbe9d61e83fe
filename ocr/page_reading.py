"""One aligned page of a form to the values of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from forms.form import Form
from forms.layout import FieldLayout
from forms.submission import FieldValue, Source
from ocr.alignment import Alignment
from ocr.combs import Comb
from ocr.handprint import Hand, HandReader, writers
from ocr.marks import read_tick
from ocr.pages import Page
from ocr.printed import read_printed
from ocr.sheet import READING_DPI, Sheet
from ocr.signatures import read_signature
from ocr.stray_ink import StrayInk
from ocr.strikes import doubt_in_cells
from ocr.text_layer import characters, read_typed, read_widget, typed_text
from ocr.visibility import DOUBT_ALL_EMPTY, DOUBT_COVERED, hidden_fields

_EMPTY_CONFIDENCE: Final = 0.995
_LOW: Final = 0.3

DOUBT_MAYBE_HAND: Final = "Możliwe pismo odręczne. Sprawdź z obrazem."
DOUBT_UNSEEN: Final = "Plik zawiera tu tekst, którego na stronie nie widać. Sprawdź z obrazem."
DOUBT_INK: Final = "Pole formularza PDF jest puste, ale na stronie coś w nim widać. Sprawdź z obrazem."


@dataclass(frozen=True, slots=True)
class PageReading:
    """The values of one page of a form, and what they were read from."""

    form: Form
    form_page: int
    source: Literal["scan", "text", "acroform"]
    fields: dict[str, FieldValue]


def read_page(page: Page, alignment: Alignment, hand: HandReader) -> PageReading:
    """Read every field of an aligned page; ``hand`` reads what was written by hand."""
    sheet = Sheet(page.picture, alignment)
    form, number = alignment.blank.form, alignment.blank.page
    combs = {item.field.name: sheet.comb(item) for item in sheet.fields if item.field.kind.widget == "comb"}
    fields = {item.field.name: _mark(sheet, item) for item in sheet.fields if item.field.kind.widget != "comb"}
    source: Literal["scan", "text", "acroform"] = "scan"
    widgets = {name: value for name, value in page.widgets.items() if name in form}
    if any(widgets.values()):
        source = "acroform"
        fields |= _from_widgets(sheet, widgets, combs)
    elif page.digital and (typed := _from_text(sheet, page, combs)) is not None:
        source = "text"
        fields |= typed
    unread = {name: comb for name, comb in combs.items() if name not in fields}
    fields |= _from_picture(sheet, unread, hand)
    fields |= _doubted_by_strays(sheet, fields)
    if source == "scan":
        fields |= _doubted_by_sight(sheet, fields, combs)
    ordered = {item.field.name: _on_page(fields[item.field.name], page.number) for item in sheet.fields}
    return PageReading(form, number, source, ordered)


def _mark(sheet: Sheet, item: FieldLayout) -> FieldValue:
    read = read_signature if item.field.kind.widget == "signature" else read_tick
    return read(sheet.picture, READING_DPI, item)


def _from_widgets(
    sheet: Sheet, widgets: Mapping[str, str | bool | None], combs: Mapping[str, Comb]
) -> dict[str, FieldValue]:
    found = {}
    for item in sheet.fields:
        name = item.field.name
        if name not in widgets:
            continue
        value = read_widget(item, widgets[name])
        if value.value is None and name in combs and not combs[name].empty:
            value = _doubted(value, DOUBT_INK)
        found[name] = value
    return found


def _from_text(sheet: Sheet, page: Page, combs: Mapping[str, Comb]) -> dict[str, FieldValue] | None:
    """Values of the text layer; None when it says nothing in any field, though something is drawn there."""
    layer = characters(page, sheet.alignment)
    found = {}
    for item in sheet.fields:
        name = item.field.name
        if name not in combs:
            continue
        text = typed_text(item, layer)
        if text.strip():
            value = read_typed(item, text)
            found[name] = _doubted(value, DOUBT_UNSEEN) if combs[name].empty else value
    if not found and any(not comb.empty for comb in combs.values()):
        return None
    return found


def _from_picture(sheet: Sheet, combs: Mapping[str, Comb], hand: HandReader) -> dict[str, FieldValue]:
    items = {item.field.name: item for item in sheet.fields}
    fields = {
        name: FieldValue(None, _EMPTY_CONFIDENCE, True, Source.PRINT, items[name].page, items[name].bounds)
        for name, comb in combs.items()
        if comb.empty
    }
    filled = {name: comb for name, comb in combs.items() if not comb.empty}
    if not filled:
        return fields
    by = writers({name: (items[name].field.kind, comb) for name, comb in filled.items()})
    by_hand = [name for name, writer in by.items() if writer is Hand.HAND]
    written = [items[name] for name in by_hand]
    fields |= hand.read(sheet.picture, READING_DPI, written, bitonal=sheet.bitonal)
    printed = read_printed(sheet, {name: comb for name, comb in filled.items() if name not in by_hand})
    for name, value in printed.items():
        fields[name] = _doubted(value, DOUBT_MAYBE_HAND) if by[name] is Hand.UNSURE else value
    for name, comb in filled.items():
        if by[name] is not Hand.PRINT and (doubt := doubt_in_cells(comb)) is not None:
            fields[name] = _doubted(fields[name], doubt)
    return fields


def _doubted_by_sight(
    sheet: Sheet, fields: Mapping[str, FieldValue], combs: Mapping[str, Comb]
) -> dict[str, FieldValue]:
    """The trusted values of fields that are partly covered, and those of a page on which nothing is seen."""
    hidden = hidden_fields(sheet)
    no_ink = all(comb.empty for comb in combs.values())  # a blank that nobody filled in, or ink that left no trace
    found = {}
    for item in sheet.fields:
        name = item.field.name
        if not fields[name].trusted:
            continue
        if name in hidden:
            found[name] = _doubted(fields[name], DOUBT_COVERED)
        elif name in combs and no_ink:
            found[name] = _doubted(fields[name], DOUBT_ALL_EMPTY)
    return found


def _doubted_by_strays(sheet: Sheet, fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """The trusted values at which something was written outside of the boxes."""
    strays = StrayInk(sheet)
    found = {item.field.name: (fields[item.field.name], item) for item in sheet.fields}
    return {
        name: _doubted(value, doubt)
        for name, (value, item) in found.items()
        if value.trusted and (doubt := strays.doubt(item, value.value)) is not None
    }


def _doubted(value: FieldValue, doubt: str) -> FieldValue:
    return replace(value, confidence=_LOW, trusted=False, doubt=doubt)


def _on_page(value: FieldValue, number: int) -> FieldValue:
    """With the page of the file instead of the page of the form."""
    return replace(value, page=number)
