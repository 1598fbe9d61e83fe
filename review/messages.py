"""What a clerk decides of a message that did not arrive: again, to another address, as a letter, or not at all.

All functions work inside the caller's transaction and never commit. What is no longer as it was shown raises
RefusedError, so a second click does nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from access import tries
from audit.trail import record
from billing import invoice_message
from confirmations import outbox, settling
from confirmations.addressing import token_of
from confirmations.allowance import has_room
from confirmations.composing import compose_address_corrected, compose_link_again, compose_link_undelivered
from confirmations.overview import is_correctable, is_explainable, is_printable
from confirmations.recipients import postal_address
from confirmations.stopped_addresses import why_stopped
from confirmations.tables import NO_CASE, Message, RecipientRole
from customers.caller_check import Caller, can_be_asked, is_customer
from customers.effects import proving_for
from customers.proofs import ProofError
from customers.proving import readdress
from customers.records import CustomerRecord, RegisterLookup
from documents.loading import load
from documents.states import State
from documents.transitions import move
from documents.values import correct, known_form
from environment import clock
from environment.settings import get_settings
from forms.form import Problem
from forms.kinds import Email
from review.decisions import RefusedError, require_no_pesel
from review.queue import Clerk

_MOST_NOTE: Final = 1000
_WHOLE_ADDRESS: Final = 3
"""Lines of an address to which a letter arrives."""
_HOUR: Final = 60
_SETTLED: Final = Problem(None, "settled", "Ktoś już się tym zajął: na liście widać obecny stan.")
_NO_REASON: Final = Problem("reason", "reason_missing", "Napisz, dlaczego klient nie dostanie tej wiadomości.")
_NO_ADDRESS: Final = Problem(
    None, "no_address", "W rejestrze nie ma pełnego adresu tego klienta, więc listu nie można zaadresować."
)
_NO_EMAIL: Final = Problem("email", "email_missing", "Wpisz adres e-mail, który podał klient.")
_SAME: Final = Problem("email", "same_address", "To ten sam adres. Jeśli działa, wyślij wiadomość jeszcze raz.")
_UNKNOWN_CALLER: Final = Problem(
    "answer",
    "caller_unknown",
    "Numer klienta albo odpowiedź się nie zgadza. Nie mów, co: zapytaj o coś innego albo poproś klienta o formularz.",
)
_TOO_MANY: Final = Problem(
    "answer",
    "too_many_tries",
    "Za dużo złych odpowiedzi w tej sprawie albo w innych tego klienta. Spróbuj za godzinę albo poproś o formularz.",
)
_NOTHING_TO_ASK: Final = Problem(
    "answer",
    "nothing_to_ask",
    "W rejestrze nie ma ani PESEL, ani telefonu tego klienta, więc nie ma o co zapytać. Poproś o nowy formularz albo "
    "wyślij list.",
)
_NO_ROOM: Final = Problem(
    "email",
    "no_room_today",
    "Na ten adres wyszło dziś już tyle wiadomości, ile wolno, póki nikt go nie potwierdził. Umów się na jutro.",
)
_CORRECTED: Final = "Adres poprawiono w biurze; odnośnik wysłano na poprawiony."
_BY_LETTER: Final = "Odnośnik nie dochodzi; numer sprawy i co zrobić podano w liście."


def send_again(session: Session, key: str, clerk: Clerk) -> None:
    """Send a message once more that failed, came back or may not have arrived.

    RefusedError for an invoice that is another customer's by now, or went on paper meanwhile.
    """
    message = _message(session, key)
    if invoice_message.is_invoice(message) and (why := invoice_message.against(session, message)) is not None:
        raise RefusedError([Problem(None, "invoice_gone_on", why)])
    _decided(session, key, clerk, "message_sent_again", done=settling.send_again(session, key))


def mark_sent(session: Session, key: str, clerk: Clerk) -> None:
    """The clerk found out that a message did arrive."""
    _decided(session, key, clerk, "message_marked_sent", done=settling.settle(session, key))


def close_message(session: Session, key: str, clerk: Clerk, reason: str) -> None:
    """The customer gets no message, for a reason that stays with it; RefusedError without one."""
    words = reason.strip()[:_MOST_NOTE]
    require_no_pesel(words)
    if not words:
        raise RefusedError([_NO_REASON])
    told = f"Zamknięto bez wiadomości: {words}"
    _decided(session, key, clerk, "message_closed", done=settling.close(session, key, words), reason=told)


def print_message(session: Session, key: str, clerk: Clerk) -> None:
    """A letter to the address of the register takes the place of an e-mail; RefusedError when that is not whole.

    Instead of a link it tells the number of the case and what to do.
    """
    message = _message(session, key)
    customer = _customer_of(session, message)
    address = "" if customer is None else postal_address(customer)
    if customer is None or len(address.splitlines()) < _WHOLE_ADDRESS:
        raise RefusedError([_NO_ADDRESS])
    if is_explainable(session, message):
        form = known_form(load(session, message.tracking))
        done = form is not None and settling.close(session, key, _BY_LETTER)
        if done and form is not None:
            token = token_of(message)
            compose_link_undelivered(session, tracking=message.tracking, form=form, token=token, customer=customer)
    else:
        done = is_printable(message) and settling.as_letter(session, key, address)
    _decided(session, key, clerk, "message_printed", done=done)


def correct_address(session: Session, key: str, clerk: Clerk, caller: Caller, email: str) -> Sequence[Problem]:
    """Send a message to the address that the customer tells on the telephone; what stands against it.

    A wrong answer counts, so the transaction is to be committed in any case. An address that a link is to prove is
    corrected in the document, too, and counts once its owner has used the new link; the old one ends. The address
    before is told, unless it takes no mail: an answer that somebody else knew must not go unseen.
    """
    message = _message(session, key)
    customer = _customer_of(session, message)
    if customer is None or not is_correctable(session, message):
        raise RefusedError([_SETTLED])
    if not can_be_asked(customer):
        raise RefusedError([_NOTHING_TO_ASK])
    tracking, before = message.tracking, message.recipient
    tried = (f"caller:{tracking}", f"caller of:{customer.customer_no}")  # of somebody with many cases, too
    if not tries.allowed(session, *tried, most=get_settings().case_tries, minutes=_HOUR):
        raise RefusedError([_TOO_MANY])
    address, against = _wanted(session, message, email)
    if address is None:
        return against
    if not is_customer(caller, customer):
        tries.note_wrong(session, *tried)
        record(session, actor=clerk.actor, action="caller_unknown", subject=tracking, detail={"message": key})
        session.flush()
        return [_UNKNOWN_CALLER]
    if message.role == RecipientRole.LINK.value:
        try:
            _correct_link(session, tracking, clerk, address)
        except ProofError as error:
            raise RefusedError([Problem("email", error.code, error.message)]) from error
        done = True
    else:
        done = settling.redirect(session, key, address)
    if done and why_stopped(session, before) is None:
        mark = f"{message.id}-{message.readdressed}"
        compose_address_corrected(
            session, tracking=tracking, customer_no=customer.customer_no, before=before, again=mark
        )
    detail = {"message": key, "asked": caller.question}
    _decided(session, key, clerk, "address_corrected", done=done, detail=detail)
    return []


def _correct_link(session: Session, tracking: str, clerk: Clerk, email: str) -> None:
    renewal = readdress(session, tracking, email)
    settling.close_links(session, tracking, _CORRECTED)
    compose_link_again(session, renewal)
    document, name = load(session, tracking), proving_for(renewal.purpose).address
    form = known_form(document)
    if form is not None and name in form:
        correct(session, document, name, email, clerk.login, settled=True)


def _wanted(session: Session, message: Message, typed: str) -> tuple[str | None, list[Problem]]:
    """The address as it is written, or what stands against it."""
    found = Email().parse(typed, clock.today())
    if found.fault is not None:
        return None, [Problem("email", found.fault.code, found.fault.message)]
    if not isinstance(found.value, str):
        return None, [_NO_EMAIL]
    if found.value == message.recipient:
        return None, [_SAME]
    if (told := why_stopped(session, found.value)) is not None:
        return None, [Problem("email", "address_stopped", told)]
    if not has_room(session, found.value):
        return None, [_NO_ROOM]
    return found.value, []


def _message(session: Session, key: str) -> Message:
    message = session.scalars(select(Message).where(Message.key == key)).first()
    if message is None:
        raise RefusedError([_SETTLED])
    return message


def _customer_of(session: Session, message: Message) -> CustomerRecord | None:
    number = message.customer_no or (load(session, message.tracking).customer_no if message.tracking else None)
    return None if number is None else RegisterLookup(session).find(number)


def _decided(
    session: Session,
    key: str,
    clerk: Clerk,
    action: str,
    *,
    done: bool,
    reason: str | None = None,
    detail: dict[str, str] | None = None,
) -> None:
    """Note what was done of a message; its document is confirmed when that was the last thing it waited for."""
    found = session.execute(select(Message.tracking, Message.subject).where(Message.key == key)).first()
    if not done or found is None:
        raise RefusedError([_SETTLED])
    tracking, subject = found
    record(session, actor=clerk.actor, action=action, subject=subject, detail=detail or {"message": key})
    if tracking == NO_CASE:
        return
    document = load(session, tracking)
    if document.at is State.APPLIED and outbox.all_ended(session, tracking):
        move(session, document, State.CONFIRMED, actor=clerk.actor, reason=reason)
    session.flush()
