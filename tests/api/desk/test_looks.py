"""Who looks waits for nobody who writes: pages are shown while the database has a writer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from access.staff import Role
from benchmarks import office
from benchmarks.office import Paper
from database.engine import transaction
from tests.api.desk.staff import Desk

SignIn = Callable[..., Desk]
PAGES = [
    "/biuro/", "/biuro/?moje=tak", "/biuro/szukaj", "/biuro/kontrola", "/biuro/do-wyjasnienia", "/biuro/konta",
    "/biuro/haslo", "/biuro/zalogowania", "/biuro/sprawy/{0}", "/biuro/sprawy/{0}/historia",
    "/biuro/sprawy/{0}/strony", "/biuro/sprawy/{0}/odrzucenie", "/biuro/sprawy/{0}/strona/1.jpg",
    "/biuro/sprawy/{0}/pole/email.png", "/biuro/sprawy/{1}", "/biuro/sprawy/{1}/historia", "/", "/sprawa",
    "/readyz?part=database&part=mail",    "/formularze/einvoice_acceptance", "/api/v1/forms", "/api/v1/submissions/{0}",
]  # fmt: skip


@pytest.fixture
def opened(desk: SignIn) -> Callable[[str], int]:
    """The status with which a page is answered; one document is held by who asks, the other by nobody."""
    office.fill_register()
    held, free = office.waiting(Paper(person=1)), office.waiting(Paper("ebok_signup", person=2))
    signed_in = desk("adam", Role.ADMINISTRATOR)
    signed_in.post(f"/biuro/sprawy/{held}/zajmij")
    return lambda page: signed_in.browser.get(page.format(held, free)).status_code


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_shown_while_somebody_else_writes(opened: Callable[[str], int], page: str) -> None:
    assert opened(page) == 200  # the first look is noted in the audit
    with transaction() as writing:
        writing.execute(text("UPDATE customers SET phone = NULL"))
        assert opened(page) == 200


def test_the_page_to_sign_in_is_shown_while_somebody_else_writes(opened: Callable[[str], int], desk: SignIn) -> None:
    signed_in = desk("ewa")
    signed_in.browser.cookies.clear()
    with transaction() as writing:
        writing.execute(text("UPDATE customers SET phone = NULL"))
        assert signed_in.browser.get("/biuro/logowanie").status_code == 200
