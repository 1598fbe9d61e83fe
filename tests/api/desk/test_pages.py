"""The page of a document's pages: what its buttons do, for whom, and what is said when they cannot."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from api.case_wording import CaseStanding, heading, message, next_steps
from benchmarks import office
from benchmarks.office import Paper
from database.engine import transaction
from documents import loading
from documents.states import State
from documents.tables import Document
from review import queue
from review.case_sheet import seen_of
from review.queue import Clerk
from tests.api.desk.staff import Desk

OpenDesk = Callable[..., Desk]


@pytest.fixture
def tracking(sqlite_database: str) -> str:
    office.fill_register()
    return office.waiting(Paper())


def _document(tracking: str) -> Document:
    with transaction() as session:
        return loading.load(session, tracking)


def _taken(tracking: str, login: str) -> str:
    with transaction() as session:
        queue.claim(session, tracking, Clerk(login))
        return seen_of(loading.load(session, tracking))


def test_the_clerk_names_the_form_and_goes_on_with_what_was_read(desk: OpenDesk, tracking: str) -> None:
    """The real reading of a form by pen that the machine had taken for a letter."""
    opened = desk()
    seen = _taken(tracking, "ola")
    with transaction() as session:
        document = loading.load(session, tracking)
        document.form = document.version = None
    page = opened.browser.get(f"/biuro/sprawy/{tracking}/strony")
    assert "Nie rozpoznano formularza" in page.text.replace("\N{NO-BREAK SPACE}", " ")
    answer = opened.post(f"/biuro/sprawy/{tracking}/strony", co="odczytaj", jako="einvoice_acceptance", widziano=seen)
    assert (answer.status_code, answer.url.path) == (200, f"/biuro/sprawy/{tracking}")
    document = _document(tracking)
    assert (document.form, document.version, document.at) == ("einvoice_acceptance", "2", State.IN_REVIEW)
    assert document.customer_no == office.people()[0]["customer_no"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"co": "odczytaj"}, "Wybierz formularz"),
        ({"co": "odczytaj", "jako": "nie_ma"}, "Wybierz formularz"),
        ({"co": "polacz"}, "Wybierz sprawę"),
        ({"co": "polacz", "numer": "K7M4"}, "8 znaków"),
        ({"co": "wydziel", "strona": "1"}, "przynajmniej jedna strona"),
        ({"obroc": "7:1"}, "nie należy"),
        ({"obroc": "x:y"}, "Nie ma takiej strony"),
    ],
)
def test_what_cannot_be_done_is_told_beside_the_pages(
    desk: OpenDesk, tracking: str, fields: dict[str, str], told: str
) -> None:
    opened = desk()
    answer = opened.post(f"/biuro/sprawy/{tracking}/strony", widziano=_taken(tracking, "ola"), **fields)
    assert answer.status_code == 422
    assert told in answer.text.replace("\N{NO-BREAK SPACE}", " ")
    assert _document(tracking).pages == [1]


def test_who_does_not_hold_the_document_changes_nothing(desk: OpenDesk, tracking: str) -> None:
    opened = desk()
    seen = _taken(tracking, "ewa")
    page = opened.browser.get(f"/biuro/sprawy/{tracking}/strony")
    assert "Obróć" not in page.text
    assert opened.post(f"/biuro/sprawy/{tracking}/strony", obroc="1:1", widziano=seen).status_code == 409
    without_secret = opened.browser.post(f"/biuro/sprawy/{tracking}/strony", data={"obroc": "1:1", "widziano": seen})
    assert without_secret.status_code == 403
    assert _document(tracking).turns is None


def test_the_sender_of_joined_pages_is_not_told_that_they_repeat_something() -> None:
    joined, same = (CaseStanding(State.DUPLICATE, code, None, typed=False) for code in ("joined", "same_bytes"))
    assert "dołączyliśmy" in message(joined)
    assert message(joined) != message(same)
    assert heading(joined) != heading(same)
    assert next_steps(joined) != next_steps(same)
