"""Every action of a document and of its pages has a key that the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from benchmarks import office
from benchmarks.live import PHONE, WIDE
from benchmarks.office import Paper
from database.engine import transaction
from documents import loading
from review import queue
from review.queue import Clerk
from specimens.files import blank_page, joined
from tests.browser.conftest import Axe, SignedIn, listening, seen
from tests.portal.asking import ask, with_account

_GUIDE = Path(__file__).parents[2] / "docs/clerk.md"
_BROWSERS_OWN = {"Alt+D", "Alt+E", "Alt+F", "Alt+ArrowLeft", "Alt+ArrowRight", "Alt+Home", "Alt+Space"}


@pytest.fixture
def two_pages(site: str) -> str:
    """A paper of two pages that waits at the desk, ewa's."""
    tracking = office.received(joined(office.scanned(Paper()), blank_page()))
    office.read(tracking, Paper())
    with transaction() as session:
        loading.load(session, tracking).pages = [1, 2]
    office.judged(tracking)
    with transaction() as session:
        queue.claim(session, tracking, Clerk("ewa"))
    return tracking


def _at(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("button", name="Skróty klawiaturowe")).to_be_visible()
    seen(page)


def _document(tracking: str) -> tuple[str, str | None]:
    with transaction() as session:
        found = loading.load(session, tracking)
        return found.state, found.reason_code


def test_a_paper_that_is_none_of_ours_is_put_away_by_one_key(signed_in: SignedIn, two_pages: str) -> None:
    page = signed_in("ewa")
    _at(page, f"/biuro/sprawy/{two_pages}")
    page.keyboard.press("Alt+x")
    expect(page.get_by_text("Kolejka jest pusta")).to_be_visible()
    assert _document(two_pages) == ("rejected", "not_ours")


@pytest.mark.parametrize("key", ["Alt+x", "Control+Enter"])
def test_the_second_of_two_quick_presses_decides_nothing_about_the_page_that_comes(
    signed_in: SignedIn, site: str, key: str
) -> None:
    first, second = (office.waiting(Paper(person=at, doubtful=("date_signed",))) for at in range(2))
    page = signed_in("ewa")
    _at(page, f"/biuro/sprawy/{_taken(first)}")
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now()") + 60_000)
    page.keyboard.press(key)
    expect(page.get_by_role("link", name=second)).to_be_visible()
    listening(page)
    page.wait_for_function("() => [...document.querySelectorAll('[data-sight]')].every((one) => one.complete)")
    page.keyboard.press(key)
    expect(page.locator("[data-pictures]").first).to_contain_text("Rozstrzygniesz")
    assert _document(second)[0] == "in_review"
    page.clock.run_for(500)
    seen(page)
    page.keyboard.press(key)
    expect(page.get_by_text("Kolejka jest pusta")).to_be_visible()
    assert _document(second)[0] == _document(first)[0] != "in_review"


def _taken(tracking: str) -> str:
    """That case, ewa's from now on."""
    with transaction() as session:
        queue.claim(session, tracking, Clerk("ewa"))
    return tracking


def test_pages_are_split_off_and_joined_again_by_keys_alone(signed_in: SignedIn, two_pages: str, axe: Axe) -> None:
    page = signed_in("ewa")
    _at(page, f"/biuro/sprawy/{two_pages}")
    page.keyboard.press("Alt+s")
    expect(page.get_by_label("Strona 2 do nowej sprawy")).to_be_visible()
    listening(page)
    page.keyboard.press("Alt+2")
    expect(page.get_by_label("Strona 2 do nowej sprawy")).to_be_checked()
    page.keyboard.press("Alt+r")  # beside the focus: the second page, which stays ticked
    expect(page.get_by_role("status")).to_contain_text("obrócona")
    expect(page.get_by_label("Strona 2 do nowej sprawy")).to_be_checked()
    with transaction() as session:
        assert loading.load(session, two_pages).turns == {"2": 1}
    page.keyboard.press("Alt+v")
    expect(page.get_by_role("status")).to_contain_text("osobną sprawą")
    child = page.get_by_role("status").get_by_role("link").inner_text()
    axe(page)
    page.keyboard.press("Alt+j")
    expect(page.get_by_role("radio", name=child)).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("dołączone")
    with transaction() as session:
        assert loading.load(session, two_pages).pages == [1, 2]
    page.keyboard.press("Alt+s")
    expect(page.get_by_role("button", name="Zatwierdź")).to_be_visible()


def test_a_supervisor_gets_a_document_and_a_repetition_is_put_away_by_keys(signed_in: SignedIn, two_pages: str) -> None:
    page = signed_in("ewa")
    _at(page, f"/biuro/sprawy/{two_pages}")
    page.keyboard.press("Alt+t")
    expect(page.get_by_label("To powtórka sprawy o numerze")).to_be_focused()
    page.keyboard.press("Alt+g")
    note = page.get_by_label("Notatka dla kierownika")
    expect(note).to_be_focused()
    expect(note).to_have_accessible_description("Napisz kierownikowi, o co chodzi.")
    page.keyboard.type("Czy to do nas?")
    page.keyboard.press("Alt+g")
    expect(page.get_by_text("Kolejka jest pusta")).to_be_visible()
    with transaction() as session:
        assert loading.load(session, two_pages).desk_note == "Czy to do nas?"


def test_a_visit_is_begun_from_a_question_by_keys_alone(signed_in: SignedIn, site: str) -> None:
    office.fill_register()
    number = ask(with_account(0), "Proszę wywieźć szambo.")
    page = signed_in("ewa")
    page.goto(f"/biuro/pytania/{number}")
    listening(page)
    for place in range(2):
        page.keyboard.press("Alt+w")
        expect(page.locator("button[name=wniosek]").nth(place)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("szambo")


@pytest.mark.parametrize("address", ["/biuro/sprawy/{}", "/biuro/sprawy/{}/strony", "/biuro/sprawy/{}/odrzucenie"])
def test_keys_are_shown_told_in_the_help_and_in_the_guide_and_belong_to_nobody_else(
    signed_in: SignedIn, two_pages: str, axe: Axe, address: str
) -> None:
    page = signed_in("ewa", width=PHONE[0], height=PHONE[1])
    page.goto(address.format(two_pages))
    page.emulate_media(forced_colors="active")
    listening(page)
    for details in page.locator("details").all():
        details.evaluate("one => { one.open = true }")
    guide = _GUIDE.read_text(encoding="utf-8")
    helped = page.locator("#skroty").inner_text() if page.locator("#skroty").count() else guide
    actions = page.locator("main").locator("button[type=submit]:not(.unseen):visible, summary, a[data-key]")
    for width, height in (PHONE, WIDE):
        page.set_viewport_size({"width": width, "height": height})
        axe(page)
        for action in actions.all():
            name = action.inner_text()
            key = action.get_attribute("aria-keyshortcuts")
            assert key, f"{name!r} has no key"
            assert key not in _BROWSERS_OWN
            assert re.fullmatch(r"(Alt|Control)\+(\w+|[-=,.])|F1", key), "a single character"
            expect(action.locator("kbd")).to_be_visible()
            told = action.locator("kbd").inner_text()
            assert told in guide
            assert told in helped or told.startswith("Alt 1")
