"""Thresholds in steps: when they are tightened, how many documents are looked at again, what a setting would bring.

Nothing here loosens: that is a manager's act. Each kind of value has its own steps, from what was fitted (0) to never.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import sqrt
from typing import Final, Literal

from review.tolerance.evidence import STRATA, WAYS, ErrorEstimate, Looked, Relied, proof

NEVER: Final = 1.0
"""Above every confidence but the register's word."""
LADDER: Final = {
    "hand": (0.0, 0.985, 0.9925, 0.996, 0.998, 0.9995, 0.9999, NEVER),
    "print": (0.0, 0.996, NEVER),
    "mark": (0.0, 0.985, 0.992, 0.9955, NEVER),
}
"""The least confidence at each step; 0 leaves it to what was fitted. Each step leaves at most half of what a
fitted hand may have wrong; print and marks know few degrees (``ocr/machine_print``, ``ocr/fields``)."""
WINDOWS: Final = (timedelta(days=7), timedelta(days=28))
"""A short one, so that a sudden change is not hidden by good weeks before it, and a long one for a small error."""
AT_ONCE: Final = 4
"""Steps by which one decision may tighten."""
URGENT: Final = 2
"""Times the budget of second looks where something may be wrong or changed."""
_ENOUGH: Final = 3
_SEEN: Final = 6.9
"""So many wrong values must be expected for one to be found in 999 of 1,000 weeks (Poisson)."""
EXCESSIVE: Final = 2
"""Times the tolerated error, of which a week's looks must find something."""
_OF_ONE: Final = 8
"""Values on which a document rests, while none was looked at."""
AS_FITTED: Final = {"hand": 1.0, "print": 0.05, "mark": 0.05}
"""Overconfidence before anything was looked at: a hand's confidence is a probability, that of print and marks a mere
degree, and of thousands of them none was wrong (docs/benchmarks.md)."""
_FEW: Final = 30
"""With fewer documents of a way nothing is told of its papers."""
_CHANCE: Final = 3.1
"""Standard errors that chance exceeds once in a thousand times."""


Reason = Literal["suspected", "overdue"]


