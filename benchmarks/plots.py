"""Plots of the report: by condition, confidence against truth, risk against coverage, memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from benchmarks.scoring import FieldScore, wilson

_BINS = np.array([0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1.0])


def by_condition(groups: Mapping[str, Mapping[str, Sequence[bool]]], title: str, path: Path) -> None:
    """Whole fields read exactly, with 95 % intervals; ``groups`` are hits by group and condition."""
    conditions = list(dict.fromkeys(name for found in groups.values() for name in found))
    figure, axes = plt.subplots(figsize=(11, 4.5))
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
    """Confidence of filled fields against the share that is right, in bins, one line for each group."""
    figure, axes = plt.subplots(figsize=(6, 5.5))
    axes.plot([0, 100], [0, 100], color="gray", linewidth=1, linestyle="--", label="as sure as right")
    for at, (group, scores) in enumerate(groups.items()):
        sure = np.array([score.confidence for score in scores])
        right = np.array([score.right for score in scores], float)
        places = np.clip(np.digitize(sure, _BINS) - 1, 0, len(_BINS) - 2)
        bins = [chosen for one in range(len(_BINS) - 1) if (chosen := places == one).sum() >= 10]
        x = [100 * sure[chosen].mean() for chosen in bins]
        y = [100 * right[chosen].mean() for chosen in bins]
        spread = [wilson(int(right[chosen].sum()), int(chosen.sum())) for chosen in bins]
        error = [[max(0.0, v - 100 * low) for v, (low, _) in zip(y, spread, strict=True)],
                 [max(0.0, 100 * high - v) for v, (_, high) in zip(y, spread, strict=True)]]  # fmt: skip
        axes.errorbar(x, y, yerr=error, marker="o", markersize=4, linewidth=1, color=f"C{at}", label=group, capsize=2)
    axes.set_xlabel("confidence told, % (bins with at least 10 fields)")
    axes.set_ylabel("read exactly, %")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    _save(figure, path)


def risk_coverage(groups: Mapping[str, Sequence[FieldScore]], path: Path) -> None:
    """Share of wrong fields among those that are at least so sure, by their share of all; dots: what is trusted."""
    figure, axes = plt.subplots(figsize=(7, 4.5))
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


def memory(held: Sequence[float], path: Path) -> None:
    """Memory of one process page by page."""
    figure, axes = plt.subplots(figsize=(8, 3))
    axes.plot(range(1, len(held) + 1), held, linewidth=1)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("pages read")
    axes.set_ylabel("MB held")
    axes.grid(alpha=0.3)
    _save(figure, path)


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, dpi=100)
    plt.close(figure)
