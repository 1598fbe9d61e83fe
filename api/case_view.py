"""A case as one page shows it: collected in one short transaction, with no more than the browser may see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from api.case_access import Access
from api.case_wording import TYPED, WAYS, CaseStanding, heading, message, next_steps
from api.pages import moment
from api.progress import title_of_form
from api.signature_wording import SignatureInWords, in_words
from confirmations.composing import answer_to
from confirmations.overview import messages_of
from confirmations.receipt import Receipt
from confirmations.tables import Medium, MessageState
from customers.compensation import corrected_by
from customers.consents import signed_terms
from customers.effects import effect_of
from customers.links import Link, link_of_case
from customers.visit_view import Visit
from database.engine import Session
from documents.erasing import ERASED
from documents.loading import load
from documents.progress import further_parts, states_passed, understood
from documents.states import IntakeChannel, State
from documents.tables import Document
from documents.values import known_form, signatures_of
from environment import clock
from forms.catalogue import form_by_code
from forms.electronic_signature import ElectronicSignature
from portal.visits import visit_of_case

_UNKNOWN_TITLE: Final = "Twój dokument"
_UNKNOWN_PART: Final = "Nierozpoznany dokument"
_MEDIA: Final = {Medium.EMAIL: "E-mail", Medium.SMS: "SMS", Medium.LETTER: "List"}
_CHECKED: Final = "sprawdza pracownik"
_NOT_READ: Final = "nie odczytaliśmy"


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field: its label, its value as this browser may see it, and whether a clerk checks it."""

    label: str
    value: str = field(repr=False)
    checked: bool


@dataclass(frozen=True, slots=True)
class FurtherPart:
    """Another form from the same file."""

    tracking: str
    title: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """All that the page of a case shows.

    ``read`` is False until the document was looked at; ``typed``: its values were typed in and not read by a machine.
    ``erased`` stands for the values where they are no longer kept.
    ``link`` is the link, ``visit`` the visit that decides what remains to be done, ``sent`` tells of the messages,
    oldest first.
    """

    tracking: str
    access: Access
    title: str
    known: bool
    state: State
    standing: str
    message: str
    next_steps: tuple[str, ...]
    mood: str | None
    goes_on: bool
    way: str
    received_at: datetime
    read: bool
    typed: bool
    rows: tuple[FieldRow, ...]
    erased: str | None
    signatures: tuple[SignatureInWords, ...]
    steps: tuple[tuple[State, datetime], ...]
    sent: tuple[str, ...]
    link: Link | None
    visit: Visit | None
    duplicate_of: str | None
    further_parts: tuple[FurtherPart, ...]


def case_view(session: Session, tracking: str, access: Access) -> CaseView:
    """The case of that number; UnknownDocumentError when there is none."""
    document = load(session, tracking)
    typed = document.way_in in TYPED
    again = corrected_by(session, tracking)
    link = link_of_case(session, tracking)
    standing = CaseStanding(
        document.at,
        document.reason_code,
        link,
        typed,
        again is not None,
        _until_used(document),
        visit_of_case(session, tracking),
    )
    title = title_of_form(document.form, document.version)
    sender = access is Access.SENDER
    # The answer tells what the register knows of the customer, so a possible stranger must not see it.
    answer = answer_to(document.reason_code) if sender and document.at is State.REJECTED else None
    return CaseView(
        tracking=document.tracking,
        access=access,
        title=title or _UNKNOWN_TITLE,
        known=title is not None,
        state=document.at,
        standing=heading(standing),
        message=answer or message(standing),
        next_steps=tuple(step for step in next_steps(standing) if step),
        mood=standing.mood,
        goes_on=standing.goes_on,
        way=WAYS[document.way_in],
        received_at=document.received_at,
        read=document.pages is not None,
        typed=typed,
        rows=() if document.values_erased_at else _rows(session, document, sender=sender),
        erased=ERASED if document.values_erased_at else None,
        signatures=tuple(in_words(each, named=sender) for each in _signatures(session, document)),
        steps=tuple(states_passed(session, document)),
        sent=tuple(_told(each, sender=sender) for each in messages_of(session, tracking)),
        link=standing.counted_link,
        visit=standing.counted_visit,
        duplicate_of=document.duplicate_of or again,
        further_parts=tuple(_further_parts(session, document)),
    )


