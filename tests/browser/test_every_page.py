"""Every page there is: none forgotten, each within reach of everybody, on any screen, and light."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from playwright.sync_api import CDPSession, Page, Response

from api.app import create_app
from benchmarks.live import PHONE, WIDE, give
from benchmarks.stops import Stop
from benchmarks.tour import cookies_of, pages_of, prepared
from tests.browser.conftest import Axe, OpenPage, fits, look_of

_CONTROLS = "input, textarea, select"
_PATTERN = """() => {
    const looks = new Map();
    const note = (style, words) => {
        const look = JSON.stringify([style.fontFamily, style.fontWeight, style.fontStyle, style.textTransform]);
        if (!looks.has(look)) looks.set(look, new Set());
        for (const word of words.split(/\\s+/)) looks.get(look).add(word);
    };
    for (const one of document.querySelectorAll('body *')) {
        if (!one.getClientRects().length) continue;
        const words = [...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
        if (words.length) note(getComputedStyle(one), words.map((node) => node.data).join(' '));
        for (const part of ['::before', '::after']) {
            const style = getComputedStyle(one, part);
            if (!/^(none|normal)$/.test(style.content)) note(style, style.content);
        }
    }
    const pattern = document.createElement('div');
    pattern.id = 'pattern';
    for (const [look, words] of looks) {
        const shown = document.createElement('span');
        [shown.style.fontFamily, shown.style.fontWeight, shown.style.fontStyle, shown.style.textTransform] =
            JSON.parse(look);
        shown.textContent = [...words].join(' ');
        pattern.append(shown);
    }
    document.body.append(pattern);
}"""
"""Puts at the end of the page each word that it shows, once in each look that it has: one question tells of all.

Controls draw their words themselves and are asked for one by one.
"""
_SLIP: Final = re.compile(r".{,30}(?:(?<!\.)\.\.(?!\.)|,,|[,;:?!]\.)(?!\w).{,20}")
"""Where two parts of a sentence were put together badly, as in '2026 r..'."""
OF_CUSTOMERS, OF_OTHERS = 60 * 1024, 150 * 1024
"""Bytes of a page with its styles, fonts and scripts as they travel; the pictures of documents come on top.

A customer's telephone that gets 50 KB in a second, and the first of an answer after 400 ms, shows such a page in 2 s:
it asks once for the page and once, at the same time, for all that belongs to it.
"""


@pytest.mark.timeout(900)
def test_every_page_is_accessible_on_a_phone_and_on_a_wide_screen_and_weighs_little(
    open_page: OpenPage, axe: Axe
) -> None:
    stops = prepared()
    assert {stop.route for stop in stops if stop.route} == pages_of(create_app())
    faults = []
    page = open_page()
    scales = Scales(page)
    for stop in stops:
        give(page.context, cookies_of(stop))
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        faults += visit(page, stop, scales)
        faults += [f"{stop.name}: {slip}" for slip in _SLIP.findall(page.locator("body").inner_text())]
        try:
            axe(page)
            on_a_phone = look_of(page)
            page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
            fits(page)
            if look_of(page) != on_a_phone:  # else axe would say the same again
                axe(page)
        except AssertionError as found:
            faults.append(f"{stop.name}, {page.viewport_size}: {found}")
    assert not faults, "\n\n".join(faults)


class Scales:
    """What the pages weigh that one browser opens."""

    def __init__(self, page: Page) -> None:
        self._now: dict[str, int] = {}
        self._files: dict[str, int] = {}
        page.on("response", self._weigh)

    def begin(self) -> None:
        """Another page comes."""
        self._now.clear()

    def told(self) -> dict[str, int]:
        """Bytes of the page that is open, by address."""
        return dict(self._now)

    def _weigh(self, response: Response) -> None:
        kind, redirected = response.request.resource_type, 300 <= response.status < 400
        if kind not in {"document", "stylesheet", "script", "font"} or redirected:
            return
        if kind == "document" or response.url not in self._files:
            self._files[response.url] = response.request.sizes()["responseBodySize"]
        self._now[response.url] = self._files[response.url]


def visit(page: Page, stop: Stop, scales: Scales) -> list[str]:
    """Open the page and do what is to be done on it; what was wrong."""
    scales.begin()
    answer = page.goto(stop.address)
    assert answer is not None
    faults, weights = [], scales.told()
    if answer.status != stop.status or answer.request.redirected_from is not None:
        faults.append(f"{stop.name}: {answer.status} at {page.url}")
    if sum(weights.values()) > (OF_CUSTOMERS if _of_customers(stop) else OF_OTHERS):
        faults.append(f"{stop.name} weighs {sum(weights.values())} bytes: {weights}")
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


def _of_customers(stop: Stop) -> bool:
    """Rather than of staff, or of those who write programs."""
    return not stop.route.startswith(("/biuro", "/docs"))


def _strange_fonts(page: Page) -> dict[str, str]:
    """Fonts other than our own that signs are shown in, each with an element or words that have such signs."""
    page.evaluate("document.fonts.ready.then(() => null)")
    page.evaluate(_PATTERN)
    asked = page.context.new_cdp_session(page)
    asked.send("DOM.enable")
    asked.send("CSS.enable")
    body = asked.send("DOM.getDocument")["root"]["nodeId"]
    found: dict[str, str] = {}
    if _fonts_of(asked, *_nodes(asked, body, "#pattern")):
        for node in _nodes(asked, body, "#pattern span"):
            found |= _fonts_of(asked, node)
    for node in _nodes(asked, body, _CONTROLS):
        found |= _fonts_of(asked, node)
    asked.detach()
    page.evaluate("document.getElementById('pattern').remove()")
    return found


def _nodes(asked: CDPSession, root: int, selector: str) -> list[int]:
    return list(asked.send("DOM.querySelectorAll", {"nodeId": root, "selector": selector})["nodeIds"])


def _fonts_of(asked: CDPSession, node: int) -> dict[str, str]:
    """The strange ones of an element and of those right below it."""
    fonts: list[dict[str, Any]] = asked.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    strange = [font["familyName"] for font in fonts if not font["isCustomFont"]]
    return dict.fromkeys(
        strange, asked.send("DOM.getOuterHTML", {"nodeId": node})["outerHTML"][:200] if strange else ""
    )
