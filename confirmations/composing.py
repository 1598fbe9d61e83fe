"""Who is told what: from what happened to a document to the messages in the outbox.

An e-mail address is trustworthy when its owner has proven it by a link. Messages to any other address carry no
personal data: only the company, the tracking number and the link.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from customers.effects import Outcome
from customers.proofs import ProofResult
from customers.records import CustomerRecord
from forms.form import Form, Problem
from forms.submission import Submission


def compose(
    session: Session, *, tracking: str, submission: Submission, outcome: Outcome, customer: CustomerRecord
) -> list[str]:
    """Messages after an effect was applied, in the transaction of the effect; the keys of the messages.

    One message a form, and for a change of address one to the new (link) and one to the old address (notice). None for
    an outcome that waits for a human. Safe to repeat: the keys are the same.
    """
    raise NotImplementedError


def compose_incomplete(
    session: Session,
    *,
    tracking: str,
    form: Form | None,
    problems: Sequence[Problem],
    customer: CustomerRecord | None,
    submission: Submission | None = None,
) -> list[str]:
    """The message that a paper cannot be accepted and what to do (rejected: no signature, unreadable).

    ``customer`` is None when nobody was identified: then only an e-mail address that was read beyond doubt from the
    paper is written to, and the list of keys is empty when there is none (a clerk has to find the sender).
    """
    raise NotImplementedError


def compose_answer(session: Session, *, tracking: str, form: Form, code: str, customer: CustomerRecord) -> list[str]:
    """The true answer when a clerk rejects what could not be done; ``code`` is the outcome's (``no_consent``, ...)."""
    raise NotImplementedError


def compose_proof(session: Session, result: ProofResult) -> list[str]:
    """The message after an address was proven by its link: account, e-invoices or the new address are in force."""
    raise NotImplementedError


def compose_link_again(session: Session, *, tracking: str, purpose: str, email: str, token: str) -> list[str]:
    """The link once more, with a renewed token (customer or clerk asked for it)."""
    raise NotImplementedError
