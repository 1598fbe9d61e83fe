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

from review.tolerance.evidence import STRATA, WAYS, Looked, Relied, least_shown
from review.tolerance.thresholds import AS_FITTED, EXCESSIVE, WINDOWS, Setting, way_in

HOLD: Final = 0.02
"""So probable is an excess when its kind of value is held; while it is held, everything of it is looked at."""
HOLD_UNSHOWN: Final = 0.04
"""The same where a week's looks may well show nothing: there that something may have changed is half as probable."""
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
_SCOPES: Final = ((True, True, 0.5), (True, False, 0.25), (False, True, 0.25))
"""Whether a change is in what the reader is sure of, and in what it doubts, and how likely that is of all changes."""
_SHIFTS: Final = len(_TIMES) + len(_ADDED)
_TOUCHED: Final = np.array(
    [
        [part and stratum in changed for part in (sure, doubted) for stratum in STRATA]
        for sure, doubted, _ in _SCOPES
        for changed in _CHANGED
    ],
    float,
)
"""Of each set of strata that may change together, which they are: first of sure values, then of doubted ones."""
_FRESH: Final = np.repeat([likely for _, _, likely in _SCOPES], len(_CHANGED))[:, None] * np.full(
    _SHIFTS, 1 / (len(_CHANGED) * _SHIFTS)
)
"""How likely each shift of each set is, of all changes."""
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


def suspicions(
    evidence: Sequence[Looked], setting: Setting, now: datetime, doubted: Sequence[Looked] = ()
) -> dict[str, Suspicion]:
    """By stratum, what is to be believed of it.

    ``evidence`` are all documents that somebody compared, those that a threshold stopped as well; ``doubted`` are the
    values of other documents that the reader doubted and a clerk settled.
    """
    oldest = {way: max(now - max(WINDOWS), setting.counted_from(way)) for way in WAYS}
    told = [(look, False) for look in evidence] + [(look, True) for look in doubted]
    chosen = [(look, doubt) for look, doubt in told if oldest[look.way] < look.at <= now and look.values]
    if not chosen:
        return dict.fromkeys(STRATA, Suspicion(0.0, 0.0))
    # Documents that share their values are weighed once.
    alike = {(look.way, doubt, id(look.values)): look for look, doubt in chosen}
    places = {key: place for place, key in enumerate(alike)}
    place_of = np.array([places[look.way, doubt, id(look.values)] for look, doubt in chosen])
    weighed = np.array([_weighed(look.way, look.values, doubt) for (_, doubt, _), look in alike.items()])
    days = max(WINDOWS) // _DAY
    counted = np.zeros((days, len(alike)))
    np.add.at(counted, (np.array([days - 1 - (now - look.at) // _DAY for look, _ in chosen]), place_of), 1)
    likelihoods = np.tensordot(counted, weighed[:, :, :_SHIFTS], 1)
    thresholds = setting.thresholds
    passing = np.array([not doubt and look.passes(thresholds) for (_, doubt, _), look in alike.items()])
    weights = passing * np.bincount(place_of, [1 / look.rate for look, _ in chosen])
    found = np.tensordot(weights, weighed[:, : len(STRATA), _SHIFTS:], 1)
    begun = int(counted.any(axis=1).argmax())
    return _excess(_believed(likelihoods[begun:]), found[:, -1], found[:, -2], found[:, :-2], setting.tolerated)


def hold_from(evidence: Sequence[Looked], setting: Setting, now: datetime) -> float:
    """How probable an excess must be to be held: less where a week of looks nearly surely shows one.

    Where little is looked at, more than that remains without any error, as nothing speaks against a change.
    """
    week = sum(len(look.values) for look in evidence if look.at > now - min(WINDOWS))
    return HOLD if week and least_shown(week) <= EXCESSIVE * setting.tolerated else HOLD_UNSHOWN


def held(suspected: Mapping[str, Suspicion], before: Setting, hold: float) -> list[str]:
    """The strata that are held now; those that were ``before`` are let go only at half of what holds.

    Where one kind of a way in is held, hardly more is needed for its others: the same scanner read them.
    """
    least = {stratum: hold / 2 if before.held.get(stratum) == "suspected" else hold for stratum in STRATA}
    ways = {way_in(one) for one, each in suspected.items() if each.excess > least[one]}
    return [one for one, each in suspected.items() if way_in(one) in ways and each.excess > hold / 2]


@lru_cache(4096)
def _weighed(way: str, values: tuple[Relied, ...], doubted: bool) -> np.ndarray:
    """By stratum, of one document: how much more likely it is under each shift (logarithm), chances, number of values.

    Each stratum has two rows: of sure values, and of ``doubted`` ones. The chances to be wrong are those after each
    shift (odds so many times as high, or so much more however sure), then those as fitted. Considered every hour are
    the documents of four weeks, most of which were weighed before.
    """
    strata = [doubted * len(STRATA) + STRATA.index(f"{each.kind}/{way}") for each in values]
    sure, wrong = np.array([each.sure for each in values]), np.array([each.wrong for each in values])
    fitted = np.clip((1 - sure) * [AS_FITTED[each.kind] for each in values], _CONFIRMED, 0.5)
    odds = np.outer(_TIMES, fitted / (1 - fitted))
    shifted = np.vstack([odds / (1 + odds), np.add.outer(_ADDED, fitted)])
    ratios = np.where(wrong, np.log(shifted / fitted), np.log((1 - shifted) / (1 - fitted)))
    found = np.zeros((2 * len(STRATA), 2 * _SHIFTS + 2))
    np.add.at(found, strata, np.vstack([ratios, shifted, fitted, np.ones(len(values))]).T)
    return found


def _believed(likelihoods: np.ndarray) -> np.ndarray:
    """How probable each shift of each set of strata is in the end."""
    believed: np.ndarray = _FRESH * _AT_FIRST
    as_fitted = 1 - _AT_FIRST
    for day in likelihoods:
        believed = believed * (1 - _ANY_DAY) + _FRESH * (_ANY_DAY / 2)
        as_fitted = as_fitted * (1 - _ANY_DAY) + _ANY_DAY / 2
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
    found, sure = {}, _TOUCHED[:, : len(STRATA)]
    for at, stratum in enumerate(STRATA):
        way = np.array([way_in(one) == way_in(stratum) for one in STRATA])
        touched = sure * way
        expected = touched @ errors + ((way - touched) @ fitted)[:, None]
        of_it = believed * (sure[:, at, None] if number[at] else 0)
        most = tolerated * (way @ number)
        found[stratum] = Suspicion(*(float(of_it[expected > times * most].sum()) for times in (1, EXCESS)))
    return found
