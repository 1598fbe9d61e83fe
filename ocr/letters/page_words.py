"""All words of a page of unknown layout with their positions: from the text layer, or by Tesseract.

A scanned page is first laid level and upright, since full-page recognition suffers most from lines that run askew.
Boxes are points of the upright page as if it were A4; ``PageText.as_it_lies`` turns them back to the page of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, Literal

import cv2
import numpy as np
from pdfplumber.utils.text import extract_words
from rapidfuzz import fuzz

from forms.layout import PAGE_HEIGHT, PAGE_WIDTH
from forms.submission import Box
from ocr.alignment.alignment import evenly_lit, transformed
from ocr.alignment.blanks import Matrix
from ocr.fields.witnesses import is_readable
from ocr.files.page import GrayImage, Page
from ocr.segmentation.leaders import without_leaders
from ocr.tesseract.lines import line_recogniser

_WORKING_SIDE: Final = 2500
"""Longest side of the picture that Tesseract gets: A4 at about 210 dpi."""
_SMALL_SIDE: Final = 700
_STEEPEST: Final = 4.0
_UPSIDE_DOWN: Final = 0.62
"""Words of a page the wrong way up are read with less confidence than this on average (the right way: above 0.8)."""
_GAP: Final = 2.0
"""A gap wider than this many heights of a line parts two columns."""
EMAIL: Final = re.compile(r"[a-z0-9][\w.+-]*@[a-z0-9][a-z0-9.-]*\.[a-z]{2,6}", re.IGNORECASE | re.ASCII)
_MAYBE_EMAIL: Final = re.compile(r"[@©®]|[a-z0-9]{2}[.,]\s?[a-z]{2,4}\b", re.IGNORECASE)
_LONG, _UNSURE = 10, 0.5
"""A word so long that is read with so little confidence may be an address too."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word, its box in points and how sure the recogniser is of it (1 for a text layer)."""

    text: str
    box: Box
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand beside each other without a wide gap, from left to right."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words with single spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        """What the words cover."""
        return around(word.box for word in self.words)

    @property
    def height(self) -> float:
        """The usual height of a word."""
        return median(word.box[3] - word.box[1] for word in self.words)

    def under(self, start: int, end: int) -> Box:
        """The box of the words that characters ``start`` to ``end`` of ``text`` belong to."""
        at, boxes = 0, []
        for word in self.words:
            if at < end and at + len(word.text) > start:
                boxes.append(word.box)
            at += len(word.text) + 1
        return around(boxes or [self.box])


@dataclass(frozen=True, slots=True)
class PageText:
    """The lines of a page from top to bottom, those side by side from left to right.

    ``source`` tells where its words are from, ``paper`` whether it is a photograph of paper: a page that was drawn may
    have to be read from its picture all the same. ``to_file`` (3 x 3) leads from its points to those of the page as it
    lies in the file; None where they are the same.
    """

    number: int
    lines: tuple[Line, ...]
    source: Literal["scan", "text"]
    paper: bool
    to_file: Matrix | None = None

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(line.text for line in self.lines)

    def as_it_lies(self, box: Box) -> Box:
        """A box on the page of the file, as ``ocr.pictures`` takes it for pages that are none of ours."""
        return box if self.to_file is None else _moved(box, self.to_file)

    @property
    def turn(self) -> int:
        """Quarter turns clockwise that make the page of the file upright."""
        if self.to_file is None:
            return 0
        (left, high), (right, low) = transformed(self.to_file, np.array([(0.0, 0.0), (1.0, 0.0)]))
        across, down = right - left, low - high
        return (0 if across > 0 else 2) if abs(across) > abs(down) else (1 if down < 0 else 3)


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box around these; ValueError when there are none."""
    every = list(boxes)
    return (
        min(box[0] for box in every),
        min(box[1] for box in every),
        max(box[2] for box in every),
        max(box[3] for box in every),
    )


def has_readable_layer(page: Page) -> bool:
    """Whether a text layer tells what stands on a page."""
    return bool(page.glyphs) and is_readable("".join(glyph.text for glyph in page.glyphs))


def words_on(page: Page) -> PageText:
    """Read a page; a digital one costs milliseconds, a picture one to three seconds."""
    height, width = page.picture.shape
    to_points = np.diag([PAGE_WIDTH / width, PAGE_HEIGHT / height, 1.0])
    if has_readable_layer(page) and (words := _from_glyphs(page, to_points)):
        return PageText(
            page.number, _lines(words), "text", paper=False, to_file=_turned_back(page.turned) if page.turned else None
        )
    lines, to_page = _recognised(page.picture, to_points)
    return PageText(page.number, lines, "scan", not page.digital, _turned_back(page.turned) @ to_page)


