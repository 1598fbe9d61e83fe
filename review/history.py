"""Everything about one document, gathered from every room, and what may still be done about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.trail import record
from confirmations.archive import KeptMessage, kept_messages
from confirmations.composing import compose_link_again
from confirmations.overview import messages_of
from customers.acting import agents_in_words
from customers.links import Link, link_of_case
from customers.proofs import renew
from customers.records import CustomerRecord, RegisterLookup
from customers.register import changes_of
from documents import loading, summaries, transitions
from documents.erasing import ERASED
from documents.states import State
from documents.values import known_form
from forms.form import Form
from review.pages import JOINED, take_back
from review.tables import SecondLook

REOPENABLE: Final = (State.REJECTED, State.DUPLICATE)
"""States from which a document may be put on the desk again; in all others nothing was decided, or it is done."""


class NotReopenableError(ValueError):
    """The document cannot be taken back; ``message`` is Polish and says why."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.message = f"Tej sprawy nie można otworzyć ponownie: {why}"


@dataclass(frozen=True, slots=True)
class History:
    """Everything there is to tell; ``told`` is the story of the document as ``documents.summaries`` tells it."""

    told: dict[str, Any] = field(repr=False)
    form: Form | None
    customer: CustomerRecord | None = field(repr=False)
    changes: list[dict[str, Any]] = field(repr=False)
    messages: list[dict[str, Any]] = field(repr=False)
    kept: list[KeptMessage] = field(repr=False)
    link: Link | None
    second_look: SecondLook | None
    sender: str | None = field(repr=False)
    """Who sent it for a customer, in Polish; None where nobody is known to have."""

    @property
    def state(self) -> State:
        """Where the document stands."""
        return State(self.told["state"])

    @property
    def reopenable(self) -> bool:
        """Whether it may be put on the desk again."""
        return self.state in REOPENABLE and not any(self.told["erased"].values())


def note_revealed(session: Session, tracking: str, actor: str) -> None:
    """Say in the audit who is about to see the sensitive values of a document; before he does.

    UnknownDocumentError when there is no such document.
    """
    record(session, actor=actor, action="revealed", subject=loading.load(session, tracking).tracking)


def history(session: Session, tracking: str, *, masked: bool = True) -> History:
    """The story of a document; not ``masked`` it shows sensitive values, which is noted before (``note_revealed``).

    UnknownDocumentError when there is no such document.
    """
    document = loading.load(session, tracking)
    number = document.customer_no
    return History(
        told=summaries.story(session, tracking, masked=masked),
        form=known_form(document),
        customer=RegisterLookup(session).find(number) if number else None,
        changes=changes_of(session, tracking),
        messages=messages_of(session, tracking),
        kept=kept_messages(session, tracking),
        link=link_of_case(session, tracking),
        second_look=session.scalar(select(SecondLook).where(SecondLook.tracking == tracking)),
        sender=next(iter(agents_in_words(session, [document.authority], of_whom=True).values()), None),
    )


def reopen(session: Session, tracking: str, actor: str) -> None:
    """Put a document on the desk again that was rejected or taken for a repetition, which it is no longer then.

    NotReopenableError in any other state, and where something of it is no longer kept; StaleDocumentError when somebody
    else moved it meanwhile.
    """
    document = loading.load(session, tracking)
    if document.at not in REOPENABLE:
        raise NotReopenableError("jest już załatwiona albo właśnie w toku.")
    if document.values_erased_at is not None or document.original_released_at is not None:
        raise NotReopenableError(f"dane i pliki {ERASED}.")
    if document.reason_code == JOINED:
        take_back(session, document)
    document.duplicate_of = None
    reason = "Otwarta ponownie w biurze."
    transitions.move(session, document, State.IN_REVIEW, actor=actor, reason_code="reopened", reason=reason)


def send_link_again(session: Session, tracking: str, actor: str) -> None:
    """A new link to the address that waits for its proof; the old one stops working. ProofError when none waits."""
    compose_link_again(session, renew(session, tracking))
    record(session, actor=actor, action="link_sent_again", subject=tracking)
    session.flush()
