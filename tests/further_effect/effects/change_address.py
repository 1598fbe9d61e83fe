"""An effect that the product does not have: the customer's address in the register is another one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.effect import Effect, MessageTemplate, Notice, Reason
from customers.outcome import Case, Fact, Outcome, Undoing, Undone
from customers.records import ADDRESS
from customers.tables import Change, Customer
from environment.clock import now
from forms.form import Form
from forms.kinds import Value
from forms.submission import Submission

_SUBJECT = "address"
_OFTEN = timedelta(days=30)
_LATELY = Reason(
    "address_changed_lately",
    short="Adres zmieniony niedawno",
    label="Adres był zmieniany w ostatnim miesiącu",
    answer="Adres do korespondencji zmieniliśmy już w ostatnim miesiącu.",
    overrulable=True,
)
_DONE = MessageTemplate(
    "address_changed",
    "potwierdzenie zmiany adresu",
    """\
{{ message.title("Zmieniliśmy adres do korespondencji") }}
{% call message.paragraph() %}Dzień dobry,{% endcall %}
{% call message.paragraph() %}
listy i faktury papierowe będziemy wysyłać na nowy adres.
{% endcall %}
{{ message.facts(("Numer klienta", customer_ref), ("Nowa miejscowość", town if proven else None)) }}
{% call message.paragraph() %}To nie Twoja prośba? Zadzwoń do nas: {{ phones }}.{% endcall %}
""",
)


class ChangeAddress(Effect):
    """Letters go to another address, at once."""

    name = "change_address"
    fields = tuple(f"new_{name}" for name in ADDRESS)
    in_order = True
    agreed_day = None
    consent = None
    proving = None
    messages = (_DONE,)
    answers_to_given = False
    reasons = (_LATELY,)
    amendable = frozenset({"date_signed"})

    def subject(self, form: Form) -> str:
        """A matter of its own."""
        return _SUBJECT

    def rests_on(self, submission: Submission) -> frozenset[str]:
        """The new address."""
        return frozenset(self.fields)

    def rests_wholly_on(self, form: Form) -> frozenset[str]:
        """Whose letters go where."""
        return frozenset({"customer_no", "signature", *self.fields})

    def settled(self, case: Case) -> Outcome | None:
        """The address is so already, or was changed not long ago."""
        if _address(case.customer) == _wanted(case.submission):
            return case.outcome("already_done", "address_known", "Ten adres już jest w rejestrze.")
        lately = select(Change.id).where(
            Change.customer_no == case.customer.customer_no,
            Change.subject == _SUBJECT,
            Change.outcome == "done",
            Change.tracking != case.origin.tracking,
            Change.at > now() - _OFTEN,
        )
        if case.session.scalar(lately.limit(1)) is None:
            return None
        return case.outcome("needs_human", _LATELY.code, "Adres był zmieniany w ostatnim miesiącu.")

    def foreseen(self, case: Case) -> Outcome:
        """Facts: town, and the old address under the names of its columns."""
        before = {f"old_{name}": value for name, value in _address(case.customer).items()}
        facts: dict[str, Fact] = {"town": _wanted(case.submission)["town"], **before}
        return case.outcome("done", "address_changed", "Adres do korespondencji zmieniony.", **facts)

    def carry_out(self, case: Case) -> Outcome:
        """Write the new address."""
        outcome = self.foreseen(case)
        _write(case.customer, _wanted(case.submission))
        return outcome

    def notices(self, form: Form, outcome: Outcome) -> tuple[Notice, ...]:
        """The customer is told that it is done."""
        return (Notice(_DONE, said={"town": outcome.fact("town")}),)

    def amend(self, session: Session, change: Change, values: Mapping[str, Value]) -> bool:
        """Nothing beside the day of signature."""
        return False

    def undo(self, undoing: Undoing) -> Undone:
        """The old address again, unless a later form has changed it."""
        later = select(Change.id).where(
            Change.customer_no == undoing.customer.customer_no,
            Change.subject == _SUBJECT,
            Change.outcome == "done",
            Change.id > undoing.change.id,
        )
        if undoing.session.scalar(later.limit(1)) is not None:
            return Undone(False)
        facts = undoing.change.detail["facts"]
        _write(undoing.customer, {name: facts[f"old_{name}"] for name in ADDRESS})
        return Undone(True)


def _address(customer: Customer) -> dict[str, str | None]:
    return {name: getattr(customer, name) for name in ADDRESS}


def _wanted(submission: Submission) -> dict[str, str | None]:
    return {name: submission.text(f"new_{name}") for name in ADDRESS}


def _write(customer: Customer, address: Mapping[str, str | None]) -> None:
    for name, value in address.items():
        setattr(customer, name, value)


EFFECT = ChangeAddress()
