"""Change of the address to which e-invoices go: the old one stays in force until the owner of the new one agrees."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.consents import (
    CORRECTED,
    EINVOICE,
    EINVOICE_CHANGE,
    GOES_THERE,
    NO_CONSENT,
    OTHER_ADDRESS,
    OVER,
    accepted,
    deliver_by_email,
    deliver_on_paper,
    invoices_go_there,
    link_again,
    no_consent,
    open_consent,
    other_address,
)
from customers.effect import Effect, LinkPage, MessageTemplate, Notice, Proving
from customers.outcome import Case, Outcome, Undoing, Undone
from customers.proofs import issue, void_proofs
from customers.tables import Change, Consent, Customer, Proof
from environment.clock import now, today
from forms.form import Form
from forms.kinds import Value
from forms.submission import Submission

_LINK = MessageTemplate(
    "email_change_link",
    "odnośnik na nowy adres",
    """\
{{ message.title("Potwierdź nowy adres e-mail do faktur") }}
{% call message.paragraph() %}Dzień dobry,{% endcall %}
{% call message.paragraph() %}
otrzymaliśmy prośbę, aby {{ "wizualizacje faktur z KSeF" if ksef is defined else "faktury elektroniczne" }}
przychodziły na ten adres e-mail. Jeśli to Twoja prośba, potwierdź adres.
{% endcall %}
{{ message.button("Potwierdzam nowy adres", link) }}
{% call message.paragraph() %}
Do czasu potwierdzenia nic się nie zmieni: faktury będą przychodzić tak jak dotychczas.
{% endcall %}
{% call message.paragraph() %}
Odnośnik działa do {{ valid_until | long_date }} Jeśli nie zdążysz, i tak go otwórz:
na stronie poprosisz o nowy. Możesz też zadzwonić do nas: {{ phones }}.
{% endcall %}
{% call message.paragraph() %}
To nie Twoja prośba? Zignoruj tę wiadomość. Bez potwierdzenia nie wyślemy tu żadnej faktury.
{% endcall %}
""",
)
_DONE = MessageTemplate(
    "email_change_done",
    "potwierdzenie nowego adresu",
    """\
{{ message.title("Nowy adres e-mail do faktur działa") }}
{% call message.paragraph() %}Dzień dobry,{% endcall %}
{% call message.paragraph() %}
dziękujemy, nowy adres e-mail jest potwierdzony. Od dziś
{{ "wizualizacje faktur z KSeF" if ksef is defined else "faktury elektroniczne" }} będziemy wysyłać na ten adres.
{% endcall %}
{{ message.facts(("Numer klienta", customer_ref)) }}
{% call message.paragraph() %}Masz pytanie? Zadzwoń do nas: {{ phones }}.{% endcall %}
""",
)
_NOTICE = MessageTemplate(
    "email_change_notice",
    "zawiadomienie na dotychczasowy adres",
    """\
{{ message.title("Prośba o zmianę adresu e-mail do faktur") }}
{% call message.paragraph() %}Dzień dobry,{% endcall %}
{% call message.paragraph() %}
ten adres e-mail podano nam do faktur elektronicznych. Teraz otrzymaliśmy prośbę, aby faktury przychodziły na inny
adres.
{% endcall %}
{% call message.paragraph() %}
Zmiana zacznie działać dopiero wtedy, gdy właściciel nowego adresu ją potwierdzi.
{% endcall %}
{{ message.heading("To Twoja prośba?") }}
{% call message.paragraph() %}Nie musisz nic robić. Wiadomość wysłaliśmy też na nowy adres.{% endcall %}
{{ message.heading("To nie Twoja prośba?") }}
{% call message.paragraph() %}
Zadzwoń do nas jak najszybciej: {{ phones }}. Podaj numer sprawy {{ tracking }}.
{% endcall %}
""",
)


def _readdress(session: Session, proof: Proof, email: str) -> bool:
    """The address in force stays; it cannot be its own successor."""
    consent = session.get_one(Consent, proof.consent_id, populate_existing=True)
    return consent.effective_to is None and consent.email != email


class ChangeEinvoiceEmail(Effect):
    """Another address for e-invoices, once it is proven."""

    name = "change_einvoice_email"
    fields = ("email_current", "email_new")
    in_order = True
    agreed_day = None
    consent = None
    proving = Proving(
        purpose=EINVOICE_CHANGE,
        matter="zmiana adresu e-faktur",
        until_used="Dopóki go nie klikniesz, faktury przychodzą na dotychczasowy adres.",
        link=_LINK,
        proven=_DONE,
        page=LinkPage(
            question="Potwierdź, że ten adres e-mail należy do Ciebie, a zaczniemy wysyłać na niego faktury "
            "elektroniczne.",
            button="Potwierdzam nowy adres",
            done="Nowy adres do faktur jest potwierdzony",
            consequence="Dziękujemy. Od teraz faktury elektroniczne wysyłamy na ten adres. "
            "Szczegóły wysłaliśmy w osobnej wiadomości.",
            holds=GOES_THERE,
            over=OVER,
        ),
        password=False,
        address="email_new",
        readdress=_readdress,
        replaces_all=True,
        activate=deliver_by_email,
        in_force=invoices_go_there,
    )
    messages = (_NOTICE,)
    answers_to_given = True
    reasons = (NO_CONSENT, OTHER_ADDRESS)
    amendable = frozenset({"date_signed"})

    def subject(self, form: Form) -> str:
        """One matter with the acceptance and the withdrawal."""
        return EINVOICE

    def rests_on(self, submission: Submission) -> frozenset[str]:
        """Both addresses."""
        return frozenset(self.fields)

    def rests_wholly_on(self, form: Form) -> frozenset[str]:
        """Whose invoices go where."""
        return frozenset({"customer_no", "email_current", "email_new", "signature"})

    def settled(self, case: Case) -> Outcome | None:
        """No acceptance, the wrong present address, or the new address in force already."""
        consent = open_consent(case, EINVOICE)
        if consent is None:
            return no_consent(case)
        new = case.text("email_new")
        if consent.email == new and consent.email_proven_at:
            return case.outcome(
                "already_done", "email_in_force", "Faktury elektroniczne przychodzą już na ten adres.", email=new
            )
        return other_address(case, consent)

    def foreseen(self, case: Case) -> Outcome:
        """Facts: email (new), old_email (to be told; None when it is the same), old_email_proven."""
        consent, new = accepted(case), case.text("email_new")
        return case.outcome(
            "done",
            "change_recorded",
            "Zmiana adresu przyjęta; nowy adres zacznie obowiązywać po potwierdzeniu.",
            email=new,
            old_email=consent.email if consent.email != new else None,
            old_email_proven=consent.email_proven_at is not None,
        )

    def carry_out(self, case: Case) -> Outcome:
        """Send a link to the new address; the old one stays in force until it is used."""
        outcome, consent = self.foreseen(case), accepted(case)
        void_proofs(case.session, consent.id, "replaced", purpose=EINVOICE_CHANGE)
        issue(case.session, EINVOICE_CHANGE, consent, case.text("email_new"), case.origin.tracking)
        return outcome

    def notices(self, form: Form, outcome: Outcome) -> tuple[Notice, ...]:
        """The address that is to be replaced is told, without the customer's number."""
        old = outcome.fact("old_email")
        return (Notice(_NOTICE, to=old, named=False),) if old else ()

    def amend(self, session: Session, change: Change, values: Mapping[str, Value]) -> bool:
        """Nothing beside the day of signature."""
        return False

    def undo(self, undoing: Undoing) -> Undone:
        """Back to the old address; one that was never proven gets a new link."""
        session, change, customer = undoing.session, undoing.change, undoing.customer
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
            void_proofs(session, consent.id, CORRECTED, purpose=EINVOICE_CHANGE)
            return Undone(True)
        facts = change.detail["facts"]
        if consent.email != used.email or not facts["old_email"]:
            return Undone(False)
        consent.email, used.void = facts["old_email"], CORRECTED
        if facts["old_email_proven"]:
            _restore(session, change, consent, customer)
            return Undone(True)
        consent.email_proven_at = consent.effective_from = None
        deliver_on_paper(customer, today())
        return Undone(True, link_again(session, consent))


def _restore(session: Session, change: Change, consent: Consent, customer: Customer) -> None:
    """The address proven before is in force again from today on: recorded as a proof, since these tell the days."""
    moment = now()
    session.add(
        Proof(
            token_digest=secrets.token_hex(32),  # of no token: nobody holds a link for it
            nonce=secrets.token_hex(16),
            purpose=EINVOICE_CHANGE,
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


EFFECT = ChangeEinvoiceEmail()
