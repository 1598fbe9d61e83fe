"""From one aligned page of a form to the values of its fields.

The picture of the page is the judge. What the file says beside it, in form fields or a text layer, is a witness: a
value that both tell is trusted, one that the picture does not show is doubted. On the photograph of paper nobody is
asked but the picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from forms.form import Form
from forms.kinds import DIGITS, Writing
from forms.layout import FieldLayout
from forms.submission import FieldValue, Source
from ocr.additions.added_ink import added_ink
from ocr.additions.crossed_out import DOUBT_CROSSED_OUT, is_crossed_out
from ocr.additions.page_additions import DOUBT_ADDED_TO_PAGE, DOUBT_OTHER_PRINT, is_added_to, is_print_changed
from ocr.additions.struck_print import DOUBT_STRUCK_PRINT, is_print_struck
from ocr.additions.void_words import DOUBT_VOID, bears_void_words
from ocr.alignment.alignment import Alignment
from ocr.alignment.sheet import READING_DPI, Sheet
from ocr.fields.drawn_over import (
    bare_signatures,
    changing_fields,
    drawn_over,
    lettered_fields,
    marked_ticks,
    pale_marks,
)
from ocr.fields.signatures import read_signature
from ocr.fields.stray_ink import DOUBT_PALE, StrayInk
from ocr.fields.strikes import doubt_in_cells
from ocr.fields.struck_ticks import crossed_ticks, struck_labels
from ocr.fields.ticks import DOUBT_TAKEN_BACK, DOUBT_TICK, read_tick
from ocr.fields.visibility import DOUBT_ALL_EMPTY, DOUBT_COVERED, fields_beyond, hidden_fields
from ocr.fields.witnesses import (
    Statement,
    bears_stamp,
    edges_in_form,
    lettered_ticks,
    noted_fields,
    overtyped_fields,
    photographed,
    statements,
)
from ocr.files.page import Page
from ocr.handprint.page import HandReader
from ocr.handprint.print_or_hand import Hand, writers
from ocr.lexicons.remarks import DOUBT_REMARK, has_remark
from ocr.machine_print.plausibility import has_frequent_domain
from ocr.machine_print.printed import DOUBT_CUT_OFF, read_printed
from ocr.segmentation.combs import Comb

_EMPTY_CONFIDENCE: Final = 0.995
_WITNESSED: Final = 0.999
_LOW: Final = 0.3
_REACH_ON_PAPER, _REACH_ON_SCREEN = 1.0, 6.0
"""How far a remark may stand from the field that it is meant for, in lines: on paper there is dirt as well."""

DOUBT_MAYBE_HAND: Final = "Możliwe pismo odręczne. Sprawdź z obrazem."
DOUBT_UNSEEN: Final = "Plik zawiera tu tekst, którego na stronie nie widać. Sprawdź z obrazem."
DOUBT_INK: Final = "Pole formularza PDF jest puste, ale na stronie coś w nim widać. Sprawdź z obrazem."
DOUBT_OTHER: Final = "Na stronie widać tu co innego, niż jest zapisane w danych pliku. Sprawdź z obrazem."
DOUBT_PARTED: Final = "Adres e-mail jest przerwany odstępem. Sprawdź z obrazem, co do niego należy."
DOUBT_MORE: Final = "Obok wartości stoi w polu jeszcze jakiś znak. Sprawdź z obrazem, co znaczy."
DOUBT_OVER: Final = "Na wpisanym tekście coś narysowano albo coś go zasłania. Sprawdź z obrazem."
DOUBT_LAYERS: Final = (
    "Plik ma tu warstwę, którą jedne programy pokazują, a inne nie. Sprawdź z obrazem albo spytaj klienta."
)
DOUBT_SECOND_FORM: Final = (
    "Plik ma formularz zapisany drugi raz (XFA): Adobe Reader może pokazywać tu co innego. Sprawdź w Adobe Readerze "
    "albo spytaj klienta."
)
DOUBT_LABEL: Final = "Tekst przy zaznaczonym polu jest przekreślony albo zmieniony. Sprawdź z obrazem."
DOUBT_STAMP: Final = "Na stronie jest napis wielkości pieczęci, może unieważnienie. Sprawdź z obrazem."
DOUBT_NOTE: Final = "Na polu albo obok niego jest adnotacja, może skreślenie lub poprawka. Sprawdź z obrazem."


@dataclass(frozen=True, slots=True)
class PageReading:
    """The values of one page of a form, and what they were read from.

    ``source`` is 'scan' for the photograph of paper; of what was drawn by a program, 'acroform' where form fields were
    filled in, else 'text'.
    """

    form: Form
    form_page: int
    source: Literal["scan", "text", "acroform"]
    fields: dict[str, FieldValue]


def read_page(page: Page, alignment: Alignment, hand: HandReader) -> PageReading:
    """Read every field of an aligned page; ``hand`` reads what was written by hand."""
    sheet = Sheet(page.picture, alignment)
    form, number = alignment.blank.form, alignment.blank.page
    paper = photographed(page, sheet)
    said = {} if paper else statements(page, sheet)
    combs = {item.field.name: sheet.comb(item) for item in sheet.fields if item.field.kind.widget == "comb"}
    fields = {item.field.name: _mark(sheet, item) for item in sheet.fields if item.field.kind.widget != "comb"}
    fields |= _from_picture(sheet, combs, hand, said, by_lettering=page.lettering is not None)
    fields |= _doubted_when_full(sheet, fields, combs)
    fields |= _doubted_when_parted(sheet, fields, combs, said)
    fields |= {name: _judged(fields[name], statement) for name, statement in said.items()}
    fields |= _doubted_by_remarks(sheet, fields)
    fields |= _doubted_by_strays(sheet, fields, paper=paper)
    fields |= _doubted_by_notes(page, sheet, fields)
    fields |= {name: _doubted(fields[name], DOUBT_LAYERS) for name in changing_fields(page, sheet)}
    labels = struck_labels(page, sheet, paper=paper)
    fields |= {name: _doubted(fields[name], DOUBT_LABEL) for name in labels if fields[name].value}
    if paper:
        fields |= _doubted_by_sight(sheet, fields, combs)
    else:
        fields |= _doubted_by_what_was_drawn(page, sheet, fields, said)
    if is_crossed_out(page, sheet, paper=paper):
        fields |= _all_doubted(fields, DOUBT_CROSSED_OUT)
    added = added_ink(sheet) if paper else []
    if bears_void_words(added):
        fields |= _all_doubted(fields, DOUBT_VOID)
    if is_print_struck(added):
        fields |= _all_doubted(fields, DOUBT_STRUCK_PRINT)
    if page.rivalled:
        fields |= _all_doubted(fields, DOUBT_SECOND_FORM)
    if bears_stamp(page, sheet):
        fields |= _all_doubted(fields, DOUBT_STAMP)
    if not paper and is_print_changed(page, sheet):
        fields |= _all_doubted(fields, DOUBT_OTHER_PRINT)
    if not paper and is_added_to(page, sheet):
        fields |= _all_doubted(fields, DOUBT_ADDED_TO_PAGE)
    filled = any(each.source is Source.ACROFORM and each.value for each in said.values())
    source: Literal["scan", "text", "acroform"] = "scan" if paper else "acroform" if filled else "text"
    ordered = {item.field.name: _on_page(fields[item.field.name], page.number) for item in sheet.fields}
    return PageReading(form, number, source, ordered)


def _mark(sheet: Sheet, item: FieldLayout) -> FieldValue:
    read = read_signature if item.field.kind.widget == "signature" else read_tick
    return read(sheet.picture, READING_DPI, item)


def _judged(seen: FieldValue, said: Statement) -> FieldValue:
    """What a field holds of which the file says something, too."""
    if any(each.value == seen.value for each in said.readings):
        return replace(seen, source=said.source, confidence=_WITNESSED) if seen.trusted else seen
    if seen.source is Source.TICK:
        return _for_an_eye(seen, DOUBT_OTHER)
    if not said.readings:
        return seen
    if said.value is None:
        return _for_an_eye(seen, DOUBT_INK)
    proposed = replace(seen, value=said.value, source=said.source, raw=said.raw)
    if seen.value is None and seen.raw is None:
        return _for_an_eye(proposed, DOUBT_UNSEEN)
    return _for_an_eye(seen if seen.trusted else proposed, DOUBT_OTHER)


def _doubted_by_what_was_drawn(
    page: Page, sheet: Sheet, fields: Mapping[str, FieldValue], said: Mapping[str, Statement]
) -> dict[str, FieldValue]:
    """The trusted values of a drawn page that something lies over, and ticks beside which there is another mark."""
    over = drawn_over(page, sheet)
    typed = {name for name, each in said.items() if each.value is not None}
    typed |= {name for name in lettered_fields(page, sheet) if fields[name].source is not Source.TICK}
    found = {name: _doubted(fields[name], DOUBT_OVER) for name in over & typed}
    for name in lettered_ticks(page, sheet) | {
        each for each in marked_ticks(page, sheet) if fields[each].source is Source.TICK and not fields[each].value
    }:
        if fields[name].trusted:
            found[name] = _doubted(fields[name], DOUBT_TICK)
    for name in crossed_ticks(page, sheet, over, said):
        if fields[name].value:
            found[name] = _doubted(fields[name], DOUBT_TAKEN_BACK)
    for name in overtyped_fields(page, sheet):
        found[name] = _doubted(fields[name], DOUBT_OVER)
    for name in bare_signatures(page, sheet):
        if not fields[name].value and not fields[name].by_eye:
            found[name] = replace(fields[name], confidence=_EMPTY_CONFIDENCE, trusted=True, doubt=None)
    for name in pale_marks(page, sheet):
        if fields[name].trusted and fields[name].value is None:
            found[name] = _doubted(fields[name], DOUBT_PALE)
        elif fields[name].trusted and name not in said:
            found[name] = _doubted(fields[name], DOUBT_OVER)
    for name in fields_beyond(edges_in_form(page, sheet.alignment), sheet):
        found[name] = _doubted(fields[name], DOUBT_COVERED)
    return found


def _doubted_when_full(
    sheet: Sheet, fields: Mapping[str, FieldValue], combs: Mapping[str, Comb]
) -> dict[str, FieldValue]:
    """The trusted addresses for which the comb has no more room: the end of the domain may be missing."""
    found = {}
    for item in sheet.fields:
        value = fields[item.field.name]
        full = item.field.kind.writing is Writing.EMAIL and combs[item.field.name].full
        if full and value.trusted and isinstance(value.value, str) and not has_frequent_domain(value.value):
            found[item.field.name] = replace(value, confidence=_LOW, trusted=False, doubt=DOUBT_CUT_OFF)
    return found


def _doubted_when_parted(
    sheet: Sheet, fields: Mapping[str, FieldValue], combs: Mapping[str, Comb], said: Mapping[str, Statement]
) -> dict[str, FieldValue]:
    """Values with another sign beside them in the field, and addresses in pieces: a word beside is no part of one."""
    found = {}
    for item in sheet.fields:
        name = item.field.name
        if name in combs and _is_more_than_read(fields[name], item, combs[name]):
            found[name] = _doubted(fields[name], DOUBT_MORE)
        elif item.field.kind.writing is Writing.EMAIL and fields[name].trusted:
            statement = said.get(name)
            if statement is not None and statement.value is not None:
                parted = statement.parted
            else:  # a cell that a pen left empty may hold a full stop that is too small to be seen
                parted = fields[name].source is Source.PRINT and combs[name].parted
            if parted or (fields[name].source is Source.PRINT and combs[name].broken_off):
                # Not for an eye alone: an address that the register knows has no word beside it.
                found[name] = replace(fields[name], confidence=_LOW, trusted=False, doubt=DOUBT_PARTED)
    return found


def _is_more_than_read(value: FieldValue, item: FieldLayout, comb: Comb) -> bool:
    """Whether something stands in a field apart from its value: perhaps a question mark, which no reader knows."""
    if not isinstance(value.value, str):
        return False
    if comb.lone_sign and item.field.kind.writing in (Writing.TEXT, Writing.EMAIL):
        return True
    if value.source is not Source.PRINT:
        return False
    apart = item.field.kind.writing is Writing.EMAIL and (comb.parted or comb.broken_off)
    return comb.passed_over or (apart and len(comb.letters()) > len(value.value))


def _doubted_by_remarks(sheet: Sheet, fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """The trusted values with words in them that are no part of such a value."""
    found = {}
    for item in sheet.fields:
        field = fields[item.field.name]
        if field.trusted and isinstance(field.value, str) and has_remark(item.field, field.value):
            found[item.field.name] = _doubted(field, DOUBT_REMARK)
    return found


def _doubted_by_notes(page: Page, sheet: Sheet, fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """The trusted values at which a note lies; a signature may be one."""
    noted = noted_fields(page, sheet)
    return {
        name: _doubted(value, DOUBT_NOTE)
        for name, value in fields.items()
        if name in noted and not (value.source is Source.SIGNATURE and value.value)
    }


def _from_picture(
    sheet: Sheet, combs: Mapping[str, Comb], hand: HandReader, said: Mapping[str, Statement], *, by_lettering: bool
) -> dict[str, FieldValue]:
    """What is seen in the combs; ``said`` saves a second look where the first shows what the file says.

    ``by_lettering`` tells that what lies over such a field is told by the lettering of the page: a line through digits
    may be lettering, too.
    """
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
    lettered = {name for name, each in said.items() if by_lettering and each.value is not None}
    by_hand = [name for name, writer in by.items() if writer is Hand.HAND and name not in lettered]
    written = [items[name] for name in by_hand]
    fields |= hand.read(sheet.picture, READING_DPI, written, bitonal=sheet.bitonal)
    printed = read_printed(sheet, {name: comb for name, comb in filled.items() if name not in by_hand}, _expected(said))
    for name, value in printed.items():
        unsure = replace(value, confidence=_LOW, trusted=False, doubt=DOUBT_MAYBE_HAND)
        fields[name] = unsure if by[name] is Hand.UNSURE and name not in lettered else value
    for name, comb in filled.items():
        digits = items[name].field.kind.alphabet == DIGITS
        if name in lettered and not digits:
            continue
        by_pen = by[name] is not Hand.PRINT and name not in lettered
        if (doubt := doubt_in_cells(comb, by_hand=by_pen, digits=digits)) is not None:
            fields[name] = _for_an_eye(fields[name], doubt)
    return fields


def _expected(said: Mapping[str, Statement]) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(each.value for each in statement.readings if isinstance(each.value, str) and each.fault is None)
        for name, statement in said.items()
    }


def _doubted_by_sight(
    sheet: Sheet, fields: Mapping[str, FieldValue], combs: Mapping[str, Comb]
) -> dict[str, FieldValue]:
    """The trusted values of fields that are partly covered, and those of a page on which nothing is seen."""
    hidden = hidden_fields(sheet)
    no_ink = all(comb.empty for comb in combs.values())  # a blank that nobody filled in, or ink that left no trace
    found = {}
    for item in sheet.fields:
        name = item.field.name
        if fields[name].by_eye:
            continue
        if name in hidden:
            found[name] = _doubted(fields[name], DOUBT_COVERED)
        elif name in combs and no_ink:
            found[name] = _doubted(fields[name], DOUBT_ALL_EMPTY)
    return found


def _doubted_by_strays(sheet: Sheet, fields: Mapping[str, FieldValue], *, paper: bool) -> dict[str, FieldValue]:
    """The trusted values at which something was written outside of the boxes."""
    strays = StrayInk(sheet, reach=_REACH_ON_PAPER if paper else _REACH_ON_SCREEN)
    found = {item.field.name: (fields[item.field.name], item) for item in sheet.fields}
    return {
        name: _doubted(value, doubt)
        for name, (value, item) in found.items()
        if not value.by_eye and (doubt := strays.doubt(item, value.value)) is not None
    }


def _all_doubted(fields: Mapping[str, FieldValue], doubt: str) -> dict[str, FieldValue]:
    """What the fields of a page hold, all doubted; where none holds anything, that there is nothing in them."""
    filled = {name: value for name, value in fields.items() if value.value}
    return {name: _doubted(value, doubt) for name, value in (filled or fields).items()}


def _doubted(value: FieldValue, doubt: str) -> FieldValue:
    """For an eye alone; a value that was doubted for how it was read keeps the words of that doubt."""
    return _for_an_eye(value, doubt) if value.trusted else replace(value, by_eye=True)


def _for_an_eye(value: FieldValue, doubt: str) -> FieldValue:
    """Doubted for what only a human can settle; what the register knows is no answer to it."""
    return replace(value, confidence=_LOW, trusted=False, doubt=doubt, by_eye=True)


def _on_page(value: FieldValue, number: int) -> FieldValue:
    """With the page of the file instead of the page of the form."""
    return replace(value, page=number)
