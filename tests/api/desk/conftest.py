"""What the tests of the desk share: a browser in which somebody is signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from access.staff import Role
from tests.api.desk.staff import Desk, browser, enter, hire


@pytest.fixture
def desk(sqlite_database: str) -> Callable[..., Desk]:
    """Signs somebody in: ``desk("ola", Role.SUPERVISOR)``."""

    def signed_in(login: str = "ola", role: Role = Role.CLERK) -> Desk:
        hire(login, role)
        opened = browser()
        enter(opened, login)
        assert "ebok_biuro" in opened.cookies
        return Desk(opened)

    return signed_in
