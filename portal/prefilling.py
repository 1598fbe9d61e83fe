"""What we know of a customer, as he would type it into a form: nobody who is signed in writes it once more.

His PESEL stays out: a session that somebody left open must not tell it.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from audit.trail import record
from customers.accounts import open_account
from customers.records import COLUMNS, RegisterLookup
from customers.register import InvoiceDelivery, delivery_on
from database.engine import reading, transaction
from forms.catalogue import form_by_code
from forms.form import Form
from forms.web import asked_online
from portal.views import OWNER

ON_PAPER: Final = ("einvoice_acceptance",)
BY_EMAIL: Final = ("einvoice_email_change", "einvoice_withdrawal")
_KEPT_BACK: Final = frozenset({"pesel"})
_KEPT_FROM_AGENTS: Final = frozenset({"nip", "phone"})


def offered(delivery: InvoiceDelivery) -> tuple[Form, ...]:
    """The forms on invoices that make sense for who gets them so."""
    return tuple(form_by_code(code) for code in (BY_EMAIL if delivery.channel == "email" else ON_PAPER))


def fill_in(customer_no: str, login: str, form: Form, day: date, actor: str) -> dict[str, str]:
    """``known_values`` for who looks at that customer; that somebody acts by authority stands in the audit.

    ``actor`` is who asks (``portal.views``).
    """
    by_agent = actor != OWNER
    with reading() as session:
        values = known_values(session, customer_no, login, form, day, by_agent=by_agent)
    if by_agent:
        with transaction() as session:
            subject, detail = f"customer:{customer_no}", {"form": form.code}
            record(session, actor=actor, action="form_begun_by_agent", subject=subject, detail=detail)
    return values


def known_values(
    session: Session, customer_no: str, login: str, form: Form, day: date, *, by_agent: bool = False
) -> dict[str, str]:
    """What can be filled in, as typed, by field; an agent knows from his pages who the customer is, and no more."""
    record, account = RegisterLookup(session).find(customer_no), open_account(session, customer_no)
    if record is None:
        return {}
    known = {name: getattr(record, name) for name in COLUMNS if name not in _KEPT_BACK}
    known["email"] = login
    known["email_current"] = delivery_on(session, customer_no, day).email
    known["phone"] = (account.phone if account else None) or record.phone
    hidden = _KEPT_FROM_AGENTS if by_agent else frozenset()
    return {
        item.name: item.kind.display(known[item.name])
        for item in form.fields
        if asked_online(item) and known.get(item.name) and item.name not in hidden
    }
