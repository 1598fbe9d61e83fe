"""Pages read once more at the desk: as the form that a clerk names, or turned as he sees them."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import office
from database.engine import transaction
from documents import loading, splitting
from documents.splitting import FoundForm
from documents.states import State
from documents.values import problems_of, submission_of
from forms.catalogue import form_by_code
from forms.form import Problem
from forms.submission import FieldValue, Source, Submission
from ocr.results import DocumentReading, FileReading
from review import pages, rereading
from review.decisions import RefusedError
from review.queue import DeskConflictError
from specimens.files import image_pdf, letter
from specimens.scanner import Scan, scan
from tests.review.papers import EWA
from tests.review.stacks import PAPERS, altered, details, document_of, seen_by


def test_a_page_is_read_as_the_form_that_the_clerk_names(stack: str) -> None:
    """The real reading: what the machine took for none of ours is the withdrawal on its second page."""
    seen = seen_by(stack)
    with transaction() as session:
        child = pages.split(session, stack, EWA, seen=seen, pages=[2])
    seen = seen_by(child)
    with transaction() as session:
        wanted = rereading.to_read(session, child, EWA, seen=seen, form_code="einvoice_withdrawal")
    reading = rereading.read_again(wanted)
    with transaction() as session:
        rereading.take_reading(session, child, EWA, seen=seen, wanted=wanted, reading=reading)
        document = loading.load(session, child)
        read = submission_of(session, document)
    assert (document.form, document.version, document.at) == ("einvoice_withdrawal", "2", State.IN_REVIEW)
    assert (document.desk_owner, document.pages, document.paper) == ("ewa", [2], True)
    assert read.fields["town"].page == 2
    assert (
        sum(read.value(name) == PAPERS[1].on_paper[name] for name in ("town", "postcode", "house", "customer_no")) > 2
    )
    with pytest.raises(DeskConflictError), transaction() as session:
        rereading.take_reading(session, child, EWA, seen=seen, wanted=wanted, reading=reading)


def test_a_letter_is_read_for_the_fields_of_the_form_that_the_clerk_names(sqlite_database: str) -> None:
    office.fill_register()
    page = scan(letter(3), "gray200", 1)[0]
    lying = Scan(np.ascontiguousarray(np.rot90(page.image, 2)), page.dpi)
    tracking = office.received(image_pdf([lying]))
    with transaction() as session:
        splitting.split(session, loading.load(session, tracking), [FoundForm(None, None, (1,), None, "scan")])
    office.judged(tracking)
    seen = seen_by(tracking)
    with transaction() as session:
        pages.rotate(session, tracking, EWA, page=1, quarter_turns=2)
        wanted = rereading.to_read(session, tracking, EWA, seen=seen, form_code="einvoice_withdrawal")
    reading = rereading.read_again(wanted)
    with transaction() as session:
        rereading.take_reading(session, tracking, EWA, seen=seen, wanted=wanted, reading=reading)
        document = loading.load(session, tracking)
        read = submission_of(session, document)
        problems = problems_of(document)
    assert (document.form, document.version, document.turns) == ("einvoice_withdrawal", None, {"1": 2})
    assert "unknown_layout" in {problem.code for problem in problems}
    assert not any(value.trusted for value in read.fields.values())
    assert read.fields["signature"].source is Source.SIGNATURE
    assert document.paper


def _found(form: str | None, page: int, turn: int | None = None) -> tuple[DocumentReading, dict[int, int]]:
    known = None if form is None else form_by_code(form)
    read = (
        None if known is None else Submission(known, {"town": FieldValue("Drzewice", source=Source.PRINT)}, paper=True)
    )
    version = None if known is None else known.version
    problems = (Problem(None, "unknown_form", "Nie nasz."),) if form is None else ()
    return DocumentReading(read, form, version, (page,), "scan", problems), {} if turn is None else {page: turn}


def _reread(tracking: str, *found: tuple[DocumentReading, dict[int, int]], form: str | None = None) -> list[str]:
    seen = seen_by(tracking)
    turns = {page: turn for _, turned in found for page, turn in turned.items()}
    reading = FileReading(tuple(one for one, _ in found), (), turns)
    with transaction() as session:
        wanted = rereading.to_read(session, tracking, EWA, seen=seen, form_code=form)
        return rereading.take_reading(session, tracking, EWA, seen=seen, wanted=wanted, reading=reading)


def test_of_several_forms_read_anew_the_first_is_the_documents_and_others_get_their_own(stack: str) -> None:
    (child,) = _reread(stack, _found(None, 9), _found("einvoice_withdrawal", 2), _found("ebok_signup", 1))
    own, other = document_of(stack), document_of(child)
    assert (own.form, own.pages, own.version, own.paper, own.desk_owner) == (
        "einvoice_withdrawal",
        [2],
        "2",
        True,
        "ewa",
    )
    assert (other.form, other.pages, other.at, other.desk_owner) == ("ebok_signup", [1], State.IN_REVIEW, None)
    assert other.reason_code == own.reason_code == problems_of(own)[0].code
    assert details(stack, "reread") == [
        ("clerk:ewa", {"form": "einvoice_withdrawal", "version": "2", "pages": [2], "further": [child]})
    ]


def test_the_form_that_the_clerk_names_is_the_documents_whatever_else_is_found(stack: str) -> None:
    _reread(stack, _found("ebok_signup", 1), _found("einvoice_withdrawal", 2), form="einvoice_withdrawal")
    assert (document_of(stack).form, document_of(stack).pages) == ("einvoice_withdrawal", [2])
    assert [actor for actor, _ in details(stack, "form_chosen")] == ["clerk:ewa"]


@pytest.mark.parametrize("found", [(), (None,)])
def test_where_nothing_of_ours_is_found_the_document_is_of_no_form_and_keeps_its_pages(
    stack: str, found: tuple[None, ...]
) -> None:
    assert _reread(stack, *(_found(form, 1) for form in found)) == []
    document = document_of(stack)
    assert (document.form, document.version, document.pages) == (None, None, [1, 2])
    assert (document.reason_code, document.at) == ("unknown_form", State.IN_REVIEW)
    assert [one.code for one in problems_of(document)] == ["unknown_form"]


def test_what_is_to_be_read_has_the_turns_that_the_clerk_made(stack: str) -> None:
    altered(stack, turns={"2": 3})
    seen = seen_by(stack)
    with transaction() as session:
        wanted = rereading.to_read(session, stack, EWA, seen=seen, form_code="ebok_signup")
        picture = pages.picture_of(session, stack, 1)
    assert (wanted.pages, wanted.turns, wanted.form) == ((1, 2), {2: 3}, form_by_code("ebok_signup"))
    assert wanted.sha256 == picture.sha256


def test_a_turn_that_the_clerk_made_counts_before_the_machines_but_on_a_form_laid_flat(stack: str) -> None:
    altered(stack, turns={"1": 1, "2": 2})
    _reread(stack, _found("einvoice_withdrawal", 2), _found(None, 1, 3))
    assert document_of(stack).turns == {"1": 1}
    altered(stack, pages=[1, 2], turns=None)
    _reread(stack, _found(None, 1, 3), _found(None, 7, 1))
    assert document_of(stack).turns == {"1": 3}


def test_why_nothing_can_be_read_anew_is_told(stack: str) -> None:
    seen = seen_by(stack)
    for form, gone, problem in (
        ("none", {"pages": [1, 2]}, ("form", "unknown_form")), (None, {"pages": []}, (None, "no_pages")),
        (None, {"pages": [1], "original_sha256": None}, (None, "no_pages")),
    ):  # fmt: skip
        altered(stack, **gone)
        with pytest.raises(RefusedError) as refused, transaction() as session:
            rereading.to_read(session, stack, EWA, seen=seen, form_code=form)
        assert [(one.field, one.code) for one in refused.value.problems] == [problem]
