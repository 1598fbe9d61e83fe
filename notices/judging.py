"""Whether a notice or an invoice still holds when it is about to leave, and where a notice goes then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from billing import invoice_message
from billing.tables import INVOICES, in_force
from confirmations.notice_rules import TERMS_TEMPLATES
from confirmations.recipients import Recipient
from confirmations.rendering import UNSUBSCRIBE
from confirmations.tables import Medium, Message, MessageState, RecipientRole
from environment import clock
from notices.due import NEW_DAYS, PASSED_DAYS
from notices.kinds import NoticeKind
from notices.people import Person, people_about
from notices.tables import Outage, ToldNotice
from notices.terms import judge_terms
from notices.unsubscribing import address_for
from portal.bills import left_to_pay

_NOBODY: Final = "Klient nie ma już konta w eBOK."
_NOT_THERE: Final = "Klient wyłączył te powiadomienia albo jego adres lub telefon nie przyjmuje wiadomości."
_PAID: Final = "Niepotrzebne: faktura jest już zapłacona albo skorygowana."
_EARLY: Final = "Niepotrzebne: termin płatności zmieniono i jeszcze nie minął."
_LATE: Final = "Niepotrzebne: jest już za późno."
_OVER: Final = "Niepotrzebne: przerwa w dostawie wody już się skończyła albo ją odwołano."
_NOT_TOLD: Final = "Niepotrzebne: powiadomienie o tej przerwie nie wyszło."
_LEFT: Final = (
    MessageState.SENDING.value,
    MessageState.SENT.value,
    MessageState.UNCERTAIN.value,
    MessageState.BOUNCED.value,
)
_NEWS: Final = timedelta(days=1)
_LEAKS: Final = timedelta(days=3)
"""How long it is worth telling that water is back, and that much of it was used."""


def judge(session: Session, message: Message) -> Recipient | str | None:
    """Of a message of no case: where it goes now; in Polish why it is no longer needed. Of an invoice None, too.

    In the transaction that claims it.
    """
    if message.role == RecipientRole.NOTICE.value:
        return _of_notice(session, message)
    return invoice_message.judge(session, message) if invoice_message.is_invoice(message) else None


def _of_notice(session: Session, message: Message) -> Recipient | str:
    if message.template in TERMS_TEMPLATES.values():
        return judge_terms(session, message)
    kind = NoticeKind(message.template.removeprefix("notice_"))
    people = people_about(session, [message.customer_no or ""])
    if not people:
        return _NOBODY
    medium, person = Medium(message.channel), people[0]
    address = person.sms_for(kind) if medium is Medium.SMS else person.email_for(kind)
    if address is None:
        return _NOT_THERE
    if (over := _RULES[kind](session, message, person)) is not None:
        return over
    if medium is Medium.EMAIL:  # the number may have become another account's since
        _say(message, {UNSUBSCRIBE: address_for(person.account_id, kind.switched_as)})
    return Recipient(medium, address, True, RecipientRole.NOTICE, message.customer_no)


def _of_invoices(
    days_after_issue: int | None, days_after_due: int | None, *, known: bool, passed: bool = False
) -> _Rule:
    """Not once they are paid, nor so many days after they were issued or due; ``known``: only where the debt is.

    ``passed``: it says that their date passed, which billing may have put off since. Of several it speaks of those that
    are still to be told of, by their dates of now.
    """

    def is_late(row: Row[Any], today: date) -> bool:
        issued = days_after_issue is not None and today > row.issued_on + timedelta(days=days_after_issue)
        return issued or (days_after_due is not None and today > row.due_on + timedelta(days=days_after_due))

    def over(session: Session, message: Message, person: Person) -> str | None:
        today, number = clock.today(), person.customer_no
        of_these = INVOICES.c.invoice_no.in_(message.context["subjects"])
        wanted = select(INVOICES.c.invoice_no, INVOICES.c.issued_on, INVOICES.c.due_on).where(
            of_these, INVOICES.c.customer_no == number, in_force(INVOICES)
        )
        left = left_to_pay(session, [number], today).get(number, {})
        open_ones = [row for row in session.execute(wanted) if left.get(row.invoice_no, None if known else 1)]
        if not open_ones:
            return _PAID
        reached = [row for row in open_ones if not passed or row.due_on < today]
        if not reached:
            return _EARLY
        still = [row for row in reached if not is_late(row, today)]
        if not still:
            return _LATE
        said = {"count": len(still), "due_on": min(row.due_on for row in still).isoformat()}
        _say(message, said)
        return None

    return over


def _say(message: Message, said: Mapping[str, Any]) -> None:
    if any(message.context.get(name) != value for name, value in said.items()):
        message.context = {**message.context, **said}


def _of_outage(session: Session, message: Message, _person: Person) -> str | None:
    outage = session.get(Outage, int(message.context["subjects"][0]))
    return _OVER if outage is None or outage.restored_at is not None or outage.ends_at <= clock.now() else None


def _of_restored(session: Session, message: Message, person: Person) -> str | None:
    """Whoever never learnt that there was no water need not learn that it is back."""
    if message.created_at < clock.now() - _NEWS:
        return _LATE
    told = (ToldNotice.kind == NoticeKind.OUTAGE.value, ToldNotice.subject == message.context["subjects"][0])
    of_him = select(ToldNotice.sms_key, ToldNotice.email_key).where(*told, ToldNotice.customer_no == person.customer_no)
    keys = [key for row in session.execute(of_him) for key in row if key is not None]  # by them, not by all that left
    left = select(Message.id).where(Message.key.in_(keys), Message.state.in_(_LEFT))
    return None if session.scalar(left.limit(1)) is not None else _NOT_TOLD


def _of_leak(session: Session, message: Message, _person: Person) -> str | None:
    return _LATE if message.created_at < clock.now() - _LEAKS else None


_Rule = Callable[[Session, Message, Person], str | None]
_RULES: Final[Mapping[NoticeKind, _Rule]] = {
    NoticeKind.NEW_INVOICE: _of_invoices(2 * NEW_DAYS, None, known=False),
    NoticeKind.DATE_NEAR: _of_invoices(None, 0, known=True),
    NoticeKind.DATE_PASSED: _of_invoices(None, 3 * PASSED_DAYS, known=True, passed=True),
    NoticeKind.OUTAGE: _of_outage,
    NoticeKind.RESTORED: _of_restored,
    NoticeKind.LEAK: _of_leak,
}
