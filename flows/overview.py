"""What a manager sees of one document: form, state and fields, with every value masked."""

from __future__ import annotations

from dataclasses import dataclass

from database.engine import reading
from documents import loading
from documents.values import known_form, submission_of
from environment.settings import get_settings


@dataclass(frozen=True, slots=True)
class Overview:
    """Rows of the table (column: text) and the Markdown above it."""

    rows: list[dict[str, str]]
    description: str


def overview(tracking: str) -> Overview:
    """The overview of a document; without rows when it is none of our forms. Nothing in it says whose it is."""
    with reading() as session:
        document = loading.load(session, tracking)
        known = known_form(document) is not None
        submission = submission_of(session, document) if known else None
    case = f"{get_settings().staff_url}/biuro/sprawy/{tracking}/historia"
    title = "Nierozpoznany dokument" if submission is None else submission.form.title
    description = f"**{title}** · [sprawa {tracking}]({case})"
    if submission is None:
        return Overview([], description)
    rows = []
    for field in submission.form.fields:
        value = submission.fields.get(field.name)
        rows.append(
            {
                "Pole": field.label,
                "Wartość": field.kind.masked(None if value is None else value.value),
                "Źródło": "" if value is None else value.source.value,
                "Pewność": "" if value is None else f"{value.confidence:.0%}",
                "Zaufane": "" if value is None else ("tak" if value.trusted else "nie"),
                "Wątpliwość": "" if value is None else value.doubt or "",
            }
        )
    return Overview(rows, description)
