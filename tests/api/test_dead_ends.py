"""A link that is wrong, cut off or over leads to a page that leads on."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import update

from benchmarks import office
from customers.tables import Proof
from database.engine import transaction
from tests.api.portal.conftest import stranger

CUT = (
    *("/potwierdzenie", "/potwierdzenie/", "/potwierdzenie/0123", "/haslo/", "/haslo/0123"),
    *("/ebok/e-mail", "/ebok/e-mail/", "/ebok/e-mail/0123", "/formularze/ebok_signup/0123", "/formularze/nie-ma"),
    *("/sprawa/0123", "/sprawa/7777-7777", "/regulaminy/nie-ma", "/do-pobrania/nie-ma.pdf", "/nie-ma"),
)


def ways(address: str) -> tuple[int, set[str]]:
    """Status of a page, and where its text leads, by a link or a form."""
    answer = stranger().get(address)
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return answer.status_code, set(re.findall(r'(?:href|action)="([^"#]+)"', main))


def open_pages(found: set[str]) -> Iterator[int]:
    yield from (stranger().get(address).status_code for address in found if not address.startswith(("tel:", "mailto:")))


@pytest.mark.usefixtures("sqlite_database")
@pytest.mark.parametrize("address", CUT)
def test_from_a_cut_or_unknown_link_there_is_a_way(address: str) -> None:
    status, found = ways(address)
    assert status in (200, 404, 410)
    assert found, address
    assert set(open_pages(found)) == {200}


@pytest.mark.usefixtures("sqlite_database")
def test_from_a_link_that_is_over_there_is_a_way() -> None:
    office.fill_register()
    office.worked_off(office.online("ebok_signup", 4))
    link = office.link_to(4)
    for void in ("replaced", "withdrawn", "corrected", "redirected", "erased"):
        with transaction() as session:
            session.execute(update(Proof).values(void=void))
        status, found = ways(link)
        assert status == 410, void
        assert found, void
