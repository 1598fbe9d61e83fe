"""Pages at the desk: split off, joined, turned, and read again as the form that a clerk names."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from benchmarks import office
from benchmarks.office import Paper
from database.engine import transaction
from documents import loading
from documents.states import State
from documents.tables import Reading
from documents.values import problems_of, submission_of
from forms.catalogue import form_by_code
from forms.layout import layout
from review import decisions, pages, queue
from review.case_sheet import seen_of
from review.decisions import RefusedError
from review.history import reopen
from review.pages import JOINED, SPLIT_OFF
from review.queue import Clerk, DeskConflictError
from specimens.files import image_pdf, letter
from specimens.scanner import scan
from tests.review.papers import EWA, OLGA
from tests.review.stacks import actions, altered, details, document_of, seen_by


def test_a_page_becomes_a_document_of_its_own_and_comes_back(stack: str) -> None:
    seen = seen_by(stack)
    with transaction() as session:
        child = pages.split(session, stack, EWA, seen=seen, pages=[2])
    parent, new = document_of(stack), document_of(child)
    assert (parent.pages, new.pages, new.at, new.parent_tracking) == ([1], [2], State.IN_REVIEW, stack)
    assert (new.reason_code, new.form, new.original_sha256) == (SPLIT_OFF, None, parent.original_sha256)
    assert ("clerk:ewa", "pages_split_off") in actions(stack)

    with pytest.raises(DeskConflictError) as repeated, transaction() as session:
        pages.split(session, stack, EWA, seen=seen, pages=[2])
    assert repeated.value.code == "changed"

    with transaction() as session:
        seen = seen_of(loading.load(session, stack))
        pages.join(session, stack, EWA, seen=seen, other=child)
    parent, new = document_of(stack), document_of(child)
    assert (parent.pages, parent.at, new.at) == ([1, 2], State.IN_REVIEW, State.DUPLICATE)
    assert (new.reason_code, new.duplicate_of) == (JOINED, stack)


def test_what_was_joined_and_is_opened_again_has_its_pages_alone(stack: str) -> None:
    seen = seen_by(stack)
    with transaction() as session:
        child = pages.split(session, stack, EWA, seen=seen, pages=[2])
    seen = seen_by(stack)
    with transaction() as session:
        pages.join(session, stack, EWA, seen=seen, other=child)
    with transaction() as session:
        reopen(session, child, EWA.actor)
    parent, again = document_of(stack), document_of(child)
    assert (parent.pages, again.pages, again.duplicate_of) == ([1], [2], None)


def test_a_page_that_leaves_takes_its_values_along(stack: str) -> None:
    seen = seen_by(stack)
    with transaction() as session:
        pages.split(session, stack, EWA, seen=seen, pages=[1])
        left = submission_of(session, loading.load(session, stack))
    assert {name: value for name, value in left.values.items() if value is not None} == {}


def test_what_cannot_be_split_or_joined_is_refused(stack: str) -> None:
    seen = seen_by(stack)
    for wrong in ([], [1, 2], [3]):
        with pytest.raises(RefusedError), transaction() as session:
            pages.split(session, stack, EWA, seen=seen, pages=wrong)
    for other in (stack, "K7M4-PX9A", office.online("einvoice_acceptance")):
        with pytest.raises((RefusedError, DeskConflictError)), transaction() as session:
            pages.join(session, stack, EWA, seen=seen, other=other)
    assert document_of(stack).pages == [1, 2]


def test_the_pages_of_another_file_are_shown_under_its_number(stack: str) -> None:
    other = office.waiting(Paper(person=3))
    seen = seen_by(stack)
    seen_by(other, OLGA)
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
    seen = seen_by(stack)
    with pytest.raises(DeskConflictError), transaction() as session:
        pages.rotate(session, stack, OLGA, page=2, quarter_turns=1)
    with transaction() as session:
        assert pages.rotate(session, stack, EWA, page=2, quarter_turns=1) == 1
        assert pages.rotate(session, stack, EWA, page=2, quarter_turns=2) == 3
        assert pages.picture_of(session, stack, 2).turn == 3
        assert pages.picture_of(session, stack, 1).turn == 0
        assert seen_of(loading.load(session, stack)) == seen, "what is being typed is not refused because of a turn"
    assert details(stack, "page_turned") == [
        ("clerk:ewa", {"page": 2, "quarter_turns": 1}), ("clerk:ewa", {"page": 2, "quarter_turns": 3}),
    ]  # fmt: skip


def test_a_letter_that_lay_on_its_side_is_shown_upright(sqlite_database: str) -> None:
    office.fill_register()
    tracking = office.received(image_pdf(scan(letter(3), "turned90", 1)))
    assert office.worked_off(tracking) is State.IN_REVIEW
    with transaction() as session:
        picture = pages.picture_of(session, tracking, 1)
    assert picture.turn == 1


def _shown(tracking: str, clerk: Clerk = EWA) -> pages.Pages:
    with transaction() as session:
        return pages.pages_of(session, tracking, clerk)


def test_the_page_of_pages_tells_all_of_a_document_and_what_lies_near_it(stack: str) -> None:
    seen = seen_by(stack)
    with transaction() as session:
        child = pages.split(session, stack, EWA, seen=seen, pages=[2])
        pages.rotate(session, stack, EWA, page=1, quarter_turns=5)
    number = office.people()[0]["customer_no"]
    near = office.waiting(Paper(person=3))
    altered(near, customer_no=number)
    altered(stack, customer_no=number)
    done, bare = office.waiting(Paper(person=4)), office.waiting(Paper(person=5))
    altered(done, customer_no=number, state="ready")
    altered(bare, customer_no=number, pages=[])
    shown, document = _shown(stack), document_of(stack)
    own = pages.Relative(child, None, State.IN_REVIEW, (2,), same_file=True)
    assert shown == pages.Pages(
        tracking=stack,
        seen=seen_of(document),
        holds=True,
        state=State.IN_REVIEW,
        form="einvoice_acceptance",
        own=(1,),
        turns={1: 1},
        joined=(),
        relatives=(own,),
        joinable=(own, pages.Relative(near, "einvoice_acceptance", State.IN_REVIEW, (1,), same_file=False)),
    )
    assert not _shown(stack, OLGA).holds
    altered(stack, state="ready")
    assert (_shown(stack).holds, _shown(stack).state) == (False, State.READY)
    alone = office.online("einvoice_acceptance", 6)
    assert (_shown(alone).relatives, _shown(alone).joinable, _shown(alone).own) == ((), (), ())


def test_pages_that_leave_are_told_in_the_audit_and_what_a_clerk_typed_stays(stack: str) -> None:
    seen = seen_by(stack)
    with transaction() as session:
        decisions.save(session, stack, EWA, seen, {"email": "ewa@example.com"})
    seen = seen_by(stack)
    with transaction() as session:
        child = pages.split(session, stack, EWA, seen=seen, pages=[1, 1])
        left = submission_of(session, loading.load(session, stack)).values
        problems = problems_of(loading.load(session, child))
    assert {name: value for name, value in left.items() if value is not None} == {"email": "ewa@example.com"}
    assert [(one.field, one.code) for one in problems] == [(None, "unknown_form")]
    assert details(stack, "pages_split_off") == [("clerk:ewa", {"pages": [1], "to": child})]
    parent, new = document_of(stack), document_of(child)
    assert (parent.pages, new.pages, new.part, new.file_name) == ([2], [1], 2, parent.file_name)
    assert (new.received_at, new.paper, new.reason) == (parent.received_at, parent.paper, problems[0].message)
    seen = seen_by(stack)
    with transaction() as session:
        pages.join(session, stack, EWA, seen=seen, other=child)
    assert details(stack, "pages_joined") == [("clerk:ewa", {"pages": [1], "from": child})]
    assert document_of(stack).updated_at > parent.updated_at
    new = document_of(child)
    assert (new.desk_owner, new.desk_until, new.reason) == (None, None, f"Strony dołączono do sprawy {stack}.")


def test_a_further_part_is_counted_on_and_keeps_how_pages_are_turned(stack: str) -> None:
    altered(stack, pages=[1, 2, 3])
    children = []
    for page in (3, 2):
        seen = seen_by(stack)
        with transaction() as session:
            pages.rotate(session, stack, EWA, page=page, quarter_turns=page)
            children.append(pages.split(session, stack, EWA, seen=seen, pages=[page]))
    parts = [document_of(child) for child in children]
    assert [(one.part, one.turns) for one in parts] == [(2, {"3": 3}), (3, {"3": 3, "2": 2})]
    seen = seen_by(stack)
    with transaction() as session:
        assert pages.picture_of(session, stack, 3).turn == 3, (
            "a page is shown as the document has it that it belongs to"
        )
        pages.join(session, stack, EWA, seen=seen, other=children[0])
    assert (document_of(stack).pages, document_of(stack).turns) == ([1, 3], {"3": 3, "2": 2})


def test_no_more_documents_are_offered_than_can_be_looked_through(stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_MOST_OFFERED", 2)
    near = [office.waiting(Paper(person=person)) for person in (3, 4, 5)]
    for tracking in (stack, *near):
        altered(tracking, customer_no="10000001")
    altered(near[2], received_at=document_of(near[0]).received_at - timedelta(hours=1))
    assert [one.tracking for one in _shown(stack).joinable] == [near[2], near[0]], "the oldest first"
    seen = seen_by(stack)
    for other in (near[0], near[2]):
        with transaction() as session:
            pages.join(session, stack, EWA, seen=seen, other=other)
        seen = seen_by(stack)
    assert [leaf.tracking for leaf in _shown(stack).joined] == [near[2], near[0]]


def test_what_was_joined_to_a_document_goes_along_when_that_is_joined(stack: str) -> None:
    first, second = office.waiting(Paper(person=3)), office.waiting(Paper(person=4))
    seen = seen_by(first)
    with transaction() as session:
        pages.join(session, first, EWA, seen=seen, other=second)
    seen = seen_by(stack)
    with transaction() as session:
        pages.join(session, stack, EWA, seen=seen, other=first)
    assert [(leaf.tracking, leaf.page) for leaf in _shown(stack).joined] == [(first, 1), (second, 1)]
    assert document_of(second).duplicate_of == stack
    assert _shown(first).joined == ()


@pytest.mark.parametrize(("chosen", "code"), [([], "no_pages"), ([1, 2], "no_pages_left"), ([1, 3], "unknown_page")])
def test_why_pages_cannot_be_split_off_is_told_at_the_pages(stack: str, chosen: list[int], code: str) -> None:
    seen = seen_by(stack)
    with pytest.raises(RefusedError) as refused, transaction() as session:
        pages.split(session, stack, EWA, seen=seen, pages=chosen)
    assert [(one.field, one.code) for one in refused.value.problems] == [("pages", code)]


def test_why_a_document_cannot_be_joined_is_told_and_nothing_is_taken(stack: str) -> None:
    empty = office.waiting(Paper(person=3))
    altered(empty, pages=[])
    seen = seen_by(stack)
    for other, code in ((stack, "same_document"), ("K7M4-PX9A", "unknown_document"), (empty, "no_pages")):
        with pytest.raises(RefusedError) as refused, transaction() as session:
            pages.join(session, stack, EWA, seen=seen, other=other)
        (told,) = refused.value.problems
        assert (told.field, told.code) == ("other", code)
        assert told.message.endswith("."), "the clerk is told in words"
    assert document_of(empty).desk_owner is None


@pytest.mark.parametrize("gone", [{"original_sha256": None}, {"pages": []}])
def test_a_document_without_an_original_or_without_pages_has_no_pictures(stack: str, gone: dict[str, object]) -> None:
    altered(stack, **gone)
    with transaction() as session, pytest.raises(pages.NoPictureError, match="did not come on pages"):
        pages.picture_of(session, stack, 1)


def test_a_field_is_seen_where_it_was_read_or_where_the_form_has_it_or_not_at_all(stack: str) -> None:
    with transaction() as session:
        read = submission_of(session, loading.load(session, stack)).fields["email"]
        picture, box = pages.field_of(session, stack, "email")
        assert (picture.page, box) == (read.page, read.box)
        session.execute(update(Reading).where(Reading.field == "email").values(superseded=True))
        picture, box = pages.field_of(session, stack, "email")
        assert (picture.page, box) == (1, layout(form_by_code("einvoice_acceptance"))["email"].bounds)
        assert picture.form is not None
        assert pages.picture_of(session, stack, 9).form is None
        with pytest.raises(pages.NoPictureError, match="nothing tells"):
            pages.field_of(session, stack, "none")
        with pytest.raises(pages.NoPictureError, match="no field"):
            pages.field_of(session, stack, "a\0")
    for gone in ({"version": "0"}, {"pages": []}, {"form": None}, {"original_sha256": None, "version": "1"}):
        altered(stack, **gone)
        with transaction() as session, pytest.raises(pages.NoPictureError):
            pages.field_of(session, stack, "email")
