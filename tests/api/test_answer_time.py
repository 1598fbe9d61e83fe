"""Neither the words nor the time of an answer tell whether we know an address, a number or a link."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from api import answer_time
from benchmarks import office
from environment.settings import get_settings

FLOOR = 0.4
Ask = Callable[[TestClient], Response]


@pytest.fixture
def asking(lone_client: TestClient, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A client of an office with customers, where the floor is known."""
    monkeypatch.setattr(answer_time, "FLOOR", FLOOR)
    office.fill_register()
    return lone_client


@contextmanager
def at_once() -> Iterator[None]:
    """Meanwhile no answer is held back: how many were asked is all that matters of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answer_time, "FLOOR", 0.0)
        yield


def taken(ask: Callable[[], Response]) -> tuple[Response, float]:
    begun = time.perf_counter()
    answer = ask()
    return answer, time.perf_counter() - begun


def same(known: Response, unknown: Response, *, known_as: str = "", unknown_as: str = "") -> None:
    assert known.status_code == unknown.status_code
    assert known.text.replace(known_as, unknown_as) == unknown.text
    plain = [
        {name: value for name, value in answer.headers.items() if name != "content-length"}
        for answer in (known, unknown)
    ]
    assert plain[0] == plain[1]


def test_a_link_to_a_password_is_asked_for_alike_whether_there_is_an_account(asking: TestClient) -> None:
    office.worked_off(office.online("ebok_signup", 0))
    address = office.people()[0]["email"]

    def ask(email: str) -> tuple[Response, float]:
        return taken(lambda: asking.post("/haslo", data={"email": email}, follow_redirects=False))

    known, unknown = ask(address), ask("nikt@example.com")
    same(known[0], unknown[0])
    assert min(known[1], unknown[1]) >= FLOOR
    assert office.link_to(0).startswith("/potwierdzenie/")
    with at_once():
        for _ in range(get_settings().links_per_hour):  # what is sent no more is told no more, either
            known, unknown = ask(address), ask("nikt@example.com")
            same(known[0], unknown[0])
    known, unknown = ask(address), ask("nikt@example.com")
    same(known[0], unknown[0])
    assert min(known[1], unknown[1]) >= FLOOR


def test_too_many_questions_are_refused_alike_and_as_late(asking: TestClient) -> None:
    office.worked_off(office.online("ebok_signup", 0))
    with at_once():
        for number in range(20):
            asking.post("/haslo", data={"email": f"nikt{number}@example.com"}, follow_redirects=False)
    known, late = taken(lambda: asking.post("/haslo", data={"email": office.people()[0]["email"]}))
    unknown, later = taken(lambda: asking.post("/haslo", data={"email": "nikt@example.com"}))
    assert known.status_code == 429
    same(known, unknown)
    assert min(late, later) >= FLOOR


def test_a_case_that_exists_and_one_that_does_not_are_refused_alike(asking: TestClient) -> None:
    number = office.online("einvoice_acceptance", 0)
    office.worked_off(number)

    def ask(tracking: str) -> tuple[Response, float]:
        return taken(lambda: asking.post("/sprawa", data={"tracking": tracking, "secret": "nikt@example.com"}))

    stranger = "K7M4-PX9A"
    known, unknown = ask(number), ask(stranger)
    same(known[0], unknown[0], known_as=number, unknown_as=stranger)
    assert min(known[1], unknown[1]) >= FLOOR
    with at_once():
        for _ in range(get_settings().case_tries - 1):
            known, unknown = ask(number), ask(stranger)
    known, unknown = ask(number), ask(stranger)
    assert known[0].status_code == 429
    same(known[0], unknown[0], known_as=number, unknown_as=stranger)
    assert min(known[1], unknown[1]) >= FLOOR


def test_a_link_is_sent_again_alike_for_a_case_that_is_not_open_to_the_browser_and_for_none(
    asking: TestClient,
) -> None:
    number = office.online("einvoice_acceptance", 0)
    office.worked_off(number)
    for address in (f"/sprawa/{number}/odnosnik", "/sprawa/K7M4-PX9A/odnosnik", "/potwierdzenie/nieznany/nowy"):
        _, late = taken(lambda address=address: asking.post(address, follow_redirects=False))
        assert late >= FLOOR, address
    known = asking.post(f"/sprawa/{number}/odnosnik", follow_redirects=False)
    unknown = asking.post("/sprawa/K7M4-PX9A/odnosnik", follow_redirects=False)
    assert known.headers["location"].replace(number, "K7M4-PX9A") == unknown.headers["location"]
    token = office.link_to(0)
    _, late = taken(lambda: asking.post(f"{token}/nowy", follow_redirects=False))
    assert late >= FLOOR
