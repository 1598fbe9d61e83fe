"""What stands in a comb: ink without the comb's own lines, sorted into cells, and packed into a line to be read.

A comb is filled in one of two ways: one character in each cell (by hand, by typewriter, by a comb field of a PDF), or
as running text across the cells (a PDF's ordinary text field, printed).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from forms.layout import FieldLayout
from forms.submission import Box
from ocr.pages import GrayImage

_MARGIN: Final = 3.0
"""Points around a row of cells that are looked at too: writing does not end at the line."""
_LINE_REACH: Final = 1.6
"""How far from its place a comb line is looked for, in points."""
_SPECK: Final = 0.45
"""Components smaller than this (square points) are dust; a printed full stop has about 1.2."""
_DARK: Final = 150
_PAPER: Final = 255

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ink:
    """One connected piece of ink: its box in pixels of the strip, and its area in pixels."""

    x0: int
    top: int
    x1: int
    bottom: int
    area: int

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Horizontal middle in pixels."""
        return (self.x0 + self.x1) / 2


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """One row of a comb, cleaned of its lines: ``picture`` at ``dpi``, ink by cell (empty lists for empty cells)."""

    picture: GrayImage
    dpi: float
    edges: tuple[tuple[float, float], ...]
    cells: tuple[tuple[Ink, ...], ...]

    @property
    def running(self) -> bool:
        """Whether text runs across the cells instead of standing one character in a cell."""
        return _runs_across(list(self.cells), self.edges, self.dpi / 72)


@dataclass(frozen=True, slots=True, eq=False)
class Comb:
    """A comb field as found on a page."""

    strips: tuple[Strip, ...]
    dpi: float
    glyphs: tuple[Ink | None, ...] = field(default=())
    """The ink of each cell in reading order as one box; None where the cell is empty. For running text: as cut."""

    @property
    def empty(self) -> bool:
        """No ink in any cell."""
        return all(glyph is None for glyph in self.glyphs)

    @property
    def running(self) -> bool:
        """Whether its text runs across the cells."""
        return any(strip.running for strip in self.strips)

    @property
    def pattern(self) -> str:
        """``x`` for a filled cell, a space for an empty one, without leading and trailing empty cells."""
        return "".join(" " if glyph is None else "x" for glyph in self.glyphs).strip()

    def lines(self, gap: float = 1.1) -> list[GrayImage]:
        """Pictures to be read: a comb as one line of tightened cells, running text as it stands, row by row."""
        if self.running:
            return [_trimmed(strip) for strip in self.strips if any(strip.cells)]
        return [self._tightened(gap)]

    def cell_pictures(self) -> list[GrayImage]:
        """The cleaned picture of every cell in reading order, for a reader of handwriting."""
        return [
            strip.picture[:, max(0, round(left)) : max(1, round(right))]
            for strip in self.strips
            for left, right in strip.edges
        ]

    def small_signs(self) -> dict[int, str]:
        """Cells, counted among the filled ones, that hold no more than a dot, a dash or a low line."""
        unit, found, at = self.dpi / 72, {}, 0
        for strip in self.strips:
            inks = [ink for ink in map(_union, strip.cells) if ink is not None]
            letters = [ink for ink in inks if ink.height > 4 * unit]
            baseline = float(np.median([ink.bottom for ink in letters])) if letters else 0.0
            for ink in inks:
                width = ink.x1 - ink.x0
                if letters and ink.height <= 2.6 * unit:
                    if width <= 2.6 * unit and abs(ink.bottom - baseline) <= 1.2 * unit:
                        found[at] = "."
                    elif width > 1.6 * ink.height:
                        found[at] = "_" if ink.top >= baseline - 0.5 * unit else "-"
                at += 1
        return found

    def _tightened(self, gap: float) -> GrayImage:
        """All filled cells in one line, as close as letters of a word; empty cells in between become spaces."""
        unit = self.dpi / 72
        pieces: list[GrayImage] = []
        height = max(strip.picture.shape[0] for strip in self.strips)
        between, space = (np.full((height, max(1, round(width * unit))), _PAPER, np.uint8) for width in (gap, 5.0))
        started, pending = False, False
        for strip in self.strips:
            for cell in strip.cells:
                if not cell:
                    pending = started
                    continue
                if pending:
                    pieces.append(space)
                left, right = min(ink.x0 for ink in cell), max(ink.x1 for ink in cell)
                piece = np.full((height, right - left + 2), _PAPER, np.uint8)
                source = strip.picture[:, max(0, left - 1) : right + 1]
                piece[: source.shape[0], : source.shape[1]] = source
                pieces += [piece, between]
                started, pending = True, False
        line = np.hstack([*pieces])
        inks = [ink for strip in self.strips for cell in strip.cells for ink in cell]
        top, bottom = min(ink.top for ink in inks), max(ink.bottom for ink in inks)
        return _framed(line[max(0, top - 1) : bottom + 1])


