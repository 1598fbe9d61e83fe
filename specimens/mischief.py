"""What becomes of digital forms on their way: what the file says is no longer what a person sees on the page.

Each mischief changes a file and what is seen on it. ``UNCLEAR`` stands for a field about which a person would ask.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from forms import typesetting
from forms.form import Form
from forms.kinds import Value
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, FieldLayout, layout
from specimens.chance import dice
from specimens.digital import MAKES, DigitalForm, digital_form, pin, saved
from specimens.paper import inked, rasterise

UNCLEAR: Final = "?"
"""No value is right: a line goes through it, or half of it is hidden."""
_HIDDEN, _PRINT = 2, 4
_OTHER_ADDRESS: Final = "nowy.adres@example.com"
_COLOURS: Final = ((0.8, 0.1, 0.1), (0.0, 0.0, 0.0), (0.1, 0.2, 0.6), (0.45, 0.45, 0.45))


@dataclass
class _Sheet:
    """A file of one page that is being changed."""

    form: Form
    pdf: pikepdf.Pdf
    seen: dict[str, Value]
    rng: Random
    typed: bool
    """Whether its values stand on open lines, as in the fillable form."""
    over: list[Callable[[Canvas], None]] = field(default_factory=list)

    def written(self, *names: str) -> FieldLayout:
        """A text field that is filled in, one of these names if there is one."""
        filled = [item for item in layout(self.form).fields if isinstance(self.seen.get(item.field.name), str)]
        wished = [item for item in filled if item.field.name in names]
        return self.rng.choice(wished or filled)

    def area(self, item: FieldLayout) -> tuple[float, float, float, float]:
        """Where its value stands, in PDF's coordinates: left, lower, right, upper."""
        row = item.rows[0]
        rows = item.rows[:1] if self.typed else item.rows
        return row[0][0], PAGE_HEIGHT - rows[-1][0][3], row[-1][2], PAGE_HEIGHT - row[0][1]

    def ink_width(self, item: FieldLayout) -> float:
        """About how far the value reaches."""
        x0, _, x1, _ = self.area(item)
        return min(x1 - x0, max(60.0, 6.0 * len(str(self.seen[item.field.name]))))

    def widget(self, item: FieldLayout) -> pikepdf.Object | None:
        annots = self.pdf.pages[0].obj.get("/Annots", Array())
        return next((each for each in annots if str(each.get("/T")) == item.field.name), None)

    def note(self, rect: tuple[float, float, float, float], subtype: str, content: str | None, **more: object) -> None:
        """Lay a note over the page; without ``content`` the file does not say how it looks."""
        note = Dictionary(
            Type=Name.Annot, Subtype=Name(f"/{subtype}"), F=_PRINT, Rect=Array([round(e, 2) for e in rect])
        )
        for key, value in more.items():
            note[f"/{key}"] = value
        if content is not None:
            picture = self.pdf.make_stream(content.encode())
            picture.Type, picture.Subtype = Name.XObject, Name.Form
            picture.BBox = Array([0, 0, round(rect[2] - rect[0], 2), round(rect[3] - rect[1], 2)])
            helvetica = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
            picture.Resources = Dictionary(Font=Dictionary(Helv=helvetica))
            note.AP = Dictionary(N=picture)
        pin(self.pdf, note)


def _colour(rng: Random) -> str:
    return " ".join(map(str, rng.choice(_COLOURS)))


def _typed_beside(sheet: _Sheet, area: tuple[float, float, float, float], text: str) -> None:
    """New text as a note under a field or over it."""
    x0, low, x1, _ = area
    rect = (x0, low - 16, x1, low - 2) if sheet.rng.random() < 0.7 else (x0 + 80, low + 18, x1, low + 32)
    sheet.note(rect, "FreeText", f"BT /Helv 9 Tf {_colour(sheet.rng)} rg 2 3 Td ({text}) Tj ET", Contents=String(text))


def struck_by_a_note(sheet: _Sheet) -> None:
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


def struck_in_the_page(sheet: _Sheet) -> None:
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


def covered(sheet: _Sheet) -> None:
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


def shifted_boxes(sheet: _Sheet) -> None:
    """A crop box that is not the media box: programs disagree about where things stand."""
    page, rng = sheet.pdf.pages[0].obj, sheet.rng
    a, b, c, d = (rng.choice((0, 0, rng.uniform(3, 30))) for _ in range(4))
    page.CropBox = Array([round(e, 1) for e in (a / 3, b / 3, PAGE_WIDTH - c / 3, PAGE_HEIGHT - d / 3)])
    if rng.random() < 0.5:
        page.MediaBox = Array([-20, -35, PAGE_WIDTH + 12, PAGE_HEIGHT + 50])
    if rng.random() < 0.4:
        page.Rotate = rng.choice((90, 180, 270))


