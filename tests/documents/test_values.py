"""Readings, corrections and problems of a document."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from database.engine import transaction
from documents.loading import load
from documents.summaries import story
from documents.tables import Reading
from documents.values import CorrectionError, correct, problems_of, record_problems, save_readings, submission_of
from forms.form import Problem
from forms.submission import FieldValue, Source
from tests.documents.examples import acceptance, read_acceptance
from tests.documents.received import in_review, online, scan

pytestmark = pytest.mark.usefixtures("database")


def test_readings_come_back_as_they_were_saved() -> None:
    tracking = online()
    with transaction() as session:
        assert submission_of(session, load(session, tracking)) == acceptance()


def test_a_new_reading_supersedes_the_old_one_and_keeps_it() -> None:
    tracking = in_review()
    with transaction() as session:
        document = load(session, tracking)
        doubted = submission_of(session, document)
        better = doubted.with_value("email", FieldValue("ewa@example.com", 0.99, source=Source.PRINT, page=1))
        save_readings(session, document, better, "machine")
        save_readings(session, document, better, "machine")
    with transaction() as session:
        rows = list(session.scalars(select(Reading).where(Reading.field == "email").order_by(Reading.id)))
        assert [(row.value, row.superseded) for row in rows] == [("anna@example.com", True), ("ewa@example.com", False)]
        assert len(list(session.scalars(select(Reading).where(Reading.field == "name")))) == 1


def test_a_correction_holds_against_a_later_reading_of_the_machine() -> None:
    tracking = in_review()
    with transaction() as session:
        document = load(session, tracking)
        correct(session, document, "email", " EWA@Example.com ", "7")
        save_readings(session, document, read_acceptance(confidence=0.5), "machine")
        value = submission_of(session, document).fields["email"]
    assert (value.value, value.source, value.trusted, value.page) == ("ewa@example.com", Source.CLERK, True, 1)
    with transaction() as session:
        assert submission_of(session, load(session, tracking)).fields["email"].source is Source.CLERK
        emails = [line for line in story(session, tracking)["readings"] if line["field"] == "email"]
        assert [(line["reader"], line["superseded"]) for line in emails][:2] == [("machine", True), ("clerk:7", False)]


def test_a_correction_may_empty_a_field_and_sets_the_day_of_signing() -> None:
    tracking = in_review()
    with transaction() as session:
        document = load(session, tracking)
        correct(session, document, "street", None, "7")
        correct(session, document, "date_signed", "04.01.2026", "7")
    with transaction() as session:
        document = load(session, tracking)
        assert submission_of(session, document).value("street") is None
        assert str(document.signed_on) == "2026-01-04"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [("pesel", "44051401358", "bad_check_digit"), ("postcode", "66", ""), ("shoe_size", "42", "unknown_field")],
)
def test_a_wrong_correction_is_refused_with_its_problem(field: str, value: str, code: str) -> None:
    tracking = in_review()
    with transaction() as session, pytest.raises(CorrectionError) as refused:
        correct(session, load(session, tracking), field, value, "7")
    assert refused.value.problem.field == field
    assert not code or refused.value.problem.code == code or refused.value.problem.message


def test_only_a_document_in_review_can_be_corrected() -> None:
    tracking = online()
    with transaction() as session, pytest.raises(CorrectionError, match="nie czeka"):
        correct(session, load(session, tracking), "email", "ewa@example.com", "7")


def test_problems_are_replaced_and_come_back() -> None:
    tracking = scan()
    with transaction() as session:
        record_problems(session, load(session, tracking), [Problem(None, "mismatch", "Nazwisko inne niż w kartotece.")])
    with transaction() as session:
        assert problems_of(load(session, tracking))[0].code == "mismatch"
        record_problems(session, load(session, tracking), [])
        assert problems_of(load(session, tracking)) == ()
