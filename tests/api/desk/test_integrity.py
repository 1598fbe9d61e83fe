"""What the check of the night found is told at the desk, by number only."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks import office
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
