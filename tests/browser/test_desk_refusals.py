"""After a refusal the page stands as the clerk left it, and the focus is where something has to be mended."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from benchmarks import office
from benchmarks.live import PHONE, WIDE
from benchmarks.office import Paper
from database.engine import transaction
from documents import loading
from documents.values import submission_of
from environment import clock
from review import queue
from review.queue import Clerk
from tests.browser.conftest import Axe, SignedIn, intercepting, seen
from tests.review.papers import leases_run_out

DOCUMENT = "**/biuro/sprawy/*"
"""Address of a document at the desk, where decisions are sent, too."""


@pytest.fixture
def signup(site: str) -> str:
    """An account asked for on paper, with two doubtful fields."""
    paper = Paper("ebok_signup", 4, doubtful=("email", "date_signed"), written={"notify_sms": False})
    return office.waiting(paper)


def _open(page: Page, tracking: str) -> None:
    with transaction() as session:
        queue.claim(session, tracking, Clerk("ewa"))
    intercepting(page)
    page.goto(f"/biuro/sprawy/{tracking}")
    expect(page.get_by_role("button", name="Zatwierdź")).to_be_visible()


def _in_force(tracking: str, field: str) -> object:
    with transaction() as session:
        return submission_of(session, loading.load(session, tracking)).value(field)


def _state(tracking: str) -> str:
    with transaction() as session:
        return loading.load(session, tracking).state


def test_a_refused_field_gets_the_focus_and_what_was_right_is_not_asked_again(
    signed_in: SignedIn, signup: str, axe: Axe
) -> None:
    page = signed_in("ewa")
    _open(page, signup)
    seen(page)
    expect(page.locator("#email")).to_be_focused()
    page.keyboard.type("nikt@")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Jeszcze nie można zatwierdzić")
    email = page.locator("#email")
    expect(email).to_be_focused()
    expect(email).to_have_accessible_description(re.compile("Wpisz cały adres"))
    axe(page)
    page.keyboard.type("poprawny@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Kolejka jest pusta")).to_be_visible()
    assert (_state(signup), _in_force(signup, "email")) == ("ready", "poprawny@example.com")


def test_ticks_zoom_opened_parts_and_the_turn_of_a_page_outlive_a_refusal(signed_in: SignedIn, signup: str) -> None:
    page = signed_in("ewa")
    _open(page, signup)
    seen(page)
    page.keyboard.press("Alt+Equal")
    page.keyboard.press("Alt+R")
    expect(page.get_by_role("img", name="Strona 1 dokumentu")).to_have_js_property("naturalHeight", 990)
    page.keyboard.press("Alt+U")
    page.get_by_label("Chcę dostawać powiadomienia SMS").check()
    page.get_by_label("Notatka dla kierownika").evaluate("one => { one.closest('details').open = true }")
    page.get_by_label("Notatka dla kierownika").fill("Dwa razy to samo?")
    page.locator("#email").fill("nikt@")
    width = page.locator(".leaf").bounding_box()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#email")).to_be_focused()
    expect(page.get_by_label("Chcę dostawać powiadomienia SMS")).to_be_checked()
    expect(page.get_by_label("Notatka dla kierownika")).to_have_value("Dwa razy to samo?")
    summary = page.get_by_role("region", name="Bez wątpliwości").get_by_role("definition")
    expect(summary.filter(has_text="Chcę dostawać powiadomienia SMS")).to_be_visible()
    expect(page.get_by_role("img", name="Strona 1 dokumentu")).to_have_js_property("naturalHeight", 990)
    leaf = page.locator(".leaf").bounding_box()
    assert leaf is not None
    assert width is not None
    assert leaf["width"] == width["width"]


@pytest.mark.parametrize("refused", [True, False])
def test_what_is_typed_while_the_answer_comes_stays_where_it_was_typed(
    signed_in: SignedIn, signup: str, refused: bool
) -> None:
    page = signed_in("ewa")
    _open(page, signup)
    seen(page)
    held: list[Route] = []
    page.route(
        "**/biuro/sprawy/*", lambda route: held.append(route) if route.request.method == "POST" else route.fallback()
    )
    if refused:
        page.locator("#email").fill("nikt@")
    page.locator("#date_signed").focus()
    with page.expect_request(lambda asked: asked.method == "POST"):
        page.keyboard.press("Control+Enter")
    page.keyboard.press("End")
    page.keyboard.type("99")
    typed = page.locator("#date_signed").input_value()
    held.pop().continue_()
    if refused:
        expect(page.get_by_role("alert")).to_contain_text("Jeszcze nie można zatwierdzić")
        expect(page.locator("#date_signed")).to_be_focused()
        expect(page.locator("#date_signed")).to_have_value(typed)
        expect(page.locator("#email")).to_have_value("nikt@")
    else:
        expect(page.get_by_role("alert")).to_contain_text("Tego, co dopisano potem")
        expect(page.get_by_role("link", name="Dalej")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_text("Kolejka jest pusta")).to_be_visible()
        assert _in_force(signup, "date_signed") == clock.today().isoformat()


def _proxy(status: int) -> Callable[[Route], None]:
    """Puts a page of its own in the place of what we answer."""
    refusal = "<html><body><h1>Too Many Requests</h1></body></html>"
    return lambda route: route.fulfill(status=status, content_type="text/html", body=refusal)


def test_what_was_typed_outlives_a_network_that_is_away_and_a_page_that_a_proxy_puts_in_between(
    signed_in: SignedIn, signup: str
) -> None:
    page = signed_in("ewa")
    _open(page, signup)
    seen(page)
    page.locator("#email").fill("poprawny@example.com")
    page.route(DOCUMENT, lambda route: route.abort())
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("Nie udało się połączyć")
    page.unroute(DOCUMENT)
    for status in (200, 413, 429):
        page.route(DOCUMENT, _proxy(status))
        with page.expect_response(lambda answer, status=status: answer.status == status):
            page.keyboard.press("Control+Enter")
        expect(page.get_by_role("alert")).to_contain_text("niczego nie zapisał")
        page.unroute(DOCUMENT)
        expect(page.locator("#email")).to_have_value("poprawny@example.com")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Kolejka jest pusta")).to_be_visible()
    assert _in_force(signup, "email") == "poprawny@example.com"


def test_a_session_that_ended_takes_nothing_that_was_typed(signed_in: SignedIn, signup: str) -> None:
    page = signed_in("ewa")
    _open(page, signup)
    seen(page)
    page.locator("#email").fill("poprawny@example.com")
    page.context.clear_cookies()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("Sesja się skończyła")
    page.context.add_cookies(signed_in("ewa").context.cookies())
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("Zalogowano od nowa")
    expect(page.locator("#email")).to_have_value("poprawny@example.com")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Kolejka jest pusta")).to_be_visible()
    assert _in_force(signup, "email") == "poprawny@example.com"


def test_a_comparison_keeps_what_was_ticked_and_typed_beside_the_fields(signed_in: SignedIn) -> None:
    tracking = office.waiting(Paper(person=1, doubtful=("email",), written={"name": "Kazimierz Inny"}))
    for script in (True, False):
        page = signed_in("ewa", script=script)
        _open(page, tracking)
        page.get_by_label("Przyjmij mimo to").check()
        page.locator("summary", has_text="Inne wyjście").click()
        page.get_by_label("To powtórka sprawy o numerze").fill("K7M4-PX9A")
        page.locator("summary", has_text="Popraw któreś z tych pól").click()
        page.get_by_role("button", name="Zapisz i porównaj z rejestrem").click()
        expect(page.get_by_label("Przyjmij mimo to")).to_be_checked()
        expect(page.get_by_label("To powtórka sprawy o numerze")).to_have_value("K7M4-PX9A")


def test_without_scripts_too_the_first_refused_field_has_the_focus(signed_in: SignedIn, signup: str, axe: Axe) -> None:
    page = signed_in("ewa", width=PHONE[0], height=PHONE[1], script=False)
    _open(page, signup)
    page.locator("#email").fill("nikt@")
    page.get_by_role("button", name="Zatwierdź").click()
    expect(page.locator("#email")).to_be_focused()
    expect(page.locator("#email")).to_have_value("nikt@")
    axe(page)
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    axe(page)


def test_somebody_quicker_is_told_with_all_that_was_typed(signed_in: SignedIn, signup: str, axe: Axe) -> None:
    page = signed_in("ewa")
    _open(page, signup)
    seen(page)
    page.locator("#email").fill("wpisane@example.com")
    leases_run_out()
    with transaction() as session:
        queue.claim(session, signup, Clerk("olga"))
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Ktoś był szybszy")).to_be_visible()
    expect(page.get_by_text("wpisane@example.com")).to_be_visible()
    axe(page)


def test_words_to_the_customer_outlive_a_change_of_the_document(signed_in: SignedIn) -> None:
    tracking = office.waiting(Paper("ebok_signup", 4, doubtful=("email",), written={"signature": False}))
    page = signed_in("ewa")
    _open(page, tracking)
    page.goto(f"/biuro/sprawy/{tracking}/odrzucenie")
    seen(page)
    page.get_by_label("Nie wysyłaj wiadomości").check()
    page.get_by_label("Twoje słowa do klienta").fill("Zapraszamy do okienka nr 3.")
    with transaction() as session:
        loading.load(session, tracking).updated_at = loading.load(session, tracking).received_at
    page.keyboard.press("Alt+o")
    expect(page.get_by_role("alert")).to_contain_text("zmieniła się")
    expect(page.get_by_label("Twoje słowa do klienta")).to_have_value("Zapraszamy do okienka nr 3.")
    assert _state(tracking) == "in_review"
