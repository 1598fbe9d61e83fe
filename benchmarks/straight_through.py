"""How many documents need no human: each reading judged against a list of 8,000 customers numbered in a row.

What counts is that nothing misread goes through, and nothing for the wrong customer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from benchmarks.drawing import Specimen
from benchmarks.scoring import share, table
from customers.matching import corroborate, judge
from customers.records import IDENTITY, CustomerLookup, CustomerRecord, ListDirectory
from forms.submission import Submission
from specimens.people import CustomerRow


@dataclass(frozen=True)
class PageVerdict:
    """What becomes of a page, and which values that its effect would carry into the register are not on the paper.

    ``decision`` is 'ready', 'review', 'reject', or 'unknown' where the form was not found; ``customer`` tells whether
    the customer of the written number filled it in.
    """

    signed: bool
    customer: bool
    decision: str
    misread: tuple[str, ...]


def directory_of(customers: Iterable[CustomerRow]) -> ListDirectory:
    """A register of these customers."""
    return ListDirectory(records_of(customers))


def records_of(customers: Iterable[CustomerRow]) -> list[CustomerRecord]:
    """These customers as reading and matching know them."""
    return [
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
    ]


def judge_page(
    specimen: Specimen, submission: Submission | None, directory: CustomerLookup, today: date
) -> PageVerdict:
    """Corroborate and judge as the product does before it applies a form."""
    signed, customer = bool(specimen.expected["signature"]), specimen.who == "customer"
    if submission is None:
        return PageVerdict(signed, customer, "unknown", ())
    submission = corroborate(submission, directory)
    verdict = judge(submission, directory, today)
    carried = [item.name for item in specimen.form.fields if item.name not in IDENTITY - {"customer_no"}]
    misread = tuple(name for name in carried if (submission.value(name) or None) != (specimen.expected[name] or None))
    return PageVerdict(signed, customer, verdict.decision, misread)


def verdict_table(verdicts: Sequence[PageVerdict]) -> str:
    """Rows: who filled in the paper. Columns: what became of them, and how many went through with a misreading."""
    groups = {
        "signed by the customer": [one for one in verdicts if one.signed and one.customer],
        "unsigned": [one for one in verdicts if not one.signed],
        "a stranger's, or with another's number": [one for one in verdicts if one.signed and not one.customer],
    }
    rows = []
    for name, found in groups.items():
        counts = [
            sum(v.decision in decisions for v in found)
            for decisions in (("ready",), ("review", "unknown"), ("reject",))
        ]
        wrong = sum(bool(v.misread) for v in found if v.decision == "ready")
        rows.append((name, str(len(found)), *(share(count, len(found)) for count in counts), str(wrong)))
    return table(("paper", "pages", "straight through", "review", "asked to sign", "misread but through"), rows)
