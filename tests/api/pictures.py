"""Small pictures of nothing, as files that a customer might send."""

from __future__ import annotations

import io

from PIL import Image


def picture(kind: str = "PNG", *, color: int = 200, pages: int = 1) -> bytes:
    """A file of that kind with plain gray pages of A4 shape."""
    out = io.BytesIO()
    sheets = [Image.new("L", (413, 584), color + number) for number in range(pages)]
    if kind in ("PDF", "TIFF"):
        sheets[0].save(out, kind, save_all=True, append_images=sheets[1:])
    else:
        sheets[0].save(out, kind)
    return out.getvalue()