def stale_appearance(sheet: _Sheet) -> None:
    """The data of a field were changed, what it shows was not."""
    item = sheet.written("email", "email_new", "customer_no", "phone", "name", "house")
    widget, old = sheet.widget(item), str(sheet.seen[item.field.name])
    if widget is None:
        return
    signs = [at for at, sign in enumerate(old) if sign.isalnum()]
    at = sheet.rng.choice(signs)
    changed = (
        old[:at] + ("7" if old[at] != "7" else "1") + old[at + 1 :]
        if old[at].isdigit()
        else old[:at] + "x" + old[at + 1 :]
    )
    widget.V = String(changed if sheet.rng.random() < 0.7 else "")


def lying_tick(sheet: _Sheet) -> None:
    """What is chosen in a box and what it shows are two things."""
    items = [item for item in layout(sheet.form).fields if item.field.kind.widget == "tick"]
    if not items:
        return stale_appearance(sheet)
    widget = sheet.widget(sheet.rng.choice(items))
    if widget is None:
        return stale_appearance(sheet)
    name, shown = str(widget.T), sheet.rng.random() < 0.4
    widget.AS = Name.Yes if shown else Name.Off
    widget.V = sheet.rng.choice((Name.Yes, Name.Off, String("Off"), String("Yes"), Name("/1")))
    if sheet.rng.random() < 0.3:
        del widget["/V"]
    sheet.seen[name] = shown
    return None


def hidden_field(sheet: _Sheet) -> None:
    """A filled field that is not shown, or whose text is white."""
    item = sheet.written("email", "phone", "flat", "pesel")
    widget = sheet.widget(item)
    if widget is None:
        return
    widget.F = _HIDDEN if sheet.rng.random() < 0.6 else 1 << 5
    sheet.seen[item.field.name] = None


def two_fields_in_one_place(sheet: _Sheet) -> None:
    """A second field over the first one, with another value."""
    item = sheet.written("email", "email_new", "phone", "customer_no")
    widget = sheet.widget(item)
    if widget is None:
        return
    twin = sheet.pdf.make_indirect(Dictionary(dict(widget.items())))
    twin.V, twin.T = String("48555000111" if item.field.name != "customer_no" else "11111111"), String("dopisek")
    if sheet.rng.random() < 0.5:
        twin["/F"] = _HIDDEN
    sheet.pdf.pages[0].obj.Annots.append(twin)
    sheet.pdf.Root.AcroForm.Fields.append(twin)


def broken_font(sheet: _Sheet) -> None:
    """Fonts whose map from shapes to letters is gone or wrong."""
    rng = sheet.rng
    for thing in sheet.pdf.objects:
        if not isinstance(thing, pikepdf.Dictionary) or "/ToUnicode" not in thing:
            continue
        if rng.random() < 0.4:
            del thing["/ToUnicode"]
            continue
        source = thing.ToUnicode.read_bytes().decode("latin-1")
        codes = sorted(set(re.findall(r"<([0-9A-Fa-f]{4})>\s*$|(?<=> )<([0-9A-Fa-f]{4})>", source, re.MULTILINE)))
        letters = [a or b for a, b in codes if 0x30 <= int(a or b, 16) < 0x17F]
        if len(letters) > 1:
            source = _swapped(source, *rng.sample(letters, 2))
        thing.ToUnicode = sheet.pdf.make_stream(source.encode("latin-1"))


def _swapped(source: str, one: str, other: str) -> str:
    """A map of letters with two of them exchanged."""
    return re.sub(rf"<({one}|{other})>(?=\s*$)", lambda at: f"<{other if at[1] == one else one}>", source, flags=re.M)


def wrong_encoding(sheet: _Sheet) -> None:
    """Polish letters of a field's data in the bytes of another encoding."""
    item = sheet.written("name", "town", "street")
    widget = sheet.widget(item)
    if widget is not None:
        text, code = str(sheet.seen[item.field.name]), sheet.rng.choice(("utf-8", "cp1250", "iso8859-2"))
        widget.V = String(text.encode(code).decode("latin-1"))


def unseen_text(sheet: _Sheet) -> None:
    """Text of another value that is not drawn, or drawn white, where a value stands."""
    item = sheet.written("email", "email_new", "customer_no", "phone")
    x0, low, _, _ = sheet.area(item)
    mode, gray = sheet.rng.choice(((3, 0), (0, 1), (7, 0)))

    def draw(canvas: Canvas) -> None:
        text = canvas.beginText(x0 + 3, low + 4)
        text.setFont(typesetting.REGULAR, 10)
        text.setFillGray(gray)
        text.setTextRenderMode(mode)
        text.textOut("11223344")
        canvas.drawText(text)

    sheet.over.append(draw)


def covered_by_a_layer(sheet: _Sheet) -> None:
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


