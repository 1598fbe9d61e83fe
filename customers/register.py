"""What the register says: of a customer, of a document, of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an invoice is delivered: ``channel`` 'paper' or 'email', with the address."""

    channel: str
    email: str | None = None


def delivery_on(session: Session, customer_no: str, day: date) -> Delivery:
    """How an invoice of that Polish local day is delivered to that customer."""
    raise NotImplementedError


def register_row(session: Session, customer_no: str) -> dict[str, Any] | None:
    """The customer with delivery, account and consents, PESEL masked; None when there is none."""
    raise NotImplementedError


def changes_of(session: Session, tracking: str) -> list[dict[str, Any]]:
    """What came of a document: outcome, effect, facts and the state of its proof, oldest first."""
    raise NotImplementedError
