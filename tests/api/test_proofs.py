"""Links that prove an e-mail address: opening one changes nothing, its button works once."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from starlette.responses import Response

from access import passwords, tries
from api.case_access import grant
from confirmations.outbox import due
from confirmations.tables import Message
from customers.applying import apply
from customers.importing import import_customers
from customers.links import link_of_token, openings
from customers.outcome import Origin
from customers.proofs import renew
from customers.proving import prove, readdress
from customers.tables import Account, Proof
from database.engine import reading, transaction
from documents.tracking import new_tracking
from environment import clock
from environment.settings import get_settings
from tests.customers.samples import JAN, submission
from tests.registered import register_row

PHONE = "95 727 96 51"
LOGIN = "moja.poczta@example.com"
PASSWORD = "żółte kalosze w deszczu"
GOOD = {"password": PASSWORD, "again": PASSWORD}


@pytest.fixture
def client(lone_client: TestClient) -> TestClient:
    """On one kind of database: what links do in it, tests/customers/test_proofs.py tries on both."""
    return lone_client


@pytest.fixture
def link(client: TestClient) -> tuple[str, str]:
    """Tracking number and token of an account that waits for its link to be used."""
    return opened()


def opened() -> tuple[str, str]:
    tracking = new_tracking()
    with transaction() as session:
        import_customers(session, [JAN])
        origin = Origin(tracking, clock.now(), None)
        outcome = apply(session, submission("ebok_signup", email=LOGIN), origin, clock.today())
    assert outcome.proof_token
    return tracking, outcome.proof_token


def account() -> dict[str, Any]:
    with transaction() as session:
        row = register_row(session, JAN.customer_no)
    assert row is not None
    return dict(row["account"])


def read(answer: httpx.Response) -> str:
    """The page as it is read, with plain spaces and hyphens."""
    return answer.text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NON-BREAKING HYPHEN}", "-")


def account_state() -> str:
    return str(account()["state"])


def stored_password() -> str | None:
    with transaction() as session:
        return session.scalars(select(Account.password_hash)).one()


def messages(tracking: str) -> int:
    with transaction() as session:
        return len(due(session, tracking))


def sent_links(tracking: str) -> list[tuple[str, str]]:
    """Recipient and link of the messages that carry one."""
    with transaction() as session:
        found = session.scalars(select(Message).where(Message.tracking == tracking).order_by(Message.id))
        return [(one.recipient, one.context["link"]) for one in found if "link" in one.context]


def templates(tracking: str) -> list[str]:
    with transaction() as session:
        return list(session.scalars(select(Message.template).where(Message.tracking == tracking).order_by(Message.id)))


def test_opening_the_link_asks_for_a_password_and_changes_nothing(client: TestClient, link: tuple[str, str]) -> None:
    tracking, token = link

    for _ in range(3):
        answer = client.get(f"/potwierdzenie/{token}")

    assert answer.status_code == 200
    assert answer.text.count('autocomplete="new-password"') == 2
    assert LOGIN in answer.text, "password stores keep the login with the password"
    assert tracking in answer.text
    assert account_state() == "pending"
    assert messages(tracking) == 0


def test_the_pages_name_nobody(client: TestClient, link: tuple[str, str]) -> None:
    for answer in (client.get(f"/potwierdzenie/{link[1]}"), client.post(f"/potwierdzenie/{link[1]}", data=GOOD)):
        for secret in (JAN.name, JAN.customer_no, JAN.pesel, JAN.email):
            assert str(secret) not in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_the_button_activates_the_account_with_its_password_and_queues_one_message(
    client: TestClient, link: tuple[str, str]
) -> None:
    tracking, token = link

    answer = client.post(f"/potwierdzenie/{token}", data=GOOD, follow_redirects=False)
    told = client.get(answer.headers["location"])

    assert answer.status_code == 303
    assert "Konto w eBOK jest aktywne" in read(told)
    assert f'href="{get_settings().account_url}"' in told.text
    assert "Twoje konto" in client.get("/ebok/").text, "who chose the password is signed in"
    assert account_state() == "active"
    assert passwords.matches(stored_password(), PASSWORD)
    assert messages(tracking) == 1


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({}, "co najmniej 12"),
        ({"password": "krótkie", "again": "krótkie"}, "co najmniej 12"),
        ({"password": LOGIN, "again": LOGIN}, "Hasło nie może być Twoim loginem"),
        ({"password": PASSWORD, "again": "coś zupełnie innego"}, "Oba hasła muszą być takie same"),
    ],
)
def test_a_password_that_is_no_good_is_told_and_leaves_the_link_unused(
    client: TestClient, link: tuple[str, str], typed: dict[str, str], told: str
) -> None:
    answer = client.post(f"/potwierdzenie/{link[1]}", data=typed)

    assert answer.status_code == 422
    assert told in read(answer)
    assert "<title>Błąd: " in answer.text
    assert account_state() == "pending"
    assert client.post(f"/potwierdzenie/{link[1]}", data=GOOD).status_code == 200


def test_the_button_pressed_again_says_what_is_true_and_changes_no_password(
    client: TestClient, link: tuple[str, str]
) -> None:
    tracking, token = link
    client.post(f"/potwierdzenie/{token}", data=GOOD)
    other = {"password": "zupełnie inne słowa", "again": "zupełnie inne słowa"}

    for answer in (client.post(f"/potwierdzenie/{token}", data=other), client.get(f"/potwierdzenie/{token}")):
        assert answer.status_code == 409
        assert "Twoje konto w eBOK działa" in read(answer)
    assert passwords.matches(stored_password(), PASSWORD)
    assert messages(tracking) == 1


def test_a_link_that_ran_out_sends_a_new_one_to_the_same_address(
    client: TestClient, link: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking, token = link
    later = clock.now() + timedelta(days=15)
    for module in ("customers.proofs", "customers.links"):
        monkeypatch.setattr(f"{module}.now", lambda: later)

    for answer in (client.get(f"/potwierdzenie/{token}"), client.post(f"/potwierdzenie/{token}", data=GOOD)):
        assert answer.status_code == 410
        assert "Wyślij nowy odnośnik" in read(answer)
        assert PHONE in read(answer)
        assert get_settings().mail_from in answer.text
    assert account_state() == "pending"

    told = client.post(f"/potwierdzenie/{token}/nowy")
    assert "Wysłaliśmy nowy odnośnik" in read(told)
    assert "SPAM" in told.text
    (sent,) = sent_links(tracking)
    assert sent[0] == LOGIN
    assert client.post(urlsplit(sent[1]).path, data=GOOD).status_code == 200
    assert account_state() == "active"


def test_a_link_is_sent_again_only_so_often(client: TestClient, link: tuple[str, str]) -> None:
    tracking, token = link
    most = get_settings().links_per_hour
    sent = [client.post(f"/potwierdzenie/{token}/nowy", follow_redirects=False).status_code for _ in range(most + 1)]

    assert sent == [303] * most + [429]
    assert messages(tracking) == most


def test_a_used_link_sends_no_new_one(client: TestClient, link: tuple[str, str]) -> None:
    tracking, token = link
    client.post(f"/potwierdzenie/{token}", data=GOOD)

    assert client.post(f"/potwierdzenie/{token}/nowy").status_code == 409
    assert messages(tracking) == 1


def test_a_case_sends_its_link_again_to_who_may_see_it_and_to_nobody_else(
    client: TestClient, link: tuple[str, str]
) -> None:
    tracking, token = link
    client.post(f"/sprawa/{tracking}/odnosnik", follow_redirects=False)
    assert messages(tracking) == 0

    response = Response()
    grant(response, tracking)
    name, value = SimpleCookie(response.headers["set-cookie"]).popitem()
    client.cookies.set(name, value.value, path=f"/sprawa/{tracking}")
    told = client.post(f"/sprawa/{tracking}/odnosnik")

    assert told.status_code == 200
    assert "Wysłaliśmy nowy odnośnik" in read(told)
    assert LOGIN not in told.text
    assert messages(tracking) == 1
    assert client.get(f"/potwierdzenie/{token}").status_code == 410


def test_a_link_that_was_used_tells_when_its_effect_is_over(client: TestClient) -> None:
    tracking = new_tracking()
    with transaction() as session:
        import_customers(session, [JAN])
        taken = submission("einvoice_acceptance", email=LOGIN)
        accepted = apply(session, taken, Origin(tracking, clock.now(), None), clock.today())
    assert client.post(f"/potwierdzenie/{accepted.proof_token}").status_code == 200
    assert "Faktury elektroniczne wysyłamy" in read(client.get(f"/potwierdzenie/{accepted.proof_token}"))
    with transaction() as session:
        given = submission("einvoice_withdrawal")
        apply(session, given, Origin(new_tracking(), clock.now(), None), clock.today())

    for address in ("", "/gotowe"):
        told = read(client.get(f"/potwierdzenie/{accepted.proof_token}{address}"))
        assert "została wycofana" in told


def test_an_older_link_points_to_the_newer_one(client: TestClient, link: tuple[str, str]) -> None:
    with transaction() as session:
        newer = renew(session, link[0])

    assert client.post(f"/potwierdzenie/{link[1]}").status_code == 410
    assert client.post(f"/potwierdzenie/{newer.token}", data=GOOD).status_code == 200


def test_whose_address_was_corrected_learns_of_it_and_ends_no_newer_link(
    client: TestClient, link: tuple[str, str]
) -> None:
    tracking, token = link
    with transaction() as session:
        replaced = renew(session, tracking).token
    with transaction() as session:
        right = readdress(session, tracking, "poprawiony@example.com").token
    for old in (token, replaced):
        page = f"/potwierdzenie/{old}"
        for answer in (client.get(page), client.post(page, data=GOOD), client.post(f"{page}/nowy")):
            told = read(answer)
            assert answer.status_code == 410
            assert "poprawiono w biurze" in told and PHONE in told
            assert "przez pomyłkę" not in told and "Niczego nie musisz" not in told and "nowy odnośnik" not in told
            assert "poprawiony" not in told.replace("na poprawiony adres", "")
        as_json = client.post(f"/api/v1/email-proofs/{old}")
        assert as_json.status_code == 410 and "poprawiono w biurze" in as_json.text
    assert messages(tracking) == 0
    assert client.post(f"/potwierdzenie/{right}", data=GOOD).status_code == 200
    assert account_state() == "active"


def test_a_link_to_another_address_than_the_newest_gives_no_new_one_whatever_its_state(
    client: TestClient, link: tuple[str, str]
) -> None:
    tracking, token = link
    with transaction() as session:
        right = readdress(session, tracking, "poprawiony@example.com").token
    for state in (None, "replaced", "withdrawn", "corrected", "redirected"):
        with transaction() as session:
            session.execute(update(Proof).where(Proof.email == LOGIN).values(void=state))
        assert client.post(f"/potwierdzenie/{token}/nowy").status_code == 410
        assert "Wyślij nowy odnośnik" not in read(client.get(f"/potwierdzenie/{token}"))
    assert messages(tracking) == 0
    with reading() as session:
        assert link_of_token(session, right).state == "waiting"


@pytest.mark.parametrize("token", ["nic", "x" * 3000, "%00", "%F0%9F%92%A7", "%ff%fe", "<script>", "{{ 7*7 }}"])
def test_an_unknown_link_tells_what_to_do(lone_client: TestClient, token: str) -> None:
    for answer in (lone_client.get(f"/potwierdzenie/{token}"), lone_client.post(f"/potwierdzenie/{token}")):
        assert answer.status_code == 404
        assert "Odnośnik jest niepoprawny" in answer.text
        assert PHONE in read(answer)
        assert "<script>" not in answer.text


def test_the_link_works_as_json_too_and_once(client: TestClient, link: tuple[str, str]) -> None:
    tracking, token = link

    first = client.post(f"/api/v1/email-proofs/{token}")
    again = client.post(f"/api/v1/email-proofs/{token}")

    assert first.json() == {"purpose": "account", "tracking": tracking, "message": "Konto w eBOK jest aktywne."}
    assert again.status_code == 409
    assert again.headers["content-type"] == "application/problem+json"
    assert account_state() == "active"
    assert "Wybierz hasło" in read(client.get(f"/potwierdzenie/{token}")), "the account has none yet"


def test_a_password_may_come_with_the_json(lone_client: TestClient) -> None:
    _, token = opened()

    refused = lone_client.post(f"/api/v1/email-proofs/{token}", json={"password": "krótkie"})
    assert refused.status_code == 422
    assert refused.json()["problems"][0]["field"] == "password"

    assert lone_client.post(f"/api/v1/email-proofs/{token}", json={"password": PASSWORD}).status_code == 200
    assert passwords.matches(stored_password(), PASSWORD)


def test_a_password_is_chosen_later_by_a_link_that_works_once(client: TestClient, link: tuple[str, str]) -> None:
    tracking, token = link
    client.post(f"/api/v1/email-proofs/{token}")

    asked = client.post("/haslo", data={"email": f" {LOGIN.upper()} "})
    assert "Sprawdź swoją skrzynkę" in asked.text
    (sent,) = sent_links(tracking)
    assert sent[0] == LOGIN
    way = urlsplit(sent[1]).path
    assert client.get(way).status_code == 200
    assert client.post(way, data={"password": "krótkie", "again": "krótkie"}).status_code == 422
    assert "Hasło jest zapisane" in client.post(way, data=GOOD).text

    assert passwords.matches(stored_password(), PASSWORD)
    assert client.post(way, data={"password": "ktoś obcy był tu", "again": "ktoś obcy był tu"}).status_code == 409
    assert passwords.matches(stored_password(), PASSWORD)
    assert templates(tracking) == ["account_active", "password_link", "password_set"]


def test_who_asks_for_a_password_learns_nothing_of_accounts(client: TestClient, link: tuple[str, str]) -> None:
    known = client.post("/haslo", data={"email": LOGIN})
    unknown = client.post("/haslo", data={"email": "nikt@example.com"})

    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    assert templates(link[0]) == ["account_link"], "a pending account gets the link of its sign-up again"


def test_no_stranger_fills_a_mailbox_with_links_to_a_password_and_the_links_go_on_working(
    lone_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking, token = opened()
    lone_client.post(f"/api/v1/email-proofs/{token}")
    begun, most = clock.now(), get_settings().password_links_per_day
    for hour in range(12):
        monkeypatch.setattr(clock, "now", lambda at=begun + timedelta(hours=hour): at)
        for _ in range(get_settings().links_per_hour + 1):
            assert lone_client.post("/haslo", data={"email": LOGIN}).status_code == 200

    assert templates(tracking).count("password_link") == most
    _, address = sent_links(tracking)[-1]
    assert lone_client.post(urlsplit(address).path, data=GOOD).status_code == 200


def test_a_pending_account_keeps_its_link_where_its_address_has_no_room_for_another(
    lone_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking, token = opened()
    with transaction() as session:
        for _ in range(get_settings().unproven_mails_per_day):
            tries.note_wrong(session, f"mail:{LOGIN}")

    assert lone_client.post("/haslo", data={"email": LOGIN}).status_code == 200

    assert templates(tracking) == []
    assert lone_client.post(f"/api/v1/email-proofs/{token}").status_code == 200


def test_who_asks_for_links_to_a_password_of_others_keeps_no_owner_out(
    lone_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking, token = opened()
    lone_client.post(f"/api/v1/email-proofs/{token}")
    with transaction() as session:
        for _ in range(get_settings().unproven_mails_per_day):
            tries.note_wrong(session, f"mail:{LOGIN}")
    lone_client.post("/haslo", data={"email": LOGIN})
    begun = clock.now()
    for hour in range(12):
        monkeypatch.setattr(clock, "now", lambda at=begun + timedelta(hours=hour): at)
        for _ in range(get_settings().links_per_hour):
            lone_client.post("/haslo", data={"email": LOGIN})
    owners, *_, last = (urlsplit(address).path for _, address in sent_links(tracking))

    assert lone_client.post(owners, data=GOOD).status_code == 200
    assert lone_client.post(last, data=GOOD).status_code == 410, "a password is chosen, and by no link that waits"
    count = len(sent_links(tracking))
    lone_client.post("/haslo", data={"email": LOGIN})
    assert len(sent_links(tracking)) == count + 1, "he may ask again on the same day"


def test_who_asks_for_links_of_a_pending_account_leaves_its_link(client: TestClient, link: tuple[str, str]) -> None:
    for _ in range(2):
        client.post("/haslo", data={"email": LOGIN})
    assert client.post(f"/api/v1/email-proofs/{link[1]}").status_code == 200


def test_a_fault_while_the_message_is_written_leaves_the_link_unused(
    client: TestClient, link: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr("api.links.compose_proof", fail)
        assert client.post(f"/potwierdzenie/{link[1]}", data=GOOD).status_code == 500

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
    assert [names.count(tag) for tag in ("title", "main", "h1", "button")] == [1, 1, 1, 1]
    assert any(tag == "meta" and found.get("name") == "viewport" for tag, found in outline.tags)


def test_opening_a_link_is_noted_and_proves_nothing(client: TestClient, link: tuple[str, str]) -> None:
    _, token = link
    assert client.get(f"/potwierdzenie/{token}").status_code == 200
    with transaction() as session:
        first, last, used = openings(session, token)
    assert first is not None and first == last and used is None
    assert account_state() == "pending"
    assert client.get("/potwierdzenie/nie-ma-takiego").status_code == 404
    client.post(f"/potwierdzenie/{token}", data=GOOD)
    client.get(f"/potwierdzenie/{token}")
    with transaction() as session:
        again, last, used = openings(session, token)
    assert used is not None and last is not None
    assert again == first < used < last, "a page that was opened later is told too"
