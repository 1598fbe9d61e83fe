"""The document made of the stored results: tables and plots."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks import goals, limits, plots
from benchmarks.drawing import HAND
from benchmarks.pages import PageResult
from benchmarks.peers import OURS
from benchmarks.rows import (
    ALONE,
    LISTED,
    ROWS,
    condition_table,
    field_table,
    greedy_table,
    in_row,
    manner_table,
    percent,
    scores_of,
)
from benchmarks.scoring import GROUPS, FieldScore, breakdown, group_table, share, table
from benchmarks.stored import Part, fetch
from benchmarks.straight_through import verdict_table
from benchmarks.true_places import LIMIT_MM
from specimens.real_paper import REAL_PAPER

RESULTS: Final = "<!-- results of benchmarks/reading.py below; do not edit by hand -->"


def write(document: Path, results: Path) -> str:
    """Write the results below the marker line of the document, the plots into a folder beside it; returns them."""
    folder = document.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    parts = {name: part for name in _SECTIONS if (part := fetch(results, name)) is not None}
    told = [goals.goal_table(goal for name, part in parts.items() for goal in _goals(name, part)), _runs(parts)]
    for name, section in _SECTIONS.items():
        if name in parts:
            told += section(parts[name], folder)
        else:
            told.append(f"Part `{name}` was not run.")
    text = "\n\n".join(told)
    head = document.read_text(encoding="utf-8").partition(RESULTS)[0] if document.exists() else "# Benchmarks\n\n"
    document.write_text(f"{head}{RESULTS}\n\n## Goals\n\n{text}\n", encoding="utf-8")
    return text


def _goals(name: str, part: Part) -> Iterator[goals.Goal]:
    match name:
        case "cells":
            yield from goals.of_cells(part.results)
        case "hand":
            yield from goals.of_hand(_everyday(_pages(part)))
        case "print":
            yield from goals.of_print(_everyday(_pages(part)))
        case "alignment":
            chosen = [page for page in part.results["pages"] if page["condition"] not in REAL_PAPER]
            yield goals.of_places(_errors(chosen))
        case "peers":
            yield from goals.of_peers(part.results["pages"])
        case "memory":
            yield goals.of_memory(part.results)


def _runs(parts: dict[str, Part]) -> str:
    rows = [(f"`{part.command}`", part.when, part.machine, f"{part.minutes:.1f}") for part in parts.values()]
    return table(("command", "day", "machine", "minutes"), rows)


def _cells(part: Part, folder: Path) -> list[str]:
    right = part.results["right"]
    names = ["all", *(name for name in next(iter(right.values())) if name != "all")]
    rows = [
        (row, f"{found['all']['count']}", f"{found['all']['low']:.2f} to {found['all']['high']:.2f}",
         *(f"{found[name]['share']:.2f}" for name in names))
        for row, found in right.items()
    ]  # fmt: skip
    errors = part.results["expected calibration error"]
    shown = ("digits (MNIST, scanned)", "capitals A-Z", "capitals with composed marks", "small letters")
    hits = {row: {name: _as_hits(right[row][name]) for name in names[1:]} for row in shown}
    plots.by_condition(hits, "single cells by pen", folder / "cells.png")
    return [
        "## Single cells by pen",
        "Per cent of characters read right by the networks alone, greedily, by writers that neither training nor "
        "tuning ever saw. Marks of Polish letters are composed onto real letters: a row of their own.",
        table(("what", "cells", "95 % interval of all", *names), rows),
        _picture(folder, "cells", "Single cells by pen, by condition"),
        f"Expected calibration error: {errors['all']:.4f}, where digits alone may stand {errors['digits']:.4f}.",
    ]


def _hand(part: Part, folder: Path) -> list[str]:
    pages = _pages(part)
    everyday, real = _everyday(pages), [page for page in pages if page.condition in REAL_PAPER]
    shown = ("customer number, phone", "name, street, town", "e-mail")
    conditions = list(dict.fromkeys(page.condition for page in everyday))
    hits = {
        row: {
            name: [s.right for s in in_row(scores_of([p for p in everyday if p.condition == name], LISTED), row)]
            for name in conditions
        }
        for row in shown
    }
    plots.by_condition(hits, "by pen, with the customer list", folder / "hand.png")
    groups = {row: in_row(scores_of(everyday, ALONE), row) for row in ROWS if row not in ("ticks", "signature")}
    plots.calibration(groups, folder / "calibration.png")
    filled = {reading: [s for s in scores_of(everyday, reading) if s.filled] for reading in (ALONE, LISTED)}
    plots.risk_coverage(filled, folder / "risk-coverage.png")
    told = [
        "## Whole fields by pen",
        f"{len(everyday)} pages of everyday scans by {_writers(everyday)} writers; forms not found: {_lost(everyday)}.",
        field_table(everyday, ALONE),
        field_table(everyday, LISTED),
        greedy_table(everyday),
        _picture(folder, "hand", "Whole fields by pen, by condition"),
        condition_table(everyday, LISTED),
        condition_table(everyday, ALONE),
        "### What limits it: the hand and the pen",
        manner_table(everyday, ALONE, 0, "writer"),
        manner_table(everyday, ALONE, 1, "pen"),
        "### Documents by pen, with the list",
        verdict_table([page.verdict for page in everyday]),
        f"Without a list nobody is identified, so nothing goes through; every filled field is trusted on "
        f"{_all_trusted(everyday, ALONE)} of the pages, with the list on {_all_trusted(everyday, LISTED)}.",
        "### Confidence and risk",
        _picture(folder, "calibration", "Confidence against the share that is right"),
        _picture(folder, "risk-coverage", "Risk against coverage; the dots are what is trusted"),
    ]
    if real:
        told += [
            "### By pen on real paper",
            f"{len(real)} pages; forms not found: {_lost(real)}.",
            condition_table(real, LISTED),
        ]
        told.append(verdict_table([page.verdict for page in real]))
    return told


def _print(part: Part, folder: Path) -> list[str]:
    pages = _pages(part)
    alone, listed = scores_of(pages, ALONE), scores_of(pages, LISTED)
    conditions = list(dict.fromkeys(page.condition for page in pages))
    hits = {
        group: {
            name: [s.right for s in alone if s.filled and s.group == group and s.condition == name]
            for name in conditions
        }
        for group in ("digits", "text", "e-mail")
    }
    plots.by_condition(hits, "printed, without the customer list", folder / "print.png")
    seconds = statistics.median(page.seconds for page in pages)
    return [
        "## Printed pages",
        f"{len(pages)} pages, {len(alone)} fields; forms not found: {_lost(pages)}; median {seconds:.2f} s a page.",
        "Without the list:",
        group_table(alone),
        "With the list:",
        group_table(listed),
        _picture(folder, "print", "Whole printed fields, by condition"),
        breakdown(alone, lambda score: score.condition, "condition"),
        breakdown(alone, lambda score: score.way, "way"),
        "### Printed documents, with the list",
        verdict_table([page.verdict for page in pages]),
    ]


def _alignment(part: Part, folder: Path) -> list[str]:
    pages, rows = part.results["pages"], []
    groups = {
        "everyday": [p for p in pages if p["condition"] not in REAL_PAPER],
        "real paper": [p for p in pages if p["condition"] in REAL_PAPER],
    }
    groups |= {
        name: [p for p in pages if p["condition"] == name] for name in dict.fromkeys(p["condition"] for p in pages)
    }
    for name, chosen in groups.items():
        errors = sorted(_errors(chosen))
        if not chosen:
            continue
        near = sum(error <= LIMIT_MM for error in errors)
        middle, most = (f"{errors[len(errors) // 2]:.2f}", f"{errors[-1]:.2f}") if errors else ("–", "–")
        found = sum(page["aligned"] for page in chosen)
        rows.append((name, f"{found} of {len(chosen)}", str(len(errors)), share(near, len(errors)), middle, most))
    heads = ("condition", "pages aligned", "places", f"within {LIMIT_MM} mm", "median, mm", "most, mm")
    return [
        "## Alignment",
        "A sheet of dots goes through the same scan with the same luck; the dots found there say where the places "
        "of the blank really went. A page that is not aligned goes to a human as a whole.",
        table(heads, rows),
    ]


def _peers(part: Part, folder: Path) -> list[str]:
    pages, rows = part.results["pages"], []
    engines = [OURS, *(name for name in pages[0]["seconds"] if name != OURS)]
    for engine in engines:
        cells = [engine, part.results["versions"][engine]]
        for by_hand in (False, True):
            chosen = [page for page in pages if (page["way"] == HAND) == by_hand]
            scores = [FieldScore(**score) for page in chosen for score in page["scores"][engine]]
            combs = [score for score in scores if score.filled and score.group in GROUPS[:4]]
            cells += [
                *(_middle(page[clock][engine] for page in chosen) for clock in ("seconds", "worked")),
                _middle((page["worked"][engine] / page["worked"][OURS] for page in chosen), 1),
                percent(sum(score.right for score in combs), len(combs)),
            ]
        rows.append(tuple(cells))
    columns = ("s a page", "s worked", "times ours", "fields")
    heads = [f"{what}, {way}" for way in ("printed", "by pen") for what in columns]
    told = [
        "## Speed, and what others read",
        f"{len(pages)} pages, half of them by pen, the same PDF for each engine, in turn, on one core; no customer "
        "list. The share is that of comb fields which are filled in and read exactly. Ticks and signatures are in no "
        "text of a page. Times are medians, page by page: by the clock, and what the processor worked for it; the "
        "ratio is of the latter.",
        table(("engine", "version", *heads), rows),
    ]
    return told + [f"{engine}: {why}, not measured." for engine, why in part.results["absent"].items()]


def _middle(values: Iterable[float], digits: int = 2) -> str:
    given = list(values)
    return f"{statistics.median(given):.{digits}f}" if given else "–"


def _memory(part: Part, folder: Path) -> list[str]:
    held = part.results["held"]
    plots.memory(held, folder / "memory.png")
    steps = [at for at in (1, 10, 50, 100, 200, 500, 1000) if at <= len(held)]
    return [
        "## Memory",
        f"`ebok read --customers` over {len(held)} pages, half of them by pen: at most "
        f"{part.results['most_at_100']:.0f} MB until page 100, {part.results['most']:.0f} MB until the end.",
        table(("after page", *map(str, steps)), [("MB held", *(f"{held[at - 1]:.0f}" for at in steps))]),
        _picture(folder, "memory", "Memory held, page by page"),
    ]


def _as_hits(found: dict[str, float]) -> list[bool]:
    right = round(found["share"] / 100 * found["count"])
    return [True] * right + [False] * (int(found["count"]) - right)


def _pages(part: Part) -> list[PageResult]:
    return [PageResult.from_json(page) for page in part.results["pages"]]


def _everyday(pages: Sequence[PageResult]) -> list[PageResult]:
    return [page for page in pages if page.condition not in REAL_PAPER]


def _errors(pages: Sequence[dict[str, Any]]) -> list[float]:
    return [error for page in pages for error in page["errors"]]


def _writers(pages: Sequence[PageResult]) -> int:
    return len({page.manner.partition(",")[0] for page in pages})


def _lost(pages: Sequence[PageResult]) -> int:
    return sum(page.verdict.decision == "unknown" for page in pages)


def _all_trusted(pages: Sequence[PageResult], reading: str) -> str:
    whole = [all(score.trusted for score in scores_of([page], reading) if score.filled) for page in pages]
    return share(sum(whole), len(whole))


def _picture(folder: Path, name: str, title: str) -> str:
    return f"![{title}]({folder.name}/{name}.png)"


_SECTIONS: Final[dict[str, Callable[[Part, Path], list[str]]]] = {
    "cells": _cells,
    "limits": limits.section,
    "hand": _hand,
    "print": _print,
    "alignment": _alignment,
    "peers": _peers,
    "memory": _memory,
}
"""In the order of the document."""
