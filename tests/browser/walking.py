"""Somebody at a browser who does all by mouse, or all by keyboard, and every page he comes to looked at by axe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date

from playwright.sync_api import Browser, Locator, Page, expect

from benchmarks import live
from benchmarks.live import PHONE, WIDE, Cookies
from tests.browser.conftest import Axe, look_of, watch

_STOPS = 250
"""Presses of Tab after which something is not within reach: no page has so many stops."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody uses the pages; ``number`` tells one customer from another."""

    name: str
    number: int
    size: tuple[int, int]
    script: bool
    keyboard: bool


MANNERS = (
    Manner("wide by mouse with scripts", 0, WIDE, script=True, keyboard=False),
    Manner("narrow by keyboard without scripts", 1, PHONE, script=False, keyboard=True),
)


def words(text: str) -> re.Pattern[str]:
    """That text at the beginning of a name, heading or label, whichever spaces and hyphens stand in it."""
    return re.compile(r"^\s*" + _anywhere(text))


def _anywhere(text: str) -> str:
    plain = r"\s+".join(re.escape(word) for word in text.split())
    return plain.replace(r"\-", "[-\u2011]").replace("/", r"\/")  # a slash would end the pattern in the browser


class Walker:
    """One browser and who sits at it."""

    def __init__(self, page: Page, axe: Axe, seen: set[str], *, keyboard: bool) -> None:
        self.page = page
        self._axe = axe
        self._seen = seen
        self._keyboard = keyboard

    def open(self, address: str, heading: str = "") -> None:
        """Type an address."""
        self.page.goto(address)
        self.at(heading)

    def at(self, heading: str = "", *, address: str = "/") -> None:
        """The page of that heading or address has come; axe finds nothing on it, unless one of that look was seen."""
        expect(self.page).to_have_url(re.compile(address))
        expect(self.page.get_by_role("heading", level=1)).to_have_text(words(heading))
        look = str((self.page.viewport_size, re.sub("[0-9]+", "", self.page.title()), look_of(self.page)))
        if look not in self._seen:
            self._axe(self.page)
            self._seen.add(look)

    def reads(self, *texts: str) -> None:
        """These texts stand in the page."""
        for text in texts:
            expect(self.page.locator("main")).to_contain_text(re.compile(_anywhere(text)))

    def press(self, name: str) -> None:
        """The button."""
        self._use(self._first("button", name))

    def follow(self, name: str) -> None:
        """The link."""
        self._use(self._first("link", name))

    def file(self, name: str) -> bytes:
        """What the link leads to, which is within reach like any other."""
        link = self._first("link", name)
        if self._keyboard:
            self._reach(link)
        address = link.get_attribute("href")
        assert address is not None
        answer = self.page.request.get(address)
        assert answer.ok, f"{answer.status} for {address}"
        return answer.body()

    def type(self, field: str, text: str) -> None:
        """Into a field, by its label or as ``#id``, in the place of what stands there."""
        box = self._field(field)
        if not self._keyboard:
            box.fill(text)
            return
        self._reach(box)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)
        expect(box).to_have_value(text)

    def type_day(self, field: str, day: date) -> None:
        """Into a field for a day, whose parts stand in the order that the browser's language has."""
        box = self._field(field)
        if not self._keyboard:
            box.fill(day.isoformat())
            return
        self._reach(box)
        parts = {"%d": 2, "%m": 2, "%Y": 4}
        for order in (("%d", "%m", "%Y"), ("%m", "%d", "%Y"), ("%Y", "%m", "%d")):
            self.page.keyboard.type("".join(f"{day:{part}}" for part in order))
            if box.input_value() == day.isoformat():
                return
            for _ in parts:
                self.page.keyboard.press("ArrowLeft")
        raise AssertionError(f"{field} takes no day by keyboard: {box.input_value()}")

    def tick(self, field: str) -> None:
        """A box that is not ticked."""
        box = self._field(field)
        expect(box).not_to_be_checked()
        if self._keyboard:
            self._reach(box)
            self.page.keyboard.press("Space")
        else:
            box.check()
        expect(box).to_be_checked()

    def choose(self, field: str, option: str) -> None:
        """One of a list."""
        box = self._field(field)
        if not self._keyboard:
            box.select_option(option)
            return
        self._reach(box)
        for _ in range(box.locator("option").count()):
            if box.input_value() == option:
                return
            self.page.keyboard.press("ArrowDown")
        expect(box).to_have_value(option)

    def fill(self, values: dict[str, object]) -> None:
        """The fields of a form by name, in the order in which Tab comes to them."""
        for name, value in values.items():
            if value is True:
                self.tick(f"#{name}")
            elif isinstance(value, date):
                self.type_day(f"#{name}", value)
            elif value:
                self.type(f"#{name}", str(value))

    def _first(self, role: str, name: str) -> Locator:
        found = self.page.get_by_role(role, name=words(name)).first  # type: ignore[arg-type]
        expect(found).to_be_visible()
        return found

    def _field(self, field: str) -> Locator:
        found = self.page.locator(field) if field.startswith("#") else self.page.get_by_label(words(field)).first
        expect(found).to_be_attached()
        return found

    def _use(self, control: Locator) -> None:
        if self._keyboard:
            self._reach(control)
            self.page.keyboard.press("Enter")
        else:
            control.click()

    def _reach(self, control: Locator) -> None:
        """Press Tab until the focus is there."""
        element = control.element_handle()  # found once: by role and name it takes longer than the key
        for _ in range(_STOPS):
            if element.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not lead to {control}")


@contextmanager
def walkers(browser: Browser, site: str, axe: Axe, seen: set[str]) -> Iterator[Callable[..., Walker]]:
    """Opens browsers that forget everything at the end: ``opened(manner, cookies)``; ``seen`` are looks of pages."""
    faults: list[str] = []
    with ExitStack() as contexts:

        def opened(manner: Manner, cookies: Cookies | None = None, size: tuple[int, int] | None = None) -> Walker:
            context = live.opened(browser, site, size or manner.size, cookies or {}, script=manner.script)
            page = contexts.enter_context(context)
            watch(page, site, faults)
            return Walker(page, axe, seen, keyboard=manner.keyboard)

        yield opened
    assert faults == []
