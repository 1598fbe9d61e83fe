"""What an invoice is in law and what we send of it: the one table of cases, before and after the company is in KSeF.

Who has a NIP, which communities and co-operatives have as companies do, gets invoices in KSeF from a day on that a
setting names; what we send is their picture (wizualizacja) then, and the acceptance decides its way and its price. For
everybody else the acceptance makes the invoice an electronic one, as before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.consents import EINVOICE
from customers.tables import Consent, Customer
from environment.clock import today
from environment.settings import get_settings

_COMMUNITY: Final = re.compile(r"wsp[oó]lnot|sp[oó][lł]dziel", re.IGNORECASE)


class Party(StrEnum):
    """Who buys: only a NIP decides; a community is told apart for people who look for it in the table."""

    PERSON = "osoba"
    COMPANY = "firma"
    COMMUNITY = "wspólnota, spółdzielnia"


class InvoiceForm(StrEnum):
    """What the invoice is in law."""

    PAPER = "faktura papierowa"
    ELECTRONIC = "faktura elektroniczna za zgodą (art. 106n ustawy o VAT)"
    KSEF = "faktura w KSeF"


class Sent(StrEnum):
    """What the customer gets from us."""

    INVOICE_ON_PAPER = "faktura na papierze"
    INVOICE_BY_EMAIL = "faktura e-mailem"
    PICTURE_ON_PAPER = "wizualizacja na papierze"
    PICTURE_BY_EMAIL = "wizualizacja e-mailem"


@dataclass(frozen=True, slots=True)
class InvoiceCase:
    """What holds for an invoice, and what the acceptance of e-invoices decides."""

    form: InvoiceForm
    sent: Sent
    decides: str

    @property
    def is_picture(self) -> bool:
        """Whether what we send is only the picture of an invoice that is elsewhere."""
        return self.form is InvoiceForm.KSEF


_FORM: Final = "forma faktury, dostarczenie i cena"
_WAY: Final = "dostarczenie i cena"
_PAPER: Final = InvoiceCase(InvoiceForm.PAPER, Sent.INVOICE_ON_PAPER, _FORM)
_EMAIL: Final = InvoiceCase(InvoiceForm.ELECTRONIC, Sent.INVOICE_BY_EMAIL, _FORM)
_KSEF_PAPER: Final = InvoiceCase(InvoiceForm.KSEF, Sent.PICTURE_ON_PAPER, _WAY)
_KSEF_EMAIL: Final = InvoiceCase(InvoiceForm.KSEF, Sent.PICTURE_BY_EMAIL, _WAY)

CASES: Final[Mapping[tuple[Party, bool, bool], InvoiceCase]] = {
    # who, company in KSeF on that day, acceptance in force
    (Party.PERSON, False, False): _PAPER,
    (Party.PERSON, False, True): _EMAIL,
    (Party.PERSON, True, False): _PAPER,
    (Party.PERSON, True, True): _EMAIL,
    (Party.COMPANY, False, False): _PAPER,
    (Party.COMPANY, False, True): _EMAIL,
    (Party.COMPANY, True, False): _KSEF_PAPER,
    (Party.COMPANY, True, True): _KSEF_EMAIL,
    (Party.COMMUNITY, False, False): _PAPER,
    (Party.COMMUNITY, False, True): _EMAIL,
    (Party.COMMUNITY, True, False): _KSEF_PAPER,
    (Party.COMMUNITY, True, True): _KSEF_EMAIL,
}
"""Every case there is."""


def party_of(name: str, nip: str | None) -> Party:
    """Who it is by the register."""
    if nip is None:
        return Party.PERSON
    return Party.COMMUNITY if _COMMUNITY.search(name) else Party.COMPANY


def in_ksef(day: date) -> bool:
    """Whether the company issues invoices in KSeF on that day."""
    first = get_settings().ksef_from
    return first is not None and day >= first


def case_of(session: Session, customer_no: str, day: date, *, accepted: bool) -> InvoiceCase:
    """What holds for an invoice of that day; of somebody who is in no register, what holds for a person."""
    found = session.execute(select(Customer.name, Customer.nip).where(Customer.customer_no == customer_no)).first()
    party = Party.PERSON if found is None else party_of(found.name, found.nip)
    return CASES[party, in_ksef(day), accepted]


def gets_pictures(session: Session, customer_no: str) -> bool:
    """Whether the customer's invoices are in KSeF today; asks nothing where the company is not."""
    return in_ksef(today()) and case_of(session, customer_no, today(), accepted=True).is_picture


def company_acceptances(session: Session) -> Iterator[tuple[Party, Customer, Consent]]:
    """Acceptances of who has a NIP that hold, or wait for their proof, in the order of the numbers."""
    found = (
        select(Customer, Consent)
        .join(Consent, Consent.customer_no == Customer.customer_no)
        .where(Customer.nip.is_not(None), Consent.subject == EINVOICE, Consent.effective_to.is_(None))
        .order_by(Customer.customer_no, Consent.id)
    )
    for customer, consent in session.execute(found):
        yield party_of(customer.name, customer.nip), customer, consent