def _until_used(document: Document) -> str | None:
    """What holds until the link is used that the form of this document will bring; None where it brings none."""
    try:
        proving = effect_of(form_by_code(document.form or "", document.version)).proving
    except LookupError:  # not read yet, none of ours, or no longer in the catalogue
        return None
    return proving.until_used if proving else None


def receipt_of(view: CaseView) -> Receipt:
    """The receipt of a case, with no more than the page shows."""
    return Receipt(
        tracking=view.tracking,
        title=view.title,
        received=moment(view.received_at),
        way=view.way,
        message=view.message if view.erased is None else f"{view.message} Dane z formularza: {view.erased}.",
        values=tuple((row.label, f"{row.value} ({_CHECKED})" if row.checked else row.value) for row in view.rows),
        typed=view.typed,
        made=moment(clock.now()),
    )


def _further_parts(session: Session, document: Document) -> Iterator[FurtherPart]:
    """Of a batch that the office scanned, each sender may know only the own part."""
    if document.way_in is IntakeChannel.UPLOAD:
        for number in further_parts(session, document):
            part = load(session, number)
            yield FurtherPart(number, title_of_form(part.form, part.version) or _UNKNOWN_PART)


def _signatures(session: Session, document: Document) -> Iterator[ElectronicSignature]:
    """Those of the file, without numbers; of a batch that the office scanned they may be somebody else's."""
    alone = document.parent_tracking is None and not further_parts(session, document)
    if alone or document.way_in is IntakeChannel.UPLOAD:
        yield from (replace(each, pesel=None) for each in signatures_of(document))


def _rows(session: Session, document: Document, *, sender: bool) -> tuple[FieldRow, ...]:
    rows = [
        FieldRow(each.label, (each.shown if sender else each.masked) or _NOT_READ, each.checked)
        for each in understood(session, document)
    ]
    form = known_form(document)
    terms = signed_terms(form, document.signed_on, clock.local_day(document.received_at)) if form and rows else None
    return (*rows, *([FieldRow(terms.title, f"wersja {terms.version}", checked=False)] if terms else []))


_ENDS: Final[Mapping[MessageState, str]] = {
    MessageState.UNCERTAIN: ": nie wiemy, czy dotarł, sprawdzi to pracownik",
    MessageState.FAILED: ": nie udało się wysłać, zajmie się tym pracownik",
    MessageState.BOUNCED: ", wrócił, zajmie się tym pracownik",
    MessageState.CLOSED: ": nie wysłaliśmy go",
}
"""How a message ended that was not sent, or came back."""


def _put_off(told: dict[str, str]) -> bool:
    """Whether a message waits, without any fault, since its address had too many today."""
    return not told["attempts"] and not told["error"] and told["next_attempt_at"] > told["created_at"]


def _told(told: dict[str, str], *, sender: bool) -> str:
    """One message in a line: how, to whom (masked, for its sender alone), and whether it has left."""
    letter = told["channel"] == Medium.LETTER
    known = sender and told["recipient"] != ERASED
    to = " na adres z rejestru" if letter else f" na {told['recipient']}" if known else ""
    what = f"{_MEDIA[Medium(told['channel'])]}{to}"
    match MessageState(told["state"]):
        case MessageState.SENT:
            done = "przekazany do wysłania" if letter else "wysłany"
            return f"{what}, {done} {moment(datetime.fromisoformat(told['sent_at']))}"
        case MessageState.PENDING if _put_off(told):
            return f"{what}, wyślemy do jutra: dziś było na ten adres już kilka wiadomości, a nie jest potwierdzony"
        case MessageState.PENDING | MessageState.SENDING:
            return f"{what}, czeka na wysłanie"
        case state:
            return f"{what}{_ENDS[state]}"
