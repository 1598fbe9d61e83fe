"""Counting rows: how many of each, times that a share of them did not exceed, and what falls into each step of time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from documents.states import State
from environment.settings import get_settings
from reports.facts import SETTLED
from reports.model import Cell, Share
from reports.span import Span

_MOST: Final = 0.95
"""The share of cases whose waiting is told beside the middle one."""
_JUDGED: Final = (
    State.IN_REVIEW.value,
    State.READY.value,
    State.APPLIED.value,
    State.CONFIRMED.value,
    State.REJECTED.value,
)


def within(rows: pd.DataFrame, span: Span, column: str = "at") -> pd.DataFrame:
    """The rows of a span, by their moment."""
    return rows[(rows[column] >= span.begin) & (rows[column] < span.end)]


def crossed(
    rows: pd.DataFrame, index: str, columns: str, names: Mapping[str | None, str], heads: Mapping[str, str]
) -> list[tuple[Cell, ...]]:
    """How many rows have each two values: a line a value of ``index`` that occurs, a cell a head, and their sum."""
    counted = rows.assign(**{index: named(rows[index], names)}).groupby([index, columns]).size()
    lines: list[tuple[Cell, ...]] = []
    for name in present(rows[index], names):
        cells = [int(counted.get((name, head), 0)) for head in heads]
        lines.append((name, *cells, sum(cells)))
    return lines


def judged(rows: pd.DataFrame) -> pd.DataFrame:
    """Of arrivals those of which it is decided whether a human had to do with them."""
    return rows[rows["state"].isin(_JUDGED)]


def settled(rows: pd.DataFrame) -> pd.DataFrame:
    """Of ends those for which a customer waits."""
    return rows[rows["state"].isin(SETTLED)]


def share_untouched(arrivals: pd.DataFrame) -> Share:
    """How many of judged arrivals no human had to do with."""
    return Share(int((~arrivals["touched"].astype(bool)).sum()), len(arrivals))


def ranked(names: Iterable[str], numbers: Iterable[int]) -> list[tuple[str, int]]:
    """Sums by name, the largest first."""
    found: dict[str, int] = {}
    for name, number in zip(names, numbers, strict=True):
        found[name] = found.get(name, 0) + int(number)
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))


def named(values: pd.Series, names: Mapping[Any, str]) -> pd.Series:
    """Codes as names; a code without one stands for itself."""
    return values.map(lambda code: names.get(_code(code), _code(code) or ""))


def present(values: pd.Series, names: Mapping[str | None, str]) -> list[str]:
    """The names of the codes that occur, each once, in the order of ``names``, then the others."""
    codes = {_code(value) for value in values.unique()}
    known = dict.fromkeys(name for code, name in names.items() if code in codes)
    return [*known, *sorted(str(code) for code in codes if code not in names)]


def middle(times: pd.Series) -> timedelta | None:
    """The median; None of nothing."""
    return None if times.empty else pd.Timedelta(times.median()).to_pytimedelta()


def most(times: pd.Series) -> timedelta | None:
    """The shortest time that is enough for 95 in 100 of them; None of nothing."""
    if times.empty:
        return None
    seconds = np.quantile(times.dt.total_seconds(), _MOST, method="inverted_cdf")
    return timedelta(seconds=float(seconds))


def local(moments: pd.Series) -> Any:
    """The parts of moments as calendar and clock show them where the company is."""
    return moments.dt.tz_convert(get_settings().zone).dt


def by_step(rows: pd.DataFrame, span: Span) -> Callable[[date], pd.DataFrame]:
    """Gives the rows of a step of that span."""
    if rows.empty:
        return lambda _step: rows
    steps = local(rows["at"]).date.map(span.step_of)
    groups = dict(iter(rows.groupby(steps)))
    return lambda step: groups.get(step, rows.iloc[:0])


def hours(*moments: pd.Series) -> list[tuple[int, Sequence[int]]]:
    """For each hour of the clock at which there is anything, how many of each series fall into it.

    The hour that autumn repeats counts once.
    """
    counted = [local(one).hour.value_counts() if len(one) else pd.Series(dtype=int) for one in moments]
    return [(hour, cells) for hour in range(24) if any(cells := [int(one.get(hour, 0)) for one in counted])]


def _code(value: object) -> str | None:
    """A code of a column, in which what is missing may be None or NaN."""
    return value if isinstance(value, str) else None
