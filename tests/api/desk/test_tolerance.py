"""The manager's page: what is proven, what he tolerates, and the step back that only he may take."""

from __future__ import annotations

from collections.abc import Callable

from access.roles import Role
from audit.trail import record
from database.engine import transaction
from documents.tables import Document
from environment import clock
from review.tables import SecondLook, Tolerance
from review.tolerance import stored
from tests.api.desk.staff import Desk

PAGE = "/biuro/tolerancja"


def looked(number: int, wrong: int) -> None:
    """So many documents with two values by pen were compared, and in the first of them one was wrong."""
    now = clock.now()
    with transaction() as session:
        for at in range(number):
            tracking = f"T{at:08}"
            relied = {"email": ["hand", 0.99], "date_signed": ["hand", 0.9999]}
            kept = {"channel": "folder", "state": "applied", "received_at": now, "updated_at": now}
            session.add(Document(tracking=tracking, relied_on=relied, **kept))
            told = ["email"] if at < wrong else []
            session.add(SecondLook(tracking=tracking, chosen_at=now, looked_at=now, rate=1.0, checked=2, wrong=told))


def test_a_manager_sees_what_is_proven_and_what_each_tolerance_would_bring(desk: Callable[..., Desk]) -> None:
    looked(100, wrong=2)
    page = desk("mila", Role.MANAGER).browser.get(PAGE).text
    assert "źle odczytano 2 z 200 wartości" in page.replace("\xa0", " ")
    assert "błędnych jest więc najpewniej od 2,9 do 27." in page.replace("\xa0", " "), (
        "two of 200, by Jeffreys' interval at 5 and 95 %"
    )
    assert page.count("<circle") == 6
    assert "jak dostarczono" in page and "Poluzuj" not in page


def test_a_manager_is_told_how_small_an_error_a_week_of_looks_would_show(desk: Callable[..., Desk]) -> None:
    """A week shows one error of N values in nineteen cases of twenty where three are to be expected."""
    mila = desk("mila", Role.MANAGER)
    assert "Tydzień takich kontroli" not in mila.browser.get(PAGE).text.replace("\xa0", " "), "nothing was looked at"
    looked(800, wrong=0)  # 1,600 values in four weeks
    page = mila.browser.get(PAGE).text.replace("\xa0", " ")
    assert "gdy błędnych jest co najmniej 7,5 na 1000. To ponad dwa razy tyle, ile dopuszczasz" in page
    assert "Szybciej wyjdzie na jaw, gdy kontroli będzie więcej" in page
    answer = mila.post(PAGE, tolerancja="4").text.replace("\xa0", " ")
    assert "co najmniej 7,5 na 1000." in answer and "ponad dwa razy tyle" not in answer
    rates = {"hand/office": 0.95}
    with transaction() as session:
        session.merge(Tolerance(id=stored.ROW, tolerated=1.0, steps={}, since={}, rates=rates, drifting=[]))
    assert "Do kontroli trafia już prawie każda sprawa" in mila.browser.get(PAGE).text.replace("\xa0", " ")


def test_a_tolerance_is_typed_as_people_write_it_and_one_out_of_bounds_is_refused(desk: Callable[..., Desk]) -> None:
    mila = desk("mila", Role.MANAGER)
    answer = mila.post(PAGE, tolerancja="0,5")
    assert answer.url.query == b"zrobione=ustawiono"
    assert 'value="0,5"' in answer.text
    for typed in ("0,1", "100", "dużo", ""):
        refused = mila.post(PAGE, tolerancja=typed)
        assert refused.status_code == 422
        assert "Podaj liczbę od 0,2 do 20." in refused.text.replace("\xa0", " ")
    with transaction() as session:
        assert stored.in_force(session).tolerated == 0.0005


def test_a_raised_threshold_is_shown_with_its_step_back_which_works_once(desk: Callable[..., Desk]) -> None:
    looked(10, wrong=0)
    with transaction() as session:
        kept = {"since": {}, "rates": {}, "drifting": ["office"]}
        session.merge(Tolerance(id=stored.ROW, tolerated=1.0, steps={"hand/office": 2}, **kept))
        detail = {"stratum": "hand/office", "from": 0, "to": 2, "values": 40, "wrong": 2, "tolerated": 1.0}
        record(session, actor="machine", action="threshold_tightened", subject=stored.SUBJECT, detail=detail)
    mila = desk("mila", Role.MANAGER)
    page = mila.browser.get(PAGE).text.replace("\xa0", " ")
    assert "podniesiony: 99,25 %" in page
    assert "Papier się zmienił (skany z kancelarii)" in page
    assert "Program podniósł próg: pismo ręczne, skany z kancelarii; pewność od 99,25 %" in page
    answer = mila.post(f"{PAGE}/poluzuj", prog="hand/office", stopien="2")
    assert answer.url.query == b"zrobione=poluzowano"
    assert "podniesiony: 98,5 %" in answer.text.replace("\xa0", " ")
    again = mila.post(f"{PAGE}/poluzuj", prog="hand/office", stopien="2")
    assert again.status_code == 409
    assert "zmienił się" in again.text.replace("\xa0", " ")
    with transaction() as session:
        assert stored.in_force(session).steps == {"hand/office": 1}


def test_what_is_held_is_told_with_its_reason_and_what_ends_it(desk: Callable[..., Desk]) -> None:
    looked(10, wrong=0)
    with transaction() as session:
        held = {"hand/office": "suspected", "print/sent": "overdue"}
        kept = {"since": {}, "rates": {}, "drifting": [], "considered_at": clock.now()}
        session.merge(Tolerance(id=stored.ROW, tolerated=1.0, steps={}, held=held, **kept))
        detail = {"stratum": "hand/office", "reason": "suspected", "tolerated": 1.0}
        record(session, actor="machine", action="values_held", subject=stored.SUBJECT, detail=detail)
    page = desk("mila", Role.MANAGER).browser.get(PAGE).text.replace("\xa0", " ")
    assert "Wstrzymane: pismo ręczne, skany z kancelarii. Pracownicy znaleźli pomyłki" in page
    assert "Wstrzymane: druk, pliki od klientów. Co najmniej 5 spraw czeka na drugą kontrolę dłużej niż 3 dni" in page
    assert page.count('<span class="tag warn">wstrzymane</span>') == 2
    assert "Program wstrzymał: pismo ręczne, skany z kancelarii; możliwe, że błędów jest za dużo." in page
