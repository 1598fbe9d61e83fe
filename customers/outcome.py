"""What an effect starts from, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from sqlalchemy.orm import Session

from customers.proofs import Renewal
from customers.tables import Change, Customer
from environment.clock import local_day
from forms.submission import Submission

Fact = str | bool | None
OutcomeKind = Literal["done", "already_done", "same_request", "needs_human"]


@dataclass(frozen=True, slots=True)
class Origin:
    """The document behind a submission."""

    tracking: str
    received_at: datetime
    original_sha256: str | None

    @property
    def received_on(self) -> date:
        """The Polish local day of receipt, from which the law counts."""
        return local_day(self.received_at)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of applying one submission.

    ``code`` is stable, ``message`` Polish. ``facts`` hold what a confirmation needs: 'email' (the address that the
    form speaks of), 'old_email', 'effective_from' (ISO date), ...; each effect lists its own. ``proof_token`` goes into
    the link to ``facts['email']``; None when there is nothing (left) to prove. ``duplicate_of`` is the tracking number
    of the request that this one repeats.
    """

    kind: OutcomeKind
    code: str
    message: str
    customer_no: str | None
    facts: dict[str, Fact] = field(default_factory=dict, repr=False)
    proof_token: str | None = field(default=None, repr=False)
    duplicate_of: str | None = None

    def fact(self, name: str) -> str | None:
        """A fact that is a text; None where it is missing, empty or none."""
        found = self.facts.get(name)
        return found if isinstance(found, str) and found else None


class AgreedDayError(ValueError):
    """The agreed first day is not allowed; the message is Polish."""


@dataclass(frozen=True, slots=True)
class Case:
    """What an effect works on: one submission and its customer, whose row is locked while it is carried out."""

    session: Session
    customer: Customer
    submission: Submission
    origin: Origin
    paper_from: date | None = None

    @property
    def signed_on(self) -> date | None:
        """The day of signature."""
        text = self.submission.text("date_signed")
        return None if text is None else date.fromisoformat(text)

    def text(self, name: str) -> str:
        """A text that the form demands."""
        value = self.submission.text(name)
        if value is None:
            raise ValueError(f"form {self.submission.form.code}: its effect needs the field {name}, mark it required")
        return value

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.submission.value(name) is True

    def outcome(self, kind: OutcomeKind, code: str, message: str, **facts: Fact) -> Outcome:
        """An outcome for this customer."""
        return Outcome(kind, code, message, self.customer.customer_no, facts)


@dataclass(frozen=True, slots=True)
class Undoing:
    """One change being taken back by the document ``by``; its customer's row is locked."""

    session: Session
    change: Change
    customer: Customer
    by: str


@dataclass(frozen=True, slots=True)
class Undone:
    """What came of taking back: ``done`` is False when a later document rests on the change, or there was none.

    ``renewal`` is a new link to be sent, where taking back brought an address to life that still waits for its proof.
    """

    done: bool
    renewal: Renewal | None = None
