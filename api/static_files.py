"""Style sheets, fonts and scripts: kept by browsers for a year under an address that changes with their content."""

from __future__ import annotations

import hashlib
import mimetypes
from functools import cache
from pathlib import Path
from typing import Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER: Final = Path(__file__).parent / "static"
A_YEAR: Final = "public, max-age=31536000, immutable"
mimetypes.add_type("font/woff2", ".woff2")  # not every system knows it


@cache
def static_address(name: str) -> str:
    """Where a file of ours is, with its content as version: a new content is a new address."""
    return f"/static/{name}?v={hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]}"


class CachedFiles(StaticFiles):
    """The folder of static files; an address without version is asked for again each time."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file with how long it may be kept."""
        response = await super().get_response(path, scope)
        versioned = scope["query_string"].startswith(b"v=") and response.status_code in (200, 304)
        response.headers["Cache-Control"] = A_YEAR if versioned else "no-cache"
        return response
