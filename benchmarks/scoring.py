"""Scores of a reading benchmark: whole-field exact match with 95 % intervals, trust, and the tables of the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.drawing import HAND
from forms.form import Field
from forms.kinds import Value, Writing
from reports.intervals import wilson

GROUPS = ("digits", "house and flat", "text", "e-mail", "ticks", "signature")


@dataclass(frozen=True)
class FieldScore:
    """What was read in one field against what stands there."""

    specimen: int
    condition: str
    way: str
    field: str
    group: str
    expected: Value
    read: Value
    confidence: float
    trusted: bool
    doubt: str | None = None

    @property
    def right(self) -> bool:
        """Exact match of the normalised values; no mark at all is the same as an empty tick.

        By hand most people write capitals only: there small and capital letters count alike.
        """
        read, expected = self.read, self.expected
        if self.way == HAND and isinstance(read, str) and isinstance(expected, str):
            read, expected = read.casefold(), expected.casefold()
        return read == expected or (not read and not expected)

    @property
    def filled(self) -> bool:
        """Whether there is anything to read: ticks and signatures count when empty too."""
        return self.group in {"ticks", "signature"} or bool(self.expected)


def group_of(item: Field) -> str:
    """The kind group of a field in the report."""
    match item.kind.writing:
        case Writing.MARK:
            return "signature" if item.kind.widget == "signature" else "ticks"
        case Writing.HOUSE:
            return "house and flat"
        case Writing.DIGITS | Writing.CHECKED | Writing.SHORT:
            return "digits"
        case Writing.EMAIL:
            return "e-mail"
        case Writing.TEXT:
            return "text"


def share(right: int, total: int) -> str:
    """A share with its interval, for a table."""
    if not total:
        return "–"
    low, high = wilson(right, total)
    return f"{right / total:.1%} ({low:.1%}–{high:.1%})"


def group_table(scores: Sequence[FieldScore]) -> str:
    """Rows: kind groups. Columns: fields, exact match, trusted, wrong among the trusted."""
    rows = []
    for group in GROUPS:
        found = [score for score in scores if score.group == group and score.filled]
        trusted = [score for score in found if score.trusted]
        wrong = sum(not score.right for score in trusted)
        rows.append(
            (
                group,
                str(len(found)),
                share(sum(score.right for score in found), len(found)),
                f"{len(trusted) / len(found):.1%}" if found else "–",
                f"{wrong} of {len(trusted)}",
            )
        )
    empty = [score for score in scores if not score.filled]
    rows.append(("empty fields", str(len(empty)), share(sum(score.right for score in empty), len(empty)), "–", "–"))
    return table(("fields", "number", "exact match (95 % interval)", "trusted", "wrong among trusted"), rows)


def breakdown(scores: Sequence[FieldScore], by: Callable[[FieldScore], str], title: str) -> str:
    """Rows: values of ``by``. Columns: pages and exact match of each kind group."""
    rows = []
    for value in dict.fromkeys(by(score) for score in scores):
        chosen = [score for score in scores if by(score) == value and score.filled]
        cells = []
        for group in GROUPS:
            found = [score for score in chosen if score.group == group]
            cells.append(f"{sum(score.right for score in found) / len(found):.1%}" if found else "–")
        rows.append((value, str(len({score.specimen for score in chosen})), *cells))
    return table((title, "pages", *GROUPS), rows)


def table(head: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    heads = list(head)
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
