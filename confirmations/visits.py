"""What is told to a customer of each step of the visit that he asked for."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy.orm import Session

from confirmations.composing import compose_step
from confirmations.polish import long_date
from confirmations.recipients import Recipient, reach
from confirmations.rendering import tracking_url
from confirmations.tables import Medium, RecipientRole
from customers.records import RegisterLookup
from customers.tables import Request
from customers.visit_view import hours_in_words, title_of
from customers.visits import Report, VisitState, state_of
from environment.clock import today
from environment.settings import get_settings
from forms.fields import MOBILE, PHONE

_TEMPLATES: Final = {
    VisitState.PROPOSED: "visit_proposed",
    VisitState.AGREED: "visit_agreed",
    VisitState.DONE: "visit_done",
    VisitState.CANCELLED: "visit_cancelled",
}


def tell_step(session: Session, visit: Request, *, by_customer: bool = False) -> list[str]:
    """The messages of the step just made: by e-mail or letter, and by SMS where that is switched on; their keys.

    None where the customer is no longer in the register.
    """
    customer = RegisterLookup(session).find(visit.customer_no)
    if customer is None:
        return []
    template = _template(visit, by_customer=by_customer)
    said: dict[str, Any] = {"link": tracking_url(visit.tracking)}
    if visit.day is not None:
        said |= {"day": visit.day.isoformat(), "hours": hours_in_words(visit.part)}
    said |= {"nobody": visit.report == Report.NOBODY, "by_customer": by_customer, "form_title": title_of(visit)}
    keys = [_put(session, visit, template, reach(session, customer), said)]
    phone, sentence = visit.values.get(PHONE.name), _sentence(visit, template)
    if get_settings().sms_notices and sentence and _is_mobile(phone):
        sms = Recipient(Medium.SMS, phone, False, RecipientRole.EXACT, visit.customer_no)
        keys.append(_put(session, visit, "visit_sms", sms, {**said, "sentence": sentence}))
    return keys


def _put(session: Session, visit: Request, template: str, recipient: Recipient, said: dict[str, Any]) -> str:
    return compose_step(
        session,
        tracking=visit.tracking,
        template=template,
        recipient=recipient,
        customer_no=visit.customer_no,
        step=visit.step or 0,
        **said,
    )


def _template(visit: Request, *, by_customer: bool) -> str:
    state = state_of(visit)
    if state is VisitState.ASKED:
        return "visit_wished" if by_customer else "visit_missed"
    return _TEMPLATES[state]


def _sentence(visit: Request, template: str) -> str | None:
    """The same in the few words of an SMS; None for what can wait until the e-mail or letter is read."""
    when = None if visit.day is None else f"{long_date(visit.day)}, {hours_in_words(visit.part)}"
    return {
        "visit_proposed": f"Proponujemy wizytę: {when}. Odpowiedz:",
        "visit_agreed": f"Przyjedziemy: {when}. Szczegóły:",
        "visit_missed": "Nie udało się wykonać pracy. Wybierz inny dzień:",
        "visit_cancelled": "Wizyta jest odwołana. Szczegóły:",
    }.get(template)


def _is_mobile(phone: object) -> bool:
    return isinstance(phone, str) and MOBILE.kind.parse(phone, today()).fault is None
