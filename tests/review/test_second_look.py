"""The second look at what went through untouched: drawing, comparing, putting right, counting."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from api.case_access import Access
from api.case_view import case_view
from confirmations.overview import messages_of
from customers.register import changes_of
from database.engine import transaction
from documents import register
from documents.register import Part
from documents.states import Channel, State
from flows import steps
from forms.catalogue import form_by_code
from forms.kinds import Value
from forms.submission import FieldValue, Source, Submission
from review import second_look
from review.second_look import Ended, LookError
from specimens.files import letter
from tests.confirmations.conftest import set_settings
from tests.flows.samples import PEOPLE, fill_register, received, values
from tests.registered import register_row

__all__ = ["set_settings"]

ANNA = "clerk:anna"


@pytest.fixture(autouse=True)
def _office(database: str, home: Path, set_settings: Callable[..., None]) -> None:
    set_settings(second_look_rate=1.0)
    fill_register(home)


def applied(folder: Path, code: str = "einvoice_acceptance", number: int = 1, **misread: Value) -> str:
    """A printed form that goes straight through, some fields of it misread; its tracking number."""
    path = folder / f"{code}{number}.pdf"
    path.write_bytes(letter(number))
    tracking = received(path)
    with transaction() as session:
        document = register.load(session, tracking)
        form = form_by_code(code)
        read = {**values(code), **misread}
        fields = {name: FieldValue(value, source=Source.PRINT, page=1) for name, value in read.items() if name in form}
        submission = Submission(form, fields, paper=True)
        register.split(session, document, [Part(code, form.version, (1,), submission, "scan")])
    assert steps._judge(tracking) is State.READY
    assert steps._apply(tracking) is State.APPLIED
    return tracking


def looked(tracking: str, clerk: str = ANNA, **right: Value) -> Ended:
    """A clerk ends the look with these values differing from what was read."""
    with transaction() as session:
        second_look.take(session, tracking, clerk)
        read = second_look.compared_fields(session, register.load(session, tracking))
        return second_look.finish(
            session, tracking, clerk, {name: right.get(name, one.value) for name, one in read.items()}
        )


def templates(tracking: str) -> list[str]:
    with transaction() as session:
        return [message["template"] for message in messages_of(session, tracking)]


def test_only_what_no_clerk_has_seen_is_drawn_and_only_once(tmp_path: Path, set_settings: Callable[..., None]) -> None:
    tracking = applied(tmp_path)
    with transaction() as session:
        assert [look.tracking for look in second_look.waiting(session)] == [tracking]
        assert not second_look.consider(session, register.load(session, tracking))
    set_settings(second_look_rate=0.0)
    applied(tmp_path, "einvoice_withdrawal", 2)
    with transaction() as session:
        assert second_look.figures(session)["waiting"] == 1


def test_a_right_document_is_counted_and_nothing_else_happens(tmp_path: Path) -> None:
    tracking = applied(tmp_path)
    before = templates(tracking)
    assert looked(tracking) == Ended((), None)
    with transaction() as session:
        found = second_look.figures(session)
    assert (found["looked"], found["documents_wrong"], found["fields_wrong"], found["waiting"]) == (1, 0, 0, 0)
    assert found["fields_checked"] > 5
    assert templates(tracking) == before


def test_a_misread_address_is_taken_back_and_the_form_is_carried_out_anew(tmp_path: Path) -> None:
    tracking = applied(tmp_path, email="misread@example.com")
    ended = looked(tracking, email="right@example.com")
    assert ended.wrong == ("email",) and ended.correction is not None and not ended.unsettled
    with transaction() as session:
        assert [change["outcome"] for change in changes_of(session, tracking)] == ["compensated"]
        again = register.load(session, ended.correction)
        assert (again.at, again.way_in) == (State.READY, Channel.DESK)
        assert again.received_at == register.load(session, tracking).received_at
        case = case_view(session, tracking, Access.SENDER)
    assert (case.standing, case.duplicate_of, case.link) == ("Poprawione przez nas", ended.correction, None)
    assert templates(tracking)[-1] == "correction"
    assert steps._apply(ended.correction) is State.APPLIED
    with transaction() as session:
        row = register_row(session, PEOPLE[0]["customer_no"])
        assert row is not None
        assert [one["email"] for one in row["consents"] if one["effective_to"] is None] == ["right@example.com"]
        assert second_look.figures(session)["by_field"] == {"email": 1}
        assert second_look.figures(session)["waiting"] == 0  # a clerk has seen the correction already
    assert templates(ended.correction) == ["einvoice_link"]


def test_a_form_ascribed_to_another_customer_is_taken_from_him_and_he_is_told(tmp_path: Path) -> None:
    tracking = applied(tmp_path)
    ended = looked(tracking, customer_no=PEOPLE[1]["customer_no"])
    assert ended.correction is not None
    with transaction() as session:
        row = register_row(session, PEOPLE[0]["customer_no"])
        assert row is not None and [one for one in row["consents"] if one["effective_to"] is None] == []
        assert register.load(session, ended.correction).customer_no == PEOPLE[1]["customer_no"]
        told = [one for one in messages_of(session, tracking) if one["template"] == "correction"]
    assert [one["key"].rsplit(":", 1)[-1] for one in told] == ["stranger"]


def test_what_is_wrong_with_the_right_values_is_for_a_clerk(tmp_path: Path) -> None:
    tracking = applied(tmp_path)
    ended = looked(tracking, accept_terms=None)
    assert ended.correction is not None
    with transaction() as session:
        again = register.load(session, ended.correction)
        assert (again.at, again.reason_code) == (State.IN_REVIEW, "not_ticked")


def test_a_spelling_that_changes_no_effect_is_only_counted(tmp_path: Path) -> None:
    tracking = applied(tmp_path)
    before = templates(tracking)
    assert looked(tracking, phone="600111222") == Ended(("phone",), None)
    assert templates(tracking) == before


def test_two_clerks_do_not_look_at_the_same_document(tmp_path: Path) -> None:
    tracking = applied(tmp_path)
    with transaction() as session:
        assert second_look.take_next(session, ANNA) == tracking
        assert second_look.take_next(session, "clerk:ewa") is None
        with pytest.raises(LookError, match="ktoś inny"):
            second_look.take(session, tracking, "clerk:ewa")
    looked(tracking)
    with transaction() as session, pytest.raises(LookError, match="już sprawdzono"):
        second_look.take(session, tracking, "clerk:ewa")
