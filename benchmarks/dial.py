"""Whether the dial holds: an office whose paper changes, simulated day by day with the product's own decisions.

    python -m benchmarks.dial --runs 40

Documents, what each rests on and how sure the reader was are those of ``benchmarks.dial_pages``; how often a value of
such a confidence is wrong, is fitted to the same pages. From some day on it is wrong more often than it says. Each day
documents are drawn and looked at; on the next day the looks count, and ``review.tolerance.steps`` decides once for each
in which something was wrong, as the product does.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from itertools import groupby
from typing import Any, Final

import numpy as np
from numpy.random import Generator, default_rng

from benchmarks.dial_pages import STORED
from benchmarks.scoring import table
from benchmarks.sharing import shared_out
from review.tolerance.evidence import Looked, Relied
from review.tolerance.steps import URGENT, WINDOWS, Setting, decide, drifted, rates

BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
CHANGE: Final = 42
DAYS: Final = 126
TOLERATED: Final = 0.001
LEAST: Final = 0.05


@dataclass(frozen=True)
class Shift:
    """How the reading goes wrong from day ``CHANGE`` on, in papers of one way in or of all; marks are read as before.

    The odds of being wrong are ``times`` as high (at once, or growing ``daily``): the confidence says too much. And
    ``added`` is wrong however sure it is.
    """

    times: float = 1.0
    way: str | None = None
    daily: float | None = None
    added: float = 0.0

    def chance(self, day: int, way: str, kind: str, fitted: float) -> float:
        """The chance to be wrong, of a value with that chance as fitted."""
        if day < CHANGE or self.way not in (None, way) or kind == "mark":
            return fitted
        times = self.times if self.daily is None else min(self.times, self.daily ** (day - CHANGE))
        odds = fitted / (1 - fitted) * times
        return odds / (1 + odds) + self.added


@dataclass(frozen=True)
class Office:
    """What comes a day: documents, the share by pen, the share sent by customers; what looks may be and are done."""

    documents: int = 100
    by_pen: float = 0.5
    sent: float = 0.2
    sent_then: float | None = None
    papers_then: Mapping[str, str] = field(default_factory=dict)
    looks_done: float = 1.0
    budget: int = 30


@dataclass(frozen=True)
class Scenario:
    """A name, the office, and how the reading goes wrong from day ``CHANGE`` on."""

    name: str
    shift: Shift
    office: Office = Office()


_NEW: Final = Office(papers_then={"office": "worse"})
_PHOTOS: Final = Office(sent_then=0.5, papers_then={"sent": "photo"})
_EVERYWHERE: Final = Shift(30)
SCENARIOS: Final = (
    Scenario("nothing changes", Shift()),
    *(Scenario(f"new scanner, odds of error × {times}", Shift(times, "office"), _NEW) for times in (3, 10, 30, 100)),
    *(Scenario(f"photographs instead of scans, odds × {times}", Shift(times, "sent"), _PHOTOS) for times in (10, 30)),
    Scenario("glass that gets dirty, odds × 1.05 a day up to × 30", Shift(30, "office", daily=1.05), _NEW),
    *(
        Scenario(f"wrong however sure, {1000 * added:g} of 1000 more", Shift(way="office", added=added))
        for added in (0.003, 0.005, 0.02)
    ),
    Scenario("an office of 20 documents, odds × 30", _EVERYWHERE, Office(documents=20)),
    Scenario("an office of 1000 documents, odds × 30", _EVERYWHERE, Office(documents=1000)),
    *(
        Scenario(f"new scanner, odds × {times}, 60 looks a day", Shift(times, "office"), replace(_NEW, budget=60))
        for times in (30, 100)
    ),
    Scenario("odds × 30, and clerks do a fifth of the looks", _EVERYWHERE, Office(looks_done=0.2)),
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the measurement that would go through: kind, confidence and fitted chance to be wrong of each value."""

    kinds: tuple[str, ...]
    sure: np.ndarray
    chance: np.ndarray


@dataclass(frozen=True, slots=True)
class Told:
    """One run: of each day the true error of what was used unseen, the share straight through, documents looked at."""

    errors: list[float]
    through: list[float]
    looks: list[int]
    tightened: list[int]


@cache
def bank() -> Mapping[tuple[str, str], Sequence[Page | None]]:
    """The measured pages by sort and papers; None for one that is for a clerk."""
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    chances = _fitted(stored)
    found: dict[tuple[str, str], list[Page | None]] = {}
    for one in stored:
        relied = one["relied"]
        page = None
        if relied:
            kinds, sure, _ = zip(*relied.values(), strict=True)
            chance = np.array([chances(kind, each) for kind, each in zip(kinds, sure, strict=True)])
            page = Page(kinds, np.array(sure), chance)
        found.setdefault((one["sort"], one["papers"]), []).append(page)
    return found


def _fitted(stored: Sequence[Mapping[str, Any]]) -> Callable[[str, float], float]:
    """How often a value is wrong: by pen so many times as often as all confidences of the pages say.

    In print and of marks, of which none was wrong, a twentieth of what their degrees say, as the product takes it.
    """
    hand = [(sure, right) for one in stored for kind, sure, _, right in one["values"] if kind == "hand"]
    factors = {"hand": (sum(not right for _, right in hand) + 0.5) / (sum(1 - sure for sure, _ in hand) + 0.5)}
    return lambda kind, sure: min(0.5, (1 - sure) * factors.get(kind, 0.05))


