"""The report as Markdown, for the workflow engine's page; cases are links to the desk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from environment.settings import get_settings
from reports.model import CaseLink, Cell, Report, ReportSection, ReportTable, text_of


def markdown(report: Report) -> str:
    """The whole report; tables without rows are left out."""
    figures = [f"- {name}: **{text_of(cell)}**" for name, cell in report.figures]
    parts = [f"Stan na {text_of(report.told_at)}.", "\n".join(figures)]
    for section in report.sections:
        parts += _section(section)
    return "\n\n".join(parts)


def grid(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table of texts; the first column is set left, all others right."""
    heads = tuple(heads)
    lines = [heads, ("---", *("---:",) * (len(heads) - 1)), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def case_address(tracking: str) -> str:
    """Where staff read the story of a case."""
    return f"{get_settings().staff_url}/biuro/sprawy/{tracking}/historia"


def _section(section: ReportSection) -> Iterator[str]:
    tables = [table for table in section.tables if table.rows]
    yield f"## {section.title}"
    if section.note:
        yield section.note
    yield from section.findings
    for table in tables:
        yield f"**{table.caption}**"
        yield _table(table)
        if table.note:
            yield table.note
    if not tables and not section.findings:
        yield "Nic."


def _table(table: ReportTable) -> str:
    return grid(table.heads, ([_told(cell) for cell in row] for row in table.rows))


def _told(cell: Cell) -> str:
    if isinstance(cell, CaseLink):
        return f"[{cell.tracking}]({case_address(cell.tracking)})"
    return text_of(cell)
