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
from ocr.tesseract.line_reading import LineReader, LineReading

try:
    import tesserocr
except ImportError:  # no wheel for this platform: the command line does the same, more slowly
    tesserocr = None

_LOCAL = threading.local()


def line_reader() -> LineReader:
    """The fastest reader of this installation, for this thread."""
    reader: LineReader | None = getattr(_LOCAL, "reader", None)
    if reader is None:
        reader = _LOCAL.reader = _by_command_line() if tesserocr is None else LibraryReader()
    return reader


def _by_command_line() -> LineReader:
    from ocr.tesseract.program import CommandLineReader  # noqa: PLC0415  slow to import

    return CommandLineReader()


class LibraryReader:
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
