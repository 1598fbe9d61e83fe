"""Taking back what a misread document did to the register: a compensating change, never a rewriting of the past.

Three things may be owed when a value turns out to have been read wrong. Nothing, when the effect did not rest on it.
An *amendment* in place, when the effect is right and only a detail of it is not (a telephone, a day). Or the effect is
*undone*, as far as nothing later rests on it, and the corrected form is carried out anew as a document of its own.
What was true on past days stays told: invoices did go where they went.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from customers.proofs import Renewal, issue, lock_customer, void_proofs
from customers.tables import Account, Change, Consent, Customer, Proof, Request
from database.clock import now, today
from forms.form import Effect, Form
from forms.kinds import Value

COMPENSATED: Final = "compensated"
"""Outcome of a change that was taken back."""
_VOID: Final = "corrected"

_ANEW: Final[dict[Effect, frozenset[str]]] = {
    Effect.OPEN_ACCOUNT: frozenset({"customer_no", "email", "accept_terms", "signature"}),
    Effect.START_EINVOICE: frozenset({"customer_no", "email", "accept_terms", "signature"}),
    Effect.CHANGE_EINVOICE_EMAIL: frozenset({"customer_no", "email_current", "email_new", "signature"}),
    Effect.END_EINVOICE: frozenset({"customer_no", "email_current", "signature"}),
}
_IN_PLACE: Final[dict[Effect, frozenset[str]]] = {
    Effect.OPEN_ACCOUNT: frozenset({"phone", "notify_sms", "notify_email", "date_signed"}),
    Effect.START_EINVOICE: frozenset({"date_signed"}),
    Effect.CHANGE_EINVOICE_EMAIL: frozenset({"date_signed"}),
    Effect.END_EINVOICE: frozenset({"date_signed"}),
}

Owed = Literal["nothing", "amendment", "undoing"]


@dataclass(frozen=True, slots=True)
class Undone:
    """What came of taking back: ``done`` is False when a later document rests on the change, or there was none.

    ``renewal`` is a new link to be sent, where taking back brought an address to life that still waits for its proof.
    """

    done: bool
    renewal: Renewal | None = None


def owed(form: Form, wrong: Collection[str]) -> Owed:
    """What a document owes whose fields ``wrong`` were read wrong."""
    whole = _ANEW.get(form.effect, frozenset(item.name for item in form.fields))
    if whole.intersection(wrong):
        return "undoing"
    return "amendment" if _IN_PLACE.get(form.effect, frozenset()).intersection(wrong) else "nothing"


def amend(session: Session, tracking: str, values: Mapping[str, Value]) -> bool:
    """Put right the details of an effect that stands, from the corrected values; whether anything was changed."""
    change = _change(session, tracking)
    if change is None:
        return False
    lock_customer(session, change.customer_no)
    signed = values.get("date_signed")
    day = date.fromisoformat(signed) if isinstance(signed, str) else None
    amended = change.signed_on != day
    change.signed_on = day
    for consent in session.scalars(select(Consent).where(Consent.tracking == tracking)):
        consent.signed_on = day
    account = session.scalar(select(Account).where(Account.tracking == tracking, Account.state != "closed"))
    if account is not None and change.effect == Effect.OPEN_ACCOUNT:
        wanted = {"phone": values.get("phone")}
        wanted |= {name: values.get(name) is True for name in ("notify_sms", "notify_email")}
        amended = amended or any(getattr(account, name) != value for name, value in wanted.items())
        for name, value in wanted.items():
            setattr(account, name, value)
    session.flush()
    return amended


def undo(session: Session, tracking: str, by: str) -> Undone:
    """Take back the effect of a document in the caller's transaction; ``by`` is the document that corrects it.

    A second call finds nothing to undo. The change stays, as 'compensated', and names the correction.
    """
    change = _change(session, tracking)
    if change is None:
        return Undone(False)
    customer = lock_customer(session, change.customer_no)
    change = _change(session, tracking)
    if customer is None or change is None or change.outcome != "done":
        return Undone(False)
    undone = _UNDO[Effect(change.effect)](_Taking(session, change, customer, by))
    change.detail = {**change.detail, "corrected_by": by, "undone": undone.done}
    if undone.done:
        change.outcome = COMPENSATED
        customer.updated_at = now()
    session.flush()
    return undone


def corrected_by(session: Session, tracking: str) -> str | None:
    """The document under which one that was misread is carried out anew; None when nothing was taken back."""
    change = session.scalar(select(Change).where(Change.tracking == tracking))
    return change.detail.get("corrected_by") if change is not None and change.outcome == COMPENSATED else None


@dataclass(frozen=True, slots=True)
class _Taking:
    """One change being taken back; its customer's row is locked."""

    session: Session
    change: Change
    customer: Customer
    by: str


def _undo_account(taking: _Taking) -> Undone:
    session, change = taking.session, taking.change
    account = session.scalar(select(Account).where(Account.tracking == change.tracking, Account.state != "closed"))
    consent = _consent(session, change.tracking, "account")
    if account is None or consent is None:
        return Undone(False)
    account.state = "closed"
    consent.effective_to, consent.ended_by_tracking = today(), taking.by
    void_proofs(session, consent.id, _VOID)
    return Undone(True)


