"""No decision is made before the pictures were seen: loaded, or visibly failed with a word on what to do."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from benchmarks import office
from benchmarks.office import Paper
from database.engine import transaction
from documents import loading
from documents.states import State
from environment.settings import get_settings
from review import queue
from review.queue import Clerk
from tests.browser.conftest import Axe, SignedIn, listening, seen

_PICTURES = re.compile(r"/(pole|strona)/")


class _Withheld:
    """The pictures of a page come only when they are let go."""

    def __init__(self, page: Page) -> None:
        self.held: list[Route] | None = []
        page.route(_PICTURES, self._asked)

    def _asked(self, route: Route) -> None:
        if self.held is None:
            route.continue_()
        else:
            self.held.append(route)

    def let_go(self) -> None:
        held, self.held = self.held or [], None
        for route in held:
            route.continue_()


def _state(tracking: str) -> State:
    with transaction() as session:
        return loading.load(session, tracking).at


@pytest.fixture
def looked(site: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A document drawn for a second look."""
    monkeypatch.setenv("EBOK_SECOND_LOOK_RATE", "1")
    get_settings.cache_clear()
    paper = Paper(doubtful=())
    tracking = office.read(office.received(office.scanned(paper)), paper)
    assert office.worked_off(tracking) is State.CONFIRMED
    return tracking


def test_the_second_look_can_be_ended_only_once_its_pictures_are_there(
    signed_in: SignedIn, looked: str, axe: Axe
) -> None:
    page = signed_in("ewa")
    pictures = _Withheld(page)
    page.goto(f"/biuro/kontrola/{looked}", wait_until="domcontentloaded")
    settle = page.get_by_role("button", name="Zgadza się z obrazem, następna")
    expect(settle).to_be_disabled()
    expect(settle).not_to_be_focused()
    listening(page)
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status")).to_contain_text("Obraz jeszcze się wczytuje")
    axe(page)
    pictures.let_go()
    expect(settle).to_be_focused()
    expect(settle).to_be_enabled()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Nic więcej nie czeka")


def test_a_picture_that_cannot_be_shown_says_what_to_do_and_comes_when_asked_again(
    signed_in: SignedIn, looked: str, axe: Axe
) -> None:
    page = signed_in("ewa")
    page.route("**/pole/email.png*", lambda route: route.fulfill(status=200, content_type="image/png", body="x"))
    page.goto(f"/biuro/kontrola/{looked}")
    again = page.get_by_role("button", name="Wczytaj jeszcze raz: Wycinek obrazu: Adres e-mail")
    expect(again).to_be_visible()
    expect(page.get_by_role("link", name="pobierz oryginał")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Nie wszystkie obrazy widać")
    expect(page.get_by_role("button", name="Zgadza się z obrazem, następna")).to_be_enabled()
    axe(page)
    page.unroute("**/pole/email.png*")
    again.click()
    expect(again).to_be_hidden()
    expect(page.get_by_alt_text("Wycinek obrazu: Adres e-mail")).not_to_have_js_property("naturalWidth", 0)


def test_without_scripts_the_second_look_can_be_ended(signed_in: SignedIn, looked: str, axe: Axe) -> None:
    page = signed_in("ewa", script=False)
    page.goto(f"/biuro/kontrola/{looked}")
    expect(page.get_by_text("Nie widzisz któregoś obrazu?")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Zgadza się z obrazem, następna").click()
    expect(page.get_by_role("status")).to_contain_text("Nic więcej nie czeka")


def test_a_document_is_approved_only_once_its_pictures_are_there(signed_in: SignedIn) -> None:
    tracking = office.waiting(Paper(doubtful=("email", "date_signed")))
    with transaction() as session:
        queue.claim(session, tracking, Clerk("ewa"))
    page = signed_in("ewa")
    pictures = _Withheld(page)
    page.goto(f"/biuro/sprawy/{tracking}", wait_until="domcontentloaded")
    expect(page.locator("#email")).to_be_focused()
    listening(page)
    for key in ("Enter", "Enter", "Control+Enter", "Alt+x", "Alt+t"):
        page.keyboard.press(key)
    expect(page.get_by_role("status").filter(has_text="Obraz jeszcze się wczytuje")).to_be_visible()
    assert _state(tracking) is State.IN_REVIEW
    pictures.let_go()
    seen(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Kolejka jest pusta")).to_be_visible()
    assert _state(tracking) is State.READY
