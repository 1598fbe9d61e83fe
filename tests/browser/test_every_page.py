"""Every page there is: none forgotten, each within reach of everybody, on any screen, and light."""

from __future__ import annotations

from collections import defaultdict

import pytest
from playwright.sync_api import Page, Response

from api.app import create_app
from benchmarks.live import PHONE, WIDE
from benchmarks.tour import Stop, cookies_of, pages_of, prepared
from tests.browser.conftest import Axe, OpenPage

_MARK_WORDS = """() => {
    for (const one of document.querySelectorAll('body *')) {
        const words = [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
        const drawn = ['::before', '::after'].map((part) => getComputedStyle(one, part).content)
            .some((content) => !/^(none|normal)$/.test(content));
        if (words || drawn || /^(INPUT|TEXTAREA|SELECT)$/.test(one.tagName)) one.dataset.ofWords = '';
    }
}"""
"""Marks the elements that show signs themselves: to ask for the fonts of all others takes most of the time."""
HEAVIEST = 150 * 1024
"""Bytes of a page with its styles, fonts and scripts, not packed; the pictures of documents come on top."""


@pytest.mark.timeout(900)
def test_every_page_is_accessible_on_a_phone_and_on_a_wide_screen_and_weighs_little(
    open_page: OpenPage, axe: Axe
) -> None:
    stops = prepared()
    assert {stop.route for stop in stops if stop.route} == pages_of(create_app())
    faults = []
    for stop in stops:
        page = open_page(cookies=cookies_of(stop))
        faults += visit(page, stop)
        for width, height in (PHONE, WIDE):
            page.set_viewport_size({"width": width, "height": height})
            try:
                axe(page)
            except AssertionError as found:
                faults.append(f"{stop.name} at {width} px: {found}")
        page.context.close()
    assert not faults, "\n\n".join(faults)


def visit(page: Page, stop: Stop) -> list[str]:
    """Open the page and do what is to be done on it; what was wrong."""
    weights: dict[str, int] = defaultdict(int)

    def weigh(response: Response) -> None:
        redirected = 300 <= response.status < 400
        if response.request.resource_type in {"document", "stylesheet", "script", "font"} and not redirected:
            weights[response.url] = len(response.body())

    page.on("response", weigh)
    answer = page.goto(stop.address)
    assert answer is not None
    faults = []
    if answer.status != stop.status or answer.request.redirected_from is not None:
        faults.append(f"{stop.name}: {answer.status} at {page.url}")
    if sum(weights.values()) > HEAVIEST:
        faults.append(f"{stop.name} weighs {sum(weights.values())} bytes: {dict(weights)}")
    page.remove_listener("response", weigh)
    if _strange_fonts(
        page
    ):  # our font came too late for the first page, on a machine that is busy: the next one has it
        page.reload()
    if strange := _strange_fonts(page):
        faults.append(f"{stop.name} shows signs in fonts of the system: {strange}")
    if stop.act is not None:
        stop.act(page)
        page.wait_for_load_state()
    return faults


def _strange_fonts(page: Page) -> dict[str, str]:
    """Fonts other than our own that signs are shown in, each with an element that has such signs."""
    page.evaluate("document.fonts.ready.then(() => null)")
    asked = page.context.new_cdp_session(page)
    asked.send("DOM.enable")
    asked.send("CSS.enable")
    page.evaluate(_MARK_WORDS)
    body = asked.send("DOM.getDocument")["root"]["nodeId"]
    found = {}
    for node in asked.send("DOM.querySelectorAll", {"nodeId": body, "selector": "[data-of-words]"})["nodeIds"]:
        for font in asked.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]:
            if not font["isCustomFont"]:
                found[font["familyName"]] = asked.send("DOM.getOuterHTML", {"nodeId": node})["outerHTML"][:200]
    asked.detach()
    return found
