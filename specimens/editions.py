"""A form of ours as an older printer set it: no combs, a label left of a dotted line, perhaps no code."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Final

from reportlab.pdfgen.canvas import Canvas

from forms import typesetting
from forms.form import Form
from forms.kinds import Value
from forms.layout import CODE_PREFIX, PAGE_HEIGHT, PAGE_WIDTH, code_box
from forms.page import data_matrix
from specimens import typefaces

TITLES: Final = {
    "ebok_signup": "Formularz zgłoszeniowy eBOK",
    "einvoice_acceptance": "Akceptacja wystawiania i przesyłania faktur w formie elektronicznej",
    "einvoice_email_change": "Formularz zmiany adresu e-mail dostarczania faktur w formie elektronicznej",
    "einvoice_withdrawal": "Formularz wycofania akceptacji wystawiania i przesyłania faktur w formie elektronicznej",
}
"""What the forms were called before; a form that is not named here keeps its title."""

_LEFT: Final = 60.0
_LINE: Final = 250.0
"""Where the dotted lines begin, in points from the left edge."""
_DISTANCE: Final = 31.0


def edition(form: Form, values: Mapping[str, Value], *, version: str | None = None, face: str = "sans") -> bytes:
    """Draw the form with typed values on dotted lines; with a version it bears the code of that version."""
    typesetting.load_fonts()
    font, out = typefaces.load(face), io.BytesIO()
    canvas = Canvas(out, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1)
    if version is not None:
        for x0, top, x1, bottom in data_matrix(f"{CODE_PREFIX}:{form.code}:{version}:1", code_box()):
            canvas.rect(x0, PAGE_HEIGHT - bottom, x1 - x0, bottom - top, stroke=0, fill=1)
    y = PAGE_HEIGHT - 120
    for line in typesetting.wrap(TITLES.get(form.code, form.title), typesetting.BOLD, 14, PAGE_WIDTH - 2 * _LEFT):
        canvas.setFont(typesetting.BOLD, 14)
        canvas.drawString(_LEFT, y, line)
        y -= 19
    for item in form.fields:
        if item.kind.widget == "tick":
            continue
        y -= _DISTANCE
        canvas.setFont(typesetting.REGULAR, 10.5)
        canvas.drawString(_LEFT, y, _fitting(f"{item.label}:"))
        canvas.drawString(_LINE, y - 2, "." * 95)
        canvas.setFont(font, 11.5)
        value = values.get(item.name)
        canvas.drawString(_LINE + 8, y + 1.5, item.kind.display(value) if isinstance(value, str) else "")
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _fitting(label: str) -> str:
    """A label too long for its column loses what stands in brackets or after a comma."""
    fits = typesetting.text_width(label, typesetting.REGULAR, 10.5) < _LINE - _LEFT - 5
    return label if fits else label.split(" (", maxsplit=1)[0].split(", ", maxsplit=1)[0].rstrip(":") + ":"