def comb(sheet: GrayImage, dpi: float, item: FieldLayout, origin: tuple[float, float] = (0.0, 0.0)) -> Comb:
    """Find what stands in a comb.

    ``sheet`` is an aligned, evenly lit picture of the form at ``dpi``, its top left corner at ``origin`` (points).
    """
    strips = tuple(_strip(sheet, dpi, row, origin) for row in item.rows)
    glyphs = tuple(_union(cell) for strip in strips for cell in strip.cells)
    return Comb(strips, dpi, glyphs)


def _strip(sheet: GrayImage, dpi: float, row: list[Box], origin: tuple[float, float]) -> Strip:
    unit = dpi / 72
    x0, top = row[0][0] - _MARGIN, row[0][1] - _MARGIN
    x1, bottom = row[-1][2] + _MARGIN, row[0][3] + _MARGIN
    left, upper = max(0, round((x0 - origin[0]) * unit)), max(0, round((top - origin[1]) * unit))
    picture = sheet[upper : round((bottom - origin[1]) * unit), left : round((x1 - origin[0]) * unit)].copy()
    shift_x, shift_y = origin[0] + left / unit, origin[1] + upper / unit
    verticals = sorted({(edge - shift_x) * unit for box in row for edge in (box[0], box[2])})
    horizontals = [(row[0][1] - shift_y) * unit, (row[0][3] - shift_y) * unit]
    _remove_lines(picture, verticals, horizontals, unit)
    edges = tuple(((box[0] - shift_x) * unit, (box[2] - shift_x) * unit) for box in row)
    return Strip(picture, dpi, edges, _sorted_into_cells(picture, edges, horizontals, unit))


def _remove_lines(picture: GrayImage, verticals: list[float], horizontals: list[float], unit: float) -> None:
    """Make the comb's lines white and the paper too; writing that crosses a lighter line keeps all of its ink."""
    if not picture.size:
        return
    darkest = min(110.0, float(np.percentile(picture, 0.5)))
    white = min(215.0, max(140.0, darkest + 0.55 * (_PAPER - darkest)))
    ink = (picture < 200).astype(np.uint8)
    reach = max(1, round(_LINE_REACH * unit))
    tall = max(3, round(0.62 * (horizontals[1] - horizontals[0])))
    wide = max(3, round(22 * unit))
    upright = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((tall, 1), np.uint8)).astype(np.uint8)
    lying = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, wide), np.uint8)).astype(np.uint8)
    lines = np.zeros(picture.shape, np.uint8)
    for at in verticals:
        span = slice(max(0, round(at) - reach), round(at) + reach + 1)
        lines[:, span] |= upright[:, span]
    for at in horizontals:
        span = slice(max(0, round(at) - reach), round(at) + reach + 1)
        lines[span] |= lying[span]
    if lines.any():
        tone = float(np.median(picture[lines > 0]))
        erased = (cv2.dilate(lines, np.ones((3, 3), np.uint8)) > 0) & (picture >= tone - 35)
        picture[erased] = _PAPER
        if tone < darkest + 60:  # black lines: join what they cut through
            bridge = max(3, round(2.2 * unit))
            joined = cv2.erode(cv2.dilate(255 - picture, np.ones((1, bridge))), np.ones((1, bridge)))
            picture[erased] = 255 - joined[erased]
    stretched = (picture.astype(np.float32) - darkest) * (_PAPER / max(1.0, white - darkest))
    picture[:] = np.clip(stretched, 0, _PAPER).astype(np.uint8)


def _sorted_into_cells(
    picture: GrayImage, edges: tuple[tuple[float, float], ...], horizontals: list[float], unit: float
) -> tuple[tuple[Ink, ...], ...]:
    """The ink of each cell, without dust and without what is left of the comb's own lines."""
    count, _, facts, _ = cv2.connectedComponentsWithStats((picture < _DARK).astype(np.uint8), connectivity=8)
    cells: list[list[Ink]] = [[] for _ in edges]
    on_line: list[tuple[int, Ink]] = []
    lefts = np.array([left for left, _ in edges])
    for x, y, width, height, area in facts[1:count].tolist():
        ink = Ink(x, y, x + width, y + height, area)
        if area < _SPECK * unit * unit or not horizontals[0] - unit < y + height / 2 < horizontals[1] + unit:
            continue
        at = int(np.searchsorted(lefts, ink.middle, side="right")) - 1
        if at < 0 or ink.middle > edges[at][1] + unit:
            continue  # in the margin or on a separator printed between groups
        if _lies_on_a_line(ink, edges[at], horizontals, unit):
            on_line.append((at, ink))
        else:
            cells[at].append(ink)
    _drop_strays(cells, unit)
    if _runs_across([tuple(cell) for cell in cells], edges, unit):
        for at, ink in on_line:
            if _belongs_to_run(ink, cells, unit):
                cells[at].append(ink)
    return tuple(tuple(sorted(cell, key=lambda ink: ink.x0)) for cell in cells)


