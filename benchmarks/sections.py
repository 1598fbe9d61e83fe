"""Pages of results with a section for each measurement: one that was taken anew leaves the others alone."""

from __future__ import annotations

import re
from pathlib import Path


def put_section(document: Path, head: str, heading: str, text: str) -> None:
    """Write the section of that heading anew, below ``head``; a new one comes last."""
    known = document.read_text(encoding="utf-8") if document.exists() else ""
    sections = dict(re.findall(r"^## (.+)\n\n((?:(?!## ).*\n?)*)", known, flags=re.MULTILINE))
    sections[heading] = text
    told = [f"## {name}\n\n{body.strip()}" for name, body in sections.items()]
    document.write_text("\n\n".join([head, *told]) + "\n", encoding="utf-8")
