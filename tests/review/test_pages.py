"""Pages at the desk: split off, joined, turned, and read again as the form that a clerk names."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import office
from benchmarks.office import Paper
from database.engine import transaction
from documents import register
from documents.states import State
from documents.tables import Document
from forms.submission import Source
from review import pages, queue, rereading
from review.decisions import RefusedError
from review.pages import JOINED, SPLIT_OFF
from review.queue import Clerk, DeskConflictError
from review.sheet import seen_of
from specimens.files import image_pdf, joined, letter
from specimens.scanner import Scan, scan

EWA, OLGA = Clerk("ewa"), Clerk("olga")
PAPERS = (Paper(), Paper("einvoice_withdrawal", 1, ("name", "customer_no")))


def _document(tracking: str) -> Document:
    with transaction() as session:
        return register.load(session, tracking)


def _taken(tracking: str, clerk: Clerk = EWA) -> str:
    """Hold it; gives the mark of what the clerk sees."""
    with transaction() as session:
        queue.take(session, tracking, clerk)
        return seen_of(register.load(session, tracking))


def _actions(tracking: str) -> list[tuple[str, str]]:
    with transaction() as session:
        return [(entry["actor"], entry["action"]) for entry in register.story(session, tracking)["audit"]]


@pytest.fixture
def stack(database: str) -> str:
    """A scan of two papers that the machine took for one document of two pages; it waits."""
    office.fill_register()
    tracking = office.received(joined(*(office.scanned(paper) for paper in PAPERS)))
    office.read(tracking, PAPERS[0])
    with transaction() as session:
        register.load(session, tracking).pages = [1, 2]
    return office.judged(tracking)


def test_a_page_becomes_a_document_of_its_own_and_comes_back(stack: str) -> None:
    seen = _taken(stack)
    with transaction() as session:
        child = pages.split(session, stack, EWA, seen=seen, pages=[2])
    parent, new = _document(stack), _document(child)
    assert (parent.pages, new.pages, new.at, new.parent_tracking) == ([1], [2], State.IN_REVIEW, stack)
    assert (new.reason_code, new.form, new.original_sha256) == (SPLIT_OFF, None, parent.original_sha256)
    assert ("clerk:ewa", "pages_split_off") in _actions(stack)

    with pytest.raises(DeskConflictError) as repeated, transaction() as session:
        pages.split(session, stack, EWA, seen=seen, pages=[2])
    assert repeated.value.code == "changed"

    with transaction() as session:
        seen = seen_of(register.load(session, stack))
        pages.join(session, stack, EWA, seen=seen, other=child)
    parent, new = _document(stack), _document(child)
    assert (parent.pages, parent.at, new.at) == ([1, 2], State.IN_REVIEW, State.DUPLICATE)
    assert (new.reason_code, new.duplicate_of) == (JOINED, stack)


def test_a_page_that_leaves_takes_its_values_along(stack: str) -> None:
    seen = _taken(stack)
    with transaction() as session:
        pages.split(session, stack, EWA, seen=seen, pages=[1])
        left = register.submission_of(session, register.load(session, stack))
    assert {name: value for name, value in left.values.items() if value is not None} == {}


def test_what_cannot_be_split_or_joined_is_refused(stack: str) -> None:
    seen = _taken(stack)
    for wrong in ([], [1, 2], [3]):
        with pytest.raises(RefusedError), transaction() as session:
            pages.split(session, stack, EWA, seen=seen, pages=wrong)
    for other in (stack, "K7M4-PX9A", office.online("einvoice_acceptance")):
        with pytest.raises((RefusedError, DeskConflictError)), transaction() as session:
            pages.join(session, stack, EWA, seen=seen, other=other)
    assert _document(stack).pages == [1, 2]


def test_the_pages_of_another_file_are_shown_under_its_number(stack: str) -> None:
    other = office.waiting(Paper(person=3))
    seen = _taken(stack)
    _taken(other, OLGA)
    with pytest.raises(DeskConflictError) as held, transaction() as session:
        pages.join(session, stack, EWA, seen=seen, other=other)
    assert held.value.owner == "olga"
    with transaction() as session:
        queue.give_back(session, other, OLGA)
        pages.join(session, stack, EWA, seen=seen, other=other)
        lying = pages.pages_of(session, stack, EWA)
    assert [(leaf.tracking, leaf.page) for leaf in lying.joined] == [(other, 1)]
    assert lying.own == (1, 2)


def test_only_who_holds_a_document_turns_its_pages(stack: str) -> None:
    seen = _taken(stack)
    with pytest.raises(DeskConflictError), transaction() as session:
        pages.turn(session, stack, OLGA, page=2, quarter_turns=1)
    with transaction() as session:
        assert pages.turn(session, stack, EWA, page=2, quarter_turns=1) == 1
        assert pages.turn(session, stack, EWA, page=2, quarter_turns=2) == 3
        assert pages.picture_of(session, stack, 2).turn == 3
        assert pages.picture_of(session, stack, 1).turn == 0
        assert seen_of(register.load(session, stack)) == seen, "what is being typed is not refused because of a turn"
    assert ("clerk:ewa", "page_turned") in _actions(stack)


def test_a_page_is_read_as_the_form_that_the_clerk_names(stack: str) -> None:
    """The real reading: what the machine took for none of ours is the withdrawal on its second page."""
    seen = _taken(stack)
    with transaction() as session:
        child = pages.split(session, stack, EWA, seen=seen, pages=[2])
    seen = _taken(child)
    with transaction() as session:
        wanted = rereading.to_read(session, child, EWA, seen=seen, form_code="einvoice_withdrawal")
    reading = rereading.read_again(wanted)
    with transaction() as session:
        rereading.take_reading(session, child, EWA, seen=seen, wanted=wanted, reading=reading)
        document = register.load(session, child)
        read = register.submission_of(session, document)
    assert (document.form, document.version, document.at) == ("einvoice_withdrawal", "1", State.IN_REVIEW)
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
        register.split(session, register.load(session, tracking), [register.Part(None, None, (1,), None, "scan")])
    office.judged(tracking)
    seen = _taken(tracking)
    with transaction() as session:
        pages.turn(session, tracking, EWA, page=1, quarter_turns=2)
        wanted = rereading.to_read(session, tracking, EWA, seen=seen, form_code="einvoice_withdrawal")
    reading = rereading.read_again(wanted)
    with transaction() as session:
        rereading.take_reading(session, tracking, EWA, seen=seen, wanted=wanted, reading=reading)
        document = register.load(session, tracking)
        read = register.submission_of(session, document)
        problems = register.problems_of(document)
    assert (document.form, document.version, document.turns) == ("einvoice_withdrawal", None, {"1": 2})
    assert "unknown_layout" in {problem.code for problem in problems}
    assert not any(value.trusted for value in read.fields.values())
    assert read.fields["signature"].source is Source.SIGNATURE
    assert document.paper


def test_a_letter_that_lay_on_its_side_is_shown_upright(sqlite_database: str) -> None:
    office.fill_register()
    tracking = office.received(image_pdf(scan(letter(3), "turned90", 1)))
    assert office.worked_off(tracking) is State.IN_REVIEW
    with transaction() as session:
        picture = pages.picture_of(session, tracking, 1)
    assert picture.turn == 1
