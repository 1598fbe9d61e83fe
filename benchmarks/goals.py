"""What was aimed at and what came out, in one table at the top of the report."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.pages import PageResult
from benchmarks.peers import OCRMYPDF, OURS, TESSERACT
from benchmarks.rows import ALONE, LISTED, ROWS, in_row, scores_of
from benchmarks.scoring import FieldScore, share, table
from benchmarks.true_places import LIMIT_MM
from ocr.handprint.training.dev_cells import MIXED
from reports.intervals import wilson

CELLS: Final = {"digits": 0.996, "capitals": 0.98}
"""What is aimed at of single characters, by the name in ``MIXED``."""
_HARD: Final = ("fax", "bitonal150")
_REAL_PAPER: Final = "mishaps"
"""The condition of cells that are stained, creased or reached from the next row: in the tables, not in the goals."""


@dataclass(frozen=True)
class Goal:
    """One line: what, how much at least, what came out, whether that is enough."""

    what: str
    wanted: str
    found: str
    reached: bool


def goal_table(goals: Iterable[Goal]) -> str:
    """The goals as a table."""
    rows = [(goal.what, goal.wanted, goal.found, "yes" if goal.reached else "no") for goal in goals]
    return table(("what", "goal", "found (95 % interval)", "reached"), rows)


def of_cells(results: dict[str, Any]) -> Iterator[Goal]:
    """Single characters, by network alone."""
    right = results["right"]
    digits = MIXED["digits"]
    everyday = [name for name in right[digits[0]] if name not in ("all", _REAL_PAPER)]
    easy = [name for name in everyday if name not in _HARD]
    yield _cells(right, "handwritten digit", CELLS["digits"], digits, easy)
    yield _cells(right, "handwritten digit, fax and bitonal 150 dpi", 0.99, digits, _HARD)
    plain = [name for name in everyday if name not in ("fax", "photo")]
    yield _cells(right, "handwritten capital", CELLS["capitals"], MIXED["capitals"], plain)
    yield _cells(right, "handwritten capital, fax and photo", 0.97, MIXED["capitals"], ("fax", "photo"))
    yield _cells(right, "capitals with composed marks", 0.98, MIXED["composed marks"], plain)


def of_hand(pages: Sequence[PageResult]) -> Iterator[Goal]:
    """Whole fields and documents by pen."""
    greedy = [
        one.read == one.expected for page in pages for one in page.greedy if one.field in ROWS["customer number, phone"]
    ]
    yield _share("customer number, phone, greedy", 0.96, greedy)
    for row, wanted in (("PESEL, NIP", 0.993), ("name, street, town", 0.93), ("e-mail", 0.8)):
        for reading in (ALONE, LISTED):
            yield _share(f"{row}, {reading}", wanted, [s.right for s in in_row(scores_of(pages, reading), row)])
    marks = [s.right for row in ("ticks", "signature") for s in in_row(scores_of(pages, LISTED), row)]
    yield _share("ticks, signature", 0.997, marks)
    listed = scores_of(pages, LISTED)
    yield from _trust(listed, "by pen, with the list", 0.75)
    yield from _trust(scores_of(pages, ALONE), "by pen, without the list", None)
    asked = [page.verdict.decision == "ready" for page in pages if page.verdict.signed and page.verdict.customer]
    yield _share("documents by pen straight through (signed, by the customer)", 0.5, asked)
    yield _through(pages, "by pen")


def of_print(pages: Sequence[PageResult]) -> Iterator[Goal]:
    """Whole printed fields."""
    alone = [score for score in scores_of(pages, ALONE) if score.filled]
    yield _share("printed digits", 0.998, [s.right for s in alone if s.group == "digits"])
    yield _share("printed text", 0.99, [s.right for s in alone if s.group in ("text", "e-mail", "house and flat")])
    yield from _trust(scores_of(pages, LISTED), "printed, with the list", 0.97)
    yield from _trust(scores_of(pages, ALONE), "printed, without the list", None)
    yield _through(pages, "printed")


def of_places(errors: Sequence[float]) -> Goal:
    """Alignment of everyday scans and photos."""
    return _share(f"alignment within {LIMIT_MM} mm", 0.999, [error <= LIMIT_MM for error in errors])


def of_peers(pages: Sequence[dict[str, Any]]) -> Iterator[Goal]:
    """Speed."""
    for peer, wanted in ((TESSERACT, 6), (OCRMYPDF, 15)):
        ratios = [page["worked"][peer] / page["worked"][OURS] for page in pages if peer in page["worked"]]
        if ratios:
            middle = statistics.median(ratios)
            yield Goal(f"speed beside {peer.split(',')[0]}", f"{wanted} times", f"{middle:.1f} times", middle >= wanted)


def of_memory(results: dict[str, Any]) -> Goal:
    """A worker."""
    most = results["most"]
    return Goal("memory of a worker", "under 600 MB", f"{most:.0f} MB at most", most < 600)


def _cells(right: dict[str, Any], what: str, wanted: float, rows: Sequence[str], names: Sequence[str]) -> Goal:
    chosen = [right[row][name] for row in rows for name in names]
    count = sum(int(one["count"]) for one in chosen)
    hits = sum(round(one["share"] / 100 * one["count"]) for one in chosen)
    return Goal(what, f"{wanted:.1%}", f"{share(hits, count)} of {count}", count > 0 and hits / count >= wanted)


def _share(what: str, wanted: float, hits: Sequence[bool]) -> Goal:
    count = len(hits)
    found = f"{share(sum(hits), count)} of {count}"
    return Goal(what, f"{wanted:.1%}", found, count > 0 and sum(hits) / count >= wanted)


def _trust(scores: Sequence[FieldScore], what: str, wanted: float | None) -> Iterator[Goal]:
    filled = [score for score in scores if score.filled]
    trusted = [score for score in scores if score.trusted and (score.filled or score.read)]
    wrong = sum(not score.right for score in trusted)
    if wanted is not None:
        yield _share(f"trusted fields, {what}", wanted, [score.trusted for score in filled])
    _, upper = wilson(wrong, len(trusted))
    enough = bool(trusted) and wrong / len(trusted) <= 0.005 and upper < 0.01
    found = f"{wrong} of {len(trusted)}: {share(wrong, len(trusted))}"
    yield Goal(f"wrong among trusted, {what}", "at most 0.5%, interval under 1%", found, enough)


def _through(pages: Sequence[PageResult], what: str) -> Goal:
    ready = [page.verdict for page in pages if page.verdict.decision == "ready"]
    wrong = sum(bool(verdict.misread) or not verdict.customer or not verdict.signed for verdict in ready)
    return Goal(f"misread, unsigned or a stranger's, but through, {what}", "0", f"{wrong} of {len(ready)}", wrong == 0)