def _lies_on_a_line(ink: Ink, edge: tuple[float, float], horizontals: list[float], unit: float) -> bool:
    """Thin or small and on a line of the comb: mostly what is left of the line itself."""
    near_side = min(abs(ink.x0 - edge[0]), abs(ink.x1 - edge[1]), abs(ink.x1 - edge[0]), abs(ink.x0 - edge[1]))
    near_level = min(
        abs(ink.bottom - horizontals[1]),
        abs(ink.top - horizontals[0]),
        abs(ink.top - horizontals[1]),
        abs(ink.bottom - horizontals[0]),
    )
    narrow, flat = ink.x1 - ink.x0 <= 1.8 * unit, ink.height <= 1.8 * unit
    return (narrow and near_side <= 1.6 * unit) or (flat and near_level <= 1.8 * unit)


def _drop_strays(cells: list[list[Ink]], unit: float) -> None:
    """Remove specks with two empty cells on either side: no sign of a text stands so alone."""
    for at, cell in enumerate(cells):
        around = [other for other in range(max(0, at - 2), min(len(cells), at + 3)) if other != at and cells[other]]
        if cell and not around and all(ink.area < 4 * unit * unit for ink in cell):
            cell.clear()


def _belongs_to_run(ink: Ink, cells: list[list[Ink]], unit: float) -> bool:
    """Whether ink on a line of the comb is a letter of the text that runs across it."""
    letters = [other for cell in cells for other in cell if other.height > 3.5 * unit]
    if not letters:
        return False
    baseline = float(np.median([other.bottom for other in letters]))
    tallest = max(other.height for other in letters)
    start, end = min(other.x0 for other in letters), max(other.x1 for other in letters)
    return (
        abs(ink.bottom - baseline) <= 1.2 * unit
        and ink.height <= 1.15 * tallest
        and start - 5 * unit <= ink.middle <= end + 5 * unit
    )


def _runs_across(cells: list[tuple[Ink, ...]], edges: tuple[tuple[float, float], ...], unit: float) -> bool:
    """Whether text runs across the cells instead of standing one character in a cell."""
    filled = [cell for cell in cells if cell]
    slack = 1.2 * unit
    crossing = sum(
        1
        for cell, (left, right) in zip(cells, edges, strict=True)
        for ink in cell
        if ink.x0 < left - slack or ink.x1 > right + slack
    )
    letters = sum(max(1, _letters(cell, unit)) for cell in filled)
    return crossing >= max(2, 0.15 * len(filled)) or letters > 1.3 * len(filled)


def _letters(cell: tuple[Ink, ...], unit: float) -> int:
    """How many things as tall as a letter stand side by side."""
    return sum(any(ink.height > 4 * unit for ink in group) for group in _clusters(cell))


def _clusters(cell: tuple[Ink, ...]) -> list[list[Ink]]:
    """Pieces of ink that stand above each other belong together (a letter and its accent)."""
    groups: list[list[Ink]] = []
    reach = -1
    for ink in cell:
        if groups and ink.x0 <= reach:
            groups[-1].append(ink)
        else:
            groups.append([ink])
        reach = max(reach, ink.x1)
    return groups


def _union(cell: tuple[Ink, ...]) -> Ink | None:
    if not cell:
        return None
    return Ink(
        min(ink.x0 for ink in cell),
        min(ink.top for ink in cell),
        max(ink.x1 for ink in cell),
        max(ink.bottom for ink in cell),
        sum(ink.area for ink in cell),
    )


def _trimmed(strip: Strip) -> GrayImage:
    inks = [ink for cell in strip.cells for ink in cell]
    left, right = min(ink.x0 for ink in inks), max(ink.x1 for ink in inks)
    top, bottom = min(ink.top for ink in inks), max(ink.bottom for ink in inks)
    return _framed(strip.picture[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1])


def _framed(line: GrayImage) -> GrayImage:
    """Room around the line, which Tesseract's line finder needs."""
    pad = max(6, line.shape[0] // 4)
    return cv2.copyMakeBorder(line, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(_PAPER,)).astype(np.uint8)
