"""Erasing what may be erased about one customer, and saying of the rest what stays and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from audit import trail
from billing.erasing import erase_customer
from billing.metering.erasing import erase_readings, reduce_readings
from billing.statement import invoices_of
from confirmations.erasing import erase_message
from confirmations.tables import ENDED
from customers import erasing as register
from customers.effects import consenting_to
from customers.tables import Consent
from customers.visits import OPEN
from database.engine import transaction
from database.wiping import wipe
from documents.erasing import is_claimed, release_original
from documents.tables import Document
from environment import clock
from notices.erasing import erase_of
from portal import authorities
from portal.question_erasing import erase_questions, is_owed_an_answer
from readers.pictures import forget_pictures
from retention import files
from retention.documents import reduce
from retention.holdings import Held, personal_data_of
from retention.work import OPEN_CASE, OPEN_VISIT, why_at_work


class Fate(StrEnum):
    """What becomes of something."""

    ERASED = "erased"
    REDUCED = "reduced"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class ErasureItem:
    """What becomes of one thing that is held; ``why`` is Polish, and names nobody."""

    what: str
    fate: Fate
    why: str
    subject: str | None = None


_PROOF: Final = (
    "zostaje dowód zgody do końca okresu roszczeń (RODO art. 17 ust. 3 lit. e): numer, formularz i regulamin z wersją, "
    "dni, adres, numer sprawy i skrót oryginału"
)
_IN_FORCE: Final = (
    "zgoda jest w mocy: bez niej nie wolno wysyłać faktur e-mailem (ustawa o VAT art. 106n). Najpierw przyjmij jej "
    "wycofanie"
)
_BILLED: Final = (
    "to klient z rozliczeń: dane są potrzebne do umowy i faktur (RODO art. 6 ust. 1 lit. b, Ordynacja podatkowa "
    "art. 86). Gdy nim nie jest: --departed"
)
_BOOKS: Final = "to księgi firmy: zostają do końca ich okresu (Ordynacja podatkowa art. 86, `ebok retention list`)"
_RECORD: Final = "zostają numery, stany i czasy sprawy do końca ich okresu (rozliczalność)"
_SHARED: Final = (
    "plik należy też do innych spraw (partia skanów, także innych osób): zniknie z ostatnią z nich, a z tej sprawy "
    "nikt go już nie zobaczy"
)
_UNANSWERED: Final = "czekają na odpowiedź biura: najpierw odpowiedz albo zakończ je"
_NOT_HIS: Final = "podano w niej ten numer albo PESEL, ale nikt nie ustalił, że to ten klient: sprawdź ją w Biurze"
_PROVES: Final = "oryginał zostaje jako dowód zgody w mocy"


@dataclass(frozen=True, slots=True)
class Erasure:
    """What becomes, or became, of all that is held of a customer; ``wiped``: the database keeps no trace of it."""

    customer_no: str
    lines: tuple[ErasureItem, ...]
    wiped: bool = True


def plan(customer_no: str, *, departed: bool = False) -> Erasure:
    """What ``erase`` would do; UnknownCustomerError when nothing is held of him."""
    with transaction() as session:
        lines = tuple(_carry_out(session, personal_data_of(session, customer_no), clock.today(), departed=departed))
        session.rollback()
    return Erasure(customer_no, lines)


def erase(customer_no: str, actor: str, *, departed: bool = False) -> Erasure:
    """Erase what may be erased, all of it or nothing, then its files and its traces; may be repeated."""
    with transaction() as session:
        lines = tuple(_carry_out(session, personal_data_of(session, customer_no), clock.today(), departed=departed))
        detail = {fate.value: sum(line.fate is fate for line in lines) for fate in Fate}
        trail.record(session, actor=actor, action="customer_erased", subject=f"customer:{customer_no}", detail=detail)
    files.erase_unclaimed()
    forget_pictures()  # those of a file that others share too
    return Erasure(customer_no, lines, wipe())


def _carry_out(session: Session, found: Held, day: date, *, departed: bool) -> Iterator[ErasureItem]:
    """One transaction's work, told step by step."""
    in_force = [one for one in found.consents if register.is_in_force(one)]
    needed = {one.tracking for one in in_force if consenting_to(one.subject).lasting}
    busy = {one.tracking: why for one in found.documents if (why := why_at_work(session, one))}
    released = []
    for document in found.documents:
        held_before = document.original_released_at is None and document.original_sha256 is not None
        yield from _document(session, document, busy.get(document.tracking), needed)
        if held_before and document.original_released_at is not None:
            released.append(document)
    for document in released:  # once all of his have let go: the file of several of them is claimed by none
        if is_claimed(session, document):
            yield ErasureItem("oryginał", Fate.KEPT, _SHARED, document.tracking)
        else:
            yield ErasureItem("oryginał i obrazy stron", Fate.ERASED, "", document.tracking)
    yield from _messages(session, found, busy)
    yield from _contacts(session, found, busy, day)
    if notices := erase_of(session, found.customer_no):
        yield ErasureItem(f"powiadomienia: {notices}", Fate.ERASED, "")
    for consent in found.consents:
        session.refresh(consent)
        yield _consent(session, consent)
    for draft in found.drafts:
        session.delete(draft)
        yield ErasureItem("formularz zaczęty na stronie", Fate.ERASED, "nie był wysłany")
    for tracking in found.named:
        yield ErasureItem("sprawa niczyja", Fate.KEPT, _NOT_HIS, tracking)
    session.flush()
    yield from _customer(session, found, busy, departed=departed)


