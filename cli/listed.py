"""The customers of a file, used like the register while reading."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cli.customers import records_of
from customers.knowledge import ListKnowledge
from customers.matching import corroborate
from customers.records import ListDirectory
from forms.submission import Submission
from ocr.installation import Installation


@dataclass(frozen=True, slots=True)
class Listed:
    """A customer list: what it lends to reading, and where its customers are found."""

    knowledge: Installation
    directory: ListDirectory

    @classmethod
    def of(cls, path: Path) -> Listed:
        """The customers of this file; CommandError lists every wrong line."""
        records = records_of(path)
        return cls(Installation(ListKnowledge(records)), ListDirectory(records))

    def corroborate(self, submission: Submission) -> Submission:
        """The submission as the list confirms or contradicts it."""
        return corroborate(submission, self.directory)
