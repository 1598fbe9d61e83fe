"""A new Regulamin: asked once, answered later up to a day, and whoever says nothing keeps what is his own."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from confirmations.polish import long_date
from customers.tables import Account, TermsAnswer
from database.engine import reading, transaction
from environment import clock
from forms.terms import in_force
from tests.api.portal.conftest import Browser
from tests.own_terms import own_terms

Accounts = tuple[Browser, Browser]
BEFORE = "0"
"""A version that was in force before all that are known."""


@pytest.fixture
def asked(accounts: Accounts) -> Browser:
    """Somebody who accepted an earlier version."""
    with transaction() as session:
        session.execute(update(Account).where(Account.login == accounts[0].login).values(terms_version=BEFORE))
    return accounts[0]


def version() -> str:
    return in_force("ebok", clock.today()).version


def answered() -> list[tuple[str, str]]:
    with reading() as session:
        return [(one.version, one.answer) for one in session.scalars(select(TermsAnswer).order_by(TermsAnswer.id))]


def answer(browser: Browser, told: str) -> str:
    sent = browser.post("/ebok/regulamin", odpowiedz=told, wersja=version(), dalej="/ebok/faktury")
    return str(sent.headers["location"])


def test_who_accepts_is_asked_no_more_and_version_and_time_are_kept(asked: Browser, accounts: Accounts) -> None:
    led = asked.client.get("/ebok/faktury?rok=2026", follow_redirects=False)
    assert led.headers["location"] == "/ebok/regulamin?dalej=%2Febok%2Ffaktury%3Frok%3D2026"
    assert "Akceptuję Regulamin" in asked.read("/ebok/regulamin")
    assert answer(asked, "tak") == "/ebok/faktury"
    assert asked.client.get("/ebok/faktury", follow_redirects=False).status_code == 200
    assert answered() == [(version(), "accepted")]
    with reading() as session:
        assert session.scalar(select(Account.terms_version).where(Account.login == asked.login)) == version()
    assert accounts[1].client.get("/ebok/regulamin", follow_redirects=False).status_code == 303, "nothing to answer"


def test_who_answers_later_goes_on_and_is_reminded_until_the_day_is_over(asked: Browser) -> None:
    answer(asked, "pozniej")
    assert "Odpowiedz teraz" in asked.read("/ebok/")
    assert asked.client.get("/ebok/faktury", follow_redirects=False).status_code == 200
    with transaction() as session:
        session.execute(update(TermsAnswer).values(at=clock.now() - timedelta(days=400)))
    assert asked.client.get("/ebok/", follow_redirects=False).status_code == 303
    assert "Odpowiem później" not in asked.read("/ebok/regulamin")
    answer(asked, "pozniej")
    assert asked.client.get("/ebok/", follow_redirects=False).status_code == 303
    program = asked.client.get("/ebok/", headers={"Accept": "application/json"})
    assert program.status_code == 403
    for own in ("/ebok/konto", "/ebok/konto/dane", "/ebok/konto/zamknij"):
        assert asked.client.get(own, follow_redirects=False).status_code == 200, "his own stays within reach"
    answer(asked, "tak")
    assert asked.read("/ebok/")


def test_a_regulamin_to_come_is_told_before_and_asks_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch, accounts: Accounts
) -> None:
    first, later = "2026-01-01", clock.today() + timedelta(days=20)
    own_terms(home / "terms", monkeypatch, ("ebok", "1", first), ("ebok", "2", str(later)), ("einvoice", "1", first))
    owner = accounts[0]
    shown = owner.read("/ebok/").replace("\N{NO-BREAK SPACE}", " ")
    assert f"Od {long_date(later)} będzie".replace("\N{NO-BREAK SPACE}", " ") in shown
    assert 'href="/regulaminy/ebok/2"' in shown and "Odpowiedz teraz" not in shown
    told = owner.client.get("/api/v1/account/terms").json()
    coming = {"version": "2", "in_force_from": str(later), "text_url": "/regulaminy/ebok/2"}
    assert told == {"asked": None, "coming": coming}


def test_an_answer_to_another_version_than_the_one_in_force_counts_for_nothing(asked: Browser) -> None:
    asked.post("/ebok/regulamin", odpowiedz="tak", wersja="zmyślona")
    asked.post("/ebok/regulamin", odpowiedz="moze", wersja=version())
    assert answered() == []
