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
from api.portal.access import signed_in_here
from database.encryption import digest
from database.engine import reading
from environment import clock
from portal.cases import SendingAgent, agent_of_case, is_case_of
from portal.views import OWNER, Permission, View, actor_of

_DAYS: Final = 30
_NAME: Final = "ebok_sprawa"


class Access(StrEnum):
    """What a browser may see of a case."""

    SENDER = "sender"
    """All that it sent itself; what an agent sent, as long as he acts for that customer."""
    VISITOR = "visitor"
    """How the case stands, values only masked: a stranger may know the secret, as a misread e-mail address is his."""
    AGENT = "agent"
    """What a visitor may, as long as his account may see the cases of that customer."""


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
    if int(until) <= clock.now().timestamp():
        return None
    if access == Access.AGENT:
        return Access.VISITOR if _acts_still(request, tracking) else None
    if access == Access.SENDER and (by := _agent_of(tracking)) is not None and by.over:
        return None
    return Access(access)


def actor_of_case(request: Request, tracking: str) -> str:
    """Who acts on the page of that case, as the audit has it: the customer, unless who is signed in acts for him.

    Where nobody is signed in, the browser that an agent sent the case from is his.
    """
    found = _signed_in_view(request, tracking)
    if found is not None:
        return actor_of(*found)
    by = _agent_of(tracking) if access_of(request, tracking) is Access.SENDER else None
    return OWNER if by is None else by.actor


def _agent_of(tracking: str) -> SendingAgent | None:
    with reading() as session:
        return agent_of_case(session, tracking)


def _acts_still(request: Request, tracking: str) -> bool:
    """Whether who is signed in may see cases of the customer of this one: authority ends at once, and a cookie not."""
    return _signed_in_view(request, tracking) is not None


def _signed_in_view(request: Request, tracking: str) -> tuple[str, View] | None:
    """Who is signed in, by his own number, and the view by which he may see cases of the customer of this one."""
    owner = signed_in_here(request)
    if owner is None:
        return None
    with reading() as session:
        for view in owner.views:
            if view.may(Permission.ACT) and is_case_of(session, view.customer_no, tracking):
                return owner.home_no, view
    return None


def granted(request: Request, tracking: str) -> bool:
    """Whether the browser that asks may see the case at all."""
    return access_of(request, tracking) is not None


def _signature(tracking: str, access: str, until: str) -> str:
    return digest("case access", tracking, access, until)
