"""Mischief that is drawn: over values, through them, beside ticks, across the page."""

from __future__ import annotations

from random import Random
from typing import Final

from pikepdf import Array, Dictionary, Name, String
from reportlab.pdfgen.canvas import Canvas

from forms import typesetting
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, layout
from specimens.changed_sheet import UNCLEAR, ChangedSheet

_OTHER_ADDRESS: Final = "nowy.adres@example.com"
_COLOURS: Final = ((0.8, 0.1, 0.1), (0.0, 0.0, 0.0), (0.1, 0.2, 0.6), (0.45, 0.45, 0.45))


def _colour(rng: Random) -> str:
    return " ".join(map(str, rng.choice(_COLOURS)))


def _typed_beside(sheet: ChangedSheet, area: tuple[float, float, float, float], text: str) -> None:
    """New text as a note under a field or over it."""
    x0, low, x1, _ = area
    rect = (x0, low - 16, x1, low - 2) if sheet.rng.random() < 0.7 else (x0 + 80, low + 18, x1, low + 32)
    sheet.note(rect, "FreeText", f"BT /Helv 9 Tf {_colour(sheet.rng)} rg 2 3 Td ({text}) Tj ET", Contents=String(text))


def struck_by_a_note(sheet: ChangedSheet) -> None:
    """A line, strike-out or scribble laid over a value as a note, often with a new value beside it."""
    item = sheet.written("email", "email_new", "email_current")
    x0, low, _, high = sheet.area(item)
    wide = sheet.ink_width(item)
    rect = (x0, low, x0 + wide, high)
    middle, rng = (high - low) / 2, sheet.rng
    low_end = middle + rng.uniform(-2, 2)
    line = f"{_colour(rng)} RG {rng.uniform(0.7, 2):.1f} w 2 {middle:.1f} m {wide - 2:.1f} {low_end:.1f} l S"
    subtype = rng.choice(("Line", "StrikeOut", "Ink", "Stamp"))
    quads = Array([x0, high, x0 + wide, high, x0, low, x0 + wide, low])
    more = {"QuadPoints": quads} if subtype == "StrikeOut" else {}
    ends = {"L": Array([x0 + 2, low + middle, x0 + wide - 2, low + middle])} if subtype == "Line" else {}
    sheet.note(rect, subtype, None if rng.random() < 0.25 else line, **more, **ends)
    if rng.random() < 0.6:
        _typed_beside(sheet, sheet.area(item), _OTHER_ADDRESS)
    sheet.seen[item.field.name] = UNCLEAR


def struck_in_the_page(sheet: ChangedSheet) -> None:
    """The same, made part of the page."""
    item = sheet.written("email", "email_new", "email_current", "phone")
    x0, low, _, high = sheet.area(item)
    if not sheet.typed:
        low = high - (item.rows[0][0][3] - item.rows[0][0][1])
    wide, rng = sheet.ink_width(item), sheet.rng
    colour, width, tilt = rng.choice(_COLOURS), rng.uniform(0.6, 2.2), rng.uniform(-2, 2)
    crossed = rng.random() < 0.3

    def draw(canvas: Canvas) -> None:
        canvas.setStrokeColorRGB(*colour)
        canvas.setLineWidth(width)
        if crossed:
            canvas.line(x0 + 2, low + 1, x0 + wide, high - 1)
            canvas.line(x0 + 2, high - 1, x0 + wide, low + 1)
        else:
            canvas.line(x0 + 1, (low + high) / 2, x0 + wide, (low + high) / 2 + tilt)

    sheet.over.append(draw)
    sheet.seen[item.field.name] = UNCLEAR


def covered(sheet: ChangedSheet) -> None:
    """White or black laid over a value, wholly or in half, as a note or in the page; sometimes a new value on it."""
    item = sheet.written("email", "email_new", "customer_no", "name", "phone")
    x0, low, x1, high = sheet.area(item)
    rng, name = sheet.rng, item.field.name
    half = rng.random() < 0.3
    left = x0 + sheet.ink_width(item) * rng.uniform(0.3, 0.6) if half else x0 + 1
    rect = (left, low + 1, x1 - 1, high - 1)
    gray = 1 if rng.random() < 0.7 else 0
    fresh = _OTHER_ADDRESS if name.startswith("email") and gray and not half and rng.random() < 0.5 else None
    if rng.random() < 0.5:
        box = f"{gray} g 0 0 {rect[2] - rect[0]:.1f} {rect[3] - rect[1]:.1f} re f"
        sheet.note(rect, rng.choice(("Square", "FreeText", "Stamp", "Redact")), box)
    else:

        def draw(canvas: Canvas) -> None:
            canvas.setFillGray(gray)
            canvas.rect(rect[0], rect[1], rect[2] - rect[0], rect[3] - rect[1], stroke=0, fill=1)

        sheet.over.append(draw)
    if fresh:

        def write(canvas: Canvas) -> None:
            canvas.setFillGray(0)
            canvas.setFont(typesetting.REGULAR, 10.5)
            canvas.drawString(x0 + 4, high - 13, fresh)

        sheet.over.append(write)
    sheet.seen[name] = fresh or (UNCLEAR if half or not gray else None)


