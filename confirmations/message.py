"""One message on its way into the outbox: whom it names, what tells it from those before, and addresses in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy.orm import Session

from confirmations.outbox import enqueue
from confirmations.recipients import Recipient, reference
from confirmations.tables import NO_CASE
from customers.agents import is_agent
from customers.ksef import gets_pictures
from database.encryption import digest
from environment.settings import get_settings

OF_NUMBER: Final = "dla"
"""The field of an address that tells which customer number a page is to be about."""
_MARK_LENGTH: Final = 16
Put = Callable[..., object]
"""Takes a message as ``outbox.enqueue`` does."""


def put_message(
    session: Session,
    tracking: str,
    template: str,
    recipient: Recipient,
    customer_no: str | None,
    *,
    again: str | None = None,
    asked: bool = False,
    put: Put = enqueue,
    **said: Any,
) -> str:
    """Enqueue one message; whom it is about is said only where the address is proven. The key of the message.

    ``tracking`` is the case, or the number by which an agent's account goes, which no case has opened. ``again`` tells
    it from those before, ``asked`` that its recipient has just done something to get it.
    """
    case = NO_CASE if is_agent(tracking) else tracking
    context = {
        "tracking": case,
        **({} if case else {"about": "konto eBOK"}),
        "proven": recipient.proven,
        "named": customer_no is not None,
        "customer_ref": reference(recipient, customer_no),
        **_of_ksef(session, recipient.customer_no or customer_no),
        **said,
    }
    key = ":".join(part for part in (tracking, template, again) if part)
    put(
        session,
        key=key,
        tracking=case,
        channel=recipient.medium,
        recipient=recipient.address,
        template=template,
        context=context,
        role=recipient.role,
        customer_no=recipient.customer_no or customer_no,
        by_itself=again is None and not asked,
    )
    return key


def page_address(path: str) -> str:
    """The address of a page of ours, as messages have it."""
    return f"{get_settings().public_url.rstrip('/')}/{path}"


def account_address(path: str, customer_no: str) -> str:
    """The address of a page of the account about one customer number, which it does not name: see ``number_mark``."""
    return f"{page_address(f'ebok/{path}')}?{OF_NUMBER}={number_mark(customer_no)}"


def number_mark(customer_no: str) -> str:
    """What addresses in messages have in the place of a customer number, so that neither mail nor history tells it."""
    return digest("customer number in an address", customer_no)[:_MARK_LENGTH]


def mark(token: str) -> str:
    """What tells the message about one link from that about another, and not the link."""
    return hashlib.sha256(token.encode()).hexdigest()[:12]


def _of_ksef(session: Session, customer_no: str | None) -> dict[str, bool]:
    """That what this customer gets are pictures of invoices in KSeF; for all others nothing is said of it."""
    return {"ksef": True} if customer_no is not None and gets_pictures(session, customer_no) else {}
