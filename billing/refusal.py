"""Why a delivery is not taken: every cause at once, by file and line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeliveryProblem:
    """One cause with its remedy, in Polish; ``line`` 0 is the file itself. It repeats no value but numbers of rows."""

    file: str
    line: int
    message: str

    @property
    def told(self) -> str:
        """On one line."""
        return f"{self.file}{f', wiersz {self.line}' if self.line else ''}: {self.message}"


class BillingRefusedError(Exception):
    """A delivery that is not taken, nothing of it."""

    def __init__(self, problems: Sequence[DeliveryProblem]) -> None:
        super().__init__(f"delivery of billing with {len(problems)} problems")
        self.problems = list(problems)
