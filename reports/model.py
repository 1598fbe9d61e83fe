"""What a report consists of, before it takes the look of a page, a mail, Markdown or a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from environment import clock
from reports.intervals import wilson

_NB: Final = "\N{NO-BREAK SPACE}"
_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole; ``interval`` asks for what it proves: the range in which the true share lies, at 95 %."""

    part: int
    whole: int
    interval: bool = False

    @property
    def value(self) -> float | None:
        """As a number from 0 to 1; None where there is no whole."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class CaseLink:
    """A document by its tracking number: a link where there are links."""

    tracking: str


Cell = str | int | timedelta | datetime | Share | CaseLink | None
"""None is told as a dash: there is nothing to tell."""


@dataclass(frozen=True, slots=True)
class ReportTable:
    """Rows under heads; the first cell of a row names it. ``note`` says in a sentence what is counted and how."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    @property
    def empty(self) -> bool:
        """Whether it has nothing to tell."""
        return not self.rows


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a plot: a value a step, None where there is none."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """One or two series over the same steps; ``unit`` stands at the axis, of which ``top`` is the end."""

    title: str
    unit: str
    steps: tuple[str, ...]
    lines: tuple[Series, ...]
    bars: bool = False
    top: float | None = None


@dataclass(frozen=True, slots=True)
class ReportSection:
    """One part of a report with a heading; ``anchor`` is its address on the page.

    ``note`` says what is counted and how, ``findings`` what came of it, each a paragraph.
    """

    anchor: str
    title: str
    tables: tuple[ReportTable, ...]
    plots: tuple[Plot, ...] = ()
    note: str = ""
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report: the figures that matter most, then the sections. ``told_at`` is when it was made."""

    title: str
    told_at: datetime
    figures: tuple[tuple[str, Cell], ...]
    sections: tuple[ReportSection, ...]


def text_of(cell: Cell) -> str:
    """A cell as people read it."""
    match cell:
        case Share():
            told = _share(cell)
        case timedelta():
            told = duration(cell)
        case datetime():
            told = clock.local_time(cell)
        case CaseLink():
            told = cell.tracking
        case int():
            told = f"{cell:,}".replace(",", _NB)
        case _:
            told = cell or "–"
    return told


def duration(time: timedelta) -> str:
    """A time as people say it, in its two largest units: '3 dni 4 godz.', '12 min'."""
    seconds = round(time.total_seconds())
    if seconds < _MINUTE:
        return f"{seconds}{_NB}s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE}{_NB}min"
    if seconds < _DAY:
        return _both(seconds // _HOUR, "godz.", seconds % _HOUR // _MINUTE, "min")
    days = seconds // _DAY
    return _both(days, "dzień" if days == 1 else "dni", seconds % _DAY // _HOUR, "godz.")


def totalled(rows: Sequence[tuple[Cell, ...]], name: str = "Razem") -> tuple[tuple[Cell, ...], ...]:
    """Rows of counts with their sums beneath; as they are where there is only one or none."""
    if len(rows) < 2:
        return tuple(rows)
    columns = list(zip(*rows, strict=True))[1:]
    return (*rows, (name, *(sum(cell for cell in column if isinstance(cell, int)) for column in columns)))


def _share(share: Share) -> str:
    if share.value is None:
        return "–"
    told = f"{_percent(share.value)} ({share.part} z {share.whole})"
    if not share.interval:
        return told
    low, high = wilson(share.part, share.whole)
    return f"{told}; przedział 95%: od {_percent(low)} do {_percent(high)}"


def _percent(value: float) -> str:
    """One decimal where whole numbers would hide what there is."""
    digits = 1 if 0 < value < 0.1 or 0.9 < value < 1 else 0
    return f"{value * 100:.{digits}f}%".replace(".", ",")


def _both(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large}{_NB}{large_unit}" + (f" {small}{_NB}{small_unit}" if small else "")
