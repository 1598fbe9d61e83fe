"""Staff who sign in at a provider of identities, as tests need them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from httpx import Response

from access.identities import set_way
from access.roles import Role, SignInWay
from audit.tables import AuditEntry
from database.engine import transaction
from tests.api.desk.staff import hire
from tests.identity_provider import Provider, providing, use

AWAY, BACK = "/biuro/logowanie/dostawca", "/biuro/logowanie/dostawca/powrot"
DESK = "http://ebok.example"


Use = Callable[..., None]


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providing() as running:
        yield running


@pytest.fixture
def office(sqlite_database: str, provider: Provider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Use:
    """Names the provider in the settings, with others as told."""

    def named(**more: str) -> None:
        use(provider, monkeypatch, tmp_path, DESK, **more)

    named()
    return named


def bound(
    login: str = "ola", role: Role = Role.CLERK, way: SignInWay = SignInWay.EITHER, subject: str = "osoba-1"
) -> None:
    hire(login, role)
    with transaction() as session:
        set_way(session, login, way, subject=subject)


def leave(opened: TestClient, **fields: str) -> str:
    """Press the button; gives where the page leads."""
    answer = opened.post(AWAY, data=fields)
    assert answer.status_code == 200, answer.text
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.text)
    assert found is not None
    return unescape(found[1])


def at_the_provider(address: str) -> str:
    """What the provider sends the browser back to."""
    location = httpx.get(address).headers["location"]
    assert location.startswith(DESK + BACK + "?")
    return str(location.removeprefix(DESK))


def through(opened: TestClient, **fields: str) -> Response:
    """The whole way, up to the answer to the browser that came back."""
    return opened.get(at_the_provider(leave(opened, **fields)), follow_redirects=False)


def audited() -> list[tuple[str, str]]:
    with transaction() as session:
        return [(row.action, row.subject) for row in session.query(AuditEntry).order_by(AuditEntry.id)]
