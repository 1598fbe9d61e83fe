"""Style sheets, fonts and scripts: kept by browsers for a year under an address that changes with their content.

Those that are text travel packed. Pages do not: what stands beside a secret and is packed with it tells of it by its
length to whoever can have a part of it written (BREACH).
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import cache
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER: Final = Path(__file__).parent / "static"
A_YEAR: Final = "public, max-age=31536000, immutable"
_TEXT: Final = frozenset({".css", ".js", ".svg"})
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
        """The file with how long it may be kept, packed where it is text and the browser takes that."""
        response = await super().get_response(path, scope)
        if Path(path).suffix in _TEXT:
            if isinstance(response, FileResponse) and "gzip" in Headers(scope=scope).get("accept-encoding", ""):
                response = _packed_answer(response)
            response.headers.add_vary_header("Accept-Encoding")
        versioned = scope["query_string"].startswith(b"v=") and response.status_code in (200, 304)
        response.headers["Cache-Control"] = A_YEAR if versioned else "no-cache"
        return response


def _packed_answer(whole: FileResponse) -> Response:
    """The same file packed; as another sequence of bytes it has a weak tag."""
    headers = {"Content-Encoding": "gzip", "ETag": f"W/{whole.headers['etag']}"}
    return Response(_packed(Path(whole.path)), media_type=whole.media_type, headers=headers)


@cache
def _packed(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), mtime=0)
