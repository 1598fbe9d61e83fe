"""What pages tell of a value is decided by the value, never by how it reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import office
from benchmarks.office import Paper
from documents.states import State
from forms.catalogue import form_by_code
from forms.kinds import Value
from tests.api.desk.staff import Desk
from tests.review.papers import leases_run_out

SignIn = Callable[..., Desk]
CASE = Path(__file__).parents[2] / "cases/office/struck-and-unticked.pdf"
SIGNUP = form_by_code("ebok_signup")


@pytest.fixture
def signup(sqlite_database: str) -> Callable[..., str]:
    """An account asked for on paper, with a doubtful e-mail address and these other values."""
    office.fill_register()

    def waiting(**written: Value) -> str:
        paper = Paper("ebok_signup", 4, doubtful=("email",), written=written)
        return office.judged(office.read(office.received(office.scanned(paper)), paper))

    return waiting


def taken(desk: Desk, tracking: str) -> str:
    return desk.post(f"/biuro/sprawy/{tracking}/zajmij").text


def lines(page: str, heading: str) -> list[str]:
    """What a summary tells under that heading."""
    return [
        rest.partition("</dd>")[0]
        for rest in page.replace("\N{NO-BREAK SPACE}", " ").split(f"<dt>{heading}</dt><dd>")[1:]
    ]


def label(name: str) -> str:
    return SIGNUP[name].label


def test_an_empty_box_is_told_as_empty_and_a_ticked_one_as_ticked(desk: SignIn, signup: Callable[..., str]) -> None:
    page = taken(desk(), signup(notify_sms=True, notify_email=False))
    assert label("notify_sms") in lines(page, "Zaznaczono")
    assert lines(page, "Nie zaznaczono") == [label("notify_email")]


def test_after_a_refusal_ticks_stand_in_the_list_as_the_clerk_left_them(
    desk: SignIn, signup: Callable[..., str]
) -> None:
    tracking, ewa = signup(notify_sms=True, notify_email=False), desk()
    taken(ewa, tracking)
    page = ewa.post(
        f"/biuro/sprawy/{tracking}",
        kratki=["notify_sms", "notify_email", "accept_terms", "signature"],  # type: ignore[arg-type]
        co="porownaj",
        **{"pole.email": "zła@", "pole.notify_email": "tak", "pole.accept_terms": "tak", "pole.signature": "tak"},
        widziano=ewa.browser.get(f"/biuro/sprawy/{tracking}")
        .text.split('name="widziano" value="')[1]
        .partition('"')[0],
    ).text
    assert "Jeszcze nie można zatwierdzić" in page
    assert lines(page, "Zaznaczono") == [label("notify_email"), label("accept_terms")]
    assert lines(page, "Nie zaznaczono") == [label("notify_sms")]
    assert lines(page, label("signature")) == ["jest"]


def test_a_missing_signature_is_not_told_as_being_there(desk: SignIn, signup: Callable[..., str]) -> None:
    ewa = desk()
    taken(ewa, tracking := signup(signature=False))
    leases_run_out()
    page = desk("olga").browser.get(f"/biuro/sprawy/{tracking}").text
    assert [line.partition(" <")[0] for line in lines(page, label("signature"))] == ["brak"]


def test_what_was_unticked_and_emptied_is_given_back_when_somebody_was_quicker(
    desk: SignIn, signup: Callable[..., str]
) -> None:
    tracking, ewa = signup(notify_sms=True), desk()
    taken(ewa, tracking)
    leases_run_out()
    taken(desk("olga"), tracking)
    page = ewa.post(f"/biuro/sprawy/{tracking}", kratki="notify_sms", co="porownaj", **{"pole.phone": ""}).text
    assert lines(page, label("notify_sms")) == ["niezaznaczone"]
    assert lines(page, label("phone")) == ["(puste)"]


def test_the_empty_box_beside_a_struck_out_address_is_told_as_empty(desk: SignIn) -> None:
    tracking = office.received(CASE.read_bytes())
    assert office.worked_off(tracking) is State.IN_REVIEW
    page = taken(desk(), tracking)
    assert label("notify_email") not in lines(page, "Zaznaczono")
    told = label("notify_email") in lines(page, "Nie zaznaczono")
    asked = page.split('id="notify_email"')[1].partition(">")[0]
    assert told or "data-stop" in asked
    assert "checked" not in asked
    assert label("notify_sms") in lines(page, "Zaznaczono")
