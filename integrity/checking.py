"""Comparing everything, and mending what is safe to mend."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Final

from audit import trail
from database.engine import DatabaseBrokenError, transaction
from integrity import (
    customers,
    documents,
    folder,
    index,
    invoices,
    leftovers,
    messages,
    notices,
    originals,
    questions,
    readings,
    whole,
)
from integrity.differences import Comparison, Difference, DifferenceKind, Scope, Whose

COMPARISONS: Final[tuple[Comparison, ...]] = (
    *whole.COMPARISONS,
    *originals.COMPARISONS,
    *folder.COMPARISONS,
    *documents.COMPARISONS,
    *customers.COMPARISONS,
    *messages.COMPARISONS,
    *invoices.COMPARISONS,
    *notices.COMPARISONS,
    *readings.COMPARISONS,
    *questions.COMPARISONS,
    *index.COMPARISONS,
    *leftovers.COMPARISONS,
)
"""All that is compared, in this order."""
_MOST: Final = 1_000
"""Differences that one comparison tells: whoever has so many is not helped by more."""
_MOMENTS: Final = (1.0, 4.0)
_SUBJECT: Final = "integrity"
Progress = Callable[[Comparison, int], None]
"""Hears of a comparison and of how much more was looked at."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What differs; ``complete`` is False where there may be more than is told."""

    differences: tuple[Difference, ...]
    complete: bool

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind, by code."""
        return dict(sorted(Counter(one.kind.code for one in self.differences).items()))


def all_kinds() -> dict[str, DifferenceKind]:
    """Every kind of difference by its code."""
    return {kind.code: kind for comparison in COMPARISONS for kind in comparison.kinds}


def every_original(_sha256: str, _stored_at: datetime) -> bool:
    """All originals are read to their ends."""
    return True


def no_original(_sha256: str, _stored_at: datetime) -> bool:
    """Of originals it is only seen whether they are there."""
    return False


def check(
    reads: Callable[[str, datetime], bool] = every_original,
    progress: Progress = lambda _comparison, _number: None,
    moments: Sequence[float] = _MOMENTS,
    wait: Callable[[float], None] = time.sleep,
) -> CheckResult:
    """Compare everything while everybody works; what is under way is no difference.

    ``reads`` says which originals are read to their ends, ``moments`` after how many seconds what differs is looked at
    once more: what was under way has ended by then.
    """
    found, complete = list[tuple[Comparison, list[Difference]]](), True
    for comparison in COMPARISONS:
        scope = Scope(reads, partial(progress, comparison))
        try:
            told = list(islice(comparison.differences(scope), _MOST))
        except DatabaseBrokenError as error:
            if type(error) is not DatabaseBrokenError:  # its subclasses are faults of the program
                raise
            complete = False  # what is broken is told by the comparison of the file itself
            continue
        complete = complete and len(told) < _MOST
        found.append((comparison, told))
    for moment in moments:
        if any(told for _, told in found):
            wait(moment)
        found = [(one, one.remaining(told, Scope(reads)) if told else told) for one, told in found]
    return CheckResult(tuple(one for _, told in found for one in told), complete)


def repair(found: Sequence[Difference], actor: str) -> Iterator[tuple[Difference, bool]]:
    """Mend what is safe to mend, one by one; gives each difference, and whether it is mended.

    Each mending is in the audit, committed with it.
    """
    owners = {kind.code: comparison for comparison in COMPARISONS for kind in comparison.kinds}
    for one in found:
        mended = False
        if one.kind.mending is not None:
            with transaction() as session:
                mended = owners[one.kind.code].mend(session, one, actor)
                if mended:
                    subject = one.subject if one.kind.whose is Whose.CASE else _SUBJECT
                    detail = {"code": one.kind.code, "subject": one.subject}
                    trail.record(session, actor=actor, action="repaired", subject=subject, detail=detail)
        yield one, mended
