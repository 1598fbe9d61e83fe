"""Acceptance of invoices in electronic form: paper until the owner of the address has used the link."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.consents import (
    CORRECTED,
    EINVOICE,
    GOES_THERE,
    OVER,
    accepted_terms,
    begun_by,
    correct_unproven,
    deliver_by_email,
    deliver_on_paper,
    invoices_go_there,
    iso,
    open_consent,
    record_consent,
)
from customers.effect import Consenting, Effect, LinkPage, MessageTemplate, Notice, Proving, Reason
from customers.outcome import Case, Outcome, Undoing, Undone
from customers.proofs import issue, void_proofs
from customers.tables import Change, Consent, Proof
from environment.clock import today
from forms.form import Form
from forms.kinds import Value
from forms.submission import Submission

_ACTIVE_ELSEWHERE = Reason(
    "consent_active_other_email",
    short="E-faktury idą na inny adres",
    label="E-faktury idą już na inny adres",
    answer="Faktury elektroniczne wysyłamy już na inny adres e-mail. Do zmiany adresu służy osobny formularz.",
)
_LINK = MessageTemplate(
    "einvoice_link",
    "odnośnik do potwierdzenia adresu e-faktur",
    """\
{{ message.title("Potwierdź adres e-mail do faktur") }}
{% call message.paragraph() %}Dzień dobry,{% endcall %}
{% call message.paragraph() %}
otrzymaliśmy zgodę na faktury elektroniczne. Podano w niej ten adres e-mail. Jeśli to Twoje zgłoszenie, potwierdź
adres. Wtedy zaczniemy wysyłać na niego {{ "wizualizacje faktur" if ksef is defined else "faktury" }}.
{% endcall %}
{% if ksef is defined %}
{% call message.paragraph() %}
Faktury dla firm, wspólnot i spółdzielni wystawiamy w Krajowym Systemie e-Faktur (KSeF). Na ten adres będziemy wysyłać
ich wizualizacje, czyli obrazy do przeczytania. Zgoda decyduje o tym, jak je dostarczamy, a nie o formie faktury.
{% endcall %}
{% endif %}
{{ message.button("Potwierdzam adres e-mail", link) }}
{% call message.paragraph() %}
Do czasu potwierdzenia {{ "wizualizacje faktur" if ksef is defined else "faktury" }} będą przychodzić na papierze.
{% endcall %}
{% call message.paragraph() %}
Odnośnik działa do {{ valid_until | long_date }} Jeśli nie zdążysz, i tak go otwórz:
na stronie poprosisz o nowy. Możesz też zadzwonić do nas: {{ phones }}.
{% endcall %}
{% call message.paragraph() %}
To nie Twoje zgłoszenie? Zignoruj tę wiadomość. Bez potwierdzenia nie wyślemy tu żadnej faktury.
{% endcall %}
""",
)
_ACTIVE = MessageTemplate(
    "einvoice_active",
    "potwierdzenie, że e-faktury działają",
    """\
{% set what = "Wizualizacje faktur" if ksef is defined else "Faktury" %}
{{ message.title(what ~ " będą przychodzić e-mailem") }}
{% call message.paragraph() %}Dzień dobry,{% endcall %}
{% call message.paragraph() %}
dziękujemy, adres e-mail jest potwierdzony. Od dziś {{ "wizualizacje faktur" if ksef is defined else "faktury" }}
będziemy wysyłać na ten adres, a nie na papierze.
{% endcall %}
{% if ksef is defined %}
{% call message.paragraph() %}
Same faktury wystawiamy w Krajowym Systemie e-Faktur (KSeF) i tam zawsze je znajdziesz.
{% endcall %}
{% endif %}
{{ message.facts(("Numer klienta", customer_ref)) }}
{% call message.paragraph() %}
Zgodę na faktury elektroniczne można wycofać w każdej chwili. Wystarczy formularz „Wycofanie akceptacji faktur
elektronicznych”.
{% endcall %}
{% call message.paragraph() %}Masz pytanie? Zadzwoń do nas: {{ phones }}.{% endcall %}
""",
)


class StartEinvoice(Effect):
    """Invoices by e-mail, once the address is proven."""

    name = "start_einvoice"
    fields = ("email", "accept_terms")
    in_order = True
    agreed_day = None
    consent = Consenting(EINVOICE, "zgoda na e-faktury", lasting=True, forget=lambda _session, _consent: None)
    proving = Proving(
        purpose=EINVOICE,
        matter="e-faktury",
        until_used="Dopóki go nie klikniesz, faktury przychodzą na papierze.",
        link=_LINK,
        proven=_ACTIVE,
        page=LinkPage(
            question="Potwierdź, że ten adres e-mail należy do Ciebie, a zaczniemy wysyłać na niego faktury zamiast "
            "papierowych.",
            button="Potwierdzam, chcę e-faktury",
            done="Faktury będą przychodzić e-mailem",
            consequence="Dziękujemy, adres e-mail jest potwierdzony. Faktur papierowych już nie wyślemy. "
            "Szczegóły wysłaliśmy w osobnej wiadomości.",
            holds=GOES_THERE,
            over=OVER,
        ),
        password=False,
        address="email",
        readdress=correct_unproven,
        replaces_all=False,
        activate=deliver_by_email,
        in_force=invoices_go_there,
    )
    messages = ()
    answers_to_given = True
    reasons = (_ACTIVE_ELSEWHERE,)
    amendable = frozenset({"date_signed"})

    def subject(self, form: Form) -> str:
        """One matter with the change of address and the withdrawal."""
        return EINVOICE

    def rests_on(self, submission: Submission) -> frozenset[str]:
        """Where invoices go, and that they may."""
        return frozenset(self.fields)

    def rests_wholly_on(self, form: Form) -> frozenset[str]:
        """Whose invoices go where, and that they may."""
        return frozenset({"customer_no", "email", "accept_terms", "signature"})

    def settled(self, case: Case) -> Outcome | None:
        """An acceptance in force: the same address is done already, another one is for a human."""
        consent = open_consent(case, EINVOICE)
        if consent is None or consent.email_proven_at is None:
            return None
        email = case.text("email")
        if consent.email == email:
            return case.outcome(
                "already_done",
                "einvoice_active",
                "Faktury elektroniczne przychodzą już na ten adres.",
                email=email,
                effective_from=iso(consent.effective_from),
            )
        return case.outcome(
            "needs_human",
            _ACTIVE_ELSEWHERE.code,
            "Klient ma już faktury elektroniczne na inny adres e-mail. Do zmiany adresu służy osobny formularz.",
        )

    def foreseen(self, case: Case) -> Outcome:
        """Facts: email, terms_version."""
        return case.outcome(
            "done",
            "consent_recorded",
            "Zgoda przyjęta; faktury przejdą na e-mail po potwierdzeniu adresu.",
            email=case.text("email"),
            terms_version=accepted_terms(case),
        )

    def carry_out(self, case: Case) -> Outcome:
        """Record the acceptance; delivery stays on paper until the address is proven."""
        outcome, email = self.foreseen(case), case.text("email")
        issue(case.session, EINVOICE, record_consent(case, EINVOICE, email), email, case.origin.tracking)
        return outcome

    def notices(self, form: Form, outcome: Outcome) -> tuple[Notice, ...]:
        """None beside the link."""
        return ()

    def amend(self, session: Session, change: Change, values: Mapping[str, Value]) -> bool:
        """Nothing beside the day of signature."""
        return False

    def undo(self, undoing: Undoing) -> Undone:
        """End the acceptance, unless a later form has put another address in force."""
        session, change, customer = undoing.session, undoing.change, undoing.customer
        consent = begun_by(session, change.tracking, EINVOICE)
        if consent is None or _changed_since(session, consent):
            return Undone(False)
        active = consent.email_proven_at is not None
        # A wrong address gets nothing more from this very day on, so the last day that held is the one before.
        consent.effective_to = today() - timedelta(days=1) if active else today()
        consent.ended_by_tracking = undoing.by
        void_proofs(session, consent.id, CORRECTED)
        if active:
            deliver_on_paper(customer, today())
        return Undone(True)


def _changed_since(session: Session, consent: Consent) -> bool:
    """Whether a later form has put another address in force: then the customer has mended it himself."""
    later = select(Proof.id).where(
        Proof.consent_id == consent.id, Proof.tracking != consent.tracking, Proof.used_at.is_not(None)
    )
    return session.scalar(later.limit(1)) is not None


EFFECT = StartEinvoice()
