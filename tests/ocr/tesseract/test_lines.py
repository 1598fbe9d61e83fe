from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from environment.settings import get_settings
from ocr.errors import TesseractMissingError
from ocr.files.page import GrayImage
from ocr.tesseract import lines
from ocr.tesseract.language_data import tessdata_folder
from ocr.tesseract.lines import LibraryRecogniser
from ocr.tesseract.program import CommandLineRecogniser


def _line(text: str) -> GrayImage:
    picture = np.full((70, 40 + 26 * len(text)), 255, np.uint8)
    cv2.putText(picture, text, (20, 48), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (0,), 2, cv2.LINE_AA)
    return picture


LINES = [_line("12345678"), _line("66470")]


def test_library_and_command_line_read_the_same() -> None:
    assert lines.tesserocr is not None
    by_library = LibraryRecogniser().read(LINES, "eng", "0123456789")
    by_command = CommandLineRecogniser().read(LINES, "eng", "0123456789")
    assert [line.text for line in by_library] == [line.text for line in by_command] == ["12345678", "66470"]
    assert all(line.confidence > 0.8 for line in [*by_library, *by_command])


def test_the_command_line_recogniser_gives_a_reading_for_every_line_even_an_empty_one() -> None:
    found = CommandLineRecogniser().read([LINES[0], np.full((50, 200), 255, np.uint8), LINES[1]], "eng")
    assert [found[0].text, found[2].text] == ["12345678", "66470"]
    assert found[1].confidence < 0.5
    assert CommandLineRecogniser().read([], "eng") == []


def test_a_folder_without_language_data_is_named_with_its_remedy(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_TESSDATA_DIR", str(home))
    get_settings.cache_clear()
    tessdata_folder.cache_clear()
    with pytest.raises(TesseractMissingError, match="tesseract-ocr-pol"):
        tessdata_folder()
    tessdata_folder.cache_clear()
