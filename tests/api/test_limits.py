"""How much one sender may send and one address may get, whichever way it comes; on both databases where they count."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select

from benchmarks import office
from confirmations import outbox
from confirmations.allowance import has_room
from confirmations.tables import Medium
from database.engine import transaction
from documents.tables import Document
from environment import clock
from environment.settings import get_settings
from tests.api.pictures import picture
from tests.application import application

SUBMISSIONS = "/api/v1/forms/einvoice_withdrawal/submissions"
Values = dict[str, object]


def limit(monkeypatch: pytest.MonkeyPatch, **settings: int) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"EBOK_{name.upper()}", str(value))
    get_settings.cache_clear()


def later(monkeypatch: pytest.MonkeyPatch, **passed: float) -> None:
    moment = clock.now() + timedelta(**passed)
    monkeypatch.setattr(clock, "now", lambda: moment)
    monkeypatch.setattr(outbox, "now", lambda: moment)


def kept() -> int:
    with transaction() as session:
        return session.scalar(select(func.count()).select_from(Document)) or 0


def refused(answer: Response, *told: str) -> None:
    assert answer.status_code == 429
    text = answer.text.replace("\N{NO-BREAK SPACE}", " ")
    for each in (*told, "95 727 96 51"):
        assert each in text


def by_page(client: TestClient, values: Values) -> Response:
    """Fill in, look at and send a form on its pages."""
    client.cookies.clear()
    begun = client.get("/formularze/einvoice_withdrawal").text
    address = re.search(r'action="(/formularze/einvoice_withdrawal/[\w-]+)"', begun)
    assert address is not None
    client.post(address[1], data={name: str(value) for name, value in values.items()})
    seen = client.get(f"{address[1]}/sprawdz")
    revision = re.search(r'name="wersja" value="(\w+)"', seen.text)
    assert revision is not None, seen.text
    return client.post(f"{address[1]}/sprawdz", data={"wersja": revision[1]}, headers={"Accept": "text/html"})


def by_file(client: TestClient, values: Values) -> Response:
    return client.post("/api/v1/uploads", files={"file": ("a.png", picture())})


def by_json(client: TestClient, values: Values) -> Response:
    return client.post(SUBMISSIONS, json=values)


def by_sending(client: TestClient, values: Values) -> Response:
    return client.post("/wyslij", files={"file": ("a.png", picture())}, headers={"Accept": "text/html"})


@pytest.mark.parametrize("way", [by_json, by_page, by_file, by_sending])
def test_whichever_way_it_comes_a_sender_s_hour_has_an_end_and_the_next_one_begins_anew(
    lone_client: TestClient,
    values: Values,
    monkeypatch: pytest.MonkeyPatch,
    way: Callable[[TestClient, Values], Response],
) -> None:
    limit(monkeypatch, submissions_per_hour=2)
    for _ in range(2):
        assert by_json(lone_client, values).status_code == 202
    before = kept()
    answer = way(lone_client, values)
    refused(answer, "w ciągu godziny 2", "za godzinę")
    assert kept() == before
    later(monkeypatch, minutes=61)
    assert way(lone_client, values).status_code in (200, 202)


def test_a_day_has_an_end_too_and_counts_outlive_the_server(
    database: str, values: Values, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, submissions_per_hour=2, submissions_per_day=3)

    def send() -> Response:
        with TestClient(application(), base_url="http://ebok.example") as client:
            return by_json(client, values)

    assert [send().status_code for _ in range(2)] == [202, 202]
    later(monkeypatch, minutes=61)
    assert send().status_code == 202
    answer = send()
    refused(answer, "w ciągu doby 3", "jutro")
    assert answer.headers["retry-after"] == "86400"
    later(monkeypatch, hours=24)
    assert send().status_code == 202


def test_another_sender_is_not_kept_out(sqlite_database: str, values: Values, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, submissions_per_hour=1)
    first, other = (
        TestClient(application(), base_url="http://ebok.example", client=(host, 50000))
        for host in ("203.0.113.7", "203.0.113.8")
    )
    assert by_json(first, values).status_code == 202
    assert by_json(first, values).status_code == 429
    assert by_json(other, values).status_code == 202


def test_what_was_to_be_mended_does_not_count(
    lone_client: TestClient, values: Values, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, submissions_per_hour=1)
    for _ in range(3):
        assert by_json(lone_client, {**values, "postcode": "x"}).status_code == 422
    assert by_json(lone_client, values).status_code == 202


def test_a_sender_has_so_many_bytes_of_files_a_day_even_of_files_that_are_refused(
    lone_client: TestClient, values: Values, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, upload_bytes_per_day=2 * 1024 * 1024)
    useless = {"file": ("a.pdf", b"%PDF-1.7 " + b"x" * 1024 * 1024)}
    assert lone_client.post("/api/v1/uploads", files=useless).status_code == 422
    refused(lone_client.post("/api/v1/uploads", files=useless), "2 MB", "jutro")
    assert by_file(lone_client, values).status_code == 202, "a small one has room still"
    later(monkeypatch, hours=24, minutes=1)
    assert lone_client.post("/api/v1/uploads", files=useless).status_code == 422


def test_an_address_that_nobody_has_proven_gets_so_many_messages_a_day_and_the_others_later(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, unproven_mails_per_day=2)
    office.fill_register()
    address = office.people()[0]["email"]
    cases = [office.online("einvoice_acceptance", 0) for _ in range(4)]
    for case in cases:
        office.worked_off(case)
    assert len(office.mails_to(address)) == 2
    office.worked_off(office.online("einvoice_acceptance", 1))
    assert len(office.mails_to(office.people()[1]["email"])) == 1, "others get theirs"

    with transaction() as session:
        assert outbox.due(session) == []
    later(monkeypatch, hours=25)
    outbox.deliver(transaction)
    assert len(office.mails_to(address)) == 4


def test_what_stands_after_a_plus_makes_no_other_mailbox(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, unproven_mails_per_day=3)
    office.fill_register()
    name, _, domain = office.people()[0]["email"].partition("@")
    for number, more in enumerate(["", "+a", "+b", "+c+a"]):
        address = f"{name}{more}@{domain}"
        with transaction() as session:
            assert has_room(session, address) == (number < 3)
            outbox.enqueue(
                session,
                key=f"K7M4-PX9A:{number}",
                tracking="K7M4-PX9A",
                channel=Medium.EMAIL,
                recipient=address,
                template="einvoice_link",
                context={"tracking": "K7M4-PX9A", "proven": False},
            )
        outbox.deliver(transaction)

    with transaction() as session:
        assert [has_room(session, f"{first}@{domain}") for first in ("+", f"{name}a")] == [True, True]


def test_a_case_tells_that_its_message_waits_and_no_link_is_claimed_to_be_sent(
    lone_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, unproven_mails_per_day=1)
    office.fill_register()
    number = office.online("einvoice_acceptance", 0)
    office.worked_off(number)
    again = lone_client.post(f"{office.link_to(0)}/nowy", headers={"Accept": "text/html"})
    assert again.status_code == 429
    assert "poproś o odnośnik jutro" in again.text.replace("\N{NO-BREAK SPACE}", " ")

    second = office.online("einvoice_acceptance", 0)
    office.worked_off(second)
    lone_client.post("/sprawa", data={"tracking": second, "secret": office.people()[0]["email"]})
    page = lone_client.get(f"/sprawa/{second}").text.replace("\N{NO-BREAK SPACE}", " ")
    assert "wyślemy do jutra" in page
    assert len(office.mails_to(office.people()[0]["email"])) == 1


@pytest.mark.parametrize("way", [by_file, by_sending])
def test_a_disk_that_is_nearly_full_takes_no_file_and_goes_on_with_forms(
    lone_client: TestClient,
    values: Values,
    monkeypatch: pytest.MonkeyPatch,
    way: Callable[[TestClient, Values], Response],
) -> None:
    limit(monkeypatch, least_free_bytes=10**18)
    answer = way(lone_client, values)
    assert answer.status_code == 507
    assert "Chwilowo nie możemy przyjmować plików" in answer.text.replace("\N{NO-BREAK SPACE}", " ")
    assert kept() == 0
    assert by_json(lone_client, values).status_code == 202
    limit(monkeypatch, least_free_bytes=0)
    assert way(lone_client, values).status_code in (200, 202)
