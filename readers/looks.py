"""Every look at a stranger's file that this product takes; errors as the functions of ``ocr`` of these names have them.

Where the installation has an antivirus, it sees a file before the check at the door and again before each reading:
what it stopped once, or what came before there was one, is read only if it is clean now.

Beyond those any of them raises TooCostlyError and ReaderDiedError for a file that costs too much or ends its reader,
and ReadersUnavailableError when this machine can start no reader.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from environment import clock
from forms.form import Form
from ocr.knowledge import Knowledge
from ocr.results import FileReading
from readers.antivirus import require_clean
from readers.limits import Purpose
from readers.pool import Source, readers_for


def check_whole(path: Path) -> bool:
    """Raise the DocumentError that says why this file cannot be read to its end; False when its end mark is missing."""
    require_clean(path)
    whole: bool = readers_for(Purpose.DOOR).look("check_whole", [path], {})
    return whole


def holds_only_blanks(path: Path) -> bool:
    """Whether a file holds forms of ours and nothing but unfilled ones."""
    blank: bool = readers_for(Purpose.DOOR).look("holds_only_blanks", [path], {})
    return blank


def join_photos(photos: Sequence[Path]) -> bytes:
    """One PDF with a page a photo."""
    joined: bytes = readers_for(Purpose.DOOR).look("join_photos", photos, {})
    return joined


def read_file(
    file: Source,
    *,
    knowledge: Knowledge | None = None,
    only: Collection[int] | None = None,
    turns: Mapping[int, int] | None = None,
) -> FileReading:
    """All that is found in a file; ``knowledge`` None: what the installation knows."""
    require_clean(file)
    told = {
        "asks": knowledge is not None,
        "today": clock.today(),
        "only": None if only is None else sorted(only),
        "turns": dict(turns or {}),
    }
    found: FileReading = readers_for(Purpose.READING).look("read_file", [file], told, knowledge)
    return found


def read_as(
    file: Source,
    form: Form,
    only: Collection[int],
    *,
    turns: Mapping[int, int] | None = None,
    knowledge: Knowledge | None = None,
) -> FileReading:
    """The pages read as that form because a human says so."""
    require_clean(file)
    told = {
        "form": form,
        "asks": knowledge is not None,
        "today": clock.today(),
        "only": sorted(only),
        "turns": dict(turns or {}),
    }
    found: FileReading = readers_for(Purpose.READING).look("read_as", [file], told, knowledge)
    return found


def laid_flat(original: Source, page: int, form: Form | None) -> bytes:
    """A page for people, as a JPEG; ValueError where the file has no such page."""
    flat: bytes = readers_for(Purpose.DESK).look("laid_flat", [original], {"page": page, "form": form})
    return flat


def confinement() -> dict[str, bool]:
    """Which measures that confine a reader hold on this machine; each was tried in one."""
    measures: dict[str, bool] = readers_for(Purpose.DOOR).look("confinement", [], {})
    return measures
