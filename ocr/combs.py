"""What stands in a comb: ink without the comb's own lines, sorted into cells, and packed into a line to be read.

A comb is filled in one of two ways: one character in each cell (by hand, by typewriter, by a comb field of a PDF), or
as running text across the cells (a PDF's ordinary text field, printed).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from forms.layout import FieldLayout
from forms.submission import Box
from ocr.ink import LETTER_HEIGHT, Cell, Edges, Ink, baseline, ink_in_cells, runs_across, union
from ocr.pages import GrayImage

_MARGIN: Final = 3.0
"""Points around a row of cells that are looked at too: writing does not end at the line."""
_LINE_REACH: Final = 1.6
"""How far from its place a comb line is looked for, in points."""
_PAPER: Final = 255
_GAP: Final = 1.1
"""Points between tightened characters."""
_SPACE: Final = 5.0
_TRACE: Final = 225
"""Darker than this may be a printed line, faint as it may be."""
_WHITE_SHARE: Final = 0.8
"""Tones above this share of the way from ink to paper become paper; hairlines of serif type lie just below."""


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """One row of a comb, cleaned of its lines: ``picture`` at ``dpi``, ink by cell (empty where nothing stands)."""

    picture: GrayImage
    dpi: float
    edges: Edges
    cells: tuple[Cell, ...]

    @property
    def running(self) -> bool:
        """Whether text runs across the cells instead of standing one character in a cell."""
        return runs_across(list(self.cells), self.edges, self.dpi / 72)

    @property
    def inks(self) -> list[Ink]:
        """All its ink."""
        return [ink for cell in self.cells for ink in cell]


@dataclass(frozen=True, slots=True, eq=False)
class Comb:
    """A comb field as found on a page, row by row."""

    strips: tuple[Strip, ...]
    dpi: float

    @property
    def glyphs(self) -> list[Ink | None]:
        """The ink of each cell in reading order as one box; None where the cell is empty."""
        return [union(cell) for strip in self.strips for cell in strip.cells]

    @property
    def empty(self) -> bool:
        """Nothing in any cell."""
        return not any(cell for strip in self.strips for cell in strip.cells)

    @property
    def running(self) -> bool:
        """Whether its text runs across the cells."""
        return any(strip.running for strip in self.strips)

    @property
    def pattern(self) -> str:
        """``x`` for a filled cell, a space for an empty one, without leading and trailing empty cells."""
        return "".join(" " if glyph is None else "x" for glyph in self.glyphs).strip()

    def lines(self, dpi: float) -> list[GrayImage]:
        """Pictures to be read: a comb as one line of tightened cells, running text as it stands, row by row."""
        if self.running:
            return [_framed(_only_ink(strip), dpi / self.dpi) for strip in self._written]
        return [_framed(self._tightened(), dpi / self.dpi)]

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
            inks = [ink for ink in map(union, strip.cells) if ink is not None]
            line = baseline(inks, unit)
            for ink in inks:
                if line is not None and ink.height <= 2.6 * unit:
                    if ink.width <= 2.6 * unit and abs(ink.bottom - line) <= 1.2 * unit:
                        found[at] = "."
                    elif ink.width > 1.6 * ink.height:
                        found[at] = "_" if ink.top >= line - 0.5 * unit else "-"
                at += 1
        return found

    def dashes(self) -> list[bool]:
        """For each dash of running text, in reading order, whether it stands close to letters on both sides."""
        unit, found = self.dpi / 72, []
        for strip in self._written:
            letters = [ink for ink in strip.inks if ink.height > LETTER_HEIGHT * unit]
            line, near = baseline(letters, unit), 0.4 * max(ink.height for ink in letters)
            for ink in strip.inks:
                if line is None or ink.width < 1.6 * ink.height or not 1.5 * unit < line - ink.bottom < 6 * unit:
                    continue
                before = min((ink.x0 - other.x1 for other in letters if other.middle < ink.middle), default=0)
                after = min((other.x0 - ink.x1 for other in letters if other.middle > ink.middle), default=0)
                found.append(max(before, after) <= near)
        return found

    @property
    def _written(self) -> list[Strip]:
        """Rows of running text; a row with hardly a letter beside fuller ones holds but a hair."""
        unit = self.dpi / 72
        counts = [sum(ink.height > LETTER_HEIGHT * unit for ink in strip.inks) for strip in self.strips]
        fewest = min(2, max(counts))
        return [strip for strip, count in zip(self.strips, counts, strict=True) if count >= max(1, fewest)]

    def _tightened(self) -> GrayImage:
        """All filled cells in one line, as close as letters of a word; empty cells in between become spaces."""
        unit = self.dpi / 72
        height = max(strip.picture.shape[0] for strip in self.strips)
        between, space = (np.full((height, max(1, round(width * unit))), _PAPER, np.uint8) for width in (_GAP, _SPACE))
        pieces: list[GrayImage] = []
        pending = False
        for strip in self.strips:
            for cell in strip.cells:
                if not cell:
                    pending = bool(pieces)
                    continue
                piece = _cut_out(strip.picture, cell)
                pieces += [space] if pending else []
                below = np.full((height - piece.shape[0], piece.shape[1]), _PAPER, np.uint8)
                pieces += [np.vstack([piece, below]), between]
                pending = False
        line = np.hstack(pieces)
        inks = [ink for strip in self.strips for ink in strip.inks]
        return line[max(0, min(ink.top for ink in inks) - 1) : max(ink.bottom for ink in inks) + 1]


def comb(sheet: GrayImage, dpi: float, item: FieldLayout, origin: tuple[float, float] = (0.0, 0.0)) -> Comb:
    """Find what stands in a comb.

    ``sheet`` is an aligned, evenly lit picture of the form at ``dpi``, its top left corner at ``origin`` (points).
    """
    strips = [_strip(sheet, dpi, row, origin) for row in item.rows]
    if not any(ink.height > LETTER_HEIGHT * dpi / 72 for strip in strips for ink in strip.inks):
        strips = [Strip(strip.picture, dpi, strip.edges, ((),) * len(strip.edges)) for strip in strips]
    return Comb(tuple(strips), dpi)


def _strip(sheet: GrayImage, dpi: float, row: list[Box], origin: tuple[float, float]) -> Strip:
    unit = dpi / 72
    left = max(0, round((row[0][0] - _MARGIN - origin[0]) * unit))
    upper = max(0, round((row[0][1] - _MARGIN - origin[1]) * unit))
    right, lower = (row[-1][2] + _MARGIN - origin[0]) * unit, (row[0][3] + _MARGIN - origin[1]) * unit
    picture = sheet[upper : round(lower), left : round(right)].copy()
    shift_x, shift_y = origin[0] + left / unit, origin[1] + upper / unit
    edges = tuple(((box[0] - shift_x) * unit, (box[2] - shift_x) * unit) for box in row)
    top, bottom = (row[0][1] - shift_y) * unit, (row[0][3] - shift_y) * unit
    sides = _printed_sides(picture, edges, (top, bottom), unit)
    if picture.size:
        _remove_lines(picture, sides, (top, bottom), unit)
    return Strip(picture, dpi, edges, ink_in_cells(picture, edges, sides, (top, bottom), unit))


def _printed_sides(picture: GrayImage, edges: Edges, levels: tuple[float, float], unit: float) -> list[float]:
    """The upright lines that are there: a comb has them at every edge, the open line of a fillable form at its ends.

    They are looked for above and below the writing, so that no letter is taken for one.
    """
    every = sorted({edge for cell in edges for edge in cell})
    depth, reach = max(1, round(3.5 * unit)), max(1, round(unit))
    rows = [*range(int(levels[0]) + 1, int(levels[0]) + depth), *range(int(levels[1]) - depth, int(levels[1]))]
    free = picture[[row for row in rows if 0 <= row < picture.shape[0]]] < _TRACE
    there = [bool(free[:, max(0, round(at) - reach) : round(at) + reach + 1].any(axis=1).mean() > 0.3) for at in every]
    return every if sum(there[1:-1]) > 0.3 * len(there[1:-1]) else [every[0], every[-1]]


def _remove_lines(picture: GrayImage, verticals: list[float], levels: tuple[float, float], unit: float) -> None:
    """Make the comb's lines white and the paper too; writing that crosses a lighter line keeps all of its ink."""
    darkest = min(110.0, float(np.percentile(picture, 0.5)))
    white = darkest + _WHITE_SHARE * (_PAPER - darkest)
    lines = _lines(picture, verticals, levels, unit)
    if lines.any():
        tone = float(np.median(picture[lines > 0]))
        erased = (cv2.dilate(lines, np.ones((3, 3), np.uint8)) > 0) & (picture >= tone - 35)
        picture[erased] = _PAPER
        if tone < darkest + 60:  # black lines: join what they cut through
            bridge = np.ones((1, max(3, round(2.2 * unit))), np.uint8)
            joined = cv2.erode(cv2.dilate(255 - picture, bridge), bridge)
            picture[erased] = 255 - joined[erased]
    stretched = (picture.astype(np.float32) - darkest) * (_PAPER / max(1.0, white - darkest))
    picture[:] = np.clip(stretched, 0, _PAPER).astype(np.uint8)


