"""A request for a visit of a crew: it is opened, and office and customer agree on a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.effect import Effect, MessageTemplate, Notice
from customers.outcome import Case, Outcome, Undoing, Undone
from customers.records import IDENTITY
from customers.tables import Change, Request
from customers.visits import VisitState
from environment.clock import now
from forms.fields import ACCESS, WISHED_DAY
from forms.form import Form
from forms.kinds import Value
from forms.submission import Submission

_ASK: Final = """\
{% call message.paragraph() %}
Masz pytanie? Zadzwoń do nas: {{ phones }}. Podaj numer sprawy {{ tracking }}.
{% endcall %}
"""
_WHEN: Final = """\
{{ message.facts(("Sprawa", form_title), ("Dzień", day | long_date), ("Godziny", hours)) }}
"""
_OPENED: Final = MessageTemplate(
    "visit_opened",
    "potwierdzenie wniosku o wizytę",
    """\
{{ message.title("Przyjęliśmy wniosek") }}
{% call message.paragraph() %}Dzień dobry,{% endcall %}
{% call message.paragraph() %}
{{ done }}. Teraz my: potwierdzimy dzień, który Ci pasuje, albo zaproponujemy inny. Napiszemy o tym.
{% endcall %}
{{ message.facts(("Numer klienta", customer_ref)) }}
"""
    + _ASK,
)
_PROPOSED: Final = MessageTemplate(
    "visit_proposed",
    "proponowany dzień wizyty",
    """\
{{ message.title("Proponujemy dzień wizyty") }}
{% call message.paragraph() %}Dzień dobry,{% endcall %}
{% call message.paragraph() %}możemy przyjechać w tym terminie:{% endcall %}
"""
    + _WHEN
    + """\
{% call message.paragraph() %}
Teraz Ty: na stronie sprawy kliknij, czy ten dzień Ci pasuje. Możesz tam też poprosić o inny albo zrezygnować.
{% endcall %}
{{ message.button("Odpowiadam", link) }}
"""
    + _ASK,
)
_AGREED: Final = MessageTemplate(
    "visit_agreed",
    "umówiony dzień wizyty",
    """\
{{ message.title("Wizyta jest umówiona") }}
{% call message.paragraph() %}Dzień dobry,{% endcall %}
{% call message.paragraph() %}przyjedziemy w tym terminie:{% endcall %}
"""
    + _WHEN
    + """\
{% call message.paragraph() %}
Prosimy, aby ktoś był wtedy na miejscu. Coś się zmieniło? Poproś o inny dzień na stronie sprawy albo zadzwoń do nas.
{% endcall %}
{{ message.button("Strona sprawy", link) }}
"""
    + _ASK,
)
_WISHED: Final = MessageTemplate(
    "visit_wished",
    "przyjęta prośba o inny dzień",
    """\
{{ message.title("Mamy Twoją prośbę o inny dzień") }}
{% call message.paragraph() %}Dzień dobry,{% endcall %}
{% call message.paragraph() %}
wizyty w poprzednim terminie nie będzie. Sprawdzimy, czy możemy przyjechać w dniu, o który prosisz, i napiszemy.
{% endcall %}
"""
    + _ASK,
)
_MISSED: Final = MessageTemplate(
    "visit_missed",
    "wizyta nie doszła do skutku",
    """\
{{ message.title("Nie udało się wykonać pracy") }}
{% call message.paragraph() %}Dzień dobry,{% endcall %}
{% call message.paragraph() %}
{{ "byliśmy u Ciebie, ale nikogo nie zastaliśmy." if nobody else "byliśmy u Ciebie, ale pracy nie dało się wykonać." }}
Zaproponujemy inny dzień. Możesz też sam wybrać dzień na stronie sprawy.
{% endcall %}
{{ message.button("Strona sprawy", link) }}
"""
    + _ASK,
)
_DONE: Final = MessageTemplate(
    "visit_done",
    "praca wykonana",
    """\
{{ message.title("Praca jest wykonana") }}
{% call message.paragraph() %}Dzień dobry,{% endcall %}
{% call message.paragraph() %}
sprawa „{{ form_title }}” jest załatwiona. Nie musisz nic robić.
{% endcall %}
"""
    + _ASK,
)
_CANCELLED: Final = MessageTemplate(
    "visit_cancelled",
    "wizyta odwołana",
    """\
{{ message.title("Wizyta jest odwołana") }}
{% call message.paragraph() %}Dzień dobry,{% endcall %}
{% call message.paragraph() %}
{{ "zgodnie z Twoją prośbą wizyty nie będzie." if by_customer else "musieliśmy odwołać wizytę w tej sprawie." }}
Jeśli nadal potrzebujesz tej usługi, złóż wniosek jeszcze raz.
{% endcall %}
"""
    + _ASK,
)
_BY_SMS: Final = MessageTemplate(
    "visit_sms",
    "SMS o wizycie",
    """\
{{ message.title("Wizyta") }}
{% call message.paragraph() %}
{{ company.company_short }}: sprawa {{ tracking }}. {{ sentence }} {{ link }} Tel. {{ company.company_phones[0] }}
{% endcall %}
""",
)


class OpenVisit(Effect):
    """The office has the wish, and somebody will come."""

    name = "open_visit"
    fields = (WISHED_DAY.name,)
    in_order = False
    agreed_day = None
    consent = None
    proving = None
    messages = (_OPENED, _PROPOSED, _AGREED, _WISHED, _MISSED, _DONE, _CANCELLED, _BY_SMS)
    answers_to_given = False
    reasons = ()
    amendable = frozenset({ACCESS.name, "date_signed"})

    def subject(self, form: Form) -> str:
        """Each form is a matter of its own."""
        return f"request:{form.code}"

    def rests_on(self, submission: Submission) -> frozenset[str]:
        """What is asked for and when; hints for the crew are read by people, who have the picture too."""
        return frozenset(item.name for item in submission.form.fields) - IDENTITY - {ACCESS.name}

    def rests_wholly_on(self, form: Form) -> frozenset[str]:
        """Whose visit it is, and what for."""
        return frozenset(item.name for item in form.fields) - self.amendable

    def settled(self, case: Case) -> Outcome | None:
        """Never: a wish may be repeated."""
        return None

    def foreseen(self, case: Case) -> Outcome:
        """No facts: the customer is told where he is reached."""
        return case.outcome("done", "visit_opened", "Wniosek przyjęty; biuro ustali dzień wizyty.")

    def carry_out(self, case: Case) -> Outcome:
        """Keep the wish, at its first step."""
        wished, at = case.submission.text(WISHED_DAY.name), now()
        case.session.add(
            Request(
                customer_no=case.customer.customer_no,
                form=case.submission.form.code,
                tracking=case.origin.tracking,
                values=case.submission.values,
                at=at,
                visit_state=VisitState.ASKED.value,
                step=0,
                since=at,
                wished_on=None if wished is None else date.fromisoformat(wished),
            )
        )
        return self.foreseen(case)

    def notices(self, form: Form, outcome: Outcome) -> tuple[Notice, ...]:
        """The customer is told that we have it."""
        return (Notice(_OPENED, said={"done": form.outcome}),)

    def amend(self, session: Session, change: Change, values: Mapping[str, Value]) -> bool:
        """The hints for the crew."""
        visit = _opened_by(session, change)
        if visit is None or visit.values.get(ACCESS.name) == values.get(ACCESS.name):
            return False
        visit.values = {**visit.values, ACCESS.name: values.get(ACCESS.name)}
        return True

    def undo(self, undoing: Undoing) -> Undone:
        """Cancel it, unless the work is done."""
        visit = _opened_by(undoing.session, undoing.change)
        if visit is None or visit.visit_state == VisitState.DONE:
            return Undone(False)
        visit.visit_state, visit.step, visit.since = VisitState.CANCELLED.value, (visit.step or 0) + 1, now()
        return Undone(True)


def _opened_by(session: Session, change: Change) -> Request | None:
    return session.scalar(select(Request).where(Request.tracking == change.tracking).with_for_update())


EFFECT = OpenVisit()
