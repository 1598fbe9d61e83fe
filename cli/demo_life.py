"""What the customer of the show did in his account: he asked about an invoice, was answered, and read his meter."""

from __future__ import annotations

from typing import Final

from billing.metering.history import meters_of, shown_by
from billing.metering.tables import ReadingSource
from billing.metering.taking import GivenReading, take
from billing.statement import invoices_of
from database.engine import transaction
from environment import clock
from portal.answering import answer
from portal.conversations import QuestionKind
from portal.questions import Asker, Written, ask, question_of

_MARK: Final = "demo"
_QUESTION: Final = "Dzień dobry, dlaczego ta faktura jest inna niż poprzednia? Mieszkamy we dwoje jak zawsze."
_ANSWER: Final = (
    "Dzień dobry, zużycie w tym miesiącu różni się od poprzedniego; miesiąc po miesiącu widać je na stronie "
    "Zużycie. Jeśli nic się u Państwa nie zmieniło, prosimy sprawdzić wodomierz przy zakręconych kranach: "
    "czerwone cyfry powinny stać."
)


def live(customer_no: str, login: str, clerk: str) -> None:
    """A question about the last invoice with the clerk's answer, and a reading of today."""
    asker, today = Asker(customer_no, login, sees_all=True), clock.today()
    with transaction() as session:
        invoice = invoices_of(session, customer_no, limit=1)[0]["invoice_no"]
        number = ask(session, asker, Written(_QUESTION, _MARK), kind=QuestionKind.BILLING, invoice_no=invoice)
        asked = question_of(session, asker, number)
        assert asked is not None, "it was just asked"
        answer(session, number, clerk, _ANSWER, key=_MARK, seen=asked.last_turn)
        meter = meters_of(session, [customer_no], today)[0]
        before, last = shown_by(session, [meter.meter_no])[meter.meter_no][-2:]
        value = int(last.value + (last.value - before.value))
        take(session, GivenReading(meter, value, today, ReadingSource.ACCOUNT, _MARK, confirmed=True))
