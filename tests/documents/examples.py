"""Invented papers that several tests use, and work done by several at one moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date

from forms.catalogue import form_by_code
from forms.submission import FieldValue, Source, Submission, submission_from_values

VALUES: dict[str, object] = {
    "customer_no": "10000001",
    "name": "Anna Żółkiewska",
    "pesel": "44051401359",
    "street": "Sikorskiego",
    "house": "7",
    "postcode": "66-470",
    "town": "Kostrzyn nad Odrą",
    "email": "anna@example.com",
    "accept_terms": True,
    "date_signed": "2026-01-05",
}


def acceptance(**changes: object) -> Submission:
    """An e-invoice acceptance as typed online."""
    submission, _ = submission_from_values(form_by_code("einvoice_acceptance"), {**VALUES, **changes}, date(2026, 1, 6))
    return submission


def read_acceptance(page: int = 1, confidence: float = 0.9) -> Submission:
    """The same as the machine read it from paper."""
    fields = {
        name: FieldValue(
            value.value, confidence, False, Source.PRINT, page, (50.0, 100.0, 120.5, 120.0), value.raw, "jeden odczyt"
        )
        for name, value in acceptance().fields.items()
    }
    return Submission(form_by_code("einvoice_acceptance"), fields, paper=True)


def together(number: int, work: Callable[[int], None]) -> None:
    """Run the work in threads that start at one moment; the first fault is raised."""
    gate, faults = threading.Barrier(number), []

    def run(at: int) -> None:
        gate.wait()
        try:
            work(at)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(at,)) for at in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
