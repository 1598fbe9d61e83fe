"""What an e-mail with an invoice says, and whether it still holds when the e-mail is about to leave.

Between the decision and the sending lie hours or, after a fault, days, in which billing may tell the invoice anew.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing import contract
from billing.dispatch_tables import OF_INVOICE, DeliveredInvoice
from billing.statement import Row, settlement_of
from billing.tables import INVOICES, in_force
from confirmations.message import account_address
from confirmations.recipients import Recipient
from confirmations.rendering import PICTURE
from confirmations.tables import NO_CASE, Medium, Message
from customers.ksef import case_of, in_ksef
from customers.register import deliveries_on
from environment.settings import get_settings

TEMPLATE: Final = "invoice"
_MINUS: Final = "\N{MINUS SIGN}"
_KSEF: Final = "ksef"
_PRINTED: Final = "Ta faktura poszła już na papierze (wydruk nr {})."
_MOVED: Final = "Według rozliczeń ta faktura jest teraz innego klienta: pójdzie do niego, a nie na ten adres."
_TAKEN_BACK: Final = "Zgodę albo adres odczytano błędnie i cofnięto to w biurze: ta faktura pójdzie na papierze."
_NO_PICTURE: Final = "Rozliczenia nie dają już pliku PDF tej faktury: pójdzie na papierze."


def amount_of(value: Decimal) -> str:
    """Money as a letter tells it: '1 234,50 zł' with spaces that do not break, a minus where it is one."""
    text = f"{abs(value):,.2f} zł".replace(",", " ").replace(".", ",").replace(" ", "\N{NO-BREAK SPACE}")
    return f"{_MINUS}{text}" if value < 0 else text


def account_of(digits: str) -> str:
    """An account number in the groups in which people copy it, with spaces that do not break."""
    groups = (digits[:2], *(digits[at : at + 4] for at in range(2, len(digits), 4)))
    return "\N{NO-BREAK SPACE}".join(groups)


def against(session: Session, message: Message) -> str | None:
    """Why an e-mail with an invoice is not to leave, in Polish; None where nothing is against it.

    What is another customer's by now must not go to this one, nor to an address that was taken back as misread, nor
    what was printed meanwhile go twice.
    """
    row = _told(session, message)
    return _against(session, message, row, _address(session, row))


def judge(session: Session, message: Message) -> Recipient | str | None:
    """The same of one that leaves now, which says from now on what billing says; in the transaction that claims it.

    Its recipient where that is another one by now: the address before, where a later one was misread.
    """
    row = _told(session, message)
    email = _address(session, row)
    if (over := _against(session, message, row, email)) is not None or row is None:
        return over
    settlement = settlement_of(session, row["customer_no"])
    kept = {name: value for name, value in message.context.items() if name != _KSEF}
    said = kept | context_of(session, row, None if settlement is None else settlement["bank_account"])
    if said != message.context:
        message.context = said
    return None if email in (None, message.recipient) else Recipient(Medium.EMAIL, email, proven=True)


def is_invoice(message: Message) -> bool:
    """Whether a message is an e-mail with an invoice."""
    return message.tracking == NO_CASE and message.key.startswith(OF_INVOICE)


def context_of(session: Session, row: Row, account: str | None) -> dict[str, Any]:
    """What its template asks for, as billing has it now; ``account`` is the one to pay to."""
    return _said(row, account) | ({_KSEF: True} if _is_picture(session, row) else {})


def _said(row: Row, account: str | None) -> dict[str, Any]:
    settings, number, owed = get_settings(), row["invoice_no"], row["gross"] > 0
    attached = settings.invoice_by_email == "pdf"
    return {
        "tracking": NO_CASE,
        "about": f"faktura {number}",
        "proven": True,
        "invoice_no": number,
        "customer_no": row["customer_no"],
        "corrects": row["corrects"] if row["kind"] == contract.CORRECTION else None,
        "amount": amount_of(row["gross"]),
        "lowers": row["gross"] < 0,
        "due_on": row["due_on"].isoformat() if owed else None,
        "bank_account": account_of(account) if owed and account else None,
        "ksef_no": row["ksef_no"],
        "page": None if attached else account_address("faktury", row["customer_no"]),
        PICTURE: {"name": f"{_file_name(number)}.pdf", "sha256": row["pdf_sha256"]} if attached else None,
    }


def _is_picture(session: Session, row: Row) -> bool:
    """Whether the invoice is in KSeF."""
    day = row["issued_on"]
    return in_ksef(day) and case_of(session, row["customer_no"], day, accepted=True).is_picture


def _file_name(number: str) -> str:
    """The number of an invoice as a file may be called."""
    return "".join(sign if sign.isalnum() else "-" for sign in number)


def _number(message: Message) -> str:
    return message.key.removeprefix(OF_INVOICE)


def _told(session: Session, message: Message) -> Row | None:
    """Its invoice as billing tells it now; None where it was erased with its time."""
    columns = (INVOICES.c[name] for name in contract.INVOICES.kept)
    of_it = INVOICES.c.invoice_no == _number(message)
    found = session.execute(select(*columns).where(of_it, in_force(INVOICES))).mappings().first()
    return None if found is None else dict(found)


def _against(session: Session, message: Message, row: Row | None, email: str | None) -> str | None:
    run = session.scalar(select(DeliveredInvoice.print_run).where(DeliveredInvoice.invoice_no == _number(message)))
    if run is not None:
        return _PRINTED.format(run)
    if row is None:
        return None
    if row["customer_no"] != message.customer_no:
        return _MOVED
    if row["pdf_sha256"] is None:
        return _NO_PICTURE
    return _TAKEN_BACK if email is None else None


def _address(session: Session, row: Row | None) -> str | None:
    """Where an invoice goes by e-mail if it leaves now; None for nowhere."""
    if row is None:
        return None
    whose = row["customer_no"], row["issued_on"]
    return deliveries_on(session, [whose], to_send=True)[whose].email
