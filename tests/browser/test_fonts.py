"""Pages are set in our own font, and nothing on them moves: not when it comes late, not when an error is told."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenPage

FONTS = "**/*.woff2*"
WRONG: Mapping[str, Mapping[str, str]] = {
    "ebok_signup": {
        "customer_no": "x",
        "pesel": "44051401358",
        "nip": "x",
        "house": "$$",
        "flat": "$$",
        "postcode": "x",
        "phone": "x",
        "email": "a@",
    },
    "einvoice_email_change": {"customer_no": "x", "email_current": "a@", "email_new": "a@"},
}
"""Values whose errors take the most room, by form and field."""


@pytest.mark.parametrize("address", ["/", "/formularze/einvoice_acceptance", "/wyslij"])
def test_nothing_moves_when_the_font_comes_late(page: Page, address: str) -> None:
    waiting: list[Route] = []

    def kept(route: Route) -> None:
        waiting.append(route)

    page.route(FONTS, kept)
    page.goto(address, wait_until="domcontentloaded")
    while len(waiting) < 2 or not page.evaluate("performance.getEntriesByName('first-contentful-paint').length"):
        page.evaluate("new Promise(requestAnimationFrame)")
    before = _places(page)
    for route in waiting:
        route.continue_()
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
    assert _places(page) == before


@pytest.mark.parametrize("with_font", [True, False])
def test_no_error_moves_what_stands_below_it_in_whatever_font(open_page: OpenPage, with_font: bool) -> None:
    for width in (320, 360, 1280):
        page = open_page(width=width)
        if not with_font:
            page.route(FONTS, lambda route: route.fulfill(status=200, body=""))
        for code, wrong in WRONG.items():
            page.goto(f"/formularze/{code}")
            before = _places(page)
            for name, value in wrong.items():
                page.locator(f"#{name}").fill(value)
                page.locator(f"#{name}").blur()
                expect(page.locator(f"#{name}-blad")).not_to_be_empty()
                assert _places(page) == before, f"{name}, {width} px"


def _places(page: Page) -> list[float]:
    """Where everything stands that a finger or an eye may be on, from the top of the page."""
    found: list[float] = page.evaluate(
        "[...document.querySelectorAll('h1, h2, label, input, a, button')].filter(one => one.checkVisibility())"
        ".map(one => Math.round(one.getBoundingClientRect().top + scrollY))"
    )
    return found
