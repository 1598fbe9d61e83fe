"""What stands in a comb: ink without the comb's own lines, assigned to cells, and packed into a line for reading.

A comb is filled in one of two ways: one character in each cell (by hand, by typewriter, by a comb field of a PDF), or
as running text across the cells (a PDF's ordinary text field, printed).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from statistics import median
from typing import Final

import cv2
import numpy as np

from forms.layout import FieldLayout
from forms.submission import Box
from ocr.files.page import GrayImage
from ocr.segmentation.comb_lines import printed_sides, without_lines
from ocr.segmentation.ink import LETTER_HEIGHT, Cell, Edges, Ink, baseline, clusters, ink_in_cells, runs_across, union

_MARGIN: Final = 3.0
"""Points around a row of cells that are looked at too: writing does not end at the line."""
_PAPER: Final = 255
_GAP: Final = 1.1
"""Points between tightened characters."""
_SPACE: Final = 5.0
_SPACE_BETWEEN: Final = 0.42
"""A gap in running text wider than this share of its tallest letter is a space."""
_EVEN, _MOSTLY_EVEN, _SKIPPED = 0.12, 0.75, 1.6
"""How even the steps of a typewriter are, how many of them, and the step over a space, as shares of the usual one."""
_FAR: Final = 3
"""Empty cells that nobody leaves within a value."""
_SIGN_WIDTH: Final = 2.0
"""Points: hairs and what is left of the comb's lines are thinner than a question mark."""
_CUT_OFF: Final = 2.8
"""Running text that ends nearer to the edge of its field (points) may go on beyond it: forms leave 3 and more."""


@dataclass(frozen=True, eq=False)
class Strip:
    """One row of a comb, cleaned of its lines: ``picture`` at ``dpi``, ink by cell (empty where nothing stands)."""

    picture: GrayImage
    dpi: float
    edges: Edges
    cells: tuple[Cell, ...]

    @cached_property
    def running(self) -> bool:
        """Whether text runs across the cells instead of standing one character in a cell."""
        return runs_across(list(self.cells), self.edges, self.dpi / 72)

    @cached_property
    def inks(self) -> list[Ink]:
        """All its ink."""
        return [ink for cell in self.cells for ink in cell]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """The ink of one character in the picture of its row; ``baseline`` is None in a row without letters."""

    picture: GrayImage
    inks: Cell
    baseline: float | None


@dataclass(frozen=True, eq=False)
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

    @cached_property
    def running(self) -> bool:
        """Whether its text runs across the cells."""
        return any(strip.running for strip in self.strips)

    @property
    def full(self) -> bool:
        """Whether its cells are filled to the last one."""
        return not self.running and bool(self.strips[-1].cells[-1])

    @property
    def parted(self) -> bool:
        """Whether there is a gap within what stands in a row: an empty cell, or a space in running text."""
        if not self.running:
            return any(" " in "".join("x" if cell else " " for cell in strip.cells).strip() for strip in self.strips)
        for strip in self._written:
            letters = [box for group in clusters(tuple(strip.inks)) if (box := union(tuple(group))) is not None]
            if _has_space(letters):
                return True
        return False

    @property
    def broken_off(self) -> bool:
        """Whether a row is left while there is room in it, though the next one is written, too."""
        end = -2 if self.running else -1  # running text leaves a wide letter's room where it goes on in the next row
        return any(not any(strip.cells[end:]) for strip in self._written[:-1])

    @property
    def lone_sign(self) -> bool:
        """Whether the last sign stands far behind all others: no word and no address ends so."""
        signs = [self._is_sign(cell) for strip in self.strips for cell in strip.cells]
        filled = [at for at, sign in enumerate(signs) if sign]
        return len(filled) > 1 and filled[-1] - filled[-2] > _FAR

    @property
    def passed_over(self) -> bool:
        """Whether a sign stands alone in a row of running text that is not read."""
        read = self._written if self.running else list(self.strips)
        unread = [strip for strip in self.strips if not any(strip is one for one in read)]
        return any(self._is_sign(cell) for strip in unread for cell in strip.cells)

    def _is_sign(self, cell: Cell) -> bool:
        """Whether a cell holds more than a speck, a hair, or what is left of its lines."""
        unit = self.dpi / 72
        return any(ink.height > LETTER_HEIGHT * unit and ink.width > _SIGN_WIDTH * unit for ink in cell)

    @property
    def cut_off(self) -> bool:
        """Whether running text goes on to the edge of its field, as one that a viewer scrolled and then printed."""
        if not self.running:
            return False
        last = self._written[-1]
        return last.edges[-1][1] - max(ink.x1 for ink in last.inks) < _CUT_OFF * self.dpi / 72

    @property
    def pattern(self) -> str:
        """``x`` for a filled cell, a space for an empty one, without leading and trailing empty cells."""
        return "".join(" " if glyph is None else "x" for glyph in self.glyphs).strip()

    def lines(self, dpi: float) -> list[GrayImage]:
        """Pictures to be read: a comb as one line of tightened cells, running text as it stands, row by row."""
        if self.running:
            return [_framed(_only_ink(strip), dpi / self.dpi) for strip in self._written]
        return [_framed(self._tightened(), dpi / self.dpi)]

    def letters(self) -> list[Ink]:
        """What stands in reading order as one box for each character, as well as ink can tell."""
        if not self.running:
            return [glyph for glyph in self.glyphs if glyph is not None]
        return [box for strip in self._written for group in clusters(tuple(strip.inks)) if (box := union(tuple(group)))]

    def pieces(self) -> list[Piece]:
        """The same characters as ``letters``, with their pictures."""
        found = []
        for strip in self._written if self.running else self.strips:
            groups = clusters(tuple(strip.inks)) if self.running else [list(cell) for cell in strip.cells if cell]
            line = baseline(strip.inks, strip.dpi / 72)
            found += [Piece(strip.picture, tuple(group), line) for group in groups]
        return found

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

    def full_stops(self) -> int:
        """How many full stops stand in running text."""
        unit, count = self.dpi / 72, 0
        for strip in self._written if self.running else ():
            line = baseline(strip.inks, unit)
            for box in map(union, map(tuple, clusters(tuple(strip.inks)))):
                if line is not None and box is not None and max(box.height, box.width) <= 2.6 * unit:
                    count += abs(box.bottom - line) <= 1.2 * unit
        return count

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

    @cached_property
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


