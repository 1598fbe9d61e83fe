"""What tests of the account's pages share: two customers with bills, each in a browser of his own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from api import answer_time
from api.portal.access import COOKIE, as_signed_in
from benchmarks import office
from database.engine import reading
from portal.sessions import who
from tests.application import application

FIRST = "drewniana łyżka pod stołem"


@dataclass(frozen=True, slots=True)
class Browser:
    """A customer who is signed in."""

    number: str
    login: str
    client: TestClient

    @property
    def csrf(self) -> str:
        """The secret that forms of this session carry about the number looked at, without asking for a page of them."""
        token = self.client.cookies.get(COOKIE, domain="ebok.example")
        assert token is not None
        with reading() as session:
            found = who(session, token)
        assert found is not None
        return as_signed_in(found).csrf

    def read(self, address: str, status: int = 200) -> str:
        """A page as it is read, with plain spaces and hyphens."""
        answer = self.client.get(address)
        assert answer.status_code == status, answer.text
        return answer.text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NON-BREAKING HYPHEN}", "-")

    def post(self, address: str, **fields: str) -> Response:
        """Send a form as a page of the account would; redirections are not followed."""
        return self.client.post(address, data={"csrf": self.csrf, **fields}, follow_redirects=False)


def stranger() -> TestClient:
    """A browser in which nobody is signed in."""
    return TestClient(application(), base_url="http://ebok.example", headers={"Accept": "text/html"})


def signed_in(number: str, login: str) -> Browser:
    client = stranger()
    client.cookies.set(COOKIE, office.account_session(number), domain="ebok.example", path="/")
    return Browser(number, login, client)


@pytest.fixture
def accounts(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Browser, Browser]]:
    """Two customers with fourteen months of invoices with pictures."""
    monkeypatch.setattr(answer_time, "FLOOR", 0.0)
    made = office.billed_accounts(2, months=2, pdfs=True)
    yield signed_in(*made[0]), signed_in(*made[1])
