"""Members of staff and their browsers, for tests of the desk."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastapi.testclient import TestClient
from httpx import Response

from access.passwords import hashed
from access.staff import Role, add_staff, set_password
from api.desk.access import COOKIE
from benchmarks.office import give_second_factor
from database.engine import transaction
from tests.application import application

PASSWORD = "trzy zielone rowery"


@dataclass(frozen=True, slots=True)
class Desk:
    """A browser with cookies of its own."""

    browser: TestClient

    @property
    def csrf(self) -> str:
        """The secret that forms of this session carry."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.browser.get("/biuro/haslo").text)
        assert found is not None
        return found[1]

    def post(self, address: str, **fields: str) -> Response:
        """Send a form as a page of the desk would; redirections are followed."""
        return self.browser.post(address, data={"csrf": self.csrf, **fields})


def hire(login: str, role: Role = Role.CLERK, *, password: str = PASSWORD) -> None:
    """An account with a password of its owner's."""
    kept = hashed(password)
    with transaction() as session:
        add_staff(session, login, f"{login.capitalize()} Wymyślona", role, kept)
        set_password(session, login, kept, must_change=False)


def enter(opened: TestClient, login: str, password: str = PASSWORD) -> None:
    """Sign somebody in with all that the role requires; nothing happens where the password is wrong."""
    opened.post("/biuro/logowanie", data={"login": login, "haslo": password}, follow_redirects=False)
    if token := opened.cookies.get(COOKIE):
        with transaction() as session:
            give_second_factor(session, login, token)


def browser() -> TestClient:
    """A browser that asks for pages."""
    return TestClient(application(), base_url="http://ebok.example", headers={"Accept": "text/html"})
