"""Tests in a real Chromium, against the application behind its real server.

How to use it::

    def test_something(page: Page, axe: Axe) -> None:          # a phone, 360 x 740; wide_page: 1280 x 900
        page.goto("/wyslij")                                   # addresses are relative to the live server
        page.get_by_label("Adres e-mail").fill("ala@example.com")
        page.get_by_role("button", name="Wyślij").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("...")
        axe(page)                                              # WCAG 2.1 AA, and no sideways scrolling
        page.keyboard.press("Tab")

* ``page_without_script`` is the phone with JavaScript switched off; ``open_page(width=..., script=...)`` makes more
  pages, each with cookies of its own (two clerks, a clerk and a customer).
* Every page fails its test at the end when it logged an error, asked another host for anything, or was answered
  with a fault of the server; a refusal of the page itself (404, 422) is no fault.
* ``site`` is the address of the server; every test has a fresh SQLite database, with the customers of
  ``benchmarks.office.people()`` in its register.
* ``signed_in("ewa")`` gives a wide page on which a clerk is signed in at the desk; ``olga`` is another clerk,
  ``kasia`` of the mailroom, ``maria`` a manager, ``jan`` a supervisor, ``adam`` an administrator (``office.STAFF``,
  all with ``office.PASSWORD``).
* Papers come from ``benchmarks.office``: ``office.waiting(Paper(doubtful=("name", "email")))`` waits at the desk;
  ``office.online(code, person)`` was sent by web; ``office.worked_off(tracking)`` takes a document as far as the
  machine gets, without the workflow engine; ``office.mails_to(address)`` are the e-mails that left.

The browser starts once and these tests run after all others: while it runs, Playwright's event loop belongs to the main
thread, where ``asyncio.run`` is then impossible (``office.apart`` runs a coroutine in a thread of its own).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect

from api.desk.access import COOKIE
from benchmarks import live, office
from benchmarks.live import PATIENCE, PHONE, WIDE, Cookies

_LONG = ("test_life_of_a_customer.py", "test_every_page.py", "test_manager_questions.py")

Axe = Callable[[Page], None]
OpenPage = Callable[..., Page]
SignedIn = Callable[..., Page]

_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], "resultTypes": ["violations"]}
_VIOLATIONS = "(rules) => axe.run(rules).then((found) => found.violations)"

_SHOWN = """() => [...document.querySelectorAll('body *')].filter((one) => one.checkVisibility()).map((one) => {
    const style = getComputedStyle(one);
    const scrolls = one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight;
    return [one.tagName, style.color, style.backgroundColor, style.backgroundImage, style.opacity, style.position,
        style.fontSize, style.fontWeight, scrolls && style.overflow !== 'visible'].join();
})"""
"""What axe goes by: which elements are shown, in which colours and sizes, and which of them scroll."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests last, so that no other test meets the event loop of the browser; files that take minutes first."""
    here = Path(__file__).parent
    items.sort(key=lambda item: (item.path.is_relative_to(here), item.path.name not in _LONG))


def listening(page: Page) -> None:
    """Wait until the page's script has run and keys arrive: a page that has just come may lose the first ones.

    The page must be there already, as an ``expect`` of something that only it shows tells. Shift alone does nothing.
    """
    page.wait_for_load_state("domcontentloaded")
    page.evaluate("() => { window.heard = false; addEventListener('keydown', () => { window.heard = true; }); }")
    while not page.evaluate("window.heard"):
        page.keyboard.press("Shift")


def seen(page: Page) -> None:
    """Wait until keys arrive and every picture that a decision waits for is there."""
    listening(page)
    page.wait_for_function("() => [...document.querySelectorAll('[data-sight]')].every((one) => one.complete)")
    expect(page.locator("[data-decision]:disabled")).to_have_count(0)


def intercepting(page: Page) -> None:
    """Have requests of the page to be opened go through us: told so later, Chromium may let the next one slip by."""
    page.route("**/nothing-lies-here", lambda route: route.abort())


def still_held(page: Page, key: str) -> None:
    """A key that is down since the page before: it repeats on this one until it is let go."""
    listening(page)
    for _ in range(3):
        page.keyboard.down(key)  # already down: comes as a repetition
    page.keyboard.up(key)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    expect.set_options(timeout=PATIENCE)
    with live.chromium() as started:
        yield started


