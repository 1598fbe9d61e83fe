"""Whether the dial holds: an office whose paper changes, simulated day by day with the product's own decisions.

    python -m benchmarks.dial --runs 40

Documents, what each rests on and how sure the reader was are those of ``benchmarks.dial_pages``; how often a value of
such a confidence is wrong, is fitted to the same pages. From some day on it is wrong more often than it says. Each day
documents are drawn and looked at, and clerks settle what was stopped; on the next day that counts, and
``review.tolerance.considering`` decides, as in the product.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.random import Generator, default_rng

from benchmarks.scoring import table
from benchmarks.sharing import shared_out
from review.tolerance.considering import OVERDUE, STOPPED, consider
from review.tolerance.evidence import WAYS, Looked, Relied
from review.tolerance.thresholds import URGENT, WINDOWS, Setting, drifted

STORED: Final = Path(__file__).with_name("dial_pages.json")
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

    def chances(self, day: int, way: str, page: Page) -> np.ndarray:
        """The chance to be wrong of each value."""
        if day < CHANGE or self.way not in (None, way):
            return page.chance
        times = self.times if self.daily is None else min(self.times, self.daily ** (day - CHANGE))
        odds = page.chance / (1 - page.chance) * times
        return np.where(page.marks, page.chance, odds / (1 + odds) + self.added)


@dataclass(frozen=True)
class Office:
    """What comes a day: documents, the share by pen, the share sent by customers; what looks may be and are done."""

    documents: int = 100
    by_pen: float = 0.5
    sent: float = 0.2
    sent_then: float | None = None
    papers_then: Mapping[str, str] = field(default_factory=dict)
    looks_done: int | None = None
    budget: int = 60


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
    Scenario("an office of 20 documents, nothing changes", Shift(), Office(documents=20)),
    Scenario("an office of 20 documents, odds × 30", _EVERYWHERE, Office(documents=20)),
    Scenario("odds × 30, and clerks do a fifth of the looks", _EVERYWHERE, Office(looks_done=12)),
    Scenario("an office of 1000 documents, nothing changes", Shift(), Office(documents=1000)),
    Scenario("an office of 1000 documents, odds × 30", _EVERYWHERE, Office(documents=1000)),
    Scenario("an office of 1000 documents, odds × 30, 30 looks a day", _EVERYWHERE, Office(documents=1000, budget=30)),
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the measurement that would go through: its values, which are marks, the fitted chances to be wrong."""

    right: tuple[Relied, ...]
    marks: np.ndarray
    chance: np.ndarray


@dataclass(frozen=True, slots=True)
class Told:
    """One run: of each day the true error of what was used unseen, the share straight through, documents looked at.

    ``held`` is the share that would have gone through but for what was held.
    """

    errors: list[float]
    through: list[float]
    held: list[float]
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
            right = tuple(Relied(kind, sure) for kind, sure, _ in relied.values())
            marks = np.array([one.kind == "mark" for one in right])
            page = Page(right, marks, np.array([chances(one.kind, one.sure) for one in right]))
        found.setdefault((one["sort"], one["papers"]), []).append(page)
    return found


def _fitted(stored: Sequence[Mapping[str, Any]]) -> Callable[[str, float], float]:
    """How often a value is wrong: by pen so many times as often as all confidences of the pages say.

    In print and of marks, of which none was wrong, a twentieth of what their degrees say, as the product takes it.
    """
    hand = [(sure, right) for one in stored for kind, sure, _, right in one["values"] if kind == "hand"]
    factors = {"hand": (sum(not right for _, right in hand) + 0.5) / (sum(1 - sure for sure, _ in hand) + 0.5)}
    return lambda kind, sure: min(0.5, (1 - sure) * factors.get(kind, 0.05))


def run(scenario: Scenario, number: int, seeds: int) -> Told:
    """One run of a scenario."""
    life = _Life(scenario, default_rng([seeds + number, len(scenario.name)]))
    for day in range(DAYS):
        life.live(day)
    return life.told