def _document(session: Session, document: Document, busy: str | None, needed: set[str]) -> Iterator[ErasureItem]:
    number = document.tracking
    if busy is not None:
        yield ErasureItem("sprawa", Fate.KEPT, busy, number)
        return
    if document.values_erased_at is None:
        reduce(session, document)
        yield ErasureItem("dane sprawy", Fate.REDUCED, _RECORD, number)
    if document.original_sha256 is None or document.original_released_at is not None:
        return
    if number in needed:
        yield ErasureItem("oryginał", Fate.KEPT, _PROVES, number)
        return
    release_original(session, document)


def _messages(session: Session, found: Held, busy: dict[str, str]) -> Iterator[ErasureItem]:
    erased = 0
    for message in found.messages:
        if message.erased_at is None and message.tracking not in busy and message.state in ENDED:
            erase_message(session, message)
            erased += 1
    if erased:
        yield ErasureItem(f"wiadomości: {erased}", Fate.REDUCED, "zostaje, że były wysłane i kiedy")


def _contacts(session: Session, found: Held, busy: dict[str, str], day: date) -> Iterator[ErasureItem]:
    """Accounts, authorities, requests and links that are not at work."""
    authorities.end_of_customer(session, found.customer_no, trail.MACHINE)
    for account in found.accounts:
        if account.tracking in busy:
            yield ErasureItem("konto eBOK", Fate.KEPT, busy[account.tracking])
            continue
        authorities.end_all(session, account, trail.MACHINE, tells_owner=False)
        register.end_account(session, account, day)
        yield ErasureItem("konto eBOK", Fate.ERASED, "zamknięte na żądanie właściciela")
    if standing := register.erase_standing(session, found.customer_no):
        yield ErasureItem(f"pełnomocnictwa i konta, w których jest ten numer: {standing}", Fate.ERASED, "")
    open_visits = [one for one in found.requests if one.visit_state in OPEN]
    yield from (ErasureItem("wniosek o wizytę", Fate.KEPT, OPEN_VISIT, one.tracking) for one in open_visits)
    done = [one for one in found.requests if one.tracking not in busy and one not in open_visits]
    for request in done:
        session.delete(request)
    if done:
        yield ErasureItem(f"zgłoszenia: {len(done)}", Fate.ERASED, "")
    if erased := erase_questions(session, found.customer_no):
        yield ErasureItem(f"pytania z odpowiedziami i plikami: {erased}", Fate.ERASED, "")
    if waiting := sum(one.waits_since is not None for one in found.questions):
        yield ErasureItem(f"pytania: {waiting}", Fate.KEPT, _UNANSWERED)
    for proof in found.proofs:
        if proof.used_at is None and proof.email and proof.tracking not in busy:
            register.erase_unproven(session, proof)


def _consent(session: Session, consent: Consent) -> ErasureItem:
    given = consenting_to(consent.subject)
    what = given.label
    if register.is_in_force(consent) and given.lasting:
        return ErasureItem(what, Fate.KEPT, _IN_FORCE, consent.tracking)
    if consent.effective_to is None:  # with its case, or its account
        return ErasureItem(what, Fate.KEPT, OPEN_CASE, consent.tracking)
    if consent.email_proven_at is None:
        tracking = consent.tracking
        register.erase_consent(session, consent)
        return ErasureItem(what, Fate.ERASED, "nigdy nie weszła w życie", tracking)
    return ErasureItem(what, Fate.REDUCED, _PROOF, consent.tracking)


def _customer(session: Session, found: Held, busy: dict[str, str], *, departed: bool) -> Iterator[ErasureItem]:
    customer = found.customer
    if not departed and reduce_readings(session, found.customer_no):
        yield ErasureItem("podane odczyty: zdjęcia, telefony i uwagi", Fate.ERASED, "")
    if invoices_of(session, found.customer_no, limit=1):
        yield ErasureItem("faktury i wpłaty", Fate.KEPT, _BOOKS)
    if customer is None:
        return
    if not departed:
        yield ErasureItem("wpis w rejestrze klientów", Fate.KEPT, _BILLED)
        return
    consents = register.consents_of(session, found.customer_no)
    if any(register.is_in_force(one) and consenting_to(one.subject).lasting for one in consents):
        yield ErasureItem("wpis w rejestrze klientów", Fate.KEPT, _IN_FORCE)
        return
    if busy or is_owed_an_answer(session, found.customer_no):
        yield ErasureItem("wpis w rejestrze klientów", Fate.KEPT, OPEN_CASE)
        return
    if not consents:
        for document in found.documents:
            register.erase_change(session, document.tracking)
            document.customer_no = None
        session.flush()
    if register.reduce_customer(session, customer):
        yield ErasureItem("wpis w rejestrze klientów", Fate.ERASED, "")
    else:
        yield ErasureItem(
            "wpis w rejestrze klientów", Fate.REDUCED, "zostaje numer i nazwa: wskazują, czyja była zgoda"
        )
    if erase_readings(session, found.customer_no):
        yield ErasureItem("podane odczyty wodomierzy", Fate.ERASED, "")
    if erase_customer(session, found.customer_no):
        yield ErasureItem("punkty poboru, wodomierze, odczyty, rachunek do wpłat", Fate.ERASED, "")
