"""Who a submission comes from, and whether it may go straight through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from customers.records import CustomerRecord, Directory
from forms.form import Problem
from forms.submission import Submission


@dataclass(frozen=True, slots=True)
class Match:
    """The customer of that number and what agrees: subset of 'customer_no', 'name', 'pesel', 'nip', 'address'."""

    record: CustomerRecord | None
    factors: frozenset[str]
    problems: tuple[Problem, ...]

    @property
    def identified(self) -> bool:
        """Whether the number and one more factor agree and nothing contradicts."""
        return len(self.factors) > 1 and not self.problems


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to happen with a submission.

    ``customer_no`` is set when the number is in the register; ``identified`` says whether two factors prove it.
    """

    decision: Literal["ready", "review", "reject"]
    problems: tuple[Problem, ...]
    customer_no: str | None
    identified: bool


def corroborate(submission: Submission, directory: Directory) -> Submission:
    """A copy in which readings that the register confirms are trusted."""
    raise NotImplementedError


def match(submission: Submission, directory: Directory) -> Match:
    """Compare what was given with the register."""
    raise NotImplementedError


def judge(submission: Submission, directory: Directory, today: date) -> Verdict:
    """Decide: 'ready', 'review', or 'reject' (only a missing signature). Call ``corroborate`` first."""
    raise NotImplementedError