@pytest.fixture
def site(sqlite_database: str) -> Iterator[str]:
    """The address of the running application; sample customers are in its register."""
    with live.serving() as address:
        office.fill_register()
        yield address


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[OpenPage]:
    """Opens pages with cookies of their own; all of them must have been without fault in the end."""
    faults: list[str] = []
    with ExitStack() as contexts:

        def opened(
            *, width: int = PHONE[0], height: int = PHONE[1], script: bool = True, cookies: Cookies | None = None
        ) -> Page:
            page = contexts.enter_context(live.opened(browser, site, (width, height), cookies or {}, script=script))
            watch(page, site, faults)
            return page

        yield opened
    assert faults == []


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A phone."""
    return open_page()


@pytest.fixture
def wide_page(open_page: OpenPage) -> Page:
    """The screen of an office."""
    return open_page(width=WIDE[0], height=WIDE[1])


@pytest.fixture
def page_without_script(open_page: OpenPage) -> Page:
    """A phone whose owner has switched JavaScript off."""
    return open_page(script=False)


@pytest.fixture
def signed_in(open_page: OpenPage) -> SignedIn:
    """Opens pages on which one of the sample staff is signed in; keywords as for ``open_page``, wide by default."""

    def opened(login: str = "ewa", *, width: int = WIDE[0], height: int = WIDE[1], script: bool = True) -> Page:
        cookies = {COOKIE: (office.session_of(login), "/biuro")}
        return open_page(width=width, height=height, script=script, cookies=cookies)

    return opened


@pytest.fixture(scope="session")
def double(browser: Browser) -> Iterator[_Double]:
    """Where axe looks at pages of those who have switched scripts off."""
    window = _Double(browser)
    yield window
    window.close()


@pytest.fixture
def axe(double: _Double) -> Axe:
    """Fails unless a page meets WCAG 2.1 AA as far as a program can tell, and needs no sideways scrolling."""

    def checked(page: Page) -> None:
        if page.evaluate("matchMedia('(scripting: none)').matches"):
            checked(double.of(page))
            return
        page.wait_for_load_state("domcontentloaded")
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        found = page.evaluate(_VIOLATIONS, _RULES)
        assert not found, f"{page.url}\n" + "\n".join(_told(violation) for violation in found)
        fits(page)

    return checked


def fits(page: Page) -> None:
    """Fail where a page needs sideways scrolling."""
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{page.url} is {over} px wider than the screen"


def look_of(page: Page) -> list[str]:
    """What axe goes by: to two pages of the same look it would say the same."""
    return list(page.evaluate(_SHOWN))


class _Double:
    """The same page where axe, which is a script, can run; the scripts of the page itself stay without effect.

    One window serves all: a new one is a process of the browser's each time.
    """

    def __init__(self, browser: Browser) -> None:
        self._context = browser.new_context(reduced_motion="reduce")
        self._window = self._context.new_page()

    def of(self, page: Page) -> Page:
        """That window, in which the page is shown as it is now."""
        shown = {
            "body": page.content(),
            "content_type": "text/html",
            "headers": {"content-security-policy": "script-src 'none'"},
        }
        size = page.viewport_size
        assert size is not None
        self._window.set_viewport_size(size)
        self._window.unroute_all()
        self._window.route(page.url, lambda route: route.fulfill(**shown))
        self._window.goto(page.url)
        return self._window

    def close(self) -> None:
        self._context.close()


def _told(violation: dict[str, Any]) -> str:
    places = [f"    {node['target']}: {node['failureSummary']}\n    {node['html']}" for node in violation["nodes"]]
    return "\n".join([f"{violation['id']} ({violation['impact']}): {violation['help']}", *places])


def watch(page: Page, site: str, faults: list[str]) -> None:
    """Note what the page does that none may: errors, other hosts, faults of the server."""

    def console(message: ConsoleMessage) -> None:
        # The answer to every request is judged below, with what it was asked for.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            faults.append(f"console of {page.url}: {message.text}")

    def asked(request: Request) -> None:
        if not request.url.startswith((site, "data:", "blob:", "about:")):
            faults.append(f"{page.url} asks another host: {request.url}")

    def answered(response: Response) -> None:
        refusal_told = response.request.resource_type in {"document", "fetch", "xhr"}
        if response.status >= (500 if refusal_told else 400):
            faults.append(f"{response.status} for {response.url}")

    page.on("console", console)
    page.on("pageerror", lambda error: faults.append(f"script of {page.url}: {error}"))
    page.on("request", asked)
    page.on("response", answered)
