"""How often a leak warning is wrong, and which leaks it finds: measured on the year of the sample generator.

``python -m benchmarks.leaks [CUSTOMERS]`` writes three years of that many invented customers without leaks, and looks
at the last one month by month, as readings come in: whether a warning is shown in a normal year, and how soon when
water runs away from a random day on. Once as the generator has it, and once with households that vary as it has none:
away, guests, twice the scatter. Prints the tables of docs/benchmarks-leaks.md.
"""

from __future__ import annotations

import csv
import itertools
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Final

from billing.metering.usual import Period, leak
from billing.sample import write_sample

_UNTIL: Final = date(2026, 11, 1)
_MONTHS: Final = 37
_YEAR: Final = 12
_SEED: Final = 1
LITRES: Final = (5, 10, 20, 40, 80, 200)
"""An hour: a tap that drips fast, a cistern that runs, a pipe that burst."""
_SORTS: Final = (
    ("readings every month, two years known before", 24, 1),
    ("readings every month, one year known before", 12, 1),
    ("readings every month, nothing known before", 0, 1),
    ("readings every quarter, two years known before", 24, 3),
)
"""What is known: months of history before the year, and months between two readings."""
_AWAY, _GUESTS, _SCATTER = 1 / 12, 1 / 24, 0.17
History = list[Period]


def main(customers: int) -> None:
    """Both tables, for calm and for restless households."""
    calm = list(histories(customers))
    restless = [_restless(one, Random(number)) for number, one in enumerate(calm)]
    for name, households in (("as generated", calm), ("restless", restless)):
        print(f"\n{name}, {len(households)} customer-years\n")
        print("| what is known | normal years with a false warning |", end="")
        print("".join(f" {litres} l/h |" for litres in LITRES))
        print("| --- | --- |" + " --- |" * len(LITRES))
        for told, known, step in _SORTS:
            wrong, found = measure(households, known, step)
            shown = "".join(f" {100 * now:.0f} %, {100 * later:.0f} % |" for now, later in found)
            print(f"| {told} | {wrong} ({100 * wrong / len(households):.1f} %) |{shown}")


def histories(customers: int, seed: int = _SEED) -> Iterator[History]:
    """What the meter of each invented customer counted, month by month, without a leak."""
    with tempfile.TemporaryDirectory() as folder:
        write_sample(Path(folder), customers, seed=seed, months=_MONTHS, until=_UNTIL, pdfs=False, leaks=0.0)
        with (Path(folder) / "readings.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter=";"))
    for at in range(0, len(rows), _MONTHS):
        read = [
            (date.fromisoformat(row["read_on"]), float(row["value"].replace(",", ".")))
            for row in rows[at : at + _MONTHS]
        ]
        yield [Period(before, day, value - was) for (before, was), (day, value) in itertools.pairwise(read)]


def measure(households: Sequence[History], known: int, step: int) -> tuple[int, list[tuple[float, float]]]:
    """Normal years with a warning; by size of a leak, shares of those found at the first reading, and by the third."""
    normal = [_read_every(one[-(known + _YEAR) :], step) for one in households]
    months = _YEAR // step
    wrong = sum(_first_warning(one, months) is not None for one in normal)
    found = []
    for litres in LITRES:
        delays = [
            _delay(one[-(known + _YEAR) :], litres, step, Random(f"{number}:{litres}"))
            for number, one in enumerate(households)
        ]
        first, third = (sum(late is not None and late < most for late in delays) / len(delays) for most in (1, 3))
        found.append((first, third))
    return wrong, found


def _first_warning(history: History, months: int) -> int | None:
    """The first of the last ``months`` periods that is taken for a leak."""
    for at in range(len(history) - months, len(history)):
        if leak(history[:at], history[at]) is not None:
            return at
    return None


def _delay(history: History, litres: int, step: int, chance: Random) -> int | None:
    """How many readings after the first that it is in a leak is found; None for not within three months."""
    begins = len(history) - _YEAR + chance.randrange(_YEAR - 3)
    part = chance.random()
    leaking = [
        replace(one, used=one.used + litres * 0.024 * one.days * (part if at == begins else 1.0))
        if begins <= at < begins + 3
        else one
        for at, one in enumerate(history)
    ]
    read = _read_every(leaking, step)
    first = begins // step
    for at in range(first, min(first + 3, len(read))):
        if leak(read[:at], read[at]) is not None:
            return at - first
    return None


def _read_every(history: History, step: int) -> History:
    """The same, read less often."""
    parts = [history[at : at + step] for at in range(0, len(history), step)]
    return [Period(part[0].first, part[-1].last, sum(one.used for one in part)) for part in parts]


def _restless(history: History, chance: Random) -> History:
    """A household that is away at times, has guests at others, and varies twice as much."""
    changed = []
    for one in history:
        drawn = chance.random()
        times = 0.2 if drawn < _AWAY else 1.6 if drawn < _AWAY + _GUESTS else 1.0
        changed.append(replace(one, used=one.used * times * chance.lognormvariate(0, _SCATTER)))
    return changed


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
