"""The dial's simulated offices: what comes to them (measured pages), and how reading that goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.random import Generator

from review.tolerance.evidence import WORD, Relied

STORED: Final = Path(__file__).with_name("dial_pages.json")
CHANGE: Final = 35
_MOST: Final = 0.95


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the measurement: values, which of them are marks, the fitted chances to be wrong.

    Of one that is for a clerk at any setting (not ``through``) they are those by pen that the reader doubted.
    """

    right: tuple[Relied, ...]
    marks: np.ndarray
    chance: np.ndarray
    through: bool = True


@dataclass(frozen=True)
class Shift:
    """How the reading goes wrong from a day on (for so many days), in papers of one way in or of all; marks stay.

    The odds of being wrong are ``times`` as high (at once, or growing ``daily``): the confidence says too much. And
    ``added`` is wrong however sure it is. It may be so only of ``sure`` values, or only of ``doubted`` ones.
    """

    times: float = 1.0
    way: str | None = None
    daily: float | None = None
    added: float = 0.0
    begin: int = CHANGE
    days: int | None = None
    only: Literal["sure", "doubted"] | None = None

    def chances(self, day: int, way: str, page: Page, before: np.ndarray) -> np.ndarray:
        """The chance to be wrong of each value of the page, that it had ``before``."""
        passed = day - self.begin
        if passed < 0 or (self.days is not None and passed >= self.days) or self.way not in (None, way):
            return before
        if self.only is not None and (self.only == "sure") != page.through:
            return before
        times = self.times if self.daily is None else min(self.times, self.daily**passed)
        odds = before / (1 - before) * times
        return np.where(page.marks, before, np.minimum(odds / (1 + odds) + self.added, _MOST))


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

    def came(self, day: int, rng: Generator) -> list[tuple[str, Page]]:
        """The documents of a day by their way in."""
        after = day >= CHANGE
        sent = self.sent if self.sent_then is None or not after else self.sent_then
        found = []
        for _ in range(self.documents):
            way = "sent" if rng.random() < sent else "office"
            sort = "hand" if rng.random() < self.by_pen else "print"
            pages = bank()[sort, self.papers_then.get(way, "calm") if after else "calm"]
            found.append((way, pages[int(rng.integers(len(pages)))]))
        return found


@dataclass(frozen=True)
class Scenario:
    """A name, how the reading goes wrong, the office, and how many of 1,000 wrong values it tolerates."""

    name: str
    shifts: tuple[Shift, ...] = ()
    office: Office = Office()
    tolerated: float = 1.0

    def chances(self, day: int, way: str, page: Page) -> np.ndarray:
        """The chance to be wrong of each value of a page that came that day."""
        found = page.chance
        for shift in self.shifts:
            found = shift.chances(day, way, page, found)
        return found


def _changed(name: str, *shifts: Shift, tolerated: float = 1.0, **office: Any) -> Scenario:
    return Scenario(name, shifts, Office(**office), tolerated)


_NEW: Final[dict[str, Any]] = {"papers_then": {"office": "worse"}}
_PHOTOS: Final[dict[str, Any]] = {"sent_then": 0.5, "papers_then": {"sent": "photo"}}
_ALL: Final = Shift(30)
_SURE_5: Final = Shift(way="office", added=0.005)
SCENARIOS: Final = (
    _changed("nothing changes"),
    _changed("an office of 20 documents, nothing changes", documents=20),
    _changed("wrong however sure, 5 of 1000 more", _SURE_5),
    _changed("an office of 20 documents, odds × 30", _ALL, documents=20),
    _changed("an office of 20 documents, wrong however sure, 5 of 1000 more", _SURE_5, documents=20),
    _changed("odds × 3 always where it doubts, nothing changes", Shift(3, begin=0, only="doubted")),
    _changed("odds × 10 only where it doubts", Shift(10, only="doubted")),
    _changed("odds × 30 only where the reader is sure", Shift(30, only="sure")),
    *(_changed(f"new scanner, odds of error × {times}", Shift(times, "office"), **_NEW) for times in (3, 10, 30, 100)),
    _changed("photographs instead of scans, odds × 30", Shift(30, "sent"), **_PHOTOS),
    *(
        _changed(f"glass that gets dirty, odds × {daily} a day up to × 30", Shift(30, "office", daily=daily), **_NEW)
        for daily in (1.1, 1.2)
    ),
    *(
        _changed(f"wrong however sure, {1000 * added:g} of 1000 more", Shift(way="office", added=added))
        for added in (0.003, 0.02)
    ),
    _changed("scanner × 10, and customers' files wrong however sure, 5 of 1000 more",
             Shift(10, "office"), Shift(way="sent", added=0.005)),
    _changed("scanner × 30 for ten days, then as before", Shift(30, "office", days=10)),
    _changed("an office of 10 documents, nothing changes", documents=10),
    *(_changed(f"an office of {number} documents, odds × 30", _ALL, documents=number) for number in (10, 50)),
    *(
        _changed(f"an office of {number} documents, wrong however sure, 5 of 1000 more", _SURE_5, documents=number)
        for number in (50, 200)
    ),
    _changed("an office of 20 documents, odds × 30 only where the reader is sure",
             Shift(30, only="sure"), documents=20),
    _changed("odds × 30, and clerks do a fifth of the looks", _ALL, looks_done=12),
    _changed("tolerated 2: new scanner, odds × 30", Shift(30, "office"), tolerated=2.0, **_NEW),
    _changed("tolerated 2: wrong however sure, 10 of 1000 more", Shift(way="office", added=0.01), tolerated=2.0),
    _changed("tolerated 5: wrong however sure, 25 of 1000 more", Shift(way="office", added=0.025), tolerated=5.0),
    _changed("an office of 1000 documents, odds × 30, 30 looks a day", _ALL, documents=1000, budget=30),
)  # fmt: skip


@cache
def bank() -> Mapping[tuple[str, str], Sequence[Page]]:
    """The measured pages by sort and papers."""
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    chances = _fitted(stored)
    found: dict[tuple[str, str], list[Page]] = {}
    for one in stored:
        relied = one["relied"]
        values = relied.values() if relied else [value for value in one["values"] if _tells(*value[:3])]
        right = tuple(Relied(kind, sure) for kind, sure, *_ in values)
        marks = np.array([value.kind == "mark" for value in right], bool)
        chance = np.array([chances(value.kind, value.sure) for value in right])
        found.setdefault((one["sort"], one["papers"]), []).append(Page(right, marks, chance, bool(relied)))
    return found


def _tells(kind: str, sure: float, trusted: bool) -> bool:
    """Whether a value of a page for a clerk is evidence in the product."""
    return kind == "hand" and sure > WORD and not trusted


def _fitted(stored: Sequence[Mapping[str, Any]]) -> Callable[[str, float], float]:
    """How often a value is wrong: by pen so many times as often as all confidences of the pages say.

    In print and of marks, of which none was wrong, a twentieth of what their degrees say, as the product takes it.
    """
    hand = [(sure, right) for one in stored for kind, sure, _, right in one["values"] if kind == "hand"]
    factors = {"hand": (sum(not right for _, right in hand) + 0.5) / (sum(1 - sure for sure, _ in hand) + 0.5)}
    return lambda kind, sure: min(0.5, (1 - sure) * factors.get(kind, 0.05))
