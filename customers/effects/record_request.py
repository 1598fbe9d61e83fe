"""A request that the office carries out by hand: it is recorded, and nothing in the register changes."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete
from sqlalchemy.orm import Session

from customers.effect import Effect, MessageTemplate, Notice
from customers.outcome import Case, Outcome, Undoing, Undone
from customers.records import IDENTITY
from customers.tables import Change, Request
from environment.clock import now
from forms.form import Form
from forms.kinds import Value
from forms.submission import Submission

_RECORDED = MessageTemplate(
    "request_recorded",
    "potwierdzenie przyjęcia",
    """\
{{ message.title("Przyjęliśmy zgłoszenie") }}
{% call message.paragraph() %}Dzień dobry,{% endcall %}
{% call message.paragraph() %}
otrzymaliśmy formularz „{{ form_title }}” i {{ done }}.
{% endcall %}
{{ message.facts(("Numer klienta", customer_ref)) }}
{% call message.paragraph() %}
Masz pytanie? Zadzwoń do nas: {{ phones }}. Podaj numer sprawy {{ tracking }}.
{% endcall %}
""",
)


class RecordRequest(Effect):
    """The office has the wish, with all its values."""

    name = "record_request"
    fields = ()
    in_order = False
    agreed_day = None
    consent = None
    proving = None
    messages = (_RECORDED,)
    answers_to_given = True
    reasons = ()
    amendable = frozenset()

    def subject(self, form: Form) -> str:
        """Each form is a matter of its own."""
        return f"request:{form.code}"

    def rests_on(self, submission: Submission) -> frozenset[str]:
        """All that is wished: only who wishes it is held against the register."""
        return frozenset(item.name for item in submission.form.fields) - IDENTITY

    def rests_wholly_on(self, form: Form) -> frozenset[str]:
        """All of it: what the office has was read wrong."""
        return frozenset(item.name for item in form.fields)

    def settled(self, case: Case) -> Outcome | None:
        """Never: a wish may be repeated."""
        return None

    def foreseen(self, case: Case) -> Outcome:
        """Facts: email, when the form has it."""
        email = case.submission.text("email")
        return case.outcome("done", "request_recorded", "Zgłoszenie przyjęte do wykonania.", email=email)

    def carry_out(self, case: Case) -> Outcome:
        """Keep the wish."""
        case.session.add(
            Request(
                customer_no=case.customer.customer_no,
                form=case.submission.form.code,
                tracking=case.origin.tracking,
                values=case.submission.values,
                at=now(),
            )
        )
        return self.foreseen(case)

    def notices(self, form: Form, outcome: Outcome) -> tuple[Notice, ...]:
        """The customer is told that we have it, at the address that the form gives, if any."""
        said = {"form_title": form.title, "done": form.outcome}
        return (Notice(_RECORDED, to=outcome.fact("email"), said=said),)

    def amend(self, session: Session, change: Change, values: Mapping[str, Value]) -> bool:
        """Nothing: what was read wrong is kept anew."""
        return False

    def undo(self, undoing: Undoing) -> Undone:
        """The office no longer has the wish."""
        undoing.session.execute(delete(Request).where(Request.tracking == undoing.change.tracking))
        return Undone(True)


EFFECT = RecordRequest()
