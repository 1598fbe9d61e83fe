"""What follows from what was looked at: thresholds that rise, what is held for a clerk, how much is looked at again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from review.tolerance.evidence import STRATA, Looked
from review.tolerance.suspicion import PROBABLE, held, hold_from, suspicions
from review.tolerance.thresholds import Reason, Setting, Tightening, decide, rates, way_in

OVERDUE: Final = timedelta(days=3)
"""So long may a drawn document wait for its second look."""
TOO_MANY: Final = 5
"""So many that wait longer, of all, and nothing of their ways in is used unseen until they are looked at."""
SETTLED: Final = 1200
"""As many of the newest documents that a threshold stopped, and of values that were doubted anyway, are evidence."""


@dataclass(frozen=True, slots=True)
class Considered:
    """The strata tightened, those held with the reason, and the share to look at again, by stratum."""

    tightened: Sequence[Tightening]
    held: Mapping[str, Reason]
    rates: Mapping[str, float]


def consider(
    looks: Sequence[Looked],
    stopped: Sequence[Looked],
    setting: Setting,
    now: datetime,
    *,
    doubted: Sequence[Looked],
    overdue: Mapping[str, int],
    drifting: Collection[str],
    volume: float,
    least: float,
    budget: int,
) -> Considered:
    """All at once, from the ``looks``, from what was ``stopped`` or ``doubted`` and settled by a clerk.

    Looks that are ``overdue`` are counted by way in.
    """
    evidence = [*looks, *stopped]
    suspected = suspicions(evidence, setting, now, doubted)
    probable = [one for one, each in suspected.items() if each.tolerated > PROBABLE]
    tightened = decide(evidence, setting, now, probable) if probable else []
    after = replace(setting, steps={**setting.steps, **{one.stratum: one.after for one in tightened}})
    if tightened:
        suspected = suspicions(evidence, after, now, doubted)
    hold = hold_from(evidence, setting, now)
    reasons: dict[str, Reason] = dict.fromkeys(held(suspected, setting, hold), "suspected")
    if sum(overdue.values()) >= TOO_MANY:
        unlooked = [one for one in STRATA if overdue.get(way_in(one))]
        reasons = {**dict.fromkeys(unlooked, "overdue"), **reasons}
    watched = [one for one, each in suspected.items() if each.excess > hold / 2]
    drawn = rates(looks, after, now, suspected=watched, drifting=drifting, volume=volume, least=least, budget=budget)
    return Considered(tightened, reasons, drawn)
