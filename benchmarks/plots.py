"""Plots of the report: by condition, confidence against truth, risk against coverage, limits, memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.scoring import FieldScore
from reports.intervals import wilson

_EDGES = np.array([0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999])
_FEWEST = 10
_LEAST = 2e-4


def by_condition(groups: Mapping[str, Mapping[str, Sequence[bool]]], title: str, path: Path) -> None:
    """Whole fields read exactly, with 95 % intervals; ``groups`` are hits by group and condition."""
    conditions = list(dict.fromkeys(name for found in groups.values() for name in found))
    figure, axes = _subplots(figsize=(11, 4.5))
    for at, (group, found) in enumerate(groups.items()):
        for place, condition in enumerate(conditions):
            hits = found.get(condition, ())
            if not hits:
                continue
            low, high = wilson(sum(hits), len(hits))
            x = place + (at - (len(groups) - 1) / 2) * 0.15
            axes.plot([x, x], [100 * low, 100 * high], color=f"C{at}", linewidth=1)
            axes.plot(x, 100 * sum(hits) / len(hits), "o", color=f"C{at}", markersize=4)
        axes.plot([], [], "o", color=f"C{at}", label=group)
    axes.set_xticks(range(len(conditions)), conditions, rotation=35, ha="right")
    axes.set_ylabel("read exactly, %")
    axes.set_title(title, fontsize=10)
    axes.grid(axis="y", alpha=0.3)
    axes.legend(loc="lower left", ncols=3, fontsize=8)
    _save(figure, path)


def calibration(groups: Mapping[str, Sequence[FieldScore]], path: Path) -> None:
    """Confidence of filled fields against the share that is right, in bins, one line for each group.

    The right half shows the same from the other side, doubt against error, so that 99 % and 99.9 % can be told apart.
    """
    figure, (whole, near) = _subplots(1, 2, figsize=(11, 5))
    whole.plot([0, 1], [0, 1], color="gray", linewidth=1, linestyle="--", label="as sure as right")
    near.plot([_LEAST, 1], [_LEAST, 1], color="gray", linewidth=1, linestyle="--")
    for at, (group, scores) in enumerate(groups.items()):
        bins = _bins(scores)
        x, y = [sure for sure, _, _ in bins], [right / count for _, right, count in bins]
        whole.plot(x, y, marker="o", markersize=4, linewidth=1, color=f"C{at}", label=group)
        for sure, right, count in bins:
            low, high = wilson(right, count)
            whole.plot([sure, sure], [low, high], color=f"C{at}", linewidth=1, alpha=0.6)
            doubt = max(_LEAST, 1 - sure) * 1.03**at  # beside each other, not over each other
            near.plot([doubt, doubt], [max(_LEAST, 1 - high), 1 - low], color=f"C{at}", linewidth=1, alpha=0.6)
            near.plot(doubt, max(_LEAST, 1 - right / count), "o", color=f"C{at}", markersize=4)
    whole.set(xlabel=f"confidence told (bins with at least {_FEWEST} fields)", ylabel="share read exactly")
    near.set(xscale="log", yscale="log", xlabel="doubt told (1 - confidence)", ylabel="share wrong")
    for axes in (whole, near):
        axes.grid(alpha=0.3)
    whole.legend(fontsize=8)
    _save(figure, path)


def _bins(scores: Sequence[FieldScore]) -> list[tuple[float, int, int]]:
    """Of each bin with enough fields: mean confidence, fields that are right, fields."""
    sure = np.array([score.confidence for score in scores])
    right = np.array([score.right for score in scores], bool)
    places = np.digitize(sure, _EDGES)
    chosen = [places == at for at in range(len(_EDGES) + 1)]
    return [(float(sure[one].mean()), int(right[one].sum()), int(one.sum())) for one in chosen if one.sum() >= _FEWEST]


def risk_coverage(groups: Mapping[str, Sequence[FieldScore]], path: Path) -> None:
    """Share of wrong fields among those that are at least so sure, by their share of all; dots: what is trusted."""
    figure, axes = _subplots(figsize=(7, 4.5))
    for at, (group, scores) in enumerate(groups.items()):
        if not scores:
            continue
        order = sorted(scores, key=lambda score: -score.confidence)
        wrong = np.cumsum([not score.right for score in order])
        count = np.arange(1, len(order) + 1)
        axes.plot(100 * count / len(order), 100 * wrong / count, color=f"C{at}", label=group)
        trusted = [score for score in scores if score.trusted]
        if trusted:
            risk = sum(not score.right for score in trusted) / len(trusted)
            axes.plot(100 * len(trusted) / len(scores), 100 * risk, "o", color=f"C{at}")
    axes.axhline(0.5, color="gray", linewidth=1, linestyle="--", label="0.5 % wrong")
    axes.set_xlabel("coverage: share of fields taken, surest first, %")
    axes.set_ylabel("risk: wrong among them, %")
    axes.set_ylim(bottom=-0.1)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    _save(figure, path)


def limits(
    learnt: Mapping[str, Sequence[Mapping[str, Any]]],
    pens: Mapping[str, Mapping[float, Sequence[bool]]],
    risks: Mapping[str, Sequence[tuple[float, bool]]],
    goals: Mapping[str, float],
    path: Path,
) -> None:
    """Three curves: by millions of cells learnt, by width of the pen, and risk against coverage of single cells.

    ``learnt`` is what ``ocr/handprint/training/learning.json`` holds, ``risks`` are confidences and hits by row.
    """
    figure, (growing, thick, risky) = _subplots(1, 3, figsize=(13, 4.2))
    networks = {"all": ("model.onnx", "o-"), "digits": ("digits.onnx", "s--")}
    colours = {row: f"C{at}" for at, row in enumerate([*goals, "composed marks"])}
    for part, points in learnt.items():
        name, style = networks[part]
        for row in points[0]["right"]:
            shares = [100 * one["right"][row]["right"] / one["right"][row]["of"] for one in points]
            millions = [one["millions"] for one in points]
            growing.plot(millions, shares, style, color=colours[row], markersize=4, label=f"{row}, {name}")
    for row, by_pen in pens.items():
        for pen, hits in by_pen.items():
            low, high = wilson(sum(hits), len(hits))
            thick.plot([pen, pen], [100 * low, 100 * high], color=colours[row], linewidth=1)
        shares = [100 * sum(hits) / len(hits) for hits in by_pen.values()]
        thick.plot(list(by_pen), shares, "o-", color=colours[row], markersize=4, label=row)
    for row, cells in risks.items():
        wrong = np.cumsum([not right for _, right in sorted(cells, key=lambda cell: -cell[0])])
        count = np.arange(1, len(cells) + 1)
        risky.plot(100 * count / len(cells), 100 * wrong / count, color=colours[row], label=row)
        risky.axhline(100 * (1 - goals[row]), color=colours[row], linewidth=1, linestyle=":")
        for axes in (growing, thick):
            axes.axhline(100 * goals[row], color=colours[row], linewidth=1, linestyle=":")
    growing.set(xlabel="cells learnt from, millions", ylabel="read right, %")
    thick.set(xlabel="width of the pen, points", ylabel="read right, %")
    risky.set(xlabel="coverage: surest cells first, %", ylabel="risk: wrong among them, %", xlim=(70, 100))
    for axes in (growing, thick, risky):
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    _save(figure, path)


def memory(held: Sequence[float], path: Path) -> None:
    """Memory of one process page by page."""
    figure, axes = _subplots(figsize=(8, 3))
    axes.plot(range(1, len(held) + 1), held, linewidth=1)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("pages read")
    axes.set_ylabel("MB held")
    axes.grid(alpha=0.3)
    _save(figure, path)


def busy_parts(houses: Mapping[str, Mapping[str, float]], path: Path) -> None:
    """By documents a day, the share of the day for which each part is at work; one panel for each house, in Polish.

    ``houses`` are the shares that one document a day takes, by part, by house.
    """
    figure, panels = _subplots(1, len(houses), figsize=(13, 5), sharey=True)
    per_day = np.logspace(1, 6.7, 50)
    for axes, (house, shares) in zip(panels, houses.items(), strict=True):
        for at, (part, share) in enumerate(shares.items()):
            style = ("-", "--", "-.", ":")[at % 4]
            axes.plot(per_day, 100 * share * per_day, style, color=f"C{at}", label=part, linewidth=2 if at < 4 else 1.3)
        axes.axhline(100, color="black", linewidth=1)
        axes.text(12, 115, "powyżej: nie nadąża", fontsize=8)
        for size in (100, 20_000, 1_000_000):
            axes.axvline(size, color="gray", linewidth=0.8, linestyle=":")
        axes.set(xscale="log", yscale="log", ylim=(0.1, 1000), xlabel="dokumentów dziennie")
        axes.set_xticks([10, 100, 1000, 20_000, 1_000_000], ["10", "100", "1000", "20 000", "1 000 000"])
        axes.minorticks_off()
        axes.set_yticks([0.1, 1, 10, 100, 1000], ["0,1", "1", "10", "100", "1000"])
        axes.set_title(house, fontsize=10)
        axes.grid(alpha=0.3)
    panels[0].set_ylabel("zajęty przez tyle % dnia (pracownicy: zmiany)")
    panels[-1].legend(fontsize=8, loc="upper left", bbox_to_anchor=(0, 0.7))  # where no line runs
    _save(figure, path)


def _subplots(rows: int = 1, columns: int = 1, *, figsize: tuple[float, float], **more: Any) -> Any:
    """A figure and its axes, which no screen shows."""
    from matplotlib.figure import Figure  # noqa: PLC0415  it takes a second, which who draws nothing need not wait

    figure = Figure(figsize=figsize)
    return figure, figure.subplots(rows, columns, **more)


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, dpi=100)
