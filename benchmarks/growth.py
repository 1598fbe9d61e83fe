"""What to run for how many documents a day: a simulation of the house from measured costs.

``python -m benchmarks.growth [--out docs/growth.md]`` simulates a week with the end of a month in it for three sizes,
looks for the smallest house that keeps up, and writes tables and plot into the guide. ``... growth check`` holds the
simulation against a measured time. What things cost stands in ``growth_costs.csv`` and nowhere else: exchange a value
there (``benchmarks.growth_measuring`` measures anew) and run this again.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from benchmarks.growth_model import (
    ALONE,
    DAY,
    HOUR,
    ArrivalKind,
    Bundle,
    Costs,
    House,
    Outcome,
    cost,
    demand,
    documents,
    run,
)

COSTS: Final = Path(__file__).with_name("growth_costs.csv")
SIZES: Final = (100, 20_000, 1_000_000)
MONTH_END: Final = 2
"""The day, counted from 0, on which a month begins to end; two days long."""
_WEEK: Final = 5
_SEED: Final = 2026
_MOST: Final = 0.8
"""Share of a day that no part may be busy at the end of a month: above it queues grow with every accident."""
_MORNING: Final = 4 * HOUR
"""By then the morning's mail has to be worked off, at the end of a month too."""
_ALONE: Final = 120.0
"""Seconds within which 95 of 100 letters and forms that come alone have to be done."""
_AT_NOON: Final = 0.3
"""For the web application, which everybody asks in the same hours; mail may take half as much again."""
_IN_THE_MORNING: Final = 0.5
"""Share of the time until the morning's mail has to be done that no part may need for it: one waits for another."""
_MAIL: Final = 6 * HOUR
"""Within which messages have to leave."""
_WORKING_DAYS: Final = 250
_KEPT_YEARS: Final = 3
_MOST_CORES: Final = 8


@dataclass(frozen=True)
class Row:
    """A line of the table of costs."""

    name: str
    value: float
    unit: str
    how: str
    what: str
    source: str


@dataclass(frozen=True)
class Answer:
    """What to run for a size, and how it does."""

    per_day: int
    house: House
    outcome: Outcome


def rows() -> list[Row]:
    """The table of costs."""
    with COSTS.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file, delimiter=";"))
    told = [(one["name"], float(one["value"]), one["unit"], one["how"], one["what"], one["source"]) for one in lines]
    return [Row(*one) for one in told]


def costs() -> Costs:
    """Costs by their names."""
    return {row.name: row.value for row in rows()}


def week(known: Costs) -> list[float]:
    """Working days of which two end a month, each as a share of an ordinary one."""
    return [known["month_end"] if MONTH_END <= day < MONTH_END + 2 else 1.0 for day in range(_WEEK)]


def answer(per_day: int, known: Costs) -> Answer:
    """The smallest house that meets the goals: it grows where it is too small, until it is not."""
    arriving = documents(known, per_day, week(known), _SEED)
    worst = per_day * known["month_end"]
    house = House(clerks=_clerks(per_day, known))
    while True:
        # What is too small for the work of a day needs no simulation.
        missed = [name for name, share in busy(worst, house, known).items() if share > _most(name)]
        missed += [name for name, share in morning(worst, house, known).items() if share > _IN_THE_MORNING]
        if not missed:
            outcome = run(house, known, arriving)
            missed = _late(outcome)
        if not missed:
            return Answer(per_day, house, outcome)
        house = _larger(house, missed)


def _most(part: str) -> float:
    """Share of a day that a part may be busy; how many clerks there are is not for machines to mend."""
    return {"desk": math.inf, "web": _AT_NOON, "mail": _AT_NOON * 1.5}.get(part, _MOST)


def _clerks(per_day: int, known: Costs) -> int:
    """People for what a clerk sees in a month of ordinary days and two ends, at four fifths of their time."""
    month = (19 + 2 * known["month_end"]) / 21
    return max(1, math.ceil(busy(per_day * month, House(), known)["desk"] / _MOST))


def _late(outcome: Outcome) -> list[str]:
    """The goals of time that were missed."""
    return [
        name
        for name, within in (("paper", _MORNING), ("alone", _ALONE), ("mail", _MAIL))
        if outcome.percentile(name, 0.95) > within
    ]