@dataclass
class _Life:
    """An office from day to day: what is in force, what was looked at or stopped, what waits for its second look."""

    scenario: Scenario
    rng: Generator
    setting: Setting = field(default_factory=lambda: Setting(TOLERATED, {}, {}))
    looks: list[Looked] = field(default_factory=list)
    stopped: list[Looked] = field(default_factory=list)
    waiting: list[Looked] = field(default_factory=list)
    weeks: list[dict[str, tuple[int, int]]] = field(default_factory=list)
    told: Told = field(default_factory=lambda: Told([], [], [], [], []))

    def live(self, day: int) -> None:
        """One day: first what follows from yesterday's looks, then what comes, then what clerks look at."""
        office, now = self.scenario.office, BEGIN + timedelta(days=day)
        before = sum(self.setting.steps.values())
        drawn = self._considered(now)
        evening, wrong, used, seen, held = now + timedelta(hours=23), 0.0, 0, 0, 0
        counted = {"office": (0, 0), "sent": (0, 0)}
        through = 0
        for way, page in _came(office, day, self.rng):
            counted[way] = (counted[way][0] + 1, counted[way][1] + (page is not None))
            if page is None:
                continue
            chances = self.scenario.shift.chances(day, way, page)
            compared = Looked(evening, way, 1.0, self._values(page, chances))
            if not compared.passes(self.setting.limits):
                self.stopped.append(compared)
                held += compared.passes(self.setting.thresholds)
                continue
            through, wrong, used = through + 1, wrong + float(chances.sum()), used + len(chances)
            rate = max(drawn[f"{one.kind}/{way}"] for one in page.right)
            rate = LEAST if seen >= URGENT * office.budget else rate
            if self.rng.random() < rate:
                seen += 1
                self.waiting.append(replace(compared, rate=rate))
        done = len(self.waiting) if office.looks_done is None else office.looks_done
        self.looks += [replace(look, at=evening) for look in self.waiting[:done]]
        self.waiting = self.waiting[done:]
        self.weeks.append(counted)
        self.told.errors.append(wrong / used if used else 0.0)
        self.told.through.append(through / office.documents)
        self.told.held.append(held / office.documents)
        self.told.looks.append(seen)
        self.told.tightened.append(sum(self.setting.steps.values()) - before)

    def _considered(self, now: datetime) -> Mapping[str, float]:
        """Once, and again while something is tightened: the product does so after each wrong look and each hour."""
        office, through = self.scenario.office, self.told.through
        self.looks = [look for look in self.looks if look.at > now - max(WINDOWS)]
        self.stopped = [look for look in self.stopped if look.at > now - max(WINDOWS)][-STOPPED:]
        volume = max(through[-1], float(np.mean(through[-7:]))) * office.documents if through else 0.0
        while True:
            found = consider(
                self.looks,
                self.stopped,
                self.setting,
                now,
                overdue=Counter(look.way for look in self.waiting if look.at < now - OVERDUE),
                drifting=[way for way in WAYS if len(self.weeks) >= 35 and drifted(_weeks(self.weeks, way))],
                volume=volume,
                least=LEAST,
                budget=office.budget,
            )
            steps = {**self.setting.steps, **{one.stratum: one.after for one in found.tightened}}
            self.setting = replace(self.setting, steps=steps, held=found.held)
            if not found.tightened:
                return found.rates

    def _values(self, page: Page, chances: np.ndarray) -> tuple[Relied, ...]:
        wrong = self.rng.random(len(chances)) < chances
        if not wrong.any():
            return page.right
        return tuple(one._replace(wrong=bool(drawn)) for one, drawn in zip(page.right, wrong, strict=True))


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
    held = [np.mean([one.held[part] for one in runs]) for part in (slice(CHANGE), slice(CHANGE, None))]
    looks = [np.mean([one.looks[part] for one in runs]) for part in (slice(21, CHANGE), slice(CHANGE, CHANGE + 14))]
    in_time = sum(one <= 7 for one in days)
    tightened = sum(sum(one.tightened) > 0 for one in runs)
    return (
        scenario.name,
        *(f"{1000 * one:.2f}" for one in (before, peak, last)),
        f"{int(np.median(days))} / {days[int(0.95 * (len(days) - 1))]} / {days[-1]}",
        f"{in_time} of {len(days)}",
        f"{tightened} of {len(days)}",
        f"{through[0]:.0%} → {through[1]:.0%}",
        f"{held[0]:.1%} → {held[1]:.1%}",
        f"{looks[0]:.0f} → {looks[1]:.0f}",
    )


_HEADS: Final = (
    "paper", "error before", "at its worst", "at the end", "days above twice: median / 95 % / most", "held for a week",
    "tightened", "straight through", "held", "looks a day",
)  # fmt: skip


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=7000, help="where the numbers of the runs begin")
    parser.add_argument("--only", default="", help="scenarios whose names hold this")
    options = parser.parse_args()
    chosen = [scenario for scenario in SCENARIOS if options.only in scenario.name]
    for at, scenario in enumerate(chosen):
        one = partial(run, scenario, seeds=options.seeds)
        row = _row(scenario, list(shared_out(one, range(options.runs), options.jobs, "days")))
        print(table(_HEADS, [row]) if at == 0 else table(_HEADS, [row]).splitlines()[-1], flush=True)


if __name__ == "__main__":
    main()
