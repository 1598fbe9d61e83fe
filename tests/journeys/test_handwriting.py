"""A form filled in by pen under another customer's number changes nobody's row; it waits."""

from __future__ import annotations

from forms.catalogue import form_by_code
from specimens import files
from specimens.paper import handwrite_form
from specimens.scanner import scan
from tests.journeys.conftest import Office
from tests.journeys.one_database import ON_SQLITE

CODE = "einvoice_withdrawal"


@ON_SQLITE
def test_a_form_by_hand_with_another_customers_number_waits_for_a_human(office: Office) -> None:
    office.on_einvoice()
    values = office.values(CODE, email_current=None, customer_no=office.people[1]["customer_no"])
    office.drop("form.pdf", files.image_pdf(scan(handwrite_form(form_by_code(CODE), values, 1), "gray300", 1)))
    office.work()
    story = office.documents()[-1]
    assert (story["form"], story["state"]) == (CODE, "in_review")
    assert story["reason_code"] in {"doubtful_field", "mismatch_name"}
    assert office.row()["consents"][-1]["effective_to"] is None
    assert office.row(1)["consents"] == []
