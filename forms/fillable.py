"""The fillable PDF: the blank's page with form fields that browsers and Acrobat fill in.

Field names are ours. Numbers are typed into comb fields; where a separator is printed between groups, it has a place
of its own in the comb, so that '66-470' and '22.11.2026' fall into their cells. Names, addresses and e-mail addresses
are typed on one open line, so they may be longer than the comb on paper. The signature has no field.

Every field carries its own appearance, so the form does not ask viewers to make it anew (``NeedAppearances``): some
would, with a substitute font. Filling programs ask for that all the same, and Evince and Okular draw a text anew as
soon as it is typed. So open lines have a fixed size: at a size of the viewer's choice letters lose their tails at the
edge of the field. A typed text that is longer scrolls; its value is whole, its printout is not. And what viewers draw
in a check box by its font is a letter of an embedded one, not of ZapfDingbats, which they may lack. A check box that
is only switched shows its own appearance, drawn without any font.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from math import floor
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from forms import form_font, wording
from forms.form import Field, Form
from forms.kinds import Value
from forms.layout import (
    CELL_HEIGHT,
    CELL_WIDTH,
    CHARACTER_BASELINE,
    CHARACTER_SIZE,
    PAGE_HEIGHT,
    FieldLayout,
    layout,
)
from forms.page import Instructions, Point, draw_page, headings, label_start
from forms.submission import Box
from forms.tagging import add_tags

_REQUIRED: Final = 1 << 1
_NO_SPELL_CHECK: Final = 1 << 22
_COMB: Final = 1 << 24
_PRINT: Final = 4
_PADDING: Final = 3.0
_BASELINE: Final = CELL_HEIGHT - CHARACTER_BASELINE
_OPEN_LINE_SIZE: Final = 11.0
_CHECK_FONT: Final = form_font.CHECK_FONT_NAME
_CHECK_SIZE: Final = 13.0


def draw_fillable(form: Form, values: Mapping[str, Value] | None = None, *, tags: bool = True) -> bytes:
    """The form as a fillable PDF, filled in with normalised values when they are given.

    The same form, settings and values give the same bytes. KeyError when a value's name is not one of the form's.
    Without ``tags`` it is the same to the eye, and quicker made.
    """
    values = values or {}
    for name in values:
        form[name]
    page = draw_page(form, Instructions(wording.HOW_TO_TYPE, wording.WHERE_TO_SEND, wording.AT_SIGNATURE, typed=True))
    with pikepdf.open(BytesIO(page)) as pdf:
        labelled = _add_fields(pdf, form, values)
        if tags:
            add_tags(pdf, headings(form), labelled)
        target = BytesIO()
        pdf.save(target, deterministic_id=True)
    return target.getvalue()


def _add_fields(pdf: pikepdf.Pdf, form: Form, values: Mapping[str, Value]) -> list[tuple[pikepdf.Object, int, Point]]:
    """Add the form dictionary, and a field with its widget for all but the signature; gives them with their labels."""
    placed = layout(form)
    font = form_font.embed(pdf)
    fonts = Dictionary({f"/{form_font.FONT_NAME}": font, f"/{_CHECK_FONT}": form_font.embed_cross(pdf, font)})
    fields = Array()
    labelled: list[tuple[pikepdf.Object, int, Point]] = []
    for number, sheet in enumerate(pdf.pages, start=1):
        widgets = Array()
        for item in placed.on_page(number):
            if item.field.kind.widget == "signature":
                continue
            value = values.get(item.field.name)
            tick = item.field.kind.widget == "tick"
            widget = pdf.make_indirect(
                _tick_field(pdf, item, ticked=value is True) if tick else _text_field(pdf, item, value, font)
            )
            widget.P = sheet.obj
            widgets.append(widget)
            fields.append(widget)
            labelled.append((widget, number - 1, label_start(item)))
        sheet.obj.Annots = widgets
        sheet.obj.Tabs = Name.R
    pdf.Root.AcroForm = Dictionary(
        Fields=fields,
        DA=String(f"/{form_font.FONT_NAME} {CHARACTER_SIZE:g} Tf 0 g"),
        DR=Dictionary(Font=fonts),
    )
    return labelled


def _field(field: Field, box: Box) -> Dictionary:
    """What every field has; the widget is the field itself."""
    return Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        F=_PRINT,
        T=String(field.name),
        TU=String(_tooltip(field)),
        Rect=Array([round(edge, 3) for edge in (box[0], PAGE_HEIGHT - box[3], box[2], PAGE_HEIGHT - box[1])]),
    )


def _tooltip(field: Field) -> str:
    """What a screen reader or the pointer tells: label, then how to write it."""
    details = [part for part in (field.kind.hint, field.help.rstrip(".")) if part]
    required = " Pole wymagane." if field.required else ""
    return f"{field.label}{': ' if details else ''}{'; '.join(details)}.{required}"


def _text_field(pdf: pikepdf.Pdf, item: FieldLayout, value: Value, font: pikepdf.Object) -> Dictionary:
    kind = item.field.kind
    comb = not kind.open_line
    x0, top, x1, _ = item.bounds
    box = (x0, top, x1, item.rows[0][0][3])
    cells = round((x1 - x0) / CELL_WIDTH)
    text = kind.display(value) if kind.groups else kind.to_comb(value)
    widget = _field(item.field, box)
    widget.FT = Name.Tx
    widget.Ff = _NO_SPELL_CHECK | (_COMB if comb else 0) | (_REQUIRED if item.field.required else 0)
    widget.MaxLen = cells if comb else kind.max_length
    style = _style(CHARACTER_SIZE if comb else _fitting_size(text, x1 - x0))
    widget.DA = String(style)
    if text:
        widget.V = String(text)
    glyphs = f"{style} {_comb_glyphs(text) if comb else _line_glyphs(text)}"
    content = f"/Tx BMC q BT {glyphs} ET Q EMC" if text else "/Tx BMC EMC"
    resources = Dictionary(Font=Dictionary({f"/{form_font.FONT_NAME}": font}))
    widget.AP = Dictionary(N=_picture(pdf, box, content, resources))
    return widget


def _style(size: float) -> str:
    """Font, size and colour: the default appearance of a field, and what its own appearance is drawn with."""
    return f"/{form_font.FONT_NAME} {size:g} Tf 0 g"


def _comb_glyphs(text: str) -> str:
    """Each letter in the middle of its cell."""
    size, at, up = CHARACTER_SIZE, 0.0, _BASELINE
    drawn = []
    for number, letter in enumerate(text):
        x = (number + 0.5) * CELL_WIDTH - form_font.width(letter, size) / 2
        drawn.append(f"{x - at:.3f} {up:g} Td <{form_font.encode(letter).hex()}> Tj")
        at, up = x, 0.0
    return " ".join(drawn)


def _fitting_size(text: str, width: float) -> float:
    """The size of an open line; smaller for a text that would be cut off, as on paper it cannot be scrolled."""
    fitting = _OPEN_LINE_SIZE * (width - 2 * _PADDING) / max(form_font.width(text, _OPEN_LINE_SIZE), 1)
    return min(_OPEN_LINE_SIZE, floor(fitting * 100) / 100)


def _line_glyphs(text: str) -> str:
    """All letters in one line."""
    return f"{_PADDING:g} {_BASELINE:g} Td <{form_font.encode(text).hex()}> Tj"


def _tick_field(pdf: pikepdf.Pdf, item: FieldLayout, *, ticked: bool) -> Dictionary:
    box = item.boxes[0]
    widget = _field(item.field, box)
    widget.FT = Name.Btn
    widget.Ff = _REQUIRED if item.field.required else 0
    widget.V = widget.AS = Name.Yes if ticked else Name.Off
    widget.DA = String(f"/{_CHECK_FONT} {_CHECK_SIZE:g} Tf 0 g")
    widget.MK = Dictionary(CA=String(form_font.CROSS))
    near, far = 3.0, box[2] - box[0] - 3.0
    # One stroke, not two: poppler clips what follows the first one when pypdf, in a text before, left a clip open.
    cross = f"q 1.6 w 1 J {near} {near} m {far} {far} l {near} {far} m {far} {near} l S Q"
    widget.AP = Dictionary(N=Dictionary(Yes=_picture(pdf, box, cross), Off=_picture(pdf, box, "q Q")))
    return widget


def _picture(pdf: pikepdf.Pdf, box: Box, content: str, resources: Dictionary | None = None) -> pikepdf.Object:
    """A form XObject of the size of a box."""
    picture = pdf.make_stream(content.encode("ascii"))
    picture.Type = Name.XObject
    picture.Subtype = Name.Form
    picture.BBox = Array([0, 0, round(box[2] - box[0], 3), round(box[3] - box[1], 3)])
    picture.Resources = resources or Dictionary()
    return picture
