"""Who gets which document at the desk."""

from __future__ import annotations

import pytest

from database.engine import transaction
from documents.tables import AuditEntry
from review import queue
from review.queue import NO_FORM, Clerk, DeskConflictError, Level, QueueFilter
from tests.documents.examples import together
from tests.review.papers import EWA, JAN, OLGA, bare, leases_run_out, taken

ALL = QueueFilter()


def _next(clerk: Clerk, wanted: QueueFilter = ALL, after: str | None = None) -> str | None:
    with transaction() as session:
        return queue.take_next(session, clerk, wanted, after)


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
        queue.take(session, tracking, OLGA)
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
        queue.take(session, tracking, OLGA)
    assert above.value.code == "supervisor"
    assert _next(JAN, QueueFilter(level=Level.SUPERVISOR)) == tracking
    with transaction() as session:
        queue.to_clerks(session, tracking, JAN, "Załatwione, przyjmij.")
        actions = [(row.actor, row.action) for row in session.query(AuditEntry).filter_by(subject=tracking)]
    assert actions[-2:] == [("clerk:ewa", "sent_to_supervisor"), ("clerk:jan", "sent_to_clerk")]
    assert _next(OLGA) == tracking
