"""A letter as one text in which every position can be traced back to its page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from forms.layout import PAGE_WIDTH
from forms.submission import Box
from ocr.letters.page_words import Line, Word, around

_FULL: Final = 0.75 * PAGE_WIDTH
"""A line of a letter that reaches so far was broken for want of room."""


@dataclass(frozen=True, slots=True)
class TextPlace:
    """Where something stands: page of the file, box in its points, and the least sure of its words."""

    page: int
    box: Box
    confidence: float


class RunningText:
    """The lines of some pages, joined with line breaks where no sentence runs on.

    Offsets of ``text`` lead back to the page.
    """

    def __init__(self, lines: Sequence[tuple[int, Line]]) -> None:
        self.lines = tuple(lines)
        self._words: list[tuple[int, Word]] = []
        self._starts: list[int] = []
        text = ""
        for (page, line), (_, following) in zip(lines, [*lines[1:], (0, None)], strict=False):
            for word in line.words:
                self._starts.append(len(text))
                self._words.append((page, word))
                text += word.text + " "
            if following is None or not _goes_on(line, following):
                text = text[:-1] + "\n"
        self.text = text

    def place(self, start: int, end: int) -> TextPlace:
        """The words that characters ``start`` to ``end`` belong to, as far as they stand on the first one's page."""
        first = max(0, bisect_right(self._starts, start) - 1)
        last = max(first + 1, bisect_right(self._starts, max(start, end - 1)))
        page = self._words[first][0]
        words = [word for number, word in self._words[first:last] if number == page]
        return TextPlace(page, around(word.box for word in words), min(word.confidence for word in words))


def _goes_on(line: Line, following: Line) -> bool:
    """Whether a sentence runs on: the line is full, and the next one stands right below it."""
    near = 0 < following.box[1] - line.box[1] < 2.5 * max(line.height, following.height)
    return line.box[2] > _FULL and near and abs(following.box[0] - line.box[0]) < 15
