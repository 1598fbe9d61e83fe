"""What lies on a PDF page beside its content: form fields with what their data say, and notes laid over the page.

What of it is seen, the picture tells. A field's data are a statement of the file; a note (a comment, a line through a
word, a white patch, text typed over the page) is a place where the page was changed after it had been filled in.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

import pikepdf

from forms.submission import Box
from ocr.files.page import Widget
from ocr.lexicons.remarks import has_remark_word

ToPicture = Callable[[Box], Box]
"""From PDF's own coordinates, origin at the bottom, to pixels of the page's picture."""

_HIDDEN, _PRINT, _NO_VIEW = 1 << 1, 1 << 2, 1 << 5
"""Flags of annotations (PDF 32000-1, table 165)."""
_FIELDS: Final = ("/Tx", "/Btn", "/Ch")
_STICKERS: Final = ("/Text", "/FileAttachment", "/Sound")
_COORDINATES: Final = ("/L", "/CL", "/InkList", "/Vertices", "/QuadPoints")
"""Where a note is drawn that has no picture of its own: not always within its rectangle."""
_DEEPEST: Final = 8
_LONGEST: Final = 4096
"""Bytes of a value that are looked at."""
_MOST: Final = 2000
"""Annotations of a page that are looked at; one with more is for a human."""
_PAIR: Final = 2
_PUSHED: Final = 1 << 16
"""Of a field's flags (PDF 32000-1, table 226)."""
_UNKNOWN: Final = "?"
_EVERYWHERE: Final = (-20_000.0, -20_000.0, 20_000.0, 20_000.0)
_OFF: Final = "Off"


def has_second_form(pdf: pikepdf.Pdf) -> bool:
    """Whether a form in XFA lies beside the fields: programs that know it show its data, all others the fields."""
    fields = pdf.Root.get("/AcroForm")
    second = fields.get("/XFA") if isinstance(fields, pikepdf.Dictionary) else None
    return isinstance(second, pikepdf.Stream) or (isinstance(second, pikepdf.Array) and len(second) > 0)


def widgets_on(page: pikepdf.Page, to_picture: ToPicture) -> tuple[Widget, ...]:
    """The form fields of a page, by where they stand: programs that merge files rename them."""
    return tuple(
        Widget(box, _statement(annotation), _is_shown(annotation))
        for annotation, box in _annotations(page, to_picture)
        if _is_field(annotation)
    )


def notes_on(page: pikepdf.Page, to_picture: ToPicture) -> tuple[Box, ...]:
    """The places of visible notes, whether or not the file says how they are drawn; one in a layer may be hidden."""
    entries = page.obj.get("/Annots")
    if isinstance(entries, pikepdf.Array) and len(entries) > _MOST:
        return (to_picture(_EVERYWHERE),)
    return tuple(
        box
        for annotation, box in _annotations(page, to_picture)
        if _is_shown(annotation) and (_is_in_a_layer(annotation) or _is_note(annotation))
    )


def remarks_on(page: pikepdf.Page, to_picture: ToPicture) -> tuple[Box, ...]:
    """The places of visible notes that are about the whole page wherever they stand: stickers, and words of remark."""
    return tuple(
        box
        for annotation, box in _annotations(page, to_picture)
        if _is_shown(annotation)
        and _is_note(annotation)
        and (annotation.get("/Subtype") in _STICKERS or has_remark_word(_text(annotation.get("/Contents"))[:_LONGEST]))
    )


def signatures_on(page: pikepdf.Page, to_picture: ToPicture) -> tuple[Box, ...]:
    """The places of electronic signatures that were made."""
    return tuple(box for annotation, box in _annotations(page, to_picture) if _is_signed(annotation))


def form_fields_of(page: pikepdf.Page) -> list[pikepdf.Object]:
    """The form fields of a page as they stand in the file."""
    return [annotation for annotation, _ in _annotations(page, lambda box: box) if _is_widget(annotation)]


def _is_field(annotation: pikepdf.Object) -> bool:
    """Whether it may hold a value: a button to be pushed holds none, whatever is drawn on it."""
    if not _is_widget(annotation):
        return False
    flags = _inherited(annotation, "/Ff")
    pushed = isinstance(flags, int) and bool(flags & _PUSHED)
    return not (pushed and _inherited(annotation, "/FT") == "/Btn")


def _is_widget(annotation: pikepdf.Object) -> bool:
    return annotation.get("/Subtype") == "/Widget" and _inherited(annotation, "/FT") in _FIELDS


def _is_signed(annotation: pikepdf.Object) -> bool:
    if annotation.get("/Subtype") != "/Widget" or _inherited(annotation, "/FT") != "/Sig":
        return False
    value = _inherited(annotation, "/V")
    return isinstance(value, pikepdf.Dictionary) and "/ByteRange" in value


def _is_in_a_layer(annotation: pikepdf.Object) -> bool:
    """Whether it, or the picture of it, may be hidden by a layer: some programs heed that of the picture."""
    return "/OC" in annotation or any("/OC" in picture for picture in _pictures(annotation.get("/AP")))


def _pictures(drawn: Any, depth: int = 0) -> Iterator[pikepdf.Object]:
    """The streams of an appearance: one, or one for each state of a box."""
    if isinstance(drawn, pikepdf.Stream):
        yield drawn
    elif isinstance(drawn, pikepdf.Dictionary) and depth < _PAIR:
        for key in _keys(drawn):
            yield from _pictures(drawn[key], depth + 1)


