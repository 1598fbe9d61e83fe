"""Forms and their blanks."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from cli.console import CommandError, err, json_text, out, progress
from environment.disk_faults import cause_of
from forms.blank import draw_blank
from forms.catalogue import current_forms
from forms.describe import describe_forms
from forms.fillable import draw_fillable


def show_forms(*, as_json: bool) -> None:
    """All forms: as the JSON of the contract, or as a table."""
    if as_json:
        json_text(describe_forms())
        return
    table = Table("kod", "wersja", "tytuł", "pola")
    for form in current_forms():
        table.add_row(form.code, form.version, form.title, ", ".join(field.name for field in form.fields))
    out().print(table)


def write_blanks(directory: Path) -> None:
    """``CODE.pdf`` to print and ``CODE-fillable.pdf`` to type into, for every form."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with progress() as bar:
            for form in bar.track(current_forms(), description="Rysuję druki"):
                (directory / f"{form.code}.pdf").write_bytes(draw_blank(form))
                (directory / f"{form.code}-fillable.pdf").write_bytes(draw_fillable(form))
    except OSError as error:
        raise CommandError(f"Nie można zapisać druków w {directory}: {cause_of(error)}. Wskaż inny folder.") from error
    err().print(f"Druki {len(current_forms())} formularzy zapisane w {directory}", soft_wrap=True)
