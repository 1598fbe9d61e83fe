"""What the check of the night found is told at the desk, by number only."""

from __future__ import annotations

from collections.abc import Callable

from alarms.keeping import keep
from alarms.kinds import AlarmKind
from alarms.rules import Findings, Trouble
from benchmarks import office
from database.engine import transaction
from integrity import nightly
from tests.api.desk.staff import Desk
from tests.integrity.at_once import at_once
from tests.integrity.damages import file_of

__all__ = ["at_once"]

SignIn = Callable[..., Desk]


def test_the_desk_tells_that_something_does_not_fit_together(sqlite_database: str, desk: SignIn, at_once: None) -> None:
    tracking = office.received(b"%PDF-1.7 x")
    ewa = desk("ewa")
    nightly.run()
    assert "nie zgadza" not in ewa.browser.get("/biuro/do-wyjasnienia").text
    file_of(tracking).unlink()
    nightly.run()
    told = ewa.browser.get("/biuro/do-wyjasnienia").text
    assert "co się nie zgadza (1)" in told and "Powiedz o tym administratorowi" in told


def test_an_outage_stands_above_every_page_until_it_is_over_and_what_waits_for_the_desk_does_not(desk: SignIn) -> None:
    outage = Trouble(AlarmKind.EMAIL, None, 11, detail="Serwer poczty nie odpowiada.")
    with transaction() as session:
        keep(session, Findings((outage, Trouble(AlarmKind.QUARANTINE, None, 2)), frozenset()))
    ewa = desk("ewa")
    for page in ("/biuro/", "/biuro/do-wyjasnienia", "/biuro/haslo"):
        told = ewa.browser.get(page).text.replace("\N{NON-BREAKING HYPHEN}", "-").replace("\N{NO-BREAK SPACE}", " ")
        assert told.count("E-maile nie wychodzą") == 1
        assert "Czeka (wiadomości): 11" in told
        assert "kwarantannie: nie da się" not in told
    with transaction() as session:
        keep(session, Findings((), frozenset()))
    assert "E-maile nie wychodzą" not in ewa.browser.get("/biuro/").text
