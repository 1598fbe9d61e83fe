"""The second look at what went through untouched, at the desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from benchmarks import office
from benchmarks.office import Paper
from database.engine import transaction
from documents.states import State
from environment.settings import get_settings
from tests.browser.conftest import Axe, SignedIn, intercepting, listening, seen, still_held
from tests.registered import register_row


@pytest.fixture(autouse=True)
def _everything_is_drawn(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_SECOND_LOOK_RATE", "1")
    get_settings.cache_clear()


def untouched(**written: str) -> str:
    """A paper that went through although one field of it was misread."""
    paper = Paper("einvoice_acceptance", doubtful=(), written=written)
    tracking = office.received(office.scanned(paper))
    with_misread = Paper("einvoice_acceptance", doubtful=(), written={"email": "pomylka@example.com"})
    office.read(tracking, with_misread)
    assert office.worked_off(tracking) is State.CONFIRMED
    return tracking


def test_a_clerk_finds_a_misread_address_by_keyboard_and_it_is_put_right(signed_in: SignedIn, axe: Axe) -> None:
    tracking = untouched(email="prawdziwy@example.com")
    page = signed_in("ewa")
    page.goto("/biuro/kontrola")
    axe(page)
    expect(page.get_by_role("button", name="Weź następną sprawę")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(tracking)
    seen(page)
    axe(page)
    page.get_by_label("Adres e-mail").fill("PRAWDZIWY@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Cofniemy zmianę w rejestrze")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="odczytano")).to_have_count(1)
    axe(page)
    page.get_by_role("button", name="Tak, popraw").click()
    expect(page.get_by_role("status")).to_contain_text("Zmiana jest cofnięta")
    axe(page)
    again = page.get_by_role("status").get_by_role("link").inner_text()
    assert office.worked_off(again) is State.CONFIRMED
    with transaction() as session:
        row = register_row(session, office.people()[0]["customer_no"])
    assert row is not None
    assert [one["email"] for one in row["consents"] if one["effective_to"] is None] == ["prawdziwy@example.com"]
    assert len(office.mails_to("prawdziwy@example.com")) == 1


def _at_the_list(signed_in: SignedIn) -> Page:
    """Where the next second look is a key away."""
    page = signed_in("ewa")
    page.goto("/biuro/kontrola")
    expect(page.get_by_role("button", name="Weź następną sprawę")).to_be_focused()
    listening(page)
    return page


def test_what_is_right_is_settled_with_one_key(signed_in: SignedIn) -> None:
    untouched(email="pomylka@example.com")
    page = _at_the_list(signed_in)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Zgadza się z obrazem, następna")).to_be_focused()
    expect(page.get_by_label("Numer klienta")).to_be_in_viewport()
    seen(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Nic więcej nie czeka")
    expect(page.get_by_text("Pola odczytane źle")).to_be_visible()


def test_a_key_held_down_since_the_list_settles_nothing(signed_in: SignedIn) -> None:
    untouched(email="prawdziwy@example.com")
    page = _at_the_list(signed_in)
    page.keyboard.down("Enter")
    expect(page.get_by_role("button", name="Zgadza się z obrazem, następna")).to_be_focused()
    still_held(page, "Enter")
    seen(page)
    page.get_by_label("Adres e-mail").fill("prawdziwy@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Cofniemy zmianę w rejestrze")).to_be_visible()


def test_what_is_typed_while_the_comparison_comes_stays(signed_in: SignedIn) -> None:
    tracking = untouched(email="prawdziwy@example.com")
    page = signed_in("ewa")
    intercepting(page)
    page.goto(f"/biuro/kontrola/{tracking}")
    seen(page)
    held: list[Route] = []
    page.route(
        f"**/kontrola/{tracking}",
        lambda route: held.append(route) if route.request.method == "POST" else route.fallback(),
    )
    page.get_by_label("Adres e-mail").fill("prawdziwy@example.com")
    with page.expect_request(lambda asked: asked.method == "POST"):
        page.keyboard.press("Enter")
    page.get_by_label("Telefon").fill("600 700 800")
    expect(page.get_by_label("Telefon")).to_be_focused()
    held.pop().continue_()
    expect(page.get_by_text("Cofniemy zmianę w rejestrze")).to_be_visible()
    expect(page.get_by_label("Telefon")).to_have_value("600 700 800")
    expect(page.get_by_label("Telefon")).to_be_focused()
