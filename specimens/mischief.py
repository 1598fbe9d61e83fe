"""What can be done to digital forms on their way, so that the file no longer says what a person sees on the page.

Each mischief changes a file and what is seen on it. ``UNCLEAR`` stands for a field about which a person would ask.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from random import Random
from typing import Final

import pikepdf
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from forms import typesetting
from forms.form import Form
from forms.kinds import Value
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, layout
from specimens.chance import dice
from specimens.changed_sheet import UNCLEAR, ChangedSheet
from specimens.digital import MAKES, DigitalForm, digital_form, saved
from specimens.drawn_mischief import (
    covered,
    covered_by_a_layer,
    page_crossed_out,
    pale_strokes,
    struck_by_a_note,
    struck_in_the_page,
    tick_taken_back,
)
from specimens.paper import inked, rasterise
from specimens.untrue_data import (
    broken_font,
    hidden_field,
    lying_tick,
    shifted_boxes,
    stale_appearance,
    two_fields_in_one_place,
    unseen_text,
    wrong_encoding,
)


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


MISCHIEFS: Final[Mapping[str, Callable[[ChangedSheet], None]]] = {
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
        sheet = ChangedSheet(form, pdf, dict(made.seen[0]), rng, typed=make != "typed")
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