def _undo_start(taking: _Taking) -> Undone:
    session, change, customer = taking.session, taking.change, taking.customer
    consent = _consent(session, change.tracking, "einvoice")
    if consent is None or _changed_since(session, consent):
        return Undone(False)
    active = consent.email_proven_at is not None
    # A wrong address gets nothing more from this very day on, so the last day that held is the one before.
    consent.effective_to = today() - timedelta(days=1) if active else today()
    consent.ended_by_tracking = taking.by
    void_proofs(session, consent.id, _VOID)
    if active:
        _on_paper(customer)
    return Undone(True)


def _undo_change(taking: _Taking) -> Undone:
    session, change, customer = taking.session, taking.change, taking.customer
    used = session.scalar(select(Proof).where(Proof.tracking == change.tracking, Proof.used_at.is_not(None)))
    consent = session.scalar(
        select(Consent)
        .join(Proof, Proof.consent_id == Consent.id)
        .where(Proof.tracking == change.tracking, Consent.effective_to.is_(None))
        .limit(1)
    )
    if consent is None:
        return Undone(False)
    if used is None:
        void_proofs(session, consent.id, _VOID, purpose="einvoice_change")
        return Undone(True)
    facts = change.detail["facts"]
    if consent.email != used.email or not facts["old_email"]:
        return Undone(False)
    consent.email = facts["old_email"]
    if facts["old_email_proven"]:
        _restore(session, change, consent, customer)
        return Undone(True)
    consent.email_proven_at = consent.effective_from = None
    _on_paper(customer)
    return Undone(True, _link(session, consent))


def _restore(session: Session, change: Change, consent: Consent, customer: Customer) -> None:
    """The address proven before is in force again from today on: recorded as a proof, since these tell the days."""
    moment = now()
    session.add(
        Proof(
            token_digest=secrets.token_hex(32),  # of no token: nobody holds a link for it
            nonce=secrets.token_hex(16),
            purpose="einvoice_change",
            customer_no=customer.customer_no,
            email=consent.email,
            tracking=change.tracking,
            consent_id=consent.id,
            created_at=moment,
            expires_at=moment,
            used_at=moment,
        )
    )
    customer.invoice_email = consent.email


def _undo_end(taking: _Taking) -> Undone:
    session, change, customer = taking.session, taking.change, taking.customer
    ended = session.scalar(
        select(Consent).where(Consent.ended_by_tracking == change.tracking, Consent.withdrawn.is_(True))
    )
    newest = session.scalar(
        select(Consent.id)
        .where(Consent.customer_no == customer.customer_no, Consent.subject == "einvoice")
        .order_by(Consent.id.desc())
        .limit(1)
    )
    if ended is None or ended.id != newest:
        return Undone(False)
    ended.effective_to, ended.ended_by_tracking, ended.withdrawn = None, None, False
    session.flush()
    if ended.email_proven_at is None:
        return Undone(True, _link(session, ended))
    customer.invoice_delivery, customer.invoice_email = "email", ended.email
    customer.delivery_from = ended.effective_from
    return Undone(True)


def _undo_request(taking: _Taking) -> Undone:
    taking.session.execute(delete(Request).where(Request.tracking == taking.change.tracking))
    return Undone(True)


_UNDO: Final[dict[Effect, Callable[[_Taking], Undone]]] = {
    Effect.OPEN_ACCOUNT: _undo_account,
    Effect.START_EINVOICE: _undo_start,
    Effect.CHANGE_EINVOICE_EMAIL: _undo_change,
    Effect.END_EINVOICE: _undo_end,
    Effect.RECORD_REQUEST: _undo_request,
}


def _change(session: Session, tracking: str) -> Change | None:
    return session.scalar(select(Change).where(Change.tracking == tracking).execution_options(populate_existing=True))


def _consent(session: Session, tracking: str, subject: str) -> Consent | None:
    """The consent that a document began, while it is open."""
    return session.scalar(
        select(Consent)
        .where(Consent.tracking == tracking, Consent.subject == subject, Consent.effective_to.is_(None))
        .execution_options(populate_existing=True)
    )


def _changed_since(session: Session, consent: Consent) -> bool:
    """Whether a later form has put another address in force: then the customer has mended it himself."""
    later = select(Proof.id).where(
        Proof.consent_id == consent.id, Proof.tracking != consent.tracking, Proof.used_at.is_not(None)
    )
    return session.scalar(later.limit(1)) is not None


def _link(session: Session, consent: Consent) -> Renewal:
    """A new link to the address of an acceptance of e-invoices."""
    token = issue(session, "einvoice", consent, consent.email, consent.tracking)
    return Renewal(token, "einvoice", consent.customer_no, consent.tracking, consent.email)


def _on_paper(customer: Customer) -> None:
    customer.invoice_delivery, customer.invoice_email, customer.delivery_from = "paper", None, today()
