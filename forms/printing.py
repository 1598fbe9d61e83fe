"""All forms as files: the blank to print and the fillable PDF of each."""

from __future__ import annotations

from pathlib import Path

from forms.blank import draw_blank
from forms.catalogue import current_forms
from forms.fillable import draw_fillable


def write_blanks(directory: Path) -> list[Path]:
    """Write ``CODE.pdf`` and ``CODE-fillable.pdf`` of every current form; the folder is made when it is missing.

    Files of these names are replaced. OSError when the folder cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for form in current_forms():
        for name, content in ((form.code, draw_blank(form)), (f"{form.code}-fillable", draw_fillable(form))):
            path = directory / f"{name}.pdf"
            path.write_bytes(content)
            written.append(path)
    return written