def _turned_back(quarters: int) -> Matrix:
    """From points of a page turned clockwise to those of the page of the file, each as if it were A4."""
    shares = np.diag([PAGE_WIDTH, PAGE_HEIGHT, 1.0])
    back = np.linalg.matrix_power(np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 1.0], [0.0, 0.0, 1.0]]), quarters)
    turned: Matrix = shares @ back @ np.linalg.inv(shares)
    return turned


def _from_glyphs(page: Page, to_points: Matrix) -> list[Word]:
    chars = [
        {
            **{"text": glyph.text, "x0": x0, "x1": x1, "top": top, "bottom": bottom, "doctop": top},
            **{"size": bottom - top, "upright": True},
        }
        for glyph in page.glyphs
        for x0, top, x1, bottom in [_moved(glyph.box, to_points)]
    ]
    found = extract_words(chars, x_tolerance_ratio=0.2, y_tolerance=2)
    return [Word(str(word["text"]), (word["x0"], word["top"], word["x1"], word["bottom"])) for word in found]


_A_LINE: Final = 16
_MOST_DRAWN_OUT: Final = 30
"""Pixels across below which no line of writing fits, and how often a page's width or height may hold the other."""


def _recognised(picture: GrayImage, to_points: Matrix) -> tuple[tuple[Line, ...], Matrix]:
    """The lines of a picture, whichever way up it lies, and the way back from their points to the picture's."""
    if min(picture.shape) < _A_LINE or max(picture.shape) > _MOST_DRAWN_OUT * min(picture.shape):
        return (), to_points
    lit = evenly_lit(picture)
    level = _levelling(lit)
    best: tuple[float, tuple[Line, ...], Matrix] = (-1.0, (), to_points)
    for half_turns in (0, 1):
        upright, to_upright = _straightened(lit, level, half_turns)
        upright = without_leaders(upright, max(upright.shape) / PAGE_HEIGHT)
        words = _ocr(upright)
        sure = _confidence(words)
        if sure > best[0]:
            lines = tuple(_with_addresses(line, upright) for line in _lines(words))
            points = np.diag([PAGE_HEIGHT / upright.shape[0], PAGE_HEIGHT / upright.shape[0], 1.0])
            back = to_points @ np.linalg.inv(points @ to_upright)
            best = sure, tuple(_in_points(line, points) for line in lines), back
        if not words or sure > _UPSIDE_DOWN:
            break
    return best[1:]


def _ocr(picture: GrayImage) -> list[Word]:
    """Words of an upright picture, boxes in its pixels."""
    from ocr.tesseract.program import words_table  # noqa: PLC0415  slow to import; few pages are of unknown layout

    table = words_table(picture, "pol", "--psm 3")
    columns = ("text", "conf", "left", "top", "width", "height")
    return [
        Word(str(text).strip(), (x, y, x + width, y + height), float(sure) / 100)
        for text, sure, x, y, width, height in zip(*(table[name] for name in columns), strict=True)
        if any(sign.isalnum() for sign in str(text)) and float(sure) >= 0
    ]


def _confidence(words: Sequence[Word]) -> float:
    """Mean confidence by character, of words long enough to tell something."""
    told = [(len(word.text), word.confidence) for word in words if len(word.text) > 2]
    return sum(n * sure for n, sure in told) / max(1, sum(n for n, _ in told))


