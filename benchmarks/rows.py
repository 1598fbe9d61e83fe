"""Rows of the tables on handwriting: which fields belong together, and what was aimed at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from benchmarks.pages import PageResult
from benchmarks.scoring import FieldScore, share, table

ROWS: Final[dict[str, frozenset[str]]] = {
    "customer number, phone": frozenset({"customer_no", "phone"}),
    "PESEL, NIP": frozenset({"pesel", "nip"}),
    "post code, date": frozenset({"postcode", "date_signed"}),
    "house, flat": frozenset({"house", "flat"}),
    "name, street, town": frozenset({"name", "street", "town"}),
    "e-mail": frozenset({"email", "email_current", "email_new"}),
    "ticks": frozenset({"accept_terms", "notify_sms", "notify_email"}),
    "signature": frozenset({"signature"}),
}
"""Fields of our forms by row."""

ALONE: Final = "without the list"
LISTED: Final = "with the list"

Reading = Callable[[PageResult], Iterable[FieldScore]]
READINGS: Final[dict[str, Reading]] = {ALONE: lambda page: page.alone, LISTED: lambda page: page.listed}


def in_row(scores: Iterable[FieldScore], row: str) -> list[FieldScore]:
    """The scores of a row, of fields with something to read."""
    return [score for score in scores if score.field in ROWS[row] and score.filled]


def scores_of(pages: Iterable[PageResult], reading: str) -> list[FieldScore]:
    """Every field of these pages, as read with or without the list."""
    return [score for page in pages for score in READINGS[reading](page)]


def field_table(pages: Sequence[PageResult], reading: str) -> str:
    """Rows: fields. Columns: number, exact match, trusted share, wrong among trusted."""
    scores = scores_of(pages, reading)
    groups = {row: in_row(scores, row) for row in ROWS}
    groups["all that is filled in"] = [score for score in scores if score.filled]
    groups["empty fields"] = [score for score in scores if not score.filled]
    rows = [(name, str(len(found)), right_share(found), *trust_cells(found)) for name, found in groups.items()]
    return table((reading, "number", "exact match (95 % interval)", "trusted", "wrong among trusted"), rows)


def greedy_table(pages: Sequence[PageResult]) -> str:
    """Rows: numbers. Columns: conditions; whole numbers read cell by cell."""
    conditions = list(dict.fromkeys(page.condition for page in pages))
    rows = []
    for row in ("customer number, phone", "PESEL, NIP", "post code, date"):
        hits = {
            name: [g.read == g.expected for p in pages if p.condition == name for g in p.greedy if g.field in ROWS[row]]
            for name in conditions
        }
        every = [hit for found in hits.values() for hit in found]
        rows.append(
            (row, str(len(every)), share(sum(every), len(every)), *(percent(sum(h), len(h)) for h in hits.values()))
        )
    return table(("whole numbers, greedy", "number", "all", *conditions), rows)


def condition_table(pages: Sequence[PageResult], reading: str) -> str:
    """Rows: conditions. Columns: exact match of each row of fields, trusted share, wrong among the trusted."""
    rows = []
    for name in dict.fromkeys(page.condition for page in pages):
        chosen = [page for page in pages if page.condition == name]
        scores = scores_of(chosen, reading)
        cells = [percent(sum(s.right for s in found), len(found)) for found in (in_row(scores, row) for row in ROWS)]
        filled = [score for score in scores if score.filled]
        trusted = [score for score in filled if score.trusted]
        wrong = sum(not score.right for score in trusted)
        rows.append((name, str(len(chosen)), *cells, percent(len(trusted), len(filled)), f"{wrong} of {len(trusted)}"))
    return table((reading, "pages", *ROWS, "trusted", "wrong of trusted"), rows)


def manner_table(pages: Sequence[PageResult], reading: str, part: int, title: str) -> str:
    """Rows: writers (``part`` 0) or pens (1), the hardest first. Columns: pages, exact match, trusted share."""
    rows = []
    for name in {_manner(page, part) for page in pages}:
        chosen = [page for page in pages if _manner(page, part) == name]
        filled = [score for score in scores_of(chosen, reading) if score.filled]
        right = sum(score.right for score in filled)
        rows.append((right / len(filled), (name, str(len(chosen)), share(right, len(filled)), trust_cells(filled)[0])))
    return table((title, "pages", f"fields read exactly, {reading}", "trusted"), [row for _, row in sorted(rows)])


def _manner(page: PageResult, part: int) -> str:
    told = page.manner.split(", ")[part]
    return told.rsplit(" ", 2)[0] if part else told


def right_share(scores: Sequence[FieldScore]) -> str:
    """Exact match with its interval."""
    return share(sum(score.right for score in scores), len(scores))


def trust_cells(scores: Sequence[FieldScore]) -> tuple[str, str]:
    """Share of the trusted fields, and how many of them are wrong, with the interval."""
    trusted = [score for score in scores if score.trusted]
    wrong = sum(not score.right for score in trusted)
    told = f"{wrong} of {len(trusted)}: {share(wrong, len(trusted))}" if trusted else "–"
    return percent(len(trusted), len(scores)), told


def percent(part: int, whole: int) -> str:
    """A share without its interval."""
    return f"{part / whole:.1%}" if whole else "–"
