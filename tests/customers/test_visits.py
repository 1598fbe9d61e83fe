"""Requests for a visit: opened once, whose turn it is, steps that nobody overwrites, taken back as cancelled."""

from __future__ import annotations

from datetime import timedelta

import pytest

from customers.compensation import undo
from customers.tables import Request
from customers.visits import MovedOnError, Part, Report, Steps, UnknownVisitError, VisitState, state_of, visit_of
from database.engine import reading, transaction
from environment.clock import today
from forms.submission import Submission
from tests.customers.samples import JAN, applied, register, submission

pytestmark = pytest.mark.usefixtures("database")
DAY = today() + timedelta(days=7)


@pytest.fixture(autouse=True)
def _register(database: str) -> None:
    register()


def wish(**values: str) -> Submission:
    given = {"tank_size": "8", "wished_on": DAY.isoformat(), "access_notes": "Brama od ulicy", **values}
    return submission("tank_collection", **given)


def opened(tracking: str = "T1") -> Request:
    assert applied(wish(), tracking).code == "visit_opened"
    return now_is(tracking)


def now_is(tracking: str = "T1") -> Request:
    with reading() as session:
        found = visit_of(session, tracking)
        assert found is not None
        return found


def step(seen: int, name: str, *given: object, tracking: str = "T1") -> bool:
    with transaction() as session:
        return bool(getattr(Steps(session, tracking, seen, "clerk:ewa"), name)(*given))


def test_an_accepted_form_opens_one_visit_with_all_that_was_wished() -> None:
    visit = opened()
    assert (state_of(visit), visit.step, visit.wished_on, visit.customer_no) == (
        VisitState.ASKED,
        0,
        DAY,
        JAN.customer_no,
    )
    assert (visit.values["tank_size"], visit.values["access_notes"]) == ("8", "Brama od ulicy")
    again = applied(wish(), "T2")
    assert (again.kind, again.duplicate_of) == ("same_request", "T1")
    with reading() as session:
        assert visit_of(session, "T2") is None


def test_office_and_customer_agree_on_a_day_and_the_crew_does_the_work() -> None:
    opened()
    assert step(0, "propose", DAY, Part.MORNING)
    assert step(1, "agree")
    agreed = now_is()
    assert (state_of(agreed), agreed.day, agreed.part, agreed.step) == (VisitState.AGREED, DAY, "morning", 2)
    assert step(2, "report", Report.DONE, "")
    assert state_of(now_is()) is VisitState.DONE


def test_the_wished_day_is_taken_at_once() -> None:
    opened()
    assert step(0, "accept_wish", Part.DAY)
    assert (state_of(now_is()), now_is().day) == (VisitState.AGREED, DAY)


def test_another_wish_is_the_office_s_turn_again() -> None:
    opened()
    step(0, "propose", DAY, Part.DAY)
    assert step(1, "wish", DAY + timedelta(days=1), "po 12")
    wished = now_is()
    assert (state_of(wished), wished.wished_on, wished.day, wished.wish) == (
        VisitState.ASKED,
        DAY + timedelta(days=1),
        None,
        "po 12",
    )


@pytest.mark.parametrize("told", [Report.NOBODY, Report.IMPOSSIBLE])
def test_a_visit_in_vain_comes_back_to_the_office_with_what_the_crew_says(told: Report) -> None:
    opened()
    step(0, "accept_wish", Part.DAY)
    assert step(1, "report", told, "Zamknięta brama")
    back = now_is()
    assert (state_of(back), back.day, back.wished_on) == (VisitState.ASKED, None, None)
    assert (back.report, back.note) == (told.value, "Zamknięta brama")


def test_the_same_step_sent_twice_is_one_and_another_one_is_refused() -> None:
    opened()
    assert step(0, "propose", DAY, Part.DAY)
    assert step(0, "propose", DAY, Part.DAY) is False
    with pytest.raises(MovedOnError):
        step(0, "propose", DAY + timedelta(days=1), Part.DAY)
    with pytest.raises(MovedOnError):
        step(0, "cancel")
    assert now_is().step == 1


@pytest.mark.parametrize("name", ["agree", "report"])
def test_a_step_out_of_turn_is_refused(name: str) -> None:
    opened()
    with pytest.raises(MovedOnError):
        step(0, name, *((Report.DONE, "") if name == "report" else ()))


def test_who_cancelled_and_asks_for_the_same_again_asks_anew() -> None:
    opened()
    step(0, "cancel")
    assert applied(wish(), "T2").kind == "done"
    assert state_of(now_is("T2")) is VisitState.ASKED


def test_a_request_that_was_misread_is_cancelled_unless_the_work_is_done() -> None:
    opened()
    applied(wish(tank_size="9"), "T2")
    step(0, "accept_wish", Part.DAY, tracking="T2")
    step(1, "report", Report.DONE, "", tracking="T2")
    with transaction() as session:
        assert undo(session, "T1", "T9").done
        assert not undo(session, "T2", "T9").done
    assert state_of(now_is("T1")) is VisitState.CANCELLED
    assert state_of(now_is("T2")) is VisitState.DONE


def test_other_requests_ask_for_no_visit() -> None:
    with transaction() as session, pytest.raises(UnknownVisitError):
        Steps(session, "T7", 0, "clerk:ewa")


def test_what_is_said_of_a_visit_lies_encrypted(database: str) -> None:
    opened()
    step(0, "wish", DAY, "klucz u sąsiadki")
    with transaction() as session:
        stored = session.connection().exec_driver_sql('SELECT "values", wish FROM requests').first()
    assert stored is not None
    assert b"Brama" not in bytes(stored[0])
    assert "sąsiadki".encode() not in bytes(stored[1])
