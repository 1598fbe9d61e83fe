"""The cookie that opens the page of one case in one browser: given to its sender, or for the second secret.

Signed with the key of the installation, so nothing is kept on the server. Case, right and end are inside the signature:
the cookie of one case opens no other, and none for longer than ``_DAYS``.
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from enum import StrEnum
from typing import Final

from fastapi import Request
from starlette.responses import Response

from api.cookies import cookie_of, give_cookie
from database.encryption import digest
from environment import clock

_DAYS: Final = 30
_NAME: Final = "ebok_sprawa"


class Access(StrEnum):
    """What a browser may see of a case."""

    SENDER = "sender"
    """All that it sent itself."""
    VISITOR = "visitor"
    """How the case stands, values only masked: a stranger may know the secret, as a misread e-mail address is his."""


def grant(response: Response, tracking: str, access: Access = Access.SENDER) -> None:
    """Let the browser that gets this answer see the case from now on; ``tracking`` as the register writes it."""
    until = str(int((clock.now() + timedelta(days=_DAYS)).timestamp()))
    value = f"{access}.{until}.{_signature(tracking, access, until)}"
    give_cookie(response, _NAME, value, f"/sprawa/{tracking}", scoped=True, max_age=_DAYS * 86_400)


def access_of(request: Request, tracking: str) -> Access | None:
    """What the browser that asks may see of the case of this (normalised) number; None: nothing."""
    access, _, rest = cookie_of(request, _NAME, scoped=True).partition(".")
    until, _, signature = rest.partition(".")
    if access not in list(Access) or not hmac.compare_digest(
        signature.encode(), _signature(tracking, access, until).encode()
    ):
        return None
    return Access(access) if int(until) > clock.now().timestamp() else None


def granted(request: Request, tracking: str) -> bool:
    """Whether the browser that asks may see the case at all."""
    return access_of(request, tracking) is not None


def _signature(tracking: str, access: str, until: str) -> str:
    return digest("case access", tracking, access, until)