def _has_space(letters: list[Ink]) -> bool:
    """Whether two letters of running text stand as far apart as words; a typewriter's are told by their even steps."""
    steps = [after.middle - before.middle for before, after in pairwise(letters)]
    usual = median(steps) if steps else 0.0
    if sum(abs(step - usual) <= _EVEN * usual for step in steps) >= _MOSTLY_EVEN * len(steps):
        return any(step > _SKIPPED * usual for step in steps)
    space = _SPACE_BETWEEN * max(box.height for box in letters)
    return any(after.x0 - before.x1 > space for before, after in pairwise(letters))


def comb(
    sheet: GrayImage, dpi: float, item: FieldLayout, origin: tuple[float, float] = (0.0, 0.0), *, bitonal: bool = False
) -> Comb:
    """Find what stands in a comb.

    ``sheet`` is an aligned, evenly lit picture of the form at ``dpi``, its top left corner at ``origin`` (points);
    ``bitonal`` tells that it was scanned in black and white.
    """
    strips = [_strip(sheet, dpi, row, origin, bitonal) for row in item.rows]
    if not any(ink.height > LETTER_HEIGHT * dpi / 72 for strip in strips for ink in strip.inks):
        strips = [Strip(strip.picture, dpi, strip.edges, ((),) * len(strip.edges)) for strip in strips]
    return Comb(tuple(strips), dpi)


def _strip(sheet: GrayImage, dpi: float, row: list[Box], origin: tuple[float, float], bitonal: bool) -> Strip:
    unit = dpi / 72
    left = max(0, round((row[0][0] - _MARGIN - origin[0]) * unit))
    upper = max(0, round((row[0][1] - _MARGIN - origin[1]) * unit))
    right, lower = (row[-1][2] + _MARGIN - origin[0]) * unit, (row[0][3] + _MARGIN - origin[1]) * unit
    picture = sheet[upper : round(lower), left : round(right)]
    shift_x, shift_y = origin[0] + left / unit, origin[1] + upper / unit
    edges = tuple(((box[0] - shift_x) * unit, (box[2] - shift_x) * unit) for box in row)
    levels = (row[0][1] - shift_y) * unit, (row[0][3] - shift_y) * unit
    sides = printed_sides(picture, edges, levels, unit)
    cleaned = without_lines(picture, sides, levels, unit, bitonal=bitonal)
    return Strip(cleaned, dpi, edges, ink_in_cells(cleaned, edges, sides, levels, unit))


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