def _is_note(annotation: pikepdf.Object) -> bool:
    """Whether something is drawn there that is no form field; links mostly draw nothing."""
    match str(annotation.get("/Subtype")):
        case "/Popup":
            return False
        case "/Widget":
            return not _is_field(annotation)
        case "/Link":
            return "/AP" in annotation or _border(annotation) > 0
        case _:
            return True


def _border(annotation: pikepdf.Object) -> float:
    """The width of the line around an annotation (PDF 32000-1, table 164)."""
    style, border = annotation.get("/BS"), annotation.get("/Border")
    try:
        if isinstance(style, pikepdf.Dictionary):
            return float(style.get("/W", 1))
        return float(border[2]) if isinstance(border, pikepdf.Array) else 1.0
    except (IndexError, TypeError, ValueError):
        return 1.0


def _annotations(page: pikepdf.Page, to_picture: ToPicture) -> Iterator[tuple[pikepdf.Object, Box]]:
    """Annotations with their places; entries that are none are passed over, as viewers do."""
    entries = page.obj.get("/Annots")
    for entry in islice(entries, _MOST) if isinstance(entries, pikepdf.Array) else ():
        if not isinstance(entry, pikepdf.Dictionary):
            continue
        places = [_numbers(entry.get(key)) for key in ("/Rect", *_COORDINATES)]
        across, up = [x for place in places for x in place[::2]], [y for place in places for y in place[1::2]]
        if places[0] and across and up:
            yield entry, to_picture((min(across), min(up), max(across), max(up)))


def _numbers(value: Any, depth: int = 0) -> list[float]:
    """All numbers of an array, and of arrays in it; none where it is something else."""
    if isinstance(value, pikepdf.Array):
        return [number for each in value for number in _numbers(each, depth + 1)] if depth <= _DEEPEST else []
    try:
        return [] if value is None else [float(value)]
    except (TypeError, ValueError):
        return []


def _is_shown(annotation: pikepdf.Object) -> bool:
    """Whether viewers show it, or printers print it."""
    flags = _flags(annotation)
    return not flags & _HIDDEN and (not flags & _NO_VIEW or bool(flags & _PRINT))


def _flags(annotation: pikepdf.Object) -> int:
    flags = annotation.get("/F")
    return flags if isinstance(flags, int) else 0


def _inherited(annotation: Any, key: str) -> Any:
    """An entry of a widget or of the field it belongs to."""
    node = annotation
    for _ in range(_DEEPEST):
        if not isinstance(node, pikepdf.Dictionary):
            return None
        if key in node:
            return node[key]
        node = node.get("/Parent")
    return None


def _statement(annotation: pikepdf.Object) -> str | bool | None:
    """What the data of a field say: its text, whether it is ticked; None where they say nothing."""
    value = _inherited(annotation, "/V")
    if _inherited(annotation, "/FT") == "/Btn":
        return _ticked(annotation, value)
    text = _text(value)
    if _inherited(annotation, "/FT") == "/Ch":
        text = _shown_for(text, _inherited(annotation, "/Opt"))
    return text or None


def _shown_for(chosen: str, options: Any) -> str:
    """What a list shows for a choice: an option may have one text for the data and another one for the eye."""
    for option in islice(options, _MOST) if isinstance(options, pikepdf.Array) else ():
        if isinstance(option, pikepdf.Array) and len(option) == _PAIR and _text(option[0]) == chosen:
            return _text(option[1])
    return chosen


def _ticked(annotation: pikepdf.Object, value: Any) -> bool | None:
    """Whether a box is ticked by its data; None where they contradict each other.

    ``/AS`` names what is shown, ``/V`` what was chosen; either may be missing, or be left over from before.
    """
    shown, chosen = (_state(each) for each in (annotation.get("/AS"), value))
    drawn = annotation.get("/AP")
    appearances = drawn.get("/N") if isinstance(drawn, pikepdf.Dictionary) else None
    states = _states(appearances) if isinstance(appearances, pikepdf.Dictionary) else set()
    known = states | {_UNKNOWN}
    said = {state != _OFF and (not states or state in known) for state in (shown, chosen) if state}
    if len(said) > 1:
        return None
    return said == {True}


def _states(appearances: pikepdf.Object) -> set[str]:
    return {key.removeprefix("/") for key in _keys(appearances)}


def _keys(dictionary: pikepdf.Object) -> tuple[str, ...]:
    """The names in a dictionary; none where one is in the bytes of an old encoding."""
    try:
        return tuple(dictionary.keys())
    except UnicodeError:
        return ()


def _state(value: Any) -> str:
    return _text(value).removeprefix("/")


def _text(value: Any, depth: int = 0) -> str:
    """A value as text, whether it is a string, a name, a number, a stream or a list of these; '' for anything else."""
    if depth > _DEEPEST:
        return ""
    if isinstance(value, pikepdf.Stream):
        return str(pikepdf.String(_beginning(value)))
    if isinstance(value, pikepdf.Array):
        return " ".join(filter(None, (_text(each, depth + 1) for each in value)))
    if isinstance(value, pikepdf.Dictionary) or value is None:
        return ""
    try:
        return str(value)
    except UnicodeError:  # a name in the bytes of an old encoding
        return _UNKNOWN


def _beginning(stream: pikepdf.Stream) -> bytes:
    """As much of a stream as a field may hold; nothing of one that is packed otherwise than streams of text are."""
    packed, filters = stream.read_raw_bytes(), stream.get("/Filter")
    if filters is None:
        return packed[:_LONGEST]
    if isinstance(filters, pikepdf.Array):
        filters = filters[0] if len(filters) == 1 else None
    if filters != "/FlateDecode":
        return b""
    try:
        return zlib.decompressobj().decompress(packed, _LONGEST)
    except zlib.error:  # what cannot be unpacked says nothing
        return b""
