"""Tesseract: line pictures to text through its library where that is installed, through its command line otherwise.

The library (tesserocr) costs a quarter of the command line (``ocr.tesseract_program``) on a page's crops. Recognisers
are not shared between threads: each thread has its own.
"""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

from database.settings import get_settings
from ocr.errors import EngineMissingError
from ocr.pages import GrayImage

try:
    import tesserocr
except ImportError:  # no wheel for this platform: the command line does the same, more slowly
    tesserocr = None

_USUAL_FOLDERS: Final = ("/usr/share/tesseract-ocr", "/usr/share", "/usr/local/share", "/opt/homebrew/share")
_LANGUAGES: Final = ("pol", "eng")
_LOCAL = threading.local()


@dataclass(frozen=True, slots=True)
class LineReading:
    """Text of one line and how sure the engine is of its least sure word, 0..1."""

    text: str
    confidence: float


class LineReader(Protocol):
    """Reads pictures of single lines."""

    def read(self, lines: Sequence[GrayImage], language: str, alphabet: str = "") -> list[LineReading]:
        """Text of each line; ``alphabet`` limits the characters, empty means any."""
        ...


def line_reader() -> LineReader:
    """The fastest reader of this installation, for this thread."""
    reader: LineReader | None = getattr(_LOCAL, "reader", None)
    if reader is None:
        reader = _LOCAL.reader = _by_command_line() if tesserocr is None else LibraryReader()
    return reader


def _by_command_line() -> LineReader:
    from ocr.tesseract_program import CommandLineReader  # noqa: PLC0415  slow to import, and builds on this module

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


@cache
def tessdata_folder() -> Path:
    """Folder of the language data; EngineMissingError says what to install when it cannot be found."""
    chosen = get_settings().tessdata_dir
    if chosen is not None:
        return _with_languages(chosen)
    for usual in _USUAL_FOLDERS:
        for folder in sorted(Path(usual).glob("**/tessdata" if usual.endswith("ocr") else "tessdata"), reverse=True):
            if all((folder / f"{language}.traineddata").exists() for language in _LANGUAGES):
                return folder
    try:
        said = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise EngineMissingError("Install tesseract-ocr, tesseract-ocr-pol and tesseract-ocr-eng.") from error
    named = re.search(r'"(.+)"', said)
    return _with_languages(Path(named[1] if named else "."))


def _with_languages(folder: Path) -> Path:
    missing = [language for language in _LANGUAGES if not (folder / f"{language}.traineddata").exists()]
    if missing:
        raise EngineMissingError(f"No language data for {', '.join(missing)}: install tesseract-ocr-{missing[0]}.")
    return folder
