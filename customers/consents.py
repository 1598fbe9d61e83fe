"""Consents with their proof, and the acceptance of e-invoices that three effects share.

Invoices stay where they go until the owner of the (new) address has used the link.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.effect import Reason
from customers.outcome import Case, Outcome
from customers.proofs import Renewal, issue, void_proofs
from customers.tables import Consent, Customer, Proof
from environment.clock import local_day, now
from forms.form import Form
from forms.terms import Terms, terms_of

EINVOICE: Final = "einvoice"
"""Subject of the acceptance of e-invoices, and purpose of the link to its address."""
EINVOICE_CHANGE: Final = "einvoice_change"
"""Purpose of the link to another address."""
CORRECTED: Final = "corrected"
"""Of a link that was sent because of a misreading."""

NO_CONSENT: Final = Reason(
    "no_active_consent",
    short="Brak zgody na e-faktury",
    label="Klient nie ma zgody na e-faktury",
    answer="Nie mamy zgody na faktury elektroniczne dla tego klienta: faktury wysyłamy na papierze.",
)
OTHER_ADDRESS: Final = Reason(
    "current_email_differs",
    short="Inny dotychczasowy e-mail",
    label="Inny dotychczasowy adres e-mail niż nasz",
    answer="Podany dotychczasowy adres e-mail jest inny niż ten, na który wysyłamy faktury.",
    overrulable=True,
)
GOES_THERE: Final = "Faktury elektroniczne wysyłamy na ten adres. Nie musisz nic robić."
OVER: Final = "Zgoda na faktury elektroniczne została wycofana albo dotyczy już innego adresu."
"""What the page of a used link says while invoices go to its address, and afterwards."""


def is_taken_back(consent: Consent) -> bool:
    """Whether an acceptance that had been in force was ended as a mistake: its customer never gave it, or not so."""
    return consent.effective_from is not None and consent.effective_to is not None and not consent.withdrawn


def open_consent(case: Case, subject: str) -> Consent | None:
    """The consent that is in force or waits for its proof."""
    return case.session.scalar(
        select(Consent)
        .where(
            Consent.customer_no == case.customer.customer_no,
            Consent.subject == subject,
            Consent.effective_to.is_(None),
        )
        .execution_options(populate_existing=True)
    )


def accepted(case: Case) -> Consent:
    """The acceptance of e-invoices that an effect changes or ends."""
    consent = open_consent(case, EINVOICE)
    assert consent is not None, "settled sends customers without acceptance to a human"
    return consent


def accepted_terms(case: Case) -> str | None:
    """The version of the Regulamin that is signed."""
    terms = signed_terms(case.submission.form, case.signed_on, case.origin.received_on)
    return terms.version if terms else None


def signed_terms(form: Form, signed_on: date | None, received_on: date) -> Terms | None:
    """The Regulamin that holds on the day of signature, None where none is signed; a day after receipt is an error."""
    return terms_of(form, min(signed_on or received_on, received_on))


def record_consent(case: Case, subject: str, email: str) -> Consent:
    """Keep the proof of an acceptance: who, what form and Regulamin, when signed and received, which image.

    One that still waits for its proof gives way.
    """
    if waiting := open_consent(case, subject):
        waiting.effective_to, waiting.ended_by_tracking = case.origin.received_on, case.origin.tracking
        case.session.flush()
        void_proofs(case.session, waiting.id, "replaced")
    form = case.submission.form
    consent = Consent(
        customer_no=case.customer.customer_no,
        subject=subject,
        form=form.code,
        form_version=form.version,
        terms_version=accepted_terms(case),
        signed_on=case.signed_on,
        received_on=case.origin.received_on,
        email=email,
        tracking=case.origin.tracking,
        original_sha256=case.origin.original_sha256,
        withdrawn=False,
    )
    case.session.add(consent)
    case.session.flush()
    return consent


def begun_by(session: Session, tracking: str, subject: str) -> Consent | None:
    """The consent that a document began, while it is open."""
    return session.scalar(
        select(Consent)
        .where(Consent.tracking == tracking, Consent.subject == subject, Consent.effective_to.is_(None))
        .execution_options(populate_existing=True)
    )


def last_acceptance(session: Session, customer_no: str) -> Consent | None:
    """The newest acceptance of e-invoices, in force or over."""
    return session.scalar(
        select(Consent)
        .where(Consent.customer_no == customer_no, Consent.subject == EINVOICE)
        .order_by(Consent.id.desc())
        .limit(1)
    )


def no_consent(case: Case) -> Outcome:
    """For a human: there is no acceptance that could be changed or withdrawn."""
    last = last_acceptance(case.session, case.customer.customer_no)
    if last is None or last.effective_to is None:
        reason = "Klient nie wyraził zgody na faktury elektroniczne."
    else:
        reason = f"Zgoda na faktury elektroniczne została wycofana; ostatni dzień: {last.effective_to:%d.%m.%Y}."
    return case.outcome("needs_human", NO_CONSENT.code, reason)


def other_address(case: Case, consent: Consent) -> Outcome | None:
    """For a human: the present address that is given is not the one of the acceptance."""
    given = case.submission.text("email_current")
    if given in (None, consent.email):
        return None
    return case.outcome(
        "needs_human", OTHER_ADDRESS.code, "Dotychczasowy adres e-mail jest inny niż ten, na który idą faktury."
    )


def link_again(session: Session, consent: Consent) -> Renewal:
    """A new link to the address of an acceptance of e-invoices."""
    token = issue(session, EINVOICE, consent, consent.email, consent.tracking)
    return Renewal(token, EINVOICE, consent.customer_no, consent.tracking, consent.email)


def correct_unproven(session: Session, proof: Proof, email: str) -> bool:
    """Put another address into an acceptance that nobody has proven yet; False when it is proven or over."""
    consent = session.get_one(Consent, proof.consent_id, populate_existing=True)
    if consent.email_proven_at is not None or consent.effective_to is not None:
        return False
    consent.email = email
    return True


def deliver_by_email(session: Session, proof: Proof, _password_hash: str | None) -> None:
    """Invoices go to the proven address, from today on where they were paper."""
    customer, moment = session.get_one(Customer, proof.customer_no), proof.used_at or now()
    if customer.invoice_delivery != "email":
        customer.invoice_delivery, customer.delivery_from = "email", local_day(moment)
    customer.invoice_email, customer.updated_at = proof.email, moment


def deliver_on_paper(customer: Customer, since: date) -> None:
    """Invoices are paper from that day on."""
    customer.invoice_delivery, customer.invoice_email, customer.delivery_from = "paper", None, since


def invoices_go_there(session: Session, proof: Proof) -> bool:
    """Whether the consent that the link proved was neither withdrawn nor given another address."""
    consent = session.get_one(Consent, proof.consent_id)
    return consent.effective_to is None and consent.email == proof.email


def iso(day: date | None) -> str | None:
    """A day as facts tell it."""
    return None if day is None else day.isoformat()
