"""Undoing what a misread document did to the register, by a compensating change: the past is not rewritten.

Three things may be owed when a value turns out to have been read wrong. Nothing, when the effect did not rest on it.
An *amendment* in place, when the effect is right and only a detail of it is not (a telephone, a day). Or the effect is
*undone*, as far as nothing later rests on it, and the corrected form is carried out anew as a document of its own.
What was true on past days stays told: invoices did go where they went.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final, Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from customers.consents import signed_terms
from customers.effects import effect_named, effect_of
from customers.outcome import Undoing, Undone
from customers.proofs import lock_customer
from customers.reindexing import reindexed
from customers.tables import Account, Change, Consent
from environment.clock import now
from forms.catalogue import UnknownFormError, form_by_code
from forms.form import Form
from forms.kinds import Value

COMPENSATED: Final = "compensated"
"""Outcome of a change that was taken back."""
Owed = Literal["nothing", "amendment", "undoing"]


def owed(form: Form, wrong: Collection[str]) -> Owed:
    """What a document owes whose fields ``wrong`` were read wrong."""
    effect = effect_of(form)
    if effect.rests_wholly_on(form).intersection(wrong):
        return "undoing"
    return "amendment" if effect.amendable.intersection(wrong) else "nothing"


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
        _date(session, consent, day)
    amended = effect_named(change.effect).amend(session, change, values) or amended
    session.flush()
    return amended


def _date(session: Session, consent: Consent, day: date | None) -> None:
    """Another day of signature, and so, it may be, another version of the Regulamin; an answer given since stands."""
    consent.signed_on, before = day, consent.terms_version
    try:
        form = form_by_code(consent.form, consent.form_version)
    except UnknownFormError:  # no longer in the catalogue
        return
    terms = signed_terms(form, day, consent.received_on)
    consent.terms_version = terms.version if terms else None
    opened = (Account.tracking == consent.tracking, Account.terms_version == before)
    session.execute(update(Account).where(*opened).values(terms_version=consent.terms_version))


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
    with reindexed(session, customer):
        undone = effect_named(change.effect).undo(Undoing(session, change, customer, by))
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


def _change(session: Session, tracking: str) -> Change | None:
    return session.scalar(select(Change).where(Change.tracking == tracking).execution_options(populate_existing=True))
