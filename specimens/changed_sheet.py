"""A file of one page that is being changed, and what is seen on it meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name
from reportlab.pdfgen.canvas import Canvas

from forms.form import Form
from forms.kinds import Value
from forms.layout import PAGE_HEIGHT, FieldLayout, layout
from specimens.digital import pin

UNCLEAR: Final = "?"
"""No value is right: a line goes through it, or half of it is hidden."""
_PRINT: Final = 4


@dataclass
class ChangedSheet:
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
        """The form field of that item, where the file has one."""
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
