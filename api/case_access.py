"""The cookie that opens the page of one case in one browser: given to its sender, or for the second secret.

Signed with the key of the installation, so nothing is kept on the server. It names its case and its end inside the
signature: the cookie of one case opens no other, and none for longer than ``_DAYS``.
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Final

from fastapi import Request
from starlette.responses import Response

from database import clock
from database.encryption import digest
from database.settings import get_settings

_DAYS: Final = 30
_NAME: Final = "ebok_sprawa"


def grant(response: Response, tracking: str) -> None:
    """Let the browser that gets this answer see the case from now on; ``tracking`` as the register writes it."""
    until = int((clock.now() + timedelta(days=_DAYS)).timestamp())
    response.set_cookie(
        _NAME,
        f"{until}.{_signature(tracking, until)}",
        max_age=_DAYS * 86_400,
        path=f"/sprawa/{tracking}",
        secure=get_settings().public_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )


def granted(request: Request, tracking: str) -> bool:
    """Whether the browser that asks may see the case of this (normalised) number."""
    until, _, signature = request.cookies.get(_NAME, "").partition(".")
    if not (until.isascii() and until.isdigit() and len(until) <= 12 and signature.isascii()):
        return False
    right = hmac.compare_digest(signature, _signature(tracking, int(until)))
    return right and int(until) > clock.now().timestamp()


def _signature(tracking: str, until: int) -> str:
    return digest("case access", tracking, str(until))