def _larger(house: House, missed: Sequence[str]) -> House:
    """The next house to try: the first remedy for something that is missing; machines come last."""
    one = set(missed)
    parted = {"workers": 2, "cores": 4, "postgresql": True, "database_cores": house.database_cores or 2}
    remedies: tuple[tuple[bool, dict[str, Any]], ...] = (
        ("mail" in one, {"mails": house.mails * 2}),
        ("engine" in one, {"engines": house.engines + 1}),
        ("web" in one, {"webs": house.webs * 2}),
        ("register" in one, {"postgresql": True, "database_cores": house.database_cores * 2 or 2}),
        (not house.workers and (house.cores == _MOST_CORES or "sweeps" in one), parted),
        (not house.workers or "cores" in one, {"cores": house.cores * 2}),
        (True, {"workers": house.workers + max(1, house.workers // 8)}),
    )
    return replace(house, **next(remedy for helps, remedy in remedies if helps))


def morning(per_day: float, house: House, known: Costs) -> Mapping[str, float]:
    """Of each part that the morning's mail waits for, the share of the time until it has to be done."""
    paper = 1 - sum(known[f"share_{kind}"] for kind in ALONE)
    at_once = per_day * known["share_in_the_morning"]
    sweeps = paper * (known["door"] + cost(known, "sweep", house)) / max(1, house.workers)
    reading = sum(known[f"share_{kind}"] * known[f"read_{kind}"] for kind in ArrivalKind if kind not in ALONE)
    readers = reading / (house.workers * house.worker_cores or house.cores)
    shared = (
        sweeps / house.worker_cores if house.workers else (sweeps + paper * cost(known, "engine", house)) / house.cores
    )
    register = (
        paper * cost(known, "register", house) / ((house.database_cores or house.cores) if house.postgresql else 1)
    )
    found = {"sweeps": sweeps, "readers": readers + shared, "register": register}
    return {name: at_once * seconds / _MORNING for name, seconds in found.items()}


def disk(per_day: int, known: Costs) -> Mapping[str, float]:
    """Gigabytes that a year brings, and that lie there once the oldest is erased."""
    days = _WORKING_DAYS + 24 * (known["month_end"] - 1)
    paper = 1 - known["share_web"]
    year = per_day * days * (paper * known["bytes_original"] + known["bytes_register"]) / 1e9
    engine = per_day * days * known["bytes_engine"] / 4 / 1e9
    return {"year": year, "kept": year * _KEPT_YEARS + engine}


def predicted(count: int, known: Costs, cores: int = 2) -> float:
    """Seconds for so many printed scans that are all there at once and wait for nobody."""
    plain = {**known, "look": 0.0}
    return run(House(cores, mails=math.inf), plain, [Bundle(0.0, ArrivalKind.PRINTED, 1, 0)] * count).ended


def check(known: Costs) -> tuple[float, float]:
    """Seconds of `ebok ingest` for a hundred scans, as the simulation tells and as measured on an idle machine."""
    return known["ingest_begins"] + predicted(100, known), known["ingest_hundred"]


def busy(per_day: float, house: House, known: Costs) -> Mapping[str, float]:
    """Of each part the share of a day for which so many documents keep it at work; beyond 1 it cannot keep up."""
    needed = demand(known, house)
    servers = {
        "readers": house.workers * house.worker_cores or house.cores,
        "sweeps": max(1, house.workers),
        "register": (house.database_cores or house.cores) if house.postgresql else 1,
        "engine": house.engines,
        "web": house.webs,
        "desk": house.clerks * known["desk_hours"] * HOUR / DAY,
    }
    found = {name: per_day * seconds / (DAY * servers.get(name, 1)) for name, seconds in needed.items()}
    here = {"engine", "web"} | (set() if house.workers else {"readers", "sweeps"})
    here |= {"register"} if house.postgresql and not house.database_cores else set()
    found["cores"] = per_day * sum(needed[name] for name in here) / (DAY * house.cores)
    return found


def main() -> None:
    """As the module's head tells."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="?", choices=["check"])
    parser.add_argument("--out", type=Path, help="the guide, of which the part below the mark is written anew")
    asked = parser.parse_args()
    known = costs()
    if asked.what == "check":
        told, measured = check(known)
        print(f"{told:.1f} s simulated, {measured:.1f} s measured: {told / measured - 1:+.0%}")
        return
    from benchmarks import growth_guide  # noqa: PLC0415  the guide is told by what is here

    answers = [answer(size, known) for size in SIZES]
    if asked.out:
        growth_guide.write(answers, known, asked.out)
    else:
        print(growth_guide.answers_table(answers, known))


if __name__ == "__main__":
    main()
