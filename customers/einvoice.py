"""Acceptance of e-invoices, its change of address and its withdrawal.

Each of the three has two parts: ``settled_*`` tells what needs no change (done already, or for a human), ``*`` carries
the change out. Invoices stay where they go until the owner of the (new) address has used the link.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from customers.outcome import Case, Outcome
from customers.proofs import issue, void_proofs
from customers.tables import Consent
from database.clock import now
from forms.terms import terms_of

LONGEST_AGREED = timedelta(days=30)
"""VAT act, art. 106n: a later day may be agreed, at most 30 days after the receipt of the withdrawal."""


class AgreedDayError(ValueError):
    """The agreed first day on paper is not allowed; the message is Polish."""


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


def record_consent(case: Case, subject: str, email: str) -> Consent:
    """Keep the proof of an acceptance: who, what form and Regulamin, when signed and received, which image.

    One that still waits for its proof gives way.
    """
    if waiting := open_consent(case, subject):
        waiting.effective_to, waiting.ended_by_tracking = case.origin.received_on, case.origin.tracking
        case.session.flush()
        void_proofs(case.session, waiting.id, "replaced")
    form = case.submission.form
    # What is signed names the version of its day; a day that lies after the receipt was written wrong.
    terms = terms_of(form, min(case.signed_on or case.origin.received_on, case.origin.received_on))
    consent = Consent(
        customer_no=case.customer.customer_no,
        subject=subject,
        form=form.code,
        form_version=form.version,
        terms_version=terms.version if terms else None,
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


def settled_start(case: Case) -> Outcome | None:
    """An acceptance in force: the same address is done already, another one is for a human."""
    consent = open_consent(case, "einvoice")
    if consent is None or consent.email_proven_at is None:
        return None
    email = case.text("email")
    if consent.email == email:
        return case.outcome(
            "already_done",
            "einvoice_active",
            "Faktury elektroniczne przychodzą już na ten adres.",
            email=email,
            effective_from=_iso(consent.effective_from),
        )
    return case.outcome(
        "needs_human",
        "consent_active_other_email",
        "Klient ma już faktury elektroniczne na inny adres e-mail. Do zmiany adresu służy osobny formularz.",
    )


def start(case: Case) -> Outcome:
    """Record the acceptance; delivery stays on paper until the address is proven. Facts: email, terms_version."""
    email = case.text("email")
    consent = record_consent(case, "einvoice", email)
    issue(case.session, "einvoice", consent, email, case.origin.tracking)
    return case.outcome(
        "done",
        "consent_recorded",
        "Zgoda przyjęta; faktury przejdą na e-mail po potwierdzeniu adresu.",
        email=email,
        terms_version=consent.terms_version,
    )


def settled_change(case: Case) -> Outcome | None:
    """No acceptance, the wrong present address, or the new address in force already."""
    consent = open_consent(case, "einvoice")
    if consent is None:
        return _no_consent(case)
    new = case.text("email_new")
    if consent.email == new and consent.email_proven_at:
        return case.outcome(
            "already_done", "email_in_force", "Faktury elektroniczne przychodzą już na ten adres.", email=new
        )
    return _other_address(case, consent)


def change(case: Case) -> Outcome:
    """Send a link to the new address; the old one stays in force until it is used.

    Facts: email (new), old_email (to be told; None when it is the same), old_email_proven.
    """
    consent = open_consent(case, "einvoice")
    assert consent is not None, "settled_change sends customers without acceptance to a human"
    new = case.text("email_new")
    void_proofs(case.session, consent.id, "replaced", purpose="einvoice_change")
    issue(case.session, "einvoice_change", consent, new, case.origin.tracking)
    return case.outcome(
        "done",
        "change_recorded",
        "Zmiana adresu przyjęta; nowy adres zacznie obowiązywać po potwierdzeniu.",
        email=new,
        old_email=consent.email if consent.email != new else None,
        old_email_proven=consent.email_proven_at is not None,
    )


def settled_end(case: Case) -> Outcome | None:
    """Withdrawn before, never accepted, or another address than the one in force."""
    consent = open_consent(case, "einvoice")
    if consent is not None:
        return _other_address(case, consent)
    last = _last_consent(case)
    if last is None or not last.withdrawn or last.effective_to is None:
        return _no_consent(case)
    return case.outcome(
        "already_done",
        "already_withdrawn",
        "Zgoda na faktury elektroniczne jest już wycofana.",
        email=last.email,
        effective_from=_iso(last.effective_to + timedelta(days=1)),
    )


def end(case: Case) -> Outcome:
    """End the acceptance: paper from the day after receipt, or from a later agreed day.

    An acceptance that still waits for its proof ends at once, and its links die. Facts: email (the address that was
    used, or was to be used), effective_from (first day on paper), was_active.
    """
    consent = open_consent(case, "einvoice")
    assert consent is not None, "settled_end sends customers without acceptance to a human"
    active = consent.email_proven_at is not None
    paper_from = _first_paper_day(case.origin.received_on, case.paper_from if active else None)
    consent.effective_to = paper_from - timedelta(days=1)
    consent.ended_by_tracking, consent.withdrawn = case.origin.tracking, True
    void_proofs(case.session, consent.id, "withdrawn")
    if active:
        customer = case.customer
        customer.invoice_delivery, customer.invoice_email, customer.delivery_from = "paper", None, paper_from
        customer.updated_at = now()
    return case.outcome(
        "done",
        "consent_ended",
        "Zgoda na faktury elektroniczne wycofana; wracają faktury papierowe.",
        email=consent.email,
        effective_from=_iso(paper_from),
        was_active=active,
    )


def _first_paper_day(received_on: date, agreed: date | None) -> date:
    by_law = received_on + timedelta(days=1)
    if agreed is None:
        return by_law
    latest = received_on + LONGEST_AGREED
    if not by_law <= agreed <= latest:
        raise AgreedDayError(f"Uzgodniony dzień musi przypadać od {by_law:%d.%m.%Y} do {latest:%d.%m.%Y}.")
    return agreed


def _last_consent(case: Case) -> Consent | None:
    return case.session.scalar(
        select(Consent)
        .where(Consent.customer_no == case.customer.customer_no, Consent.subject == "einvoice")
        .order_by(Consent.id.desc())
        .limit(1)
    )


def _no_consent(case: Case) -> Outcome:
    last = _last_consent(case)
    if last is None or last.effective_to is None:
        reason = "Klient nie wyraził zgody na faktury elektroniczne."
    else:
        reason = f"Zgoda na faktury elektroniczne została wycofana; ostatni dzień: {last.effective_to:%d.%m.%Y}."
    return case.outcome("needs_human", "no_active_consent", reason)


def _other_address(case: Case, consent: Consent) -> Outcome | None:
    given = case.submission.text("email_current")
    if given in (None, consent.email):
        return None
    return case.outcome(
        "needs_human", "current_email_differs", "Dotychczasowy adres e-mail jest inny niż ten, na który idą faktury."
    )


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
