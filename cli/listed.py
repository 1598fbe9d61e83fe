"""The customers of a file, used like the register while reading."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from customers.knowledge import ListKnowledge
from customers.matching import corroborate
from customers.records import CustomerRecord, ListDirectory
from forms.submission import Submission
from ocr.installation import Installation


@dataclass(frozen=True, slots=True)
class Listed:
    """A customer list: what it lends to reading, and where its customers are found."""

    knowledge: Installation
    directory: ListDirectory

    @classmethod
    def of(cls, path: Path) -> Listed:
        """The customers of this file; CommandError lists every wrong line.

        A process of its own reads them: what that takes would stay with this one as long as it runs.
        """
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
            records = apart.submit(_records_of, path).result()
        return cls(Installation(ListKnowledge(records)), ListDirectory(records))

    def corroborate(self, submission: Submission) -> Submission:
        """The submission as the list confirms or contradicts it."""
        return corroborate(submission, self.directory)


def _records_of(path: Path) -> list[CustomerRecord]:
    from cli.customer_files import records_of  # noqa: PLC0415  pandas is to be loaded by that process alone

    return records_of(path)
