"""How many documents need no human: each reading judged against a register of all the people in the specimens.

Customer numbers in the specimens lie far apart; what counts is that nothing misread goes through.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from benchmarks.drawing import Specimen
from benchmarks.scoring import share, table
from customers.matching import IDENTITY, corroborate, judge
from customers.records import CustomerRecord, ListDirectory
from forms.submission import Submission
from specimens.people import CustomerRow


@dataclass(frozen=True)
class PageVerdict:
    """What becomes of a page, and which values that its effect would carry into the register are not on the paper."""

    signed: bool
    decision: str
    misread: tuple[str, ...]


def directory_of(customers: Iterable[CustomerRow]) -> ListDirectory:
    """A register of these customers."""
    return ListDirectory(
        CustomerRecord(
            customer_no=row["customer_no"],
            name=row["name"],
            pesel=row["pesel"] or None,
            nip=row["nip"] or None,
            street=row["street"] or None,
            house=row["house"] or None,
            flat=row["flat"] or None,
            postcode=row["postcode"] or None,
            town=row["town"] or None,
            phone=row["phone"] or None,
            email=row["email"] or None,
        )
        for row in customers
    )


def judge_page(specimen: Specimen, submission: Submission, directory: ListDirectory, today: date) -> PageVerdict:
    """Corroborate and judge as the product does before it applies a form."""
    submission = corroborate(submission, directory)
    verdict = judge(submission, directory, today)
    carried = [item.name for item in specimen.form.fields if item.name not in IDENTITY - {"customer_no"}]
    misread = tuple(name for name in carried if (submission.value(name) or None) != (specimen.expected[name] or None))
    return PageVerdict(bool(specimen.expected["signature"]), verdict.decision, misread)


def verdict_table(verdicts: Sequence[PageVerdict]) -> str:
    """Rows: signed and unsigned papers. Columns: what became of them, and how many went through with a misreading."""
    rows = []
    for signed, name in ((True, "signed"), (False, "unsigned")):
        found = [verdict for verdict in verdicts if verdict.signed == signed]
        counts = [sum(v.decision == decision for v in found) for decision in ("ready", "review", "reject")]
        wrong = sum(bool(v.misread) for v in found if v.decision == "ready")
        rows.append((name, str(len(found)), *(share(count, len(found)) for count in counts), str(wrong)))
    return table(("paper", "pages", "straight through", "review", "asked to sign", "misread but through"), rows)