def covered_by_a_layer(sheet: ChangedSheet) -> None:
    """White over a value in a layer that is hidden on screen, or in some programs, or printed only."""
    item, rng, pdf = sheet.written("email", "email_new", "customer_no", "phone"), sheet.rng, sheet.pdf
    x0, low, x1, high = sheet.area(item)
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("Warstwa")))
    shown = Dictionary(Order=Array([layer]))
    how = rng.choice(("off", "base", "view", "print"))
    if how == "off":
        shown.OFF = Array([layer])
    elif how == "base":
        shown.BaseState = Name.OFF
    else:
        view = rng.choice((Name.ON, Name.OFF)) if how == "print" else Name.OFF
        layer.Usage = Dictionary(View=Dictionary(ViewState=view))
        if how == "print":
            layer.Usage.Print = Dictionary(PrintState=Name.ON if view == Name.OFF else Name.OFF)
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=shown)
    page = pdf.pages[0]
    page.add_resource(layer, Name.Properties, Name.Layer)
    page.contents_add(
        f"q /OC /Layer BDC {rng.choice((0, 1))} g {x0:.1f} {low:.1f} {x1 - x0:.1f} {high - low:.1f} re f EMC Q".encode()
    )
    sheet.seen[item.field.name] = UNCLEAR


def tick_taken_back(sheet: ChangedSheet) -> None:
    """One more line through a cross, or a line through the text beside the box."""
    ticked = [item for item in layout(sheet.form).fields if sheet.seen.get(item.field.name) is True]
    items = [item for item in ticked if item.field.kind.widget == "tick"]
    if not items:
        return struck_in_the_page(sheet)
    item, rng = sheet.rng.choice(items), sheet.rng
    x0, top, x1, bottom = item.boxes[0]
    low, high = PAGE_HEIGHT - bottom, PAGE_HEIGHT - top
    text = item.label_at[0]
    line = rng.choice(
        (
            (x0 + 1, (low + high) / 2, x1 - 1, (low + high) / 2 + rng.uniform(-1, 1)),
            ((x0 + x1) / 2, low + 1, (x0 + x1) / 2 + rng.uniform(-1, 1), high - 1),
            (x0 - 5, low - 5 + rng.uniform(-1, 1), x1 + 4, high + 4),
            (text, (low + high) / 2, text + rng.uniform(50, 110), (low + high) / 2 + rng.uniform(-1.5, 1.5)),
        )
    )
    colour, width = rng.choice(_COLOURS), rng.uniform(0.7, 1.6)

    def draw(canvas: Canvas) -> None:
        canvas.setStrokeColorRGB(*colour)
        canvas.setLineWidth(width)
        canvas.line(*line)

    sheet.over.append(draw)
    sheet.seen[item.field.name] = UNCLEAR
    return None


def pale_strokes(sheet: ChangedSheet) -> None:
    """Something drawn in an empty field, so pale that it hardly shows."""
    empty = [
        item
        for item in layout(sheet.form).fields
        if item.field.kind.widget == "comb" and sheet.seen.get(item.field.name) is None
    ]
    if not empty:
        return struck_in_the_page(sheet)
    item, rng = sheet.rng.choice(empty), sheet.rng
    x0, low, x1, high = sheet.area(item)
    colour = rng.choice(((0.85, 0.85, 0.85), (1.0, 0.95, 0.1), (0.92, 0.92, 0.92), (0.8, 1.0, 0.8)))

    def draw(canvas: Canvas) -> None:
        canvas.setStrokeColorRGB(*colour)
        canvas.setLineWidth(1.1)
        for at in range(int(min(x1 - x0, 90) // 15)):
            left = x0 + 15 * at + 4
            canvas.lines([(left, low + 5, left + 4, high - 5), (left + 4, high - 5, left + 7, low + 5)])

    sheet.over.append(draw)
    sheet.seen[item.field.name] = UNCLEAR
    return None


def page_crossed_out(sheet: ChangedSheet) -> None:
    """A line or two from corner to corner."""
    rng = sheet.rng
    ends = [rng.uniform(15, 90) for _ in range(8)]
    two, width, colour = rng.random() < 0.6, rng.uniform(0.7, 2.5), rng.choice(_COLOURS)

    def draw(canvas: Canvas) -> None:
        canvas.setStrokeColorRGB(*colour)
        canvas.setLineWidth(width)
        canvas.line(ends[0], ends[1], PAGE_WIDTH - ends[2], PAGE_HEIGHT - ends[3])
        if two:
            canvas.line(ends[4], PAGE_HEIGHT - ends[5], PAGE_WIDTH - ends[6], ends[7])

    sheet.over.append(draw)
    sheet.seen.update({name: UNCLEAR for name, value in sheet.seen.items() if value})
