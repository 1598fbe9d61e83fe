"""Where Tesseract's language data lie on this machine."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

from environment.settings import get_settings
from ocr.errors import TesseractMissingError

_USUAL_FOLDERS: Final = ("/usr/share/tesseract-ocr", "/usr/share", "/usr/local/share", "/opt/homebrew/share")
_LANGUAGES: Final = ("pol", "eng")


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
        raise TesseractMissingError("Install tesseract-ocr, tesseract-ocr-pol and tesseract-ocr-eng.") from error
    named = re.search(r'"(.+)"', said)
    return _with_languages(Path(named[1] if named else "."))


def _with_languages(folder: Path) -> Path:
    missing = [language for language in _LANGUAGES if not (folder / f"{language}.traineddata").exists()]
    if missing:
        raise TesseractMissingError(f"No language data for {', '.join(missing)}: install tesseract-ocr-{missing[0]}.")
    return folder
