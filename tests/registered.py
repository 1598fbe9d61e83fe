"""A customer as the register has him, for tests to look at."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.records import COLUMNS
from customers.tables import Account, Consent, Customer
from forms.fields import PESEL


def register_row(session: Session, customer_no: str) -> dict[str, Any] | None:
    """The customer with delivery, open account and consents (oldest first), PESEL masked; None when unknown.

    Dates and moments are ISO texts, ready for JSON.
    """
    customer = session.get(Customer, customer_no)
    if customer is None:
        return None
    account = session.scalar(select(Account).where(Account.customer_no == customer_no, Account.state != "closed"))
    consents = session.scalars(select(Consent).where(Consent.customer_no == customer_no).order_by(Consent.id))
    return {
        **{name: getattr(customer, name) for name in COLUMNS},
        "pesel": PESEL.kind.masked(customer.pesel) if customer.pesel else None,
        "invoice_delivery": customer.invoice_delivery,
        "invoice_email": customer.invoice_email,
        "delivery_from": _iso(customer.delivery_from),
        "account": None if account is None else _account(account),
        "consents": [_consent(consent) for consent in consents],
    }


def _account(account: Account) -> dict[str, Any]:
    return {
        "login": account.login,
        "state": account.state,
        "phone": account.phone,
        "notify_sms": account.notify_sms,
        "notify_email": account.notify_email,
        "terms_version": account.terms_version,
        "tracking": account.tracking,
        "activated_at": _iso(account.activated_at),
        "password_set_at": _iso(account.password_set_at),
    }


def _consent(consent: Consent) -> dict[str, Any]:
    return {
        "subject": consent.subject,
        "form": consent.form,
        "form_version": consent.form_version,
        "terms_version": consent.terms_version,
        "signed_on": _iso(consent.signed_on),
        "received_on": consent.received_on.isoformat(),
        "effective_from": _iso(consent.effective_from),
        "effective_to": _iso(consent.effective_to),
        "email": consent.email,
        "email_proven_at": _iso(consent.email_proven_at),
        "tracking": consent.tracking,
        "original_sha256": consent.original_sha256,
        "ended_by_tracking": consent.ended_by_tracking,
        "withdrawn": consent.withdrawn,
    }


def _iso(when: date | None) -> str | None:
    """A day, or a moment (which is a day too), as text."""
    return None if when is None else when.isoformat()
