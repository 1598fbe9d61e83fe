"""Accounts of staff: whom an administrator lets in, as what, and for how long."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from access.staff import Role
from audit.tables import AuditEntry
from database.engine import transaction
from tests.api.desk.staff import Desk, browser


def handed_over(page: str) -> str:
    found = re.search(r'<code class="secret">([^<]+)</code>', page)
    assert found is not None, page
    return found[1]


def sign_in(login: str, password: str) -> Desk:
    opened = browser()
    opened.post("/biuro/logowanie", data={"login": login, "haslo": password}, follow_redirects=False)
    return Desk(opened)


def test_an_account_is_made_with_a_password_that_is_shown_once(desk: Callable[..., Desk]) -> None:
    ada = desk("ada", Role.ADMINISTRATOR)
    made = ada.post("/biuro/konta", login="Nowa.Osoba", nazwisko="Nowa  Osoba", rola="supervisor")
    password = handed_over(made.text)

    assert password not in ada.browser.get("/biuro/konta").text
    newcomer = sign_in("nowa.osoba", password)
    assert newcomer.browser.get("/biuro/", follow_redirects=False).headers["location"] == "/biuro/haslo"

    again = ada.post("/biuro/konta/nowa.osoba/haslo")
    assert newcomer.browser.get("/biuro/haslo", follow_redirects=False).headers["location"].startswith("/biuro/log")
    assert "ebok_biuro" not in sign_in("nowa.osoba", password).browser.cookies
    assert "ebok_biuro" in sign_in("nowa.osoba", handed_over(again.text)).browser.cookies
    with transaction() as session:
        noted = session.query(AuditEntry).filter(AuditEntry.actor == "clerk:ada").order_by(AuditEntry.id).all()
    assert [(row.action, row.subject) for row in noted if row.subject != "staff:ada"] == [
        ("staff_added", "staff:nowa.osoba"),
        ("staff_password_given", "staff:nowa.osoba"),
    ]


def test_a_role_counts_from_the_next_click_and_a_closed_account_is_out(desk: Callable[..., Desk]) -> None:
    ada, ola = desk("ada", Role.ADMINISTRATOR), desk("ola", Role.ADMINISTRATOR)
    assert ola.browser.get("/biuro/konta").status_code == 200

    ada.post("/biuro/konta/ola/rola", rola="supervisor")
    assert ola.browser.get("/biuro/konta").status_code == 403

    assert "Konto jest zamknięte" in ada.post("/biuro/konta/ola/zamknij").text
    assert ola.browser.get("/biuro/haslo", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("role", [Role.CLERK, Role.SUPERVISOR])
def test_accounts_are_for_administrators_only(desk: Callable[..., Desk], role: Role) -> None:
    ola = desk("ola", role)
    assert 'href="/biuro/konta"' not in ola.browser.get("/biuro/haslo").text
    refused = ola.browser.get("/biuro/konta")
    assert refused.status_code == 403
    assert "Wróć na początek" in refused.text
    assert ola.post("/biuro/konta", login="intruz", nazwisko="I", rola="administrator").status_code == 403
    assert ola.post("/biuro/konta/ola/rola", rola="administrator").status_code == 403


def test_what_is_wrong_is_told_beside_the_field_and_nothing_typed_is_lost(desk: Callable[..., Desk]) -> None:
    ada = desk("ada", Role.ADMINISTRATOR)
    refused = ada.post("/biuro/konta", login="józef", nazwisko="Józef Wymyślony", rola="supervisor")
    assert refused.status_code == 422
    assert 'id="login-error"' in refused.text
    assert 'value="Józef Wymyślony"' in refused.text
    assert '<option value="supervisor" selected>' in refused.text
    assert ada.post("/biuro/konta", login="jozef", nazwisko="J", rola="szef").status_code == 422
    assert ada.post("/biuro/konta/ada/zamknij").status_code == 422, "the last administrator"
