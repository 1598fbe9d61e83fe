"""Passkeys: added with the password, told of by e-mail, good once, here, for their owner, and while nobody copies."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from httpx import Response

from api.portal.access import COOKIE
from audit.tables import AuditEntry
from benchmarks import office
from confirmations import outbox
from customers.passwords import PasswordWay, ask, choose
from customers.tables import Passkey
from database.engine import reading, transaction
from environment import clock
from environment.settings import get_settings
from tests.api.portal.conftest import Browser, signed_in, stranger
from tests.api.portal.programs import API, Program, caller, program
from tests.passkey_device import PRESENT, Device

HOST = "ebok.example"
ORIGIN = f"https://{HOST}"
KEYS = "/ebok/konto/klucze"
LOGIN = "klient@example.com"


@pytest.fixture
def customer(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """Somebody with an account, where the public address is one at which browsers make passkeys."""
    where_passkeys_are_made(monkeypatch)
    office.fill_register()
    return customer_of(0, LOGIN)


def where_passkeys_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.answer_time.FLOOR", 0.0)
    monkeypatch.setattr(
        "portal.passkeys.get_settings", lambda: get_settings().model_copy(update={"public_url": ORIGIN})
    )


def customer_of(person: int, login: str) -> Browser:
    number = office.people()[person]["customer_no"]
    office.open_account(number, login)
    return signed_in(number, login)


def device(**lie: Any) -> Device:
    return replace(Device(ORIGIN, HOST), **lie)


def offer(customer: Browser, password: str = office.PASSWORD, name: str = "telefon") -> dict[str, Any]:
    page = customer.post(KEYS, nazwa=name, password=password)
    assert page.status_code == 200, page.text
    found = re.search(r'data-offer="([^"]+)"', page.text)
    assert found is not None
    told: dict[str, Any] = json.loads(unescape(found[1]))
    return told


def added(customer: Browser, own: Device, name: str = "telefon") -> Device:
    done = customer.post(f"{KEYS}/nowy", odpowiedz=own.made(offer(customer, name=name)))
    assert done.headers["location"] == f"{KEYS}?dodano=1"
    return own


def question() -> dict[str, Any]:
    asked: dict[str, Any] = stranger().post("/ebok/zaloguj/klucz/pytanie").json()
    return asked


def enter(answer: str, after: str = "/ebok/konto") -> Response:
    given = {"odpowiedz": answer, "dalej": after}
    return stranger().post("/ebok/zaloguj/klucz", data=given, follow_redirects=False)


def comes_in(answer: str) -> bool:
    came = enter(answer)
    assert came.status_code in (303, 422)
    assert (COOKIE in str(came.headers)) == (came.status_code == 303)
    return came.status_code == 303


def actions() -> list[str]:
    with reading() as session:
        found = session.query(AuditEntry).order_by(AuditEntry.id).all()
        return [one.action for one in found if one.action.startswith("account_")]


def test_a_passkey_is_added_with_the_password_named_told_of_used_and_taken_away(customer: Browser) -> None:
    assert customer.post(KEYS, password="nie to hasło").status_code == 422
    own = added(customer, device(), name="telefon Ani")
    assert "telefon Ani" in customer.read(KEYS)
    outbox.deliver(transaction)
    (mail,) = office.mails_to(LOGIN)
    assert mail["Subject"].startswith("Do konta eBOK dodano klucz dostępu")
    assert "Ani" not in mail.as_string()

    came = enter(own.answer(question()), after="/ebok/faktury")
    assert (came.status_code, came.headers["location"]) == (303, "/ebok/faktury")
    assert "ebok_urzadzenie_konta" in str(came.headers), "the device is known from now on"
    assert "ostatnio użyty" in customer.read(KEYS)

    (number,) = re.findall(rf"{KEYS}/(\d+)/usun", customer.read(KEYS))
    assert customer.post(f"{KEYS}/{number}/usun", password="nie to hasło").status_code == 422
    assert comes_in(own.answer(question()))
    removed = customer.post(f"{KEYS}/{number}/usun", password=office.PASSWORD)
    assert removed.headers["location"] == f"{KEYS}?usunieto=1"
    assert not comes_in(own.answer(question()))
    told = ["account_passkey_added", "account_signed_in", "account_signed_in", "account_passkey_removed"]
    assert [one for one in actions() if one != "account_sign_in_failed"] == ["account_signed_in", *told]


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://ebok.example.org"},
        {"origin": "http://ebok.example"},
        {"host": "example.org"},
        {"flags": PRESENT},
        {"owner": "kto-inny"},
        {"name": b"nieznany klucz"},
    ],
    ids=["other site", "without TLS", "other host", "nobody looked at", "other owner", "unknown"],
)
def test_an_answer_from_elsewhere_or_for_somebody_else_lets_nobody_in(customer: Browser, lie: dict[str, Any]) -> None:
    own = added(customer, device())
    assert not comes_in(replace(own, **lie).answer(question()))
    if not lie.keys() & {"owner", "name"}:
        refused = customer.post(f"{KEYS}/nowy", odpowiedz=device(**lie).made(offer(customer)))
        assert refused.status_code == 422
    assert comes_in(own.answer(question()))


def test_a_question_is_answered_once_in_time_and_only_as_it_was_asked(
    customer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, asked = added(customer, device()), question()
    answer = own.answer(asked)
    assert comes_in(answer)
    assert not comes_in(answer), "used"
    assert not comes_in(own.answer({"challenge": "A" * 43})), "never asked"
    begun, late = offer(customer), question()
    assert not comes_in(own.answer(begun)), "asked for something else"
    made = device().made(offer(customer))
    assert customer.post(f"{KEYS}/nowy", odpowiedz=made).status_code == 303
    assert customer.post(f"{KEYS}/nowy", odpowiedz=made).status_code == 422
    moment = clock.now() + timedelta(minutes=10)
    monkeypatch.setattr(clock, "now", lambda: moment)
    assert not comes_in(own.answer(late)), "too late"


def test_what_was_begun_for_one_customer_adds_nothing_to_another_one_s_account(customer: Browser) -> None:
    other = customer_of(1, "inna@example.com")
    own = device()
    made = own.made(offer(other))
    assert customer.post(f"{KEYS}/nowy", odpowiedz=made).status_code == 422
    assert other.post(f"{KEYS}/nowy", odpowiedz=made).status_code == 422, "taken by whoever tried"
    added(other, own)
    stolen = customer.post(f"{KEYS}/nowy", odpowiedz=own.made(offer(customer)))
    assert stolen.status_code == 422, "the passkey of another account"
    (number,) = re.findall(rf"{KEYS}/(\d+)/usun", other.read(KEYS))
    for method in ("GET", "POST"):
        address = f"{KEYS}/{number}/usun"
        given = {"csrf": customer.csrf, "password": office.PASSWORD}
        assert customer.client.request(method, address, data=given).status_code == 404


def test_a_counter_that_does_not_go_on_is_a_copy_and_lets_nobody_in(customer: Browser) -> None:
    own = added(customer, device(counter=5))
    assert comes_in(replace(own, counter=7).answer(question()))
    for copied in (7, 6, 0):
        assert not comes_in(replace(own, counter=copied).answer(question()))
    forged = device(name=own.name, owner=own.owner, counter=9)
    assert not comes_in(forged.answer(question())), "signed with another key"
    assert actions().count("account_passkey_copied") == 3
    assert comes_in(replace(own, counter=8).answer(question()))


@pytest.mark.parametrize(
    "answer", ["", "{}", "[" * 9000, '{"id": 1, "response": {"clientDataJSON": "e30"}}', "x" * 30_000]
)
def test_rubbish_is_refused_like_an_unknown_passkey(customer: Browser, answer: str) -> None:
    assert not comes_in(answer)
    assert customer.post(f"{KEYS}/nowy", odpowiedz=answer).status_code == 422


@pytest.mark.parametrize("name", ["\0", "\ud800"], ids=("nul", "half a sign"))
def test_a_passkey_by_a_name_that_no_database_takes_is_an_unknown_one(
    database: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    where_passkeys_are_made(monkeypatch)
    told = json.loads(device(owner="x").answer(question()))
    assert not comes_in(json.dumps({**told, "id": name, "rawId": name}))


def test_a_new_password_takes_all_passkeys_away(customer: Browser) -> None:
    own = added(customer, device())
    with transaction() as session:
        way = ask(session, LOGIN)
        assert isinstance(way, PasswordWay)
        choose(session, way.token, "nowy skrót")
        assert session.query(Passkey).count() == 0
    assert not comes_in(own.answer(question()))


def test_questions_are_counted_and_no_more_than_ten_passkeys_are_kept(
    customer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.passkeys.MOST", 1)
    added(customer, device())
    assert customer.post(KEYS, password=office.PASSWORD).status_code == 303
    monkeypatch.setenv("EBOK_SIGN_IN_TRIES_PER_CLIENT", "2")
    get_settings.cache_clear()
    asked = [stranger().post("/ebok/zaloguj/klucz/pytanie").status_code for _ in range(3)]
    assert asked == [200, 200, 429]


def test_where_browsers_make_none_the_pages_say_so_and_offer_nothing(
    customer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.passkeys.get_settings", get_settings)
    assert "Tutaj nie da się dodać klucza" in customer.read(KEYS)
    assert customer.post(KEYS, password=office.PASSWORD).status_code == 404
    assert "klucz" not in stranger().get("/ebok/zaloguj").text
    assert stranger().post("/ebok/zaloguj/klucz/pytanie").status_code == 404


def test_a_passkey_gets_another_name_and_opens_the_account_as_before(customer: Browser) -> None:
    own = added(customer, device(), name="  Tele\u202efon\n Ani ")
    assert "Tele fon Ani" in customer.read(KEYS), "in one line, without signs that nobody sees"
    (address,) = re.findall(rf"{KEYS}/\d+/nazwa", customer.read(KEYS))
    assert 'value="Tele fon Ani"' in customer.read(address)
    assert customer.post(address, nazwa="Laptop w pracy " + "x" * 99).headers["location"] == f"{KEYS}?nazwano=1"
    page = customer.read(f"{KEYS}?nazwano=1")
    assert "Nazwa klucza jest zmieniona" in page
    assert f"<strong>Laptop w pracy {'x' * 25}</strong>" in page
    assert customer.post(address, nazwa=" ").status_code == 303
    assert "<strong>klucz</strong>" in customer.read(KEYS), "never without a name"
    assert comes_in(own.answer(question()))
    assert actions().count("account_passkey_renamed") == 2
    other = customer_of(1, "inna@example.com")
    assert other.post(address, nazwa="mój").status_code == 404
    assert "<strong>klucz</strong>" in customer.read(KEYS)


def test_a_program_adds_renames_answers_with_and_removes_a_passkey(customer: Browser) -> None:
    mine, keys = program(customer.number, LOGIN), "/passkeys"
    wanted = {"name": "Telefon", "password": office.PASSWORD}
    assert mine.refused("POST", "/passkey-options", wanted | {"password": "nie to"}) == (422, "password")
    own = device()
    made = json.loads(own.made(mine.send("POST", "/passkey-options", wanted).json()["options"]))
    taken = mine.send("POST", keys, {"answer": made})
    assert (taken.status_code, taken.json()["name"]) == (201, "Telefon")
    assert mine.refused("POST", keys, {"answer": made}) == (422, "answer"), "once"
    one = f"{keys}/{taken.json()['number']}"
    assert mine.send("PATCH", one, {"name": "Laptop w pracy"}).json()["name"] == "Laptop w pracy"
    assert [(row["name"], row["last_used"]) for row in mine.get(keys)] == [("Laptop w pracy", None)]

    anybody = Program("", "", caller(), "")
    asked = anybody.send("POST", "/session/passkey-options").json()["options"]
    answer = {"answer": json.loads(own.answer(asked))}
    came = anybody.client.post(f"{API}/session/passkey", json=answer, headers={"X-Forwarded-Proto": "https"})
    assert (came.status_code, came.json()["login"]) == (201, LOGIN)
    assert anybody.get("/session")["customer_no"] == customer.number
    assert anybody.refused("POST", "/session/passkey", answer) == (422, "answer"), "once"
    assert anybody.refused("POST", "/session/passkey", {"answer": {}}) == (422, "answer")

    assert mine.refused("POST", f"{one}/removal", {"password": "nie to"}) == (422, "password")
    assert mine.send("POST", f"{one}/removal", {"password": office.PASSWORD}).status_code == 204
    assert mine.refused("PATCH", one, {"name": "x"}) == (404, None)
    assert mine.get(keys) == []
