"""Whether the dial holds: an office whose paper changes, simulated day by day with the product's own decisions.

    python -m benchmarks.dial --runs 40

What comes is told by ``benchmarks.dial_office``. Each day documents are drawn and looked at, and clerks settle what was
stopped and what was doubted; on the next day that counts, and ``review.tolerance.considering`` decides, as in the
product.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Final

import numpy as np
from numpy.random import Generator, default_rng

from benchmarks.dial_office import CHANGE, SCENARIOS, Page, Scenario
from benchmarks.scoring import table
from benchmarks.sharing import shared_out
from review.tolerance.considering import OVERDUE, SETTLED, consider
from review.tolerance.evidence import WAYS, Looked, Relied
from review.tolerance.thresholds import URGENT, WINDOWS, Setting, drifted

BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
DAYS: Final = 63
LEAST: Final = 0.05


@dataclass(frozen=True, slots=True)
class Told:
    """One run: of each day the true error of what was used unseen, the share straight through, documents looked at.

    True is the error that was to be expected of the documents that went through, not what happened to be wrong.
    ``left`` is the same of those that were not drawn, of all that was used: what no look will ever put right.
    ``held`` is the share that would have gone through but for what was held.
    """

    errors: list[float]
    left: list[float]
    through: list[float]
    held: list[float]
    looks: list[int]
    tightened: list[int]


def run(scenario: Scenario, number: int, seeds: int) -> Told:
    """One run of a scenario."""
    rng = default_rng([seeds + number, len(scenario.name)])
    life = _Life(scenario, rng, Setting(scenario.tolerated / 1000, {}, {}))
    for day in range(DAYS):
        life.live(day)
    return life.told


@dataclass
class _Life:
    """An office from day to day: what is in force, what was looked at or stopped, what waits for its second look."""

    scenario: Scenario
    rng: Generator
    setting: Setting
    looks: list[Looked] = field(default_factory=list)
    stopped: list[Looked] = field(default_factory=list)
    doubted: list[Looked] = field(default_factory=list)
    waiting: list[Looked] = field(default_factory=list)
    weeks: list[dict[str, tuple[int, int]]] = field(default_factory=list)
    told: Told = field(default_factory=lambda: Told([], [], [], [], [], []))

    def live(self, day: int) -> None:
        """One day: first what follows from yesterday's looks, then what comes, then what clerks look at."""
        office, now = self.scenario.office, BEGIN + timedelta(days=day)
        before = sum(self.setting.steps.values())
        drawn = self._considered(now)
        evening, wrong, left, used, seen, held = now + timedelta(hours=23), 0.0, 0.0, 0, 0, 0
        counted = {"office": (0, 0), "sent": (0, 0)}
        through = 0
        for way, page in office.came(day, self.rng):
            counted[way] = (counted[way][0] + 1, counted[way][1] + page.through)
            chances = self.scenario.chances(day, way, page)
            compared = Looked(evening, way, 1.0, self._values(page, chances))
            if not page.through:
                self.doubted.append(compared)
                continue
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
            else:
                left += float(chances.sum())
        done = len(self.waiting) if office.looks_done is None else office.looks_done
        self.looks += [replace(look, at=evening) for look in self.waiting[:done]]
        self.waiting = self.waiting[done:]
        self.weeks.append(counted)
        self.told.errors.append(wrong / used if used else 0.0)
        self.told.left.append(left / used if used else 0.0)
        self.told.through.append(through / office.documents)
        self.told.held.append(held / office.documents)
        self.told.looks.append(seen)
        self.told.tightened.append(sum(self.setting.steps.values()) - before)

    def _considered(self, now: datetime) -> Mapping[str, float]:
        """Once, and again while something is tightened: the product does so after each wrong look and each hour."""
        office, through = self.scenario.office, self.told.through
        self.looks = [look for look in self.looks if look.at > now - max(WINDOWS)]
        self.stopped = [look for look in self.stopped if look.at > now - max(WINDOWS)][-SETTLED:]
        self.doubted = [look for look in self.doubted if look.at > now - max(WINDOWS)][-SETTLED:]
        volume = max(through[-1], float(np.mean(through[-7:]))) * office.documents if through else 0.0
        while True:
            found = consider(
                self.looks,
                self.stopped,
                self.setting,
                now,
                doubted=self.doubted,
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


def _weeks(days: Sequence[Mapping[str, tuple[int, int]]], way: str) -> list[tuple[int, int]]:
    def summed(chosen: Sequence[Mapping[str, tuple[int, int]]]) -> tuple[int, int]:
        numbers = [one[way] for one in chosen]
        return sum(one for one, _ in numbers), sum(ready for _, ready in numbers)

    return [summed(days[-7:]), summed(days[-35:-7])]


def longest(errors: Sequence[float], most: float) -> int:
    """The most days in a row with an error above that."""
    return max((len(list(days)) for above, days in groupby(errors, lambda one: one > most) if above), default=0)


def unseen(scenario: Scenario, number: int, seeds: int) -> float:
    """How likely nobody could see anything: no error in a week of all documents that would go through.

    Where the change is sudden, that is the least share of runs that exceed a week by any rule that waits for an error.
    """
    rng, none = default_rng([seeds + number, 1]), 1.0
    for day in range(CHANGE, CHANGE + 7):
        for way, page in scenario.office.came(day, rng):
            none *= float(np.prod(1 - scenario.chances(day, way, page))) if page.through else 1.0
    return none


def _row(scenario: Scenario, runs: Sequence[Told], unseen_by_all: float) -> tuple[str, ...]:
    most = 2 * scenario.tolerated / 1000
    days = sorted(longest(one.errors, most) for one in runs)
    left = sorted(longest(one.left, most) for one in runs)
    before = np.mean([one.errors[CHANGE - 7 : CHANGE] for one in runs])
    peak = np.mean([max(one.errors[CHANGE:]) for one in runs])
    last = np.mean([one.errors[-14:] for one in runs])
    through = [np.mean([one.through[part] for one in runs]) for part in (slice(CHANGE), slice(-14, None))]
    held = [np.mean([one.held[part] for one in runs]) for part in (slice(CHANGE), slice(CHANGE, None))]
    looks = [np.mean([one.looks[part] for one in runs]) for part in (slice(21, CHANGE), slice(CHANGE, CHANGE + 14))]
    tightened = sum(sum(one.tightened) > 0 for one in runs)
    return (
        scenario.name,
        *(f"{1000 * one:.2f}" for one in (before, peak, last)),
        f"{int(np.median(days))} / {days[int(0.95 * (len(days) - 1))]} / {days[-1]}",
        f"{sum(one <= 7 for one in days)} of {len(days)}",
        f"{unseen_by_all:.1%}",
        f"{left[-1]}",
        f"{tightened} of {len(days)}",
        f"{through[0]:.0%} → {through[1]:.0%}",
        f"{held[0]:.1%} → {held[1]:.1%}",
        f"{looks[0]:.0f} → {looks[1]:.0f}",
    )


_HEADS: Final = (
    "paper", "error before", "at its worst", "at the end", "days above twice: median / 95 % / most", "held for a week",
    "no error to see in a week", "most days above twice after looks", "tightened", "straight through", "held",
    "looks a day",
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
        runs = list(shared_out(one, range(options.runs), options.jobs, "days"))
        row = _row(scenario, runs, float(np.mean([unseen(scenario, number, options.seeds) for number in range(100)])))
        print(table(_HEADS, [row]) if at == 0 else table(_HEADS, [row]).splitlines()[-1], flush=True)


if __name__ == "__main__":
    main()