def run(scenario: Scenario, number: int) -> Told:
    """One run of a scenario."""
    office, rng = scenario.office, default_rng([7000 + number, len(scenario.name)])
    steps: dict[str, int] = {}
    looks: list[Looked] = []
    weeks: list[dict[str, tuple[int, int]]] = []
    told = Told([], [], [], [])
    volume = 0.0
    for day in range(DAYS):
        now = BEGIN + timedelta(days=day)
        looks = [look for look in looks if look.at > now - max(WINDOWS)]
        before = sum(steps.values())
        for _ in range(
            sum(look.at > now - timedelta(days=1) and any(one.wrong for one in look.values) for look in looks)
        ):
            found = decide(looks, Setting(TOLERATED, steps, {}), now)
            steps |= {one.stratum: one.after for one in found}
        setting = Setting(TOLERATED, steps, {})
        drifting = [way for way in ("office", "sent") if len(weeks) >= 35 and drifted(_weeks(weeks, way))]
        drawn = rates(looks, setting, now, drifting=drifting, volume=volume, least=LEAST, budget=office.budget)
        seen, wrong, used, through = 0, 0.0, 0, 0
        counted = {"office": (0, 0), "sent": (0, 0)}
        thresholds = setting.thresholds
        for way, page in _came(office, day, rng):
            counted[way] = (counted[way][0] + 1, counted[way][1] + (page is not None))
            if page is None:
                continue
            limits = np.array([thresholds.get(f"{kind}/{way}", 0.0) for kind in page.kinds])
            if (page.sure < limits).any():
                continue
            through += 1
            chances = [
                scenario.shift.chance(day, way, kind, each) for kind, each in zip(page.kinds, page.chance, strict=True)
            ]
            wrong, used = wrong + sum(chances), used + len(chances)
            rate = max(drawn[f"{kind}/{way}"] for kind in page.kinds)
            rate = LEAST if seen >= URGENT * office.budget else rate
            if rng.random() < rate:
                seen += 1
                if rng.random() < office.looks_done:
                    values = tuple(
                        Relied(kind, float(sure), bool(rng.random() < chance))
                        for kind, sure, chance in zip(page.kinds, page.sure, chances, strict=True)
                    )
                    looks.append(Looked(now + timedelta(hours=23), way, rate, values))
        weeks.append(counted)
        told.errors.append(wrong / used if used else 0.0)
        told.through.append(through / office.documents)
        told.looks.append(seen)
        told.tightened.append(sum(steps.values()) - before)
        volume = max(float(through), float(np.mean(told.through[-7:])) * office.documents)
    return told


def _came(office: Office, day: int, rng: Generator) -> list[tuple[str, Page | None]]:
    after = day >= CHANGE
    sent = office.sent if office.sent_then is None or not after else office.sent_then
    found = []
    for _ in range(office.documents):
        way = "sent" if rng.random() < sent else "office"
        sort = "hand" if rng.random() < office.by_pen else "print"
        papers = office.papers_then.get(way, "calm") if after else "calm"
        pages = bank()[sort, papers]
        found.append((way, pages[int(rng.integers(len(pages)))]))
    return found


def _weeks(days: Sequence[Mapping[str, tuple[int, int]]], way: str) -> list[tuple[int, int]]:
    def summed(chosen: Sequence[Mapping[str, tuple[int, int]]]) -> tuple[int, int]:
        numbers = [one[way] for one in chosen]
        return sum(one for one, _ in numbers), sum(ready for _, ready in numbers)

    return [summed(days[-7:]), summed(days[-35:-7])]


def longest(errors: Sequence[float], most: float) -> int:
    """The most days in a row with an error above that."""
    return max((len(list(days)) for above, days in groupby(errors, lambda one: one > most) if above), default=0)


def _row(scenario: Scenario, runs: Sequence[Told]) -> tuple[str, ...]:
    days = sorted(longest(one.errors, 2 * TOLERATED) for one in runs)
    before = np.mean([one.errors[CHANGE - 7 : CHANGE] for one in runs])
    peak = np.mean([max(one.errors[CHANGE:]) for one in runs])
    last = np.mean([one.errors[-14:] for one in runs])
    through = [np.mean([one.through[part] for one in runs]) for part in (slice(CHANGE), slice(-14, None))]
    looks = [np.mean([one.looks[part] for one in runs]) for part in (slice(21, CHANGE), slice(CHANGE, CHANGE + 14))]
    held = sum(one <= 7 for one in days)
    tightened = sum(sum(one.tightened) > 0 for one in runs)
    return (
        scenario.name,
        *(f"{1000 * one:.2f}" for one in (before, peak, last)),
        f"{int(np.median(days))} / {days[int(0.95 * (len(days) - 1))]} / {days[-1]}",
        f"{held} of {len(days)}",
        f"{tightened} of {len(days)}",
        f"{through[0]:.0%} → {through[1]:.0%}",
        f"{looks[0]:.0f} → {looks[1]:.0f}",
    )


_HEADS: Final = (
    "paper", "error before", "at its worst", "at the end", "days above twice: median / 95 % / most", "held for a week",
    "tightened", "straight through", "looks a day",
)  # fmt: skip


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="scenarios whose names hold this")
    options = parser.parse_args()
    rows = [
        _row(scenario, list(shared_out(partial(run, scenario), range(options.runs), options.jobs, "days")))
        for scenario in SCENARIOS
        if options.only in scenario.name
    ]
    print(table(_HEADS, rows))


if __name__ == "__main__":
    main()
