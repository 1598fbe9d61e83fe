"""How well and how fast printed scans are read: ``python -m benchmarks.reading --count 200 --out docs/benchmarks.md``.

Draws the specimens from a seed, reads each file as the product does, compares every field, and times Tesseract on the
whole page beside it, page about page, so that a busy machine slows both alike.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib.pyplot as plt
import pytesseract
from rich.progress import track

from benchmarks.drawing import TODAY, Specimen, draw_specimens, specimen_customers
from benchmarks.scoring import FieldScore, breakdown, group_of, group_table, wilson
from benchmarks.straight_through import PageVerdict, directory_of, judge_page, verdict_table
from customers.records import ListDirectory
from ocr.reading import read_file
from specimens import typefaces
from specimens.scanner import CONDITIONS

RESULTS = "<!-- results of benchmarks/reading.py below; do not edit by hand -->"


@dataclass
class Run:
    """All that one run found out."""

    directory: ListDirectory
    verdicts: list[PageVerdict] = field(default_factory=list)
    scores: list[FieldScore] = field(default_factory=list)
    unidentified: list[Specimen] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    tesseract_seconds: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)


def main() -> None:
    """Run the benchmark and print, write or draw its report."""
    options = _options()
    os.environ["OMP_THREAD_LIMIT"] = "1"  # Tesseract as a program is quickest so on a busy machine
    run = Run(directory_of(specimen_customers(options.count, options.seed)))
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        specimens = draw_specimens(options.count, options.seed, options.conditions, folder)
        for specimen in track(specimens, "reading", total=options.count, disable=not sys.stderr.isatty()):
            _read(specimen, run, timed=specimen.number % options.time_every == 0)
            if options.verbose:
                _tell(specimen, run)
    report = _report(run, options)
    print(report)
    if options.out:
        _replace_results(options.out, report)
    if options.plot:
        _plot(run.scores, options.plot)


def _read(specimen: Specimen, run: Run, *, timed: bool) -> None:
    start = time.perf_counter()
    reading = read_file(specimen.path)
    taken = time.perf_counter() - start
    run.seconds.append(taken)
    if timed:
        start = time.perf_counter()
        pytesseract.image_to_string(str(specimen.picture), lang="pol")
        whole_page = time.perf_counter() - start
        run.tesseract_seconds.append(whole_page)
        run.ratios.append(taken / whole_page)
    found = [document for document in reading.documents if document.form_code == specimen.form.code]
    submission = found[0].submission if found else None
    if submission is None:
        run.unidentified.append(specimen)
    else:
        run.verdicts.append(judge_page(specimen, submission, run.directory, TODAY))
    fields = submission.fields if submission is not None else {}
    for item in specimen.form.fields:
        value = fields.get(item.name)
        run.scores.append(
            FieldScore(
                specimen.number,
                specimen.condition,
                specimen.way,
                item.name,
                group_of(item),
                specimen.expected[item.name],
                value.value if value else None,
                value.confidence if value else 0.0,
                value.trusted if value else False,
                value.doubt if value else None,
            )
        )


def _tell(specimen: Specimen, run: Run) -> None:
    """Print every field of the specimen that was misread or not trusted."""
    if specimen in run.unidentified:
        print(f"{specimen.path.name}: form not identified")
        return
    verdict = run.verdicts[-1]
    if verdict.decision == "ready" and verdict.misread:
        print(f"{specimen.path.name} WENT THROUGH with misread {', '.join(verdict.misread)}")
    for score in run.scores:
        if score.specimen != specimen.number or (score.right and (score.trusted or not score.filled)):
            continue
        outcome = "right" if score.right else "WRONG"
        print(
            f"{specimen.path.name} {specimen.way} {specimen.manner}: "
            f"{score.field} {outcome}: expected {score.expected!r}, read {score.read!r} ({score.confidence:.2f}, "
            f"{'trusted' if score.trusted else score.doubt})",
            flush=True,
        )


def _report(run: Run, options: argparse.Namespace) -> str:
    pages = len(run.seconds)
    wrong_trusted = sum(score.trusted and not score.right for score in run.scores)
    trusted = sum(score.trusted for score in run.scores)
    lines = [
        f"{time.strftime('%Y-%m-%d')}, {_machine()}, Python {platform.python_version()}, "
        f"Tesseract {pytesseract.get_tesseract_version()}; typefaces: {', '.join(typefaces.available())}.",
        f"`python -m benchmarks.reading --count {options.count} --seed {options.seed}`",
        f"{pages} pages, {len(run.scores)} fields; forms not identified: {len(run.unidentified)}.",
        "### By kind",
        group_table(run.scores),
        f"Trusted and wrong: {wrong_trusted} of {trusted} trusted fields. No customer register was used.",
        "### With a register",
        verdict_table(run.verdicts),
        "### By condition",
        breakdown(run.scores, lambda score: score.condition, "condition"),
        "### By way of filling in",
        breakdown(run.scores, lambda score: score.way, "way"),
        "### Time",
        _times(run),
    ]
    return "\n\n".join(lines)


def _times(run: Run) -> str:
    median = statistics.median(run.seconds)
    text = f"Median {median:.2f} s a page from file to fields"
    if run.ratios:
        low, middle, high = statistics.quantiles(run.ratios, n=4) if len(run.ratios) > 1 else [run.ratios[0]] * 3
        text += (
            f"; Tesseract `pol` on the whole page, timed beside it on {len(run.ratios)} of the pages, "
            f"{statistics.median(run.tesseract_seconds):.2f} s. Ratio of the two, page by page: median "
            f"{middle:.2f} (quartiles {low:.2f} to {high:.2f})"
        )
    return text + "."


def _machine() -> str:
    model = next(_cpu_models(), platform.machine())
    return f"{model}, {len(_cpu_lines())} cores of a shared virtual machine"


def _cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return [line for line in path.read_text().splitlines() if line.startswith("processor")] if path.exists() else [""]


def _cpu_models() -> Iterator[str]:
    path = Path("/proc/cpuinfo")
    for line in path.read_text().splitlines() if path.exists() else ():
        if line.startswith("model name"):
            yield line.partition(":")[2].strip()


def _replace_results(path: Path, report: str) -> None:
    """Write the report below the marker line of the document; what stands above it is kept."""
    head = path.read_text(encoding="utf-8").partition(RESULTS)[0] if path.exists() else "# Benchmarks\n\n"
    path.write_text(f"{head}{RESULTS}\n\n{report}\n", encoding="utf-8")


def _plot(scores: list[FieldScore], path: Path) -> None:
    """Exact match of digits, text and e-mail fields by condition, with 95 % intervals."""
    conditions = list(dict.fromkeys(score.condition for score in scores))
    figure, axes = plt.subplots(figsize=(10, 4))
    for at, group in enumerate(("digits", "text", "e-mail")):
        for place, condition in enumerate(conditions):
            found = [s for s in scores if s.condition == condition and s.group == group and s.filled]
            right = sum(s.right for s in found)
            low, high = wilson(right, len(found))
            x, y = place + (at - 1) * 0.2, 100 * right / max(1, len(found))
            axes.plot([x, x], [100 * low, 100 * high], color=f"C{at}", linewidth=1)
            axes.plot(x, y, "o", color=f"C{at}", markersize=5, label=group if place == 0 else None)
    axes.set_xticks(range(len(conditions)), conditions, rotation=30, ha="right")
    axes.set_ylabel("whole fields read exactly, %")
    axes.grid(axis="y", alpha=0.3)
    figure.legend(loc="upper center", ncols=3, frameon=False)
    figure.tight_layout(rect=(0, 0, 1, 0.94))
    figure.savefig(path, dpi=100)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="pages to draw")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--conditions", nargs="+", choices=list(CONDITIONS), default=list(CONDITIONS))
    parser.add_argument("--time-every", type=int, default=4, help="time Tesseract on every n-th page")
    parser.add_argument("--out", type=Path, help="Markdown file whose results are replaced")
    parser.add_argument("--plot", type=Path, help="PNG file for a bar chart")
    parser.add_argument("--keep", type=Path, help="folder in which the specimens stay")
    parser.add_argument("--verbose", action="store_true", help="print every field misread or not trusted")
    return parser.parse_args()


if __name__ == "__main__":
    main()
