"""How likely it is that too much is wrong, and which kinds of values are therefore held for a clerk for a time.

A proof takes errors, and errors take time: at the least three wrong documents of one kind. Suspicion is quicker. It is
the probability, after each day's looks, that a way in has more than the tolerated error: by Bayes, over what may have
happened to which kinds of values by which way in, where any day something may change (Shiryaev, Theory of Probability
and Its Applications 8, 1963). Looks of all kinds weigh on all of it, so that a small office learns as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import product
from typing import Final, NamedTuple

import numpy as np

from review.tolerance.evidence import STRATA, WAYS, Looked, Relied
from review.tolerance.thresholds import AS_FITTED, WINDOWS, Setting, way_in

HOLD: Final = 0.04
"""So probable is an excess when its kind of value is held; while it is held, everything of it is looked at."""
RELEASE: Final = 0.02
"""So improbable when it is let go again; above it as much is looked at as can be."""
PROBABLE: Final = 0.8
"""So probable must more than the tolerated error be besides being proven for a threshold to rise."""
EXCESS: Final = 1.5
"""Times the tolerated error: held before it is twice."""

_TIMES: Final = tuple(2.0**power for power in range(1, 8))
_ADDED: Final = tuple(0.001 * 2**power for power in range(6))
_TOGETHER: Final = (("hand",), ("print",), ("mark",), ("hand", "print"), ("hand", "print", "mark"))
_CHANGED: Final = [
    [f"{kind}/{way}" for kind, way in product(kinds, ways)]
    for kinds, ways in product(_TOGETHER, (WAYS[:1], WAYS[1:], WAYS))
]
_SHIFTS: Final = len(_TIMES) + len(_ADDED)
_TOUCHED: Final = np.array([[stratum in changed for stratum in STRATA] for changed in _CHANGED], float)
"""Of each set of strata that may change together, which they are."""
_ANY_DAY: Final = 1 / 60
"""How likely something changes on a day, to the better as often as to the worse."""
_AT_FIRST: Final = 0.02
_CONFIRMED: Final = 1e-6
"""How often at the least a value is wrong, even one that the register confirms."""
_DAY: Final = timedelta(days=1)


class Suspicion(NamedTuple):
    """How likely a stratum has changed and its way in has more than the tolerated error; and ``EXCESS`` times that."""

    tolerated: float
    excess: float


def suspicions(evidence: Sequence[Looked], setting: Setting, now: datetime) -> dict[str, Suspicion]:
    """By stratum, what is to be believed of it.

    ``evidence`` are all documents that somebody compared, those that a threshold stopped as well.
    """
    oldest = {way: max(now - max(WINDOWS), setting.counted_from(way)) for way in WAYS}
    chosen = [look for look in evidence if oldest[look.way] < look.at <= now and look.values]
    if not chosen:
        return dict.fromkeys(STRATA, Suspicion(0.0, 0.0))
    # Documents that share their values are weighed once.
    alike = {(look.way, id(look.values)): look for look in chosen}
    places = {key: place for place, key in enumerate(alike)}
    place_of = np.array([places[look.way, id(look.values)] for look in chosen])
    weighed = np.array([_weighed(look.way, look.values) for look in alike.values()])
    days = max(WINDOWS) // _DAY
    counted = np.zeros((days, len(alike)))
    np.add.at(counted, (np.array([days - 1 - (now - look.at) // _DAY for look in chosen]), place_of), 1)
    likelihoods = np.tensordot(counted, weighed[:, :, :_SHIFTS], 1)
    thresholds = setting.thresholds
    passing = np.array([look.passes(thresholds) for look in alike.values()])
    weights = passing * np.bincount(place_of, [1 / look.rate for look in chosen])
    found = np.tensordot(weights, weighed[:, :, _SHIFTS:], 1)
    begun = int(counted.any(axis=1).argmax())
    return _excess(_believed(likelihoods[begun:]), found[:, -1], found[:, -2], found[:, :-2], setting.tolerated)


def held(suspected: Mapping[str, Suspicion], before: Setting) -> list[str]:
    """The strata that are held now; those that were ``before`` are let go only when suspicion is nearly gone.

    Where one kind of a way in is held, hardly more is needed for its others: the same scanner read them.
    """
    least = {stratum: RELEASE if before.held.get(stratum) == "suspected" else HOLD for stratum in STRATA}
    ways = {way_in(one) for one, each in suspected.items() if each.excess > least[one]}
    return [one for one, each in suspected.items() if way_in(one) in ways and each.excess > RELEASE]


@lru_cache(4096)
def _weighed(way: str, values: tuple[Relied, ...]) -> np.ndarray:
    """By stratum, of one document: how much more likely it is under each shift (logarithm), chances, number of values.

    The chances to be wrong are those after each shift (odds so many times as high, or so much more however sure), then
    those as fitted. Considered every hour are the documents of four weeks, most of which were weighed before.
    """
    strata = [STRATA.index(f"{each.kind}/{way}") for each in values]
    sure, wrong = np.array([each.sure for each in values]), np.array([each.wrong for each in values])
    fitted = np.clip((1 - sure) * [AS_FITTED[each.kind] for each in values], _CONFIRMED, 0.5)
    odds = np.outer(_TIMES, fitted / (1 - fitted))
    shifted = np.vstack([odds / (1 + odds), np.add.outer(_ADDED, fitted)])
    ratios = np.where(wrong, np.log(shifted / fitted), np.log((1 - shifted) / (1 - fitted)))
    found = np.zeros((len(STRATA), 2 * _SHIFTS + 2))
    np.add.at(found, strata, np.vstack([ratios, shifted, fitted, np.ones(len(values))]).T)
    return found


def _believed(likelihoods: np.ndarray) -> np.ndarray:
    """How probable each shift of each set of strata is in the end."""
    fresh = np.full((len(_CHANGED), _SHIFTS), 0.5 / (len(_CHANGED) * _SHIFTS))
    believed, as_fitted = fresh * 2 * _AT_FIRST, 1 - _AT_FIRST
    for day in likelihoods:
        believed, as_fitted = believed * (1 - _ANY_DAY) + fresh * _ANY_DAY, as_fitted * (1 - _ANY_DAY) + _ANY_DAY / 2
        logs = np.log(believed) + _TOUCHED @ day
        most = max(float(logs.max()), 0.0)
        believed, as_fitted = np.exp(logs - most), as_fitted * float(np.exp(-most))
        whole = float(believed.sum()) + as_fitted
        # Nothing is ever ruled out for good.
        believed, as_fitted = np.maximum(believed / whole, 1e-12), max(as_fitted / whole, 1e-12)
    return believed


def _excess(
    believed: np.ndarray, number: np.ndarray, fitted: np.ndarray, errors: np.ndarray, tolerated: float
) -> dict[str, Suspicion]:
    """What is believed of those shifts under which a way in is wrong too often in what its thresholds let through.

    By stratum the values that pass, and how many of them are wrong: as ``fitted``, and after each shift (``errors``).
    """
    found = {}
    for at, stratum in enumerate(STRATA):
        way = np.array([way_in(one) == way_in(stratum) for one in STRATA])
        touched = _TOUCHED * way
        expected = touched @ errors + ((way - touched) @ fitted)[:, None]
        of_it = believed * (_TOUCHED[:, at, None] if number[at] else 0)
        most = tolerated * (way @ number)
        found[stratum] = Suspicion(*(float(of_it[expected > times * most].sum()) for times in (1, EXCESS)))
    return found
