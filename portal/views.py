"""Which customer number a session looks at, and what it may do there: the one thing that every page asks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """What may be done with a customer number by whoever looks at it."""

    SEE = "see"
    """See invoices, what is owed, how to pay it, and consumption."""
    ACT = "act"
    """Send readings, requests and questions, and see how cases stand."""
    EINVOICES = "einvoices"
    """Fill in the forms on electronic invoices."""
    OWN = "own"
    """Whatever is the customer's own affair: what we hold of him, who acts for him."""


@dataclass(frozen=True, slots=True)
class View:
    """A customer number that an account may look at, and what it may do there."""

    customer_no: str
    permissions: frozenset[Permission]

    def may(self, permission: Permission) -> bool:
        """Whether that may be done with this number."""
        return permission in self.permissions


def own(customer_no: str) -> View:
    """The view that a customer has of himself: everything may be done."""
    return View(customer_no, frozenset(Permission))
