"""The face of the company on its customers' pages: its colour and its mark, both from settings.

All shades are mixed from the one colour, so that each is read on what it stands on, by day and by night.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from api.static_files import A_YEAR, FOLDER
from environment.colours import BLACK, WHITE, contrast, mixed
from environment.settings import get_settings

NIGHT: Final = "#12222d"
"""What text stands on in the dark; ``--paper`` of the style sheet."""
_MARK: Final = "mark.svg"
_WELL_READ: Final = 7.0
router: Final = APIRouter(include_in_schema=False)


@cache
def style_sheet(colour: str) -> str:
    """The style sheet that sets the company's colours over those of ours."""
    day = {
        "accent": colour,
        "accent-dark": mixed(colour, BLACK, 0.3),
        "button": colour,
        "deep": mixed(colour, BLACK, 0.35),
    }
    night = {
        "accent": _on_dark(colour),
        "accent-dark": mixed(_on_dark(colour), WHITE, 0.35),
        "deep": mixed(colour, BLACK, 0.6),
    }
    return f":root {{{_variables(day)}}}\n@media (prefers-color-scheme: dark) {{ :root {{{_variables(night)}}} }}\n"


def style_address() -> str:
    """Where the style sheet of the present colour is; another colour is another address."""
    return f"/wyglad/barwy.css?v={_digest(style_sheet(get_settings().company_colour).encode())}"


def mark_address() -> str:
    """Where the company's mark is, with its content as version."""
    return f"/wyglad/znak?v={_digest_of(_mark())}"


@router.get("/wyglad/barwy.css")
def colours() -> Response:
    """The company's colours."""
    return Response(
        style_sheet(get_settings().company_colour), media_type="text/css", headers={"Cache-Control": A_YEAR}
    )


@router.get("/wyglad/znak")
def mark() -> Response:
    """The company's mark. It is shown as a picture only, so nothing in it is ever run."""
    return FileResponse(_mark(), headers={"Cache-Control": A_YEAR})


def _mark() -> Path:
    return get_settings().company_logo or FOLDER / _MARK


def _on_dark(colour: str) -> str:
    """The same colour, as light as it must be to be read in the dark."""
    lighter = (mixed(colour, WHITE, step / 20) for step in range(21))
    return next(each for each in lighter if contrast(each, NIGHT) >= _WELL_READ)


def _variables(values: dict[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for name, value in values.items())


@cache
def _digest_of(path: Path) -> str:
    return _digest(path.read_bytes())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
