"""Links that prove an e-mail address: opening one changes nothing, its button works once."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient

from confirmations.outbox import due
from customers.effects import apply
from customers.importing import import_customers
from customers.outcome import Origin
from customers.proofs import prove, renew
from customers.register import register_row
from database import clock
from database.engine import transaction
from documents.tracking import new_tracking
from tests.customers.samples import JAN, submission

PHONE = "95 727 96 51"


@pytest.fixture
def link(client: TestClient) -> tuple[str, str]:
    """Tracking number and token of an account that waits for its link to be used."""
    tracking = new_tracking()
    with transaction() as session:
        import_customers(session, [JAN])
        origin = Origin(tracking, clock.now(), None, "api")
        outcome = apply(session, submission("ebok_signup", email="zaneta@example.com"), origin, clock.today())
    assert outcome.proof_token
    return tracking, outcome.proof_token


def account_state() -> str:
    with transaction() as session:
        row = register_row(session, JAN.customer_no)
    assert row is not None
    return str(row["account"]["state"])


def messages(tracking: str) -> int:
    with transaction() as session:
        return len(due(session, tracking))


def test_opening_the_link_asks_and_changes_nothing(client: TestClient, link: tuple[str, str]) -> None:
    tracking, token = link

    for _ in range(3):
        answer = client.get(f"/potwierdzenie/{token}")

    assert answer.status_code == 200
    assert '<form method="post">' in answer.text
    assert tracking in answer.text
    assert account_state() == "pending"
    assert messages(tracking) == 0


def test_the_page_names_nobody(client: TestClient, link: tuple[str, str]) -> None:
    for answer in (client.get(f"/potwierdzenie/{link[1]}"), client.post(f"/potwierdzenie/{link[1]}")):
        for secret in (JAN.name, JAN.customer_no, JAN.pesel, JAN.email, link[1]):
            assert str(secret) not in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_the_button_activates_the_account_and_queues_one_message(client: TestClient, link: tuple[str, str]) -> None:
    tracking, token = link

    answer = client.post(f"/potwierdzenie/{token}")

    assert answer.status_code == 200
    assert "Konto w eBOK jest aktywne" in answer.text
    assert account_state() == "active"
    assert messages(tracking) == 1


def test_the_button_pressed_again_says_that_all_is_well(client: TestClient, link: tuple[str, str]) -> None:
    tracking, token = link
    client.post(f"/potwierdzenie/{token}")

    for answer in (client.post(f"/potwierdzenie/{token}"), client.get(f"/potwierdzenie/{token}")):
        assert answer.status_code == 409
        assert "Nie musisz nic robić" in answer.text
    assert messages(tracking) == 1


def test_a_link_that_ran_out_tells_whom_to_call(
    client: TestClient, link: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    later = clock.now() + timedelta(days=15)
    monkeypatch.setattr("customers.proofs.now", lambda: later)

    for answer in (client.get(f"/potwierdzenie/{link[1]}"), client.post(f"/potwierdzenie/{link[1]}")):
        assert answer.status_code == 410
        assert "stracił ważność" in answer.text
        assert PHONE in answer.text.replace("\N{NO-BREAK SPACE}", " ")
    assert account_state() == "pending"


def test_an_older_link_points_to_the_newer_one(client: TestClient, link: tuple[str, str]) -> None:
    with transaction() as session:
        newer = renew(session, link[0])

    assert client.post(f"/potwierdzenie/{link[1]}").status_code == 410
    assert client.post(f"/potwierdzenie/{newer.token}").status_code == 200


@pytest.mark.parametrize("token", ["nic", "x" * 3000, "%00", "%F0%9F%92%A7", "%ff%fe", "<script>", "{{ 7*7 }}"])
def test_an_unknown_link_tells_what_to_do(lone_client: TestClient, token: str) -> None:
    for answer in (lone_client.get(f"/potwierdzenie/{token}"), lone_client.post(f"/potwierdzenie/{token}")):
        assert answer.status_code == 404
        assert "Odnośnik jest niepoprawny" in answer.text
        assert PHONE in answer.text.replace("\N{NO-BREAK SPACE}", " ")
        assert "<script>" not in answer.text


def test_the_link_works_as_json_too_and_once(client: TestClient, link: tuple[str, str]) -> None:
    tracking, token = link

    first = client.post(f"/api/v1/email-proofs/{token}")
    again = client.post(f"/api/v1/email-proofs/{token}")

    assert first.json() == {"purpose": "account", "tracking": tracking, "message": "Konto w eBOK jest aktywne."}
    assert again.status_code == 409
    assert again.headers["content-type"] == "application/problem+json"
    assert account_state() == "active"


def test_a_fault_while_the_message_is_written_leaves_the_link_unused(
    client: TestClient, link: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr("api.proofs.compose_proof", fail)
        assert client.post(f"/potwierdzenie/{link[1]}").status_code == 500

    assert account_state() == "pending"
    with transaction() as session:
        assert prove(session, link[1]).purpose == "account"


class Outline(HTMLParser):
    """What a screen reader finds first."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_has_language_title_one_heading_and_a_real_button(client: TestClient, link: tuple[str, str]) -> None:
    outline = Outline()
    outline.feed(client.get(f"/potwierdzenie/{link[1]}").text)
    names = [tag for tag, _ in outline.tags]

    assert ("html", {"lang": "pl"}) in outline.tags
    assert [names.count(tag) for tag in ("title", "main", "h1", "button", "script")] == [1, 1, 1, 1, 0]
    assert any(tag == "meta" and found.get("name") == "viewport" for tag, found in outline.tags)