def _levelling(picture: GrayImage) -> float:
    """Degrees by which lines of writing rise; near 90 for a page that lies on its side.

    The angle at which the ink along the lines is most uneven (projection profile, W. Postl, 1986). Only thin things
    count as ink (the difference from a morphological closing), and only those away from the edges, where tables show.
    """
    scale = _SMALL_SIDE / max(picture.shape)
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = small.shape
    middle = small[height // 12 : -height // 12, width // 12 : -width // 12]
    thin = cv2.morphologyEx(middle, cv2.MORPH_BLACKHAT, np.ones((9, 9), np.uint8)).astype(np.float32)
    ink = cv2.GaussianBlur(thin, (0, 0), 1.0)  # or the angle 0, which alone needs no interpolation, would look sharpest
    coarse = [base + step for base in (0.0, 90.0) for step in np.arange(-_STEEPEST, _STEEPEST + 0.1, 0.5)]
    best = max(coarse, key=lambda angle: _unevenness(ink, float(angle)))
    return float(max(np.arange(best - 0.4, best + 0.41, 0.1), key=lambda angle: _unevenness(ink, float(angle))))


def _unevenness(ink: cv2.typing.MatLike, degrees: float) -> float:
    side = max(ink.shape)
    matrix = cv2.getRotationMatrix2D((ink.shape[1] / 2, ink.shape[0] / 2), -degrees, 1.0)
    matrix[:, 2] += (side - ink.shape[1]) / 2, (side - ink.shape[0]) / 2
    rows = cv2.warpAffine(ink, matrix, (side, side)).sum(axis=1)
    return float((np.diff(rows) ** 2).sum())


def _straightened(picture: GrayImage, degrees: float, half_turns: int) -> tuple[GrayImage, Matrix]:
    """The picture turned by so much at working size, and how its old pixels come to the new ones (3 x 3)."""
    height, width = picture.shape
    scale = _WORKING_SIDE / max(height, width)
    size = np.array([height, width] if abs(degrees) > 45 else [width, height]) * scale
    matrix = np.eye(3)
    matrix[:2] = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees + 180 * half_turns, scale)
    matrix[:2, 2] += size / 2 - (width / 2, height / 2)
    turned = cv2.warpAffine(
        picture,
        matrix[:2],
        (round(size[0]), round(size[1])),
        flags=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC,
        borderValue=(255,),
    )
    return turned.astype(np.uint8), matrix


def _lines(words: Sequence[Word]) -> tuple[Line, ...]:
    """Words in lines by their places: recognition and text layers both part a label from its value."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda each: each.box[1] + each.box[3]):
        middle = (word.box[1] + word.box[3]) / 2
        for row in rows[-4:]:
            last = around(near.box for near in row[-3:])
            if last[1] < middle < last[3] and abs(middle - (last[1] + last[3]) / 2) < 0.5 * (last[3] - last[1]):
                row.append(word)
                break
        else:
            rows.append([word])
    lines: list[Line] = []
    for row in rows:
        row.sort(key=lambda each: each.box[0])
        tall, start = median(word.box[3] - word.box[1] for word in row), 0
        for at in range(1, len(row) + 1):
            if at == len(row) or row[at].box[0] - row[at - 1].box[2] > _GAP * tall:
                lines.append(Line(tuple(row[start:at])))
                start = at
    return tuple(lines)


def _with_addresses(line: Line, picture: GrayImage) -> Line:
    """The line with its e-mail addresses read a second time by ``eng``: the Polish model knows no @."""
    unsure = any(len(word.text) >= _LONG and word.confidence < _UNSURE for word in line.words)
    if not unsure and not _MAYBE_EMAIL.search(line.text):
        return line
    x0, top, x1, bottom = line.box
    room = 0.35 * (bottom - top)
    rows = slice(max(0, int(top - room)), int(bottom + room))
    piece = picture[rows, max(0, int(x0 - 2 * room)) : int(x1 + 2 * room)]
    (again,) = line_recogniser().read([np.ascontiguousarray(piece)], "eng")
    words = list(line.words)
    for address in EMAIL.findall(again.text):
        likest = max(
            ((start, end) for start in range(len(words)) for end in range(start + 1, min(start + 4, len(words)) + 1)),
            key=lambda part: fuzz.ratio(address, "".join(word.text for word in words[part[0] : part[1]])),
        )
        replaced = words[likest[0] : likest[1]]
        if fuzz.ratio(address, "".join(word.text for word in replaced)) > 60:
            box = around(word.box for word in replaced)
            words[likest[0] : likest[1]] = [Word(address.rstrip("."), box, again.confidence)]
    return Line(tuple(words))


def _in_points(line: Line, to_points: Matrix) -> Line:
    return Line(tuple(Word(word.text, _moved(word.box, to_points), word.confidence) for word in line.words))


def _moved(box: Box, matrix: Matrix) -> Box:
    x0, top, x1, bottom = box
    corners = transformed(matrix, np.array([(x0, top), (x1, top), (x0, bottom), (x1, bottom)], np.float64))
    (left, high), (right, low) = corners.min(axis=0), corners.max(axis=0)
    return float(left), float(high), float(right), float(low)
