"""Plots as SVG: no script, no inline style, no fonts of their own; told apart by shape, so that colour is not needed.

Who cannot see them has the same numbers in the table beside them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from markupsafe import Markup

from reports.model import Plot, Series

_WIDTH: Final = 640
_HEIGHT: Final = 250
_LEFT: Final = 48
_RIGHT: Final = 8
_TOP: Final = 40
_BOTTOM: Final = 34
_ROOM: Final = 46
"""Points that a label below the axis takes."""
_NICE: Final = (1, 2, 2.5, 5, 10)
_LINES: Final = 4
"""Horizontal lines above the axis, at most one more."""


def draw(plot: Plot, *, width: int = _WIDTH, legend: bool = True, look: str = "") -> Markup:
    """The plot as an element to stand in a page; its classes are in the style sheet of the page.

    ``width`` in units of the drawing: letters have one size, so that a drawing for a phone is a narrow one. ``look`` is
    a class beside ``plot``; without ``legend`` the page tells the lines apart in words.
    """
    step = _step_of_axis(plot)
    top = plot.top or step * max(1, math.ceil(_largest(plot) / step))
    parts = [*_grid(plot, step, top, width), *_labels(plot, width), *(_legend(plot) if legend else ())]
    for number, line in enumerate(plot.lines):
        parts += (_bars if plot.bars else _path)(plot, line, number, top, width)
    title = Markup("{} ({})").format(plot.title, plot.unit)
    return Markup(
        '<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}. Liczby są w tabeli obok.">{}</svg>'
    ).format(f"plot {look}".rstrip(), width, _HEIGHT, title, Markup("").join(parts))


def _largest(plot: Plot) -> float:
    return max((value for line in plot.lines for value in line.values if value is not None), default=0.0)


def _step_of_axis(plot: Plot) -> float:
    """A round number, such that few lines reach the largest value; whole where things are counted."""
    rough = (plot.top or _largest(plot) or 1.0) / _LINES
    scale = math.pow(10, math.floor(math.log10(rough)))
    step = next(scale * nice for nice in _NICE if scale * nice >= rough)
    return max(1.0, math.ceil(step)) if plot.bars else step


def _grid(plot: Plot, step: float, top: float, width: int) -> Iterator[Markup]:
    for number in range(round(top / step) + 1):
        value = step * number
        y = _y(value, top)
        yield Markup('<line class="{}" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(
            "grid" if number else "axis", _LEFT, width - _RIGHT, y, y
        )
        yield _text(_LEFT - 6, y + 4, f"{value:g}".replace(".", ","), "end")
    yield _text(_LEFT - 6, _TOP - 14, plot.unit, "end")


def _labels(plot: Plot, width: int) -> Iterator[Markup]:
    """As many labels as there is room for, the last step always among them: it is the one that is asked about."""
    every = max(1, math.ceil(len(plot.steps) * _ROOM / (width - _LEFT - _RIGHT)))
    last = len(plot.steps) - 1
    for number, name in enumerate(plot.steps):
        if (last - number) % every == 0:
            yield _text(_x(plot, number, width), _HEIGHT - _BOTTOM + 18, name.rpartition(" ")[2], "middle")


def _legend(plot: Plot) -> Iterator[Markup]:
    x = _LEFT + 8
    for number, line in enumerate(plot.lines):
        mark = Markup('<rect class="bar{}" x="{}" y="6" width="14" height="12"/>').format(number, x)
        if not plot.bars:
            mark = Markup('<line class="line{}" x1="{}" x2="{}" y1="12" y2="12"/>{}').format(
                number, x - 8, x + 20, _mark(x + 6, 12, number)
            )
        yield mark
        yield _text(x + 26, 16, line.name, "start")
        x += 60 + 8 * len(line.name)


def _bars(plot: Plot, line: Series, number: int, top: float, width: int) -> Iterator[Markup]:
    room = (width - _LEFT - _RIGHT) / len(plot.steps)
    broad = min(room * 0.8 / len(plot.lines), 28)
    begin = -broad * len(plot.lines) / 2 + broad * number
    for step, value in enumerate(line.values):
        if value:
            y = _y(value, top)
            yield Markup('<rect class="bar{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
                number, _x(plot, step, width) + begin, y, broad, _HEIGHT - _BOTTOM - y
            )


def _path(plot: Plot, line: Series, number: int, top: float, width: int) -> Iterator[Markup]:
    """Lines between neighbouring values, with a gap where there is none, and a mark at each."""
    for run in _runs(line.values):
        points = " ".join(f"{_x(plot, step, width):.1f},{_y(value, top):.1f}" for step, value in run)
        yield Markup('<polyline class="line{}" points="{}"/>').format(number, points)
        for step, value in run:
            yield _mark(_x(plot, step, width), _y(value, top), number)


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    run: list[tuple[int, float]] = []
    for step, value in enumerate(values):
        if value is not None:
            run.append((step, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _mark(x: float, y: float, number: int) -> Markup:
    """A disc for the first series, a hollow square for the second."""
    if number == 0:
        return Markup('<circle class="mark0" cx="{:.1f}" cy="{:.1f}" r="4"/>').format(x, y)
    return Markup('<rect class="mark1" x="{:.1f}" y="{:.1f}" width="8" height="8"/>').format(x - 4, y - 4)


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, text)


def _x(plot: Plot, step: int, width: int) -> float:
    return _LEFT + (step + 0.5) * (width - _LEFT - _RIGHT) / len(plot.steps)


def _y(value: float, top: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * min(value / top, 1.0)