def tick_taken_back(sheet: _Sheet) -> None:
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


def pale_strokes(sheet: _Sheet) -> None:
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


def page_crossed_out(sheet: _Sheet) -> None:
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


def remark_in_the_field(values: Mapping[str, Value], rng: Random) -> tuple[dict[str, Value], str]:
    """A word beside a value in its own field; with the name of that field."""
    name = rng.choice([each for each in _REMARKS if isinstance(values.get(each), str)])
    return {**values, name: rng.choice(_REMARKS[name]).format(values[name])}, name


_REMARKS: Final[Mapping[str, tuple[str, ...]]] = {
    "town": ("{} dawniej", "{} (stare)", "{} nieaktualne"),
    "name": ("{} (nie ja)", "nie {}", "{} błędnie"),
    "house": ("{} stary", "nie {}"),
    "email": ("{} stary", "nie {}", "{} ?"),
}
MISCHIEFS: Final[Mapping[str, Callable[[_Sheet], None]]] = {
    each.__name__: each
    for each in (
        *(struck_by_a_note, struck_in_the_page, covered, shifted_boxes, stale_appearance, lying_tick, hidden_field),
        *(two_fields_in_one_place, broken_font, wrong_encoding, unseen_text, covered_by_a_layer),
        *(tick_taken_back, pale_strokes, page_crossed_out),
    )
}
_OF_FIELDS: Final = frozenset(
    {"stale_appearance", "lying_tick", "hidden_field", "two_fields_in_one_place", "wrong_encoding"}
)


def mischievous(form: Form, values: Mapping[str, Value], what: str, seed: int) -> DigitalForm:
    """A digital form with that mischief done to it: one of ``MISCHIEFS``, 'remark', 'merged' or 'photograph'."""
    rng = dice(f"mischief:{seed}")
    if what == "photograph":
        return _photograph(form, values, seed, rng)
    if what == "remark":
        remarked, name = remark_in_the_field(values, rng)
        made = digital_form(form, remarked, rng.choice(MAKES), seed)
        shown = made.seen[0][name] != values[name]  # a full comb has no room for a word
        return DigitalForm(form, made.data, ({**made.seen[0], **({name: UNCLEAR} if shown else {})},))
    make = "fields" if what in _OF_FIELDS else rng.choice(("fields", "flattened", "typed"))
    if what in {"broken_font", "covered_by_a_layer"}:
        make = rng.choice(("flattened", "typed"))
    made = digital_form(form, values, make, seed)
    typesetting.load_fonts()
    with pikepdf.open(io.BytesIO(made.data)) as pdf:
        sheet = _Sheet(form, pdf, dict(made.seen[0]), rng, typed=make != "typed")
        MISCHIEFS[what](sheet)
        data = saved(pdf)
    if sheet.over:
        data = inked(data, _drawn(sheet.over)) if make != "fields" else _over_flat(data, sheet.over)
    return DigitalForm(form, data, (sheet.seen,))


def merged(one: DigitalForm, other: DigitalForm) -> DigitalForm:
    """Two filled forms in one file, as programs merge them: fields of the second keep their names or get new ones."""
    with pikepdf.open(io.BytesIO(one.data)) as first, pikepdf.open(io.BytesIO(other.data)) as second:
        first.add_pages_from(second)
        data = saved(first)
    return DigitalForm(one.form, data, (*one.seen, *other.seen))


def _drawn(draw: list[Callable[[Canvas], None]]) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1)
    for each in draw:
        each(canvas)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _over_flat(data: bytes, draw: list[Callable[[Canvas], None]]) -> bytes:
    """Drawn over fields: they have to be made part of the page first, or they would lie above it."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.flatten_annotations("print")
        flat = saved(pdf)
    return inked(flat, _drawn(draw))


def _photograph(form: Form, values: Mapping[str, Value], seed: int, rng: Random) -> DigitalForm:
    """A scan on part of a page, over what a program believes to have read of it."""
    made = digital_form(form, values, "typed", seed)
    picture = rasterise(made.data, 250)[0]
    share = rng.uniform(0.62, 0.95)
    wide, high = PAGE_WIDTH * share, PAGE_HEIGHT * share
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1)
    typesetting.load_fonts()
    for item in layout(form).fields:
        value = made.seen[0].get(item.field.name)
        if isinstance(value, str):
            canvas.setFont(typesetting.REGULAR, 8)
            x, y = item.bounds[0], PAGE_HEIGHT - item.rows[0][0][3]
            canvas.drawString(
                x * share + 3, y * share + 3, value.replace("m", "rn").replace("1", "l").replace("8", "3")
            )
    canvas.drawImage(ImageReader(Image.fromarray(picture)), 0, 0, wide, high)
    canvas.showPage()
    canvas.save()
    return DigitalForm(form, out.getvalue(), made.seen)
