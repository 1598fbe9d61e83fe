"""``docs/benchmarks-desk.md``: each measurement of the desk writes a section of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from benchmarks import sections

DOCUMENT: Final = Path("docs/benchmarks-desk.md")
_TITLE: Final = "# The review desk, measured"


def put_section(heading: str, text: str) -> None:
    """Write the section of that heading anew; a new one comes last."""
    sections.put_section(DOCUMENT, _TITLE, heading, text)
