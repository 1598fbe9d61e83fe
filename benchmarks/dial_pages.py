"""What the dial's simulation draws its documents from: how sure our reader was of pages, and what it had wrong.

    python -m benchmarks.dial_pages --data FOLDER

draws pages by writers whom nothing was fitted to and pages in print, reads them with the list of 8,000 customers, and
writes for each what its effect rests on (``review.tolerance.reliance``) and what of that is not on the paper.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from benchmarks.dial_office import STORED
from benchmarks.drawing import TODAY
from benchmarks.handwritten import DATA
from benchmarks.pages import PageTask, listed
from benchmarks.sharing import shared_out
from customers import matching
from forms.submission import MACHINE_READ
from review.tolerance.reliance import kind_of_value, rests_on

CONDITIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "calm": ("gray200", "gray300", "jpeg"),
    "worse": ("gray150", "fax", "noise"),
    "photo": ("photo", "shadow", "fingers"),
}
"""The scanner that the office has, the one that it gets, and what customers send."""
_SEED: Final = 7100


@dataclass(frozen=True)
class Paper:
    """One page of a run: 'hand' or 'print', under which conditions, its number, where the handwriting lies."""

    sort: Literal["hand", "print"]
    papers: str
    number: int
    data: Path

    def read(self) -> dict[str, Any]:
        """What it rests on, None where it is for a clerk; of all that it would rest on what was read, and how."""
        task = PageTask(self.sort, _SEED, CONDITIONS[self.papers], "report", self.data)
        specimen, submission, directory = listed(task, self.number)
        told: dict[str, Any] = {"sort": self.sort, "papers": self.papers, "relied": None, "values": []}
        if submission is None:
            return told
        fitted = matching.corroborate(submission, directory)
        relied = rests_on(submission, fitted, directory, TODAY)
        expected = specimen.expected
        for name in matching.needed(fitted):
            value = fitted.fields.get(name)
            if value is not None and value.source in MACHINE_READ:
                right = (value.value or None) == (expected[name] or None)
                told["values"].append([kind_of_value(value), round(value.confidence, 6), value.trusted, right])
        if relied:
            told["relied"] = {
                name: [kind, round(sure, 6), (fitted.value(name) or None) == (expected[name] or None)]
                for name, (kind, sure) in relied.items()
            }
        return told


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=100, help="of each sort under each group of conditions")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the handwriting data")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    sorts: tuple[Literal["hand", "print"], ...] = ("hand", "print")
    papers = [
        Paper(sort, group, number, options.data)
        for sort in sorts
        for group in CONDITIONS
        for number in range(options.pages)
    ]
    told = list(shared_out(Paper.read, papers, options.jobs, "reading"))
    lines = ",\n".join(json.dumps(one) for one in told)
    STORED.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
