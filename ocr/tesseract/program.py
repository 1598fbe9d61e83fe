"""Tesseract's command line, by pytesseract: whole pages, and lines where there is no library.

Only what needs it imports it, and then: pytesseract brings pandas along, which takes as long as reading a page.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import pytesseract

from ocr.files.page import GrayImage
from ocr.tesseract.language_data import tessdata_folder
from ocr.tesseract.line_reading import LineReading


def words_table(picture: GrayImage, language: str, options: str) -> Mapping[str, Sequence[Any]]:
    """All words of a picture: columns as Tesseract names them.

    It is handed over as it is: to pack it as a PNG first takes half a second a page.
    """
    with tempfile.TemporaryDirectory(prefix="ebok-page-") as folder:
        name = Path(folder, "page.pgm")
        cv2.imwrite(str(name), picture)
        return _words_in(name, language, options)


def _words_in(file: Path, language: str, options: str) -> Mapping[str, Sequence[Any]]:
    """All words of a picture's file, or of a file that lists pictures."""
    table: Mapping[str, Sequence[Any]] = pytesseract.image_to_data(
        str(file),
        lang=language,
        config=f"{options} --oem 1 --tessdata-dir {tessdata_folder()}",
        output_type=pytesseract.Output.DICT,
    )
    return table


class CommandLineRecogniser:
    """Tesseract's command line, one call for all lines of a language and alphabet."""

    def read(self, lines: Sequence[GrayImage], language: str, alphabet: str = "") -> list[LineReading]:
        """Text of each line."""
        if not lines:
            return []
        with tempfile.TemporaryDirectory(prefix="ebok-lines-") as folder:
            names = [Path(folder, f"{number:04}.png") for number in range(len(lines))]
            for name, line in zip(names, lines, strict=True):
                cv2.imwrite(str(name), line)
            listing = Path(folder, "lines.txt")
            listing.write_text("\n".join(map(str, names)), encoding="utf-8")
            limit = f" -c tessedit_char_whitelist={alphabet}" if alphabet else ""
            table = _words_in(listing, language, f"--psm 7{limit}")
        words: list[list[tuple[str, float]]] = [[] for _ in lines]
        for page, text, confidence in zip(table["page_num"], table["text"], table["conf"], strict=True):
            if str(text).strip():
                words[int(page) - 1].append((str(text).strip(), float(confidence) / 100))
        return [
            LineReading(" ".join(text for text, _ in line), min((sure for _, sure in line), default=0.0))
            for line in words
        ]
