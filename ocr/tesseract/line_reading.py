"""What Tesseract says of a line, however it is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ocr.files.page import GrayImage


@dataclass(frozen=True, slots=True)
class LineReading:
    """Text of one line and how sure the engine is of its least sure word, 0..1."""

    text: str
    confidence: float


class LineRecogniser(Protocol):
    """Reads pictures of single lines."""

    def read(self, lines: Sequence[GrayImage], language: str, alphabet: str = "") -> list[LineReading]:
        """Text of each line; ``alphabet`` limits the characters, empty means any."""
        ...