def _lines(picture: GrayImage, verticals: list[float], levels: tuple[float, float], unit: float) -> GrayImage:
    """Where the comb's lines are (not 0), found near their places."""
    ink = (picture < 200).astype(np.uint8)
    reach = max(1, round(_LINE_REACH * unit))
    tall, wide = max(3, round(0.62 * (levels[1] - levels[0]))), max(3, round(22 * unit))
    upright = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((tall, 1), np.uint8)).astype(np.uint8)
    lying = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, wide), np.uint8)).astype(np.uint8)
    lines = np.zeros(picture.shape, np.uint8)
    for at in verticals:
        span = slice(max(0, round(at) - reach), round(at) + reach + 1)
        lines[:, span] |= upright[:, span]
    for at in levels:
        span = slice(max(0, round(at) - reach), round(at) + reach + 1)
        lines[span] |= lying[span]
    return lines


def _only_ink(strip: Strip) -> GrayImage:
    """The writing of a strip as it stands, without dust around it."""
    piece = _cut_out(strip.picture, tuple(strip.inks))
    return piece[max(0, min(ink.top for ink in strip.inks) - 1) : max(ink.bottom for ink in strip.inks) + 1]


def _cut_out(picture: GrayImage, inks: Cell) -> GrayImage:
    """The columns of these pieces of ink in full height, all else white."""
    left, right = min(ink.x0 for ink in inks), max(ink.x1 for ink in inks)
    kept = np.full_like(picture, _PAPER)
    for ink in inks:
        rows, columns = slice(max(0, ink.top - 2), ink.bottom + 2), slice(max(0, ink.x0 - 2), ink.x1 + 2)
        kept[rows, columns] = picture[rows, columns]
    return kept[:, max(0, left - 1) : right + 1]


def _framed(line: GrayImage, scale: float) -> GrayImage:
    """At another scale, with the room around the line that Tesseract's line finder needs."""
    if abs(scale - 1) > 0.02:
        method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
        line = cv2.resize(line, None, fx=scale, fy=scale, interpolation=method).astype(np.uint8)
    return cv2.copyMakeBorder(line, 12, 12, 12, 12, cv2.BORDER_CONSTANT, value=(_PAPER,)).astype(np.uint8)
