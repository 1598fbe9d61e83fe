"""Who gets which document at the desk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from audit.tables import AuditEntry
from database.engine import transaction
from documents import loading, transitions
from documents.states import State
from documents.tables import Document
from environment import clock
from environment.settings import get_settings
from review import queue
from review.queue import NO_FORM, Clerk, DeskConflictError, Level, QueueFilter
from tests.documents.examples import together
from tests.review.papers import EWA, JAN, OLGA, bare, leases_run_out, taken

ALL = QueueFilter()


def _next(clerk: Clerk, wanted: QueueFilter = ALL, after: str | None = None) -> str | None:
    with transaction() as session:
        return queue.claim_next(session, clerk, wanted, after)


def test_clerks_who_ask_at_one_moment_get_different_documents(database: str) -> None:
    expected = {bare(minutes=minutes) for minutes in range(4)}
    given: list[str | None] = []
    together(5, lambda at: given.append(_next(Clerk(f"clerk{at}"))))
    assert sorted(given, key=str) == sorted([*expected, None], key=str)


def test_the_oldest_comes_first_and_skipping_goes_on_behind_it(database: str) -> None:
    newest, oldest, middle = bare(minutes=1), bare(minutes=30), bare(minutes=10)
    assert _next(EWA) == oldest
    with transaction() as session:
        queue.give_back(session, oldest, EWA)
    assert _next(EWA, after=oldest) == middle
    with transaction() as session:
        queue.give_back(session, middle, EWA)
    assert _next(EWA, after=middle) == newest
    with transaction() as session:
        queue.give_back(session, newest, EWA)
    assert _next(EWA, after=newest) == oldest


def test_what_a_clerk_holds_already_comes_before_new_work(database: str) -> None:
    bare(minutes=30)
    mine = bare(minutes=10)
    taken(mine)
    assert _next(EWA) == mine


def test_a_lease_that_ran_out_is_free_for_others_and_lost_by_its_owner(database: str) -> None:
    tracking = bare()
    taken(tracking, EWA)
    with pytest.raises(DeskConflictError) as held, transaction() as session:
        queue.claim(session, tracking, OLGA)
    assert (held.value.code, held.value.owner) == ("held", "ewa")
    leases_run_out()
    taken(tracking, OLGA)
    with pytest.raises(DeskConflictError) as lost, transaction() as session:
        queue.prolong(session, tracking, EWA)
    assert (lost.value.code, lost.value.owner) == ("held", "olga")


def test_filters_choose_and_the_counts_tell_all_sorts(database: str) -> None:
    signup, letter = bare(minutes=3), bare(form=None, reason="unknown_form", minutes=2)
    mismatch = bare(reason="mismatch_name", minutes=1)
    taken(mismatch, EWA)
    with transaction() as session:
        chosen = {
            "form": queue.waiting(session, QueueFilter(form=NO_FORM), EWA),
            "reason": queue.waiting(session, QueueFilter(reason="mismatch_name"), OLGA),
            "mine": queue.waiting(session, QueueFilter(mine=True), EWA),
            "all": queue.waiting(session, ALL, EWA),
        }
    lines = {name: [(line.tracking, line.owner) for line in page.lines] for name, page in chosen.items()}
    assert lines["form"] == [(letter, None)]
    assert lines["reason"] == lines["mine"] == [(mismatch, "ewa")]
    assert lines["all"] == [(signup, None), (letter, None), (mismatch, "ewa")]
    page = chosen["form"]
    assert (page.total, page.mine) == (1, 1)
    assert page.by_form == {"ebok_signup": 2, NO_FORM: 1}
    assert page.by_reason == {"doubtful_field": 1, "unknown_form": 1, "mismatch_name": 1}
    assert _next(OLGA, QueueFilter(form=NO_FORM)) == letter


def test_what_is_sent_to_the_supervisor_leaves_the_clerks_queue_until_he_gives_it_back(database: str) -> None:
    tracking = bare()
    taken(tracking)
    with transaction() as session:
        queue.to_supervisor(session, tracking, EWA, " Ten pan już dzwonił. ")
    assert _next(OLGA) is None
    with pytest.raises(DeskConflictError) as above, transaction() as session:
        queue.claim(session, tracking, OLGA)
    assert above.value.code == "supervisor"
    assert _next(JAN, QueueFilter(level=Level.SUPERVISOR)) == tracking
    with transaction() as session:
        queue.to_clerks(session, tracking, JAN, "Załatwione, przyjmij.")
    with transaction() as session:
        actions = [(row.actor, row.action) for row in session.query(AuditEntry).filter_by(subject=tracking)]
    assert actions[-3:] == [
        ("clerk:ewa", "sent_to_supervisor"),
        ("clerk:jan", "taken"),
        ("clerk:jan", "sent_to_clerk"),
    ]
    assert _next(OLGA) == tracking


def _page(clerk: Clerk = EWA, wanted: QueueFilter = ALL, **options: int) -> queue.QueuePage:
    with transaction() as session:
        return queue.waiting(session, wanted, clerk, **options)


def _refused(tracking: str, clerk: Clerk = EWA) -> tuple[str, str | None, str]:
    with pytest.raises(DeskConflictError) as refused, transaction() as session:
        queue.claim(session, tracking, clerk)
    assert str(refused.value) == refused.value.code
    return refused.value.code, refused.value.owner, refused.value.message


def test_a_line_of_the_queue_tells_what_waits_since_when_and_until_when_somebody_has_it(sqlite_database: str) -> None:
    tracking = bare(reason="mismatch_name", minutes=3)
    with transaction() as session:
        session.execute(update(Document).values(reason="Inna nazwa.", channel="mail"))
        until = queue.prolong(session, tracking, EWA)
        received = loading.load(session, tracking).received_at
    lease = timedelta(minutes=get_settings().desk_lease_minutes)
    assert timedelta() <= clock.now() + lease - until < timedelta(seconds=30)
    (line,) = _page().lines
    assert line == queue.QueueEntry(
        tracking, "ebok_signup", "mismatch_name", "Inna nazwa.", received, "mail", "ewa", until, authority=None
    )
    leases_run_out()
    (line,) = _page().lines
    assert (line.owner, line.until, _page().mine) == (None, None, 0)
    assert _next(OLGA) == tracking, "whose lease ran out has it no longer"


def test_counts_tell_all_that_waits_however_few_lines_are_shown(sqlite_database: str) -> None:
    signups = [bare(minutes=minutes) for minutes in (9, 8, 7)]
    letters = [bare(form=None, reason="unknown_form", minutes=minutes) for minutes in (6, 5)]
    for tracking in (signups[1], letters[0]):
        taken(tracking)
    taken(letters[1], OLGA)
    with transaction() as session:
        queue.to_supervisor(session, letters[1], OLGA, "")
        transitions.move(session, loading.load(session, signups[2]), State.READY, actor="clerk:ewa")
    shown = _page(limit=2)
    assert [line.tracking for line in shown.lines] == signups[:2]
    assert (shown.total, shown.mine, shown.sent_to_supervisor) == (3, 2, 1)
    assert (shown.by_form, shown.by_reason) == (
        {"ebok_signup": 2, NO_FORM: 1}, {"doubtful_field": 2, "unknown_form": 1},
    )  # fmt: skip
    for wanted, total in (
        (QueueFilter(form="ebok_signup"), 2), (QueueFilter(form=NO_FORM), 1), (QueueFilter(reason="unknown_form"), 1),
        (QueueFilter(form="ebok_signup", reason="unknown_form"), 0), (QueueFilter(mine=True), 2),
        (QueueFilter(level=Level.SUPERVISOR), 1), (QueueFilter(form="ebok_signup", mine=True), 2),
    ):  # fmt: skip
        found = _page(wanted=wanted)
        assert (found.total, len(found.lines)) == (total, total), wanted
    assert (_page(OLGA).mine, _page(OLGA, QueueFilter(mine=True)).lines) == (0, ())
    assert _page(JAN, QueueFilter(level=Level.SUPERVISOR)).by_form == {NO_FORM: 1}


def test_documents_of_one_moment_are_taken_in_their_order_and_the_circle_closes(sqlite_database: str) -> None:
    at = clock.now()
    trackings = [bare() for _ in range(4)]
    with transaction() as session:
        session.execute(update(Document).values(received_at=at))
    assert [line.tracking for line in _page().lines] == trackings
    taken(trackings[2], OLGA)
    free = [trackings[0], trackings[1], trackings[3]]
    with transaction() as session:
        following = [queue.peek_next(session, EWA, ALL, after) for after in (None, *free, trackings[2])]
    assert following == [free[0], free[1], free[2], free[0], free[2]]
    with transaction() as session:
        for tracking in free[1:]:
            transitions.move(session, loading.load(session, tracking), State.READY, actor="clerk:ewa")
        assert queue.peek_next(session, EWA, ALL, free[0]) is None, "the one he asks after is not the next one"


def test_skipping_the_one_he_holds_gives_the_next_he_holds_and_then_a_free_one(sqlite_database: str) -> None:
    third, second, first = (bare(minutes=minutes) for minutes in (1, 2, 3))
    assert [line.tracking for line in _page().lines] == [first, second, third]
    taken(first)
    taken(second)
    assert _next(EWA, after=first) == second
    assert _next(EWA, after=second) == first
    with transaction() as session:
        queue.give_back(session, second, OLGA)
        assert loading.load(session, second).desk_owner == "ewa", "only who holds it gives it back"
        queue.give_back(session, second, EWA)
        given_back = loading.load(session, second)
        assert (given_back.desk_owner, given_back.desk_until) == (None, None)
    assert _next(EWA) == first, "the oldest of what he holds"
    taken(second, OLGA)
    assert _next(EWA, after=first) == third
    assert _next(EWA, QueueFilter(mine=True), after=third) == first
    assert _next(OLGA, QueueFilter(form=NO_FORM), after=second) is None


def test_why_a_document_cannot_be_had_is_told_with_who_has_or_settled_it(sqlite_database: str) -> None:
    tracking = bare()
    taken(tracking, OLGA)
    assert _refused(tracking)[:2] == ("held", "olga")
    with transaction() as session:
        free = queue.conflict(session, bare(), EWA)
        assert (free.code, free.owner) == ("free", None)
        queue.to_supervisor(session, tracking, OLGA, "  ")
        assert loading.load(session, tracking).desk_note is None
    assert _refused(tracking)[:2] == ("supervisor", None)
    with transaction() as session:
        queue.claim(session, tracking, JAN)
        queue.to_clerks(session, tracking, JAN, " Proszę przyjąć. ")
        document = loading.load(session, tracking)
        assert (document.desk_note, document.desk_owner, document.desk_until) == ("Proszę przyjąć.", None, None)
        for state, actor in ((State.READY, "clerk:olga"), (State.IN_REVIEW, "machine"), (State.READY, "clerk:jan")):
            transitions.move(session, document, state, actor=actor)
    assert _refused(tracking)[:2] == ("settled", "jan")
    machine = bare()
    with transaction() as session:
        transitions.move(session, loading.load(session, machine), State.READY, actor="machine")
    assert _refused(machine)[:2] == ("settled", None)
    assert "rozstrzygnięto ją wcześniej" in _refused(machine)[2]
