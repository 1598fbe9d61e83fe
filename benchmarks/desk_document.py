"""``docs/benchmarks-desk.md``: each measurement of the desk writes a section of its own and leaves the others alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

DOCUMENT: Final = Path("docs/benchmarks-desk.md")
_TITLE: Final = "# The review desk, measured"


def put_section(heading: str, text: str) -> None:
    """Write the section of that heading anew; a new one comes last."""
    known = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    sections = dict(re.findall(r"^## (.+)\n\n((?:(?!## ).*\n?)*)", known, flags=re.MULTILINE))
    sections[heading] = text
    told = [f"## {name}\n\n{body.strip()}" for name, body in sections.items()]
    DOCUMENT.write_text("\n\n".join([_TITLE, *told]) + "\n", encoding="utf-8")
