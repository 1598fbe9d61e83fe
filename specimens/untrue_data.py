"""Mischief in the data: fields, fonts and texts of a file that say what nobody sees."""

from __future__ import annotations

import re
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from reportlab.pdfgen.canvas import Canvas

from forms import typesetting
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, layout
from specimens.changed_sheet import ChangedSheet

_HIDDEN: Final = 2


def shifted_boxes(sheet: ChangedSheet) -> None:
    """A crop box that is not the media box: programs disagree about where things stand."""
    page, rng = sheet.pdf.pages[0].obj, sheet.rng
    a, b, c, d = (rng.choice((0, 0, rng.uniform(3, 30))) for _ in range(4))
    page.CropBox = Array([round(e, 1) for e in (a / 3, b / 3, PAGE_WIDTH - c / 3, PAGE_HEIGHT - d / 3)])
    if rng.random() < 0.5:
        page.MediaBox = Array([-20, -35, PAGE_WIDTH + 12, PAGE_HEIGHT + 50])
    if rng.random() < 0.4:
        page.Rotate = rng.choice((90, 180, 270))


def stale_appearance(sheet: ChangedSheet) -> None:
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


def lying_tick(sheet: ChangedSheet) -> None:
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


def hidden_field(sheet: ChangedSheet) -> None:
    """A filled field that is not shown, or whose text is white."""
    item = sheet.written("email", "phone", "flat", "pesel")
    widget = sheet.widget(item)
    if widget is None:
        return
    widget.F = _HIDDEN if sheet.rng.random() < 0.6 else 1 << 5
    sheet.seen[item.field.name] = None


def two_fields_in_one_place(sheet: ChangedSheet) -> None:
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


def broken_font(sheet: ChangedSheet) -> None:
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


def wrong_encoding(sheet: ChangedSheet) -> None:
    """Polish letters of a field's data in the bytes of another encoding."""
    item = sheet.written("name", "town", "street")
    widget = sheet.widget(item)
    if widget is not None:
        text, code = str(sheet.seen[item.field.name]), sheet.rng.choice(("utf-8", "cp1250", "iso8859-2"))
        widget.V = String(text.encode(code).decode("latin-1"))


def unseen_text(sheet: ChangedSheet) -> None:
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
