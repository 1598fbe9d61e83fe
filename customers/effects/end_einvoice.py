"""Withdrawal of the acceptance of e-invoices: paper from the day after receipt, or from a later agreed day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.consents import (
    EINVOICE,
    NO_CONSENT,
    OTHER_ADDRESS,
    accepted,
    deliver_on_paper,
    iso,
    last_acceptance,
    link_again,
    no_consent,
    open_consent,
    other_address,
)
from customers.effect import AgreedDay, Effect, MessageTemplate, Notice
from customers.outcome import AgreedDayError, Case, Outcome, Undoing, Undone
from customers.proofs import void_proofs
from customers.tables import Change, Consent
from environment.clock import now
from forms.form import Form
from forms.kinds import Value
from forms.submission import Submission

_LONGEST_AGREED = timedelta(days=30)
"""VAT act, art. 106n: a later day may be agreed, at most 30 days after the receipt of the withdrawal."""
_DONE = MessageTemplate(
    "withdrawal_done",
    "potwierdzenie powrotu do papieru",
    """\
{{ message.title("Wizualizacje faktur wracają na papier" if ksef is defined else "Wracamy do faktur papierowych") }}
{% call message.paragraph() %}Dzień dobry,{% endcall %}
{% call message.paragraph() %}
przyjęliśmy wycofanie zgody na faktury elektroniczne.
{% if ksef is defined %}
Faktury dla firm, wspólnot i spółdzielni wystawiamy w Krajowym Systemie e-Faktur (KSeF) i tak zostaje. Ich
wizualizacje będą znów przychodzić na papierze.
{% else %}
Faktury będą znów przychodzić na papierze.
{% endif %}
{% endcall %}
{{ message.facts(
    ("Na papierze od" if ksef is defined else "Faktury papierowe od", effective_from | long_date),
    ("Numer klienta", customer_ref),
) }}
{% call message.paragraph() %}
Faktury, które wysłaliśmy wcześniej e-mailem, pozostają ważne. Nie musisz nic więcej robić.
{% endcall %}
{% call message.paragraph() %}
To pomyłka albo nie Twoja decyzja? Zadzwoń do nas: {{ phones }}. Podaj numer sprawy {{ tracking }}.
{% endcall %}
""",
)


class EndEinvoice(Effect):
    """Invoices on paper again."""

    name = "end_einvoice"
    fields = ("email_current",)
    in_order = True
    agreed_day = AgreedDay(
        label="Uzgodniony pierwszy dzień faktur papierowych",
        hint="Zostaw puste, jeśli nic nie uzgodniono: będzie to dzień po otrzymaniu formularza.",
    )
    consent = None
    proving = None
    messages = (_DONE,)
    answers_to_given = False
    reasons = (NO_CONSENT, OTHER_ADDRESS)
    amendable = frozenset({"date_signed"})

    def subject(self, form: Form) -> str:
        """One matter with the acceptance and the change of address."""
        return EINVOICE

    def rests_on(self, submission: Submission) -> frozenset[str]:
        """The present address, where it is given."""
        return frozenset(self.fields)

    def rests_wholly_on(self, form: Form) -> frozenset[str]:
        """Whose invoices no longer go where."""
        return frozenset({"customer_no", "email_current", "signature"})

    def settled(self, case: Case) -> Outcome | None:
        """Withdrawn before, never accepted, or another address than the one in force."""
        consent = open_consent(case, EINVOICE)
        if consent is not None:
            return other_address(case, consent)
        last = last_acceptance(case.session, case.customer.customer_no)
        if last is None or not last.withdrawn or last.effective_to is None:
            return no_consent(case)
        return case.outcome(
            "already_done",
            "already_withdrawn",
            "Zgoda na faktury elektroniczne jest już wycofana.",
            email=last.email,
            effective_from=iso(last.effective_to + timedelta(days=1)),
        )

    def foreseen(self, case: Case) -> Outcome:
        """Facts: email (that was used, or was to be used), effective_from (first day on paper), was_active."""
        consent = accepted(case)
        return case.outcome(
            "done",
            "consent_ended",
            "Zgoda na faktury elektroniczne wycofana; wracają faktury papierowe.",
            email=consent.email,
            effective_from=iso(_first_paper_day(case, consent)),
            was_active=consent.email_proven_at is not None,
        )

    def carry_out(self, case: Case) -> Outcome:
        """End the acceptance; one that still waits for its proof ends at once, and its links die."""
        outcome, consent = self.foreseen(case), accepted(case)
        paper_from = _first_paper_day(case, consent)
        consent.effective_to = paper_from - timedelta(days=1)
        consent.ended_by_tracking, consent.withdrawn = case.origin.tracking, True
        void_proofs(case.session, consent.id, "withdrawn")
        if consent.email_proven_at is not None:
            deliver_on_paper(case.customer, paper_from)
            case.customer.updated_at = now()
        return outcome

    def notices(self, form: Form, outcome: Outcome) -> tuple[Notice, ...]:
        """The customer is told the first day on paper."""
        return (Notice(_DONE, said={"effective_from": outcome.facts["effective_from"]}),)

    def amend(self, session: Session, change: Change, values: Mapping[str, Value]) -> bool:
        """Nothing beside the day of signature."""
        return False

    def undo(self, undoing: Undoing) -> Undone:
        """The acceptance is open again, unless a newer one was given; one that was never proven gets a new link."""
        session, change, customer = undoing.session, undoing.change, undoing.customer
        ended = session.scalar(
            select(Consent).where(Consent.ended_by_tracking == change.tracking, Consent.withdrawn.is_(True))
        )
        newest = last_acceptance(session, customer.customer_no)
        if ended is None or newest is None or ended.id != newest.id:
            return Undone(False)
        ended.effective_to, ended.ended_by_tracking, ended.withdrawn = None, None, False
        session.flush()
        if ended.email_proven_at is None:
            return Undone(True, link_again(session, ended))
        customer.invoice_delivery, customer.invoice_email = "email", ended.email
        customer.delivery_from = ended.effective_from
        return Undone(True)


def _first_paper_day(case: Case, consent: Consent) -> date:
    received_on, agreed = case.origin.received_on, case.paper_from
    by_law = received_on + timedelta(days=1)
    if agreed is None or consent.email_proven_at is None:
        return by_law
    latest = received_on + _LONGEST_AGREED
    if not by_law <= agreed <= latest:
        raise AgreedDayError(f"Uzgodniony dzień musi przypadać od {by_law:%d.%m.%Y} do {latest:%d.%m.%Y}.")
    return agreed


EFFECT = EndEinvoice()
