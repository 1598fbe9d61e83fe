"""How well and how fast paper is read: ``python -m benchmarks.reading --jobs 2 --out docs/benchmarks.md``.

Parts: cells (single characters by pen), limits (what keeps them from being better), hand (whole forms by pen), print
(whole forms printed), alignment, peers (speed beside other engines), memory. Each can be run alone; what it found is
stored, and ``report`` makes the document of all that is stored. Without a part named, all are run, the report last.

Everything is drawn from seeds and from the handwriting data (sources: ``ocr/handprint/MODEL.md``), by writers that
training and tuning never saw.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from benchmarks import memory, peers, report
from benchmarks.handwritten import DATA
from benchmarks.limits import LimitsTask, as_json
from benchmarks.pages import PageResult, PageTask
from benchmarks.sharing import shared_out
from benchmarks.stored import store
from benchmarks.true_places import PlacesTask
from forms.catalogue import current_forms
from ocr.handprint.training.conditions import CONDITIONS as CELL_CONDITIONS
from ocr.handprint.training.figures import CellTask, together
from specimens.real_paper import REAL_PAPER
from specimens.scanner import CONDITIONS

_TIMES: Final = {"hand": 5, "real": 1, "print": 3, "alignment": 2, "alignment real": 1}
"""How often each form is drawn under each condition, on everyday scans and on real paper."""
_LIMITS: Final = 0.5
"""Share of the cells that are drawn to see what limits them."""
_PEER_PAGES: Final = 16
_MEMORY_PAGES: Final = 1000


def main() -> None:
    """Run the parts and write the report."""
    options = _options()
    chosen = options.parts or [*_PARTS, "report"]
    for name in chosen:
        if name == "report":
            told = report.write(options.out, options.results)
            print(told.partition("\n\n")[0])
            continue
        start = time.perf_counter()
        results = _PARTS[name](options)
        minutes = (time.perf_counter() - start) / 60
        store(options.results, name, _command(name, options), minutes, results)
        print(f"{name}: {minutes:.1f} min", file=sys.stderr)


def _cells(options: argparse.Namespace) -> dict[str, Any]:
    task = CellTask(options.data, min(1.0, options.scale), options.half)
    return together(dict(zip(CELL_CONDITIONS, shared_out(task, CELL_CONDITIONS, options.jobs, "cells"), strict=True)))


def _limits(options: argparse.Namespace) -> dict[str, Any]:
    task = LimitsTask(options.data, min(1.0, _LIMITS * options.scale), options.half)
    names = [name for name in CELL_CONDITIONS if name != "mishaps"]
    return as_json(cell for cells in shared_out(task, names, options.jobs, "limits") for cell in cells)


def _hand(options: argparse.Namespace) -> dict[str, Any]:
    pages = _drawn(options, "hand", tuple(CONDITIONS), _TIMES["hand"])
    pages += _drawn(options, "hand", tuple(REAL_PAPER), _TIMES["real"])
    return {"pages": [page.as_json() for page in pages]}


def _print(options: argparse.Namespace) -> dict[str, Any]:
    return {"pages": [page.as_json() for page in _drawn(options, "print", tuple(CONDITIONS), _TIMES["print"])]}


def _drawn(options: argparse.Namespace, sort: Any, conditions: tuple[str, ...], times: int) -> list[PageResult]:
    task = PageTask(sort, options.seed, conditions, options.half, options.data, options.keep)
    count = _count(len(conditions) * times, options)
    pages = []
    for page in shared_out(task, range(count), options.jobs, f"{sort} {conditions[0]}…"):
        pages.append(page)
        if options.verbose:
            _tell(page)
    return pages


def _alignment(options: argparse.Namespace) -> dict[str, Any]:
    pages = []
    for conditions, times in ((CONDITIONS, _TIMES["alignment"]), (REAL_PAPER, _TIMES["alignment real"])):
        task = PlacesTask(options.seed, tuple(conditions))
        count = _count(len(conditions) * times, options)
        pages += list(shared_out(task, range(count), options.jobs, "alignment"))
    return {"pages": [page.as_json() for page in pages]}


def _peers(options: argparse.Namespace) -> dict[str, Any]:
    count = max(2, round(_PEER_PAGES * options.scale))
    run = peers.measure(count, options.seed, options.half, options.data, options.peers)
    return {"pages": [page.as_json() for page in run.pages], "versions": run.versions, "absent": run.absent}


def _memory(options: argparse.Namespace) -> dict[str, Any]:
    count = max(10, round(_MEMORY_PAGES * options.scale))
    return memory.measure(count, options.seed, options.half, options.data).as_json()


_PARTS: Final[dict[str, Callable[[argparse.Namespace], dict[str, Any]]]] = {
    "cells": _cells,
    "limits": _limits,
    "hand": _hand,
    "print": _print,
    "alignment": _alignment,
    "peers": _peers,
    "memory": _memory,
}


def _count(pages_of_a_form: int, options: argparse.Namespace) -> int:
    scale: float = options.scale
    return max(1, round(pages_of_a_form * len(current_forms()) * scale))


def _tell(page: PageResult) -> None:
    """Print every field that was misread or not trusted with the list."""
    name = f"{page.specimen:04} {page.form} {page.condition} {page.manner} ({page.who}, {page.verdict.decision})"
    if page.verdict.decision == "ready" and page.verdict.misread:
        print(f"{name} WENT THROUGH with misread {', '.join(page.verdict.misread)}")
    for score in page.listed:
        if score.right and (score.trusted or not score.filled):
            continue
        told = "right" if score.right else "WRONG"
        trust = "trusted" if score.trusted else score.doubt
        print(
            f"{name}: {score.field} {told}: {score.expected!r}, read {score.read!r} ({score.confidence:.2f}, {trust})"
        )


def _command(name: str, options: argparse.Namespace) -> str:
    told = f"python -m benchmarks.reading {name} --seed {options.seed}"
    if options.scale != 1.0:
        told += f" --scale {options.scale}"
    return told if options.half == "report" else f"{told} --half {options.half}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(_PARTS)}, report (default: all)")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the handwriting data")
    parser.add_argument("--seed", type=int, default=2028)
    parser.add_argument("--half", choices=("fit", "report"), default="report", help="which half of the dev writers")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the pages and cells to draw")
    parser.add_argument("--jobs", type=int, default=1, help="processes of the parts that are not timed")
    parser.add_argument("--peers", type=Path, help="Python environment of benchmarks/requirements.txt")
    parser.add_argument("--results", type=Path, default=Path("var/benchmarks"), help="folder of stored results")
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks.md"), help="document of the report")
    parser.add_argument("--keep", type=Path, help="existing folder in which drawn pages stay")
    parser.add_argument("--verbose", action="store_true", help="print every field misread or not trusted")
    options = parser.parse_args()
    unknown = [name for name in options.parts if name not in {*_PARTS, "report"}]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}")
    return options


if __name__ == "__main__":
    main()
