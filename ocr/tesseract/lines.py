"""Tesseract: line pictures to text through its library where that is installed, through its command line otherwise.

The library (tesserocr) costs a quarter of the command line (``ocr.tesseract.program``) on a page's crops. Recognisers
are not shared between threads: each thread has its own.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import Any

from ocr.files.page import GrayImage
from ocr.tesseract.language_data import tessdata_folder
from ocr.tesseract.line_reading import LineReading, LineRecogniser

try:
    import tesserocr
except ImportError:  # no wheel for this platform: the command line does the same, more slowly
    tesserocr = None

_LOCAL = threading.local()


def line_recogniser() -> LineRecogniser:
    """The fastest recogniser of this installation, for this thread."""
    known: LineRecogniser | None = getattr(_LOCAL, "recogniser", None)
    if known is None:
        known = _LOCAL.recogniser = _by_command_line() if tesserocr is None else LibraryRecogniser()
    return known


def _by_command_line() -> LineRecogniser:
    from ocr.tesseract.program import CommandLineRecogniser  # noqa: PLC0415  slow to import

    return CommandLineRecogniser()


class LibraryRecogniser:
    """Tesseract as a library in this process. One instance belongs to one thread."""

    def __init__(self) -> None:
        self._engines: dict[str, Any] = {}

    def read(self, lines: Sequence[GrayImage], language: str, alphabet: str = "") -> list[LineReading]:
        """Text of each line."""
        engine = self._engine(language)
        engine.SetVariable("tessedit_char_whitelist", alphabet)
        found = []
        for line in lines:
            height, width = line.shape
            engine.SetImageBytes(line.tobytes(), width, height, 1, width)
            text = engine.GetUTF8Text().strip()
            words = engine.AllWordConfidences()
            found.append(LineReading(text, min(words, default=0) / 100 if text else 0.0))
        return found

    def _engine(self, language: str) -> Any:
        if language not in self._engines:
            self._engines[language] = tesserocr.PyTessBaseAPI(
                path=f"{tessdata_folder()}/", lang=language, psm=tesserocr.PSM.SINGLE_LINE, oem=tesserocr.OEM.LSTM_ONLY
            )
            self._engines[language].SetVariable("debug_file", os.devnull)
        return self._engines[language]