@dataclass(frozen=True, slots=True)
class Setting:
    """What is in force: wrong values tolerated among one, the step of each stratum, and since when looks count.

    ``held`` strata are for a clerk for a time, whatever their steps, each for its reason.
    """

    tolerated: float
    steps: Mapping[str, int]
    since: Mapping[str, datetime]
    held: Mapping[str, Reason] = field(default_factory=dict)

    @property
    def thresholds(self) -> dict[str, float]:
        """The least confidence of each stratum that is tightened."""
        return {stratum: LADDER[kind_of(stratum)][step] for stratum, step in self.steps.items() if step}

    @property
    def limits(self) -> dict[str, float]:
        """The same with what is held."""
        return {**self.thresholds, **dict.fromkeys(self.held, NEVER)}

    def counted_from(self, way: str) -> datetime:
        """Since when looks at documents of a way in count: since a manager loosened something of it."""
        begun = [at for stratum, at in self.since.items() if stratum.endswith(f"/{way}")]
        return max(begun, default=datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Tightening:
    """A stratum whose threshold goes from one step to another, and what proves that it must."""

    stratum: str
    before: int
    after: int
    proven: ErrorEstimate


def kind_of(stratum: str) -> str:
    """The kind of value of a stratum."""
    return stratum.partition("/")[0]


def way_in(stratum: str) -> str:
    """The way in of a stratum."""
    return stratum.partition("/")[2]


def counting(looks: Sequence[Looked], setting: Setting, now: datetime, window: timedelta) -> list[Looked]:
    """The looks that tell of what is used now: in the window, none from before a manager loosened, and passing."""
    thresholds, since, oldest = setting.thresholds, {way: setting.counted_from(way) for way in WAYS}, now - window
    return [look for look in looks if look.at > oldest and look.at >= since[look.way] and look.passes(thresholds)]


def decide(
    looks: Sequence[Looked], setting: Setting, now: datetime, among: Collection[str] = STRATA
) -> list[Tightening]:
    """The strata ``among`` these in which more than the tolerated error is proven, each with the step that it needs.

    Where it is proven only of all together, the one with the most wrong values goes one step.
    """
    found = {}
    for window in WINDOWS:
        chosen = counting(looks, setting, now, window)
        for stratum in _with_errors(chosen, setting, among):
            proven = proof(chosen, stratum)
            if exceeds(proven, setting) and stratum not in found:
                found[stratum] = _tightened(chosen, setting, stratum, proven)
    if found:
        return list(found.values())
    for window in WINDOWS:
        chosen = counting(looks, setting, now, window)
        free, proven = _with_errors(chosen, setting, among), proof(chosen)
        if free and exceeds(proven, setting):
            worst = max(free, key=lambda stratum: proof(chosen, stratum).wrong)
            before = setting.steps.get(worst, 0)
            return [Tightening(worst, before, before + 1, proven)]
    return []


def exceeds(proven: ErrorEstimate, setting: Setting) -> bool:
    """Whether more than the tolerated error is proven.

    One or two documents prove nothing, however few were looked at: they happen, and it is looked until some do.
    """
    return proven.documents_wrong >= _ENOUGH and proven.low > setting.tolerated


def _with_errors(looks: Sequence[Looked], setting: Setting, among: Collection[str]) -> list[str]:
    """The strata ``among`` these in which something was wrong and that can be tightened."""
    found = {f"{each.kind}/{look.way}" for look in looks for each in look.values if each.wrong}
    return [one for one in among if one in found and setting.steps.get(one, 0) + 1 < len(LADDER[kind_of(one)])]


def _tightened(chosen: Sequence[Looked], setting: Setting, stratum: str, proven: ErrorEstimate) -> Tightening:
    """To the first step at which what was looked at stays within the tolerance, but not too many at once.

    Both what was wrong of it, and what is to be expected where confidences say so much too much.
    """
    before, factor = setting.steps.get(stratum, 0), overconfidence(chosen, stratum)
    last = min(before + AT_ONCE, len(LADDER[kind_of(stratum)]) - 1)
    for after in range(before + 1, last):
        left = [look for look in chosen if look.passes({stratum: LADDER[kind_of(stratum)][after]})]
        doubts = [1 - each.sure for each in _values(left, stratum)]
        expected = factor * sum(doubts) / max(len(doubts), 1)
        if max(proof(left, stratum).share, expected) <= setting.tolerated:
            return Tightening(stratum, before, after, proven)
    return Tightening(stratum, before, last, proven)


def _values(looks: Sequence[Looked], stratum: str) -> list[Relied]:
    kind, _, way = stratum.partition("/")
    return [each for look in looks if look.way == way for each in look.values if each.kind == kind]


def rates(
    looks: Sequence[Looked],
    setting: Setting,
    now: datetime,
    *,
    suspected: Collection[str],
    drifting: Collection[str],
    volume: float,
    least: float,
    budget: int,
) -> dict[str, float]:
    """The share of documents to look at again, by stratum; a document is drawn at the highest of its values.

    As many as it takes to find something of twice the tolerated error within a week, but no more than ``budget`` a day
    of ``volume`` untouched documents; ``URGENT`` times that where more is ``suspected``, and for a way in whose papers
    have changed (``drifting``). It never falls below ``least``; 0 there turns all off.
    """
    if least <= 0:
        return dict.fromkeys(STRATA, 0.0)
    found = counting(looks, setting, now, max(WINDOWS))
    of_one = sum(len(look.values) for look in found) / len(found) if found else _OF_ONE
    wanted = _SEEN / (EXCESSIVE * setting.tolerated * of_one * (min(WINDOWS) / timedelta(days=1)))
    usual = max(least, min(1.0, min(wanted, budget) / max(volume, 1.0)))
    urgent = min(1.0, max(URGENT * least, URGENT * budget / max(volume, 1.0)))
    return {one: urgent if one in suspected or way_in(one) in drifting else usual for one in STRATA}


def drifted(weeks: Sequence[tuple[int, int]]) -> bool:
    """Whether the papers of one way have changed: of (documents, ready) of this week and of the weeks before it.

    Fewer than before are read without a doubt, by more than chance explains in one of a thousand weeks.
    """
    (now, ready), (before, ready_before) = weeks
    if min(now, before) < _FEW:
        return False
    common = (ready + ready_before) / (now + before)
    spread = sqrt(common * (1 - common) * (1 / now + 1 / before))
    return spread > 0 and (ready_before / before - ready / now) / spread > _CHANCE


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a setting would bring: of all documents read, the share that goes through, and the error to be expected."""

    tolerated: float
    steps: Mapping[str, int]
    through: float
    error: float


def overconfidence(looks: Sequence[Looked], stratum: str) -> float:
    """How many times as many values of a stratum are wrong as their confidences say; as fitted while little is known.

    All looks count, whatever threshold is in force.
    """
    values = _values(looks, stratum)
    wrong, expected = sum(each.wrong for each in values), sum(1 - each.sure for each in values)
    return (AS_FITTED[kind_of(stratum)] + wrong) / (1 + expected)


def foresee(
    documents: Sequence[tuple[str, tuple[Relied, ...] | None]], factors: Mapping[str, float], tolerated: float
) -> Foreseen:
    """From stored confidences: the loosest steps at which no stratum is expected to be wrong more often than tolerated.

    ``documents`` are those that a machine read, by way in, with the values on which each rests; None for one that is
    for a clerk at any setting. ``factors`` are the overconfidences.
    """
    steps = dict.fromkeys(STRATA, 0)
    while True:
        found = _with(documents, factors, steps)
        wrong = [one for one in STRATA if found[one][0] > tolerated * found[one][1]]
        further = [one for one in wrong if steps[one] + 1 < len(LADDER[kind_of(one)])]
        if not further:
            return at_steps(documents, factors, Setting(tolerated, steps, {}))
        steps |= {one: steps[one] + 1 for one in further}


def at_steps(
    documents: Sequence[tuple[str, tuple[Relied, ...] | None]], factors: Mapping[str, float], setting: Setting
) -> Foreseen:
    """The same for the steps of a setting."""
    steps = {stratum: setting.steps.get(stratum, 0) for stratum in STRATA}
    errors, used = (sum(column) for column in zip(*_with(documents, factors, steps).values(), strict=True))
    through = sum(_passing(way, values, steps) for way, values in documents)
    return Foreseen(setting.tolerated, steps, through / max(len(documents), 1), errors / max(used, 1))


def _with(
    documents: Sequence[tuple[str, tuple[Relied, ...] | None]],
    factors: Mapping[str, float],
    steps: Mapping[str, int],
) -> dict[str, tuple[float, int]]:
    """Expected wrong values and all values, by stratum, of the documents that go through."""
    found = {stratum: [0.0, 0] for stratum in STRATA}
    for way, values in documents:
        for each in values if values and _passing(way, values, steps) else ():
            of = found[f"{each.kind}/{way}"]
            of[0] += (1 - each.sure) * factors[f"{each.kind}/{way}"]
            of[1] += 1
    return {stratum: (wrong, int(number)) for stratum, (wrong, number) in found.items()}


def _passing(way: str, values: tuple[Relied, ...] | None, steps: Mapping[str, int]) -> bool:
    return values is not None and all(each.sure >= LADDER[each.kind][steps[f"{each.kind}/{way}"]] for each in values)
