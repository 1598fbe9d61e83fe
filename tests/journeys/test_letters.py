"""A letter in free words: a human decides, nothing happens alone."""

from __future__ import annotations

from environment import clock
from specimens import files
from specimens.letters import request_letter
from specimens.scanner import scan
from tests.journeys.conftest import Office
from tests.journeys.one_database import ON_SQLITE


@ON_SQLITE
def test_a_scanned_letter_waits_for_a_human_with_its_values_proposed_and_changes_nothing(office: Office) -> None:
    letter = request_letter("einvoice_acceptance", office.people[0], 4, clock.today())
    office.drop("pismo.pdf", files.image_pdf(scan(letter.pdf, "gray200", 2)))
    office.work()
    (story,) = office.documents()
    assert (story["state"], story["reason_code"]) == ("in_review", "unknown_layout")
    assert (story["form"], story["version"]) == ("einvoice_acceptance", None)
    assert "To nie jest nasz druk" in story["reason"]
    read = {one["field"]: one for one in story["readings"]}
    assert read["customer_no"]["value"] == office.people[0]["customer_no"]
    assert read["date_signed"]["value"] == letter.values["date_signed"]
    assert not any(one["trusted"] for one in read.values())
    assert office.mailbox.mails == []
    assert office.letters() == []
    assert office.row()["consents"] == []
