"""How many keys a clerk presses for each decision at the desk, in a real Chromium and by keyboard alone.

``python -m benchmarks.desk_keys`` writes its section of ``docs/benchmarks-desk.md``. Counted is from the moment the
document is on the screen until it is settled. Characters of a value that has to be typed stand in a column of their
own: nobody can spare them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Browser, Page, expect

from api.desk.access import COOKIE
from benchmarks import live, office
from benchmarks.desk_document import put_section
from benchmarks.live import WIDE
from benchmarks.office import Paper
from benchmarks.scoring import table
from database.engine import transaction
from documents import loading
from documents.states import State
from documents.values import submission_of
from environment import clock
from forms.kinds import Value
from review import queue
from review.queue import Clerk
from specimens.files import blank_page, joined

HEADING: Final = "Keys"
_RIGHT: Final = "poprawny@example.com"
_DAY: Final = "28.11.2026"
_TWO: Final = ("email", "date_signed")
_HEAD: Final = ("decision", "keys", "needed", "characters typed")
_ABOUT: Final = """\
Key presses of a clerk from the document on the screen to its decision, by keyboard alone in a real Chromium; a chord
is one press. 'Needed' is a look at every doubtful field and a key for what is decided. Characters of values are
counted apart."""
_FOUND: Final = """\
A wrong field beside a right one costs what two right ones cost, and the typing: the focus is in the first doubtful
field and its value is selected, so typing replaces it. After a refusal only the refused field is asked again. A trusted
field costs the way to it, a Tab for each field before it."""


@dataclass
class Keyboard:
    """A clerk's keyboard that counts: ``presses`` of single keys and chords, ``characters`` of values."""

    page: Page
    presses: int = 0
    characters: int = 0

    def press(self, *keys: str) -> None:
        """Press them one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.presses += 1

    def type(self, text: str) -> None:
        """Type a value."""
        self.page.keyboard.type(text)
        self.characters += len(text)

    def on(self, field: str) -> None:
        """The focus is in that field, without a key."""
        expect(self.page.locator(f"#{field}")).to_be_focused()


@dataclass(frozen=True)
class Task:
    """A decision: the paper, what the clerk does, how the document ends, and what must be in force then."""

    name: str
    paper: Paper
    work: Callable[[Keyboard], None]
    least: int
    """Presses that the decision itself asks for: a look at each doubtful field, a key to decide."""
    ends: State = State.READY
    in_force: tuple[tuple[str, Value], ...] = ()
    pages: int = 1


def _all_right(keys: Keyboard) -> None:
    keys.press("Enter", "Enter")


def _first_wrong(keys: Keyboard) -> None:
    keys.on("email")
    keys.type(_RIGHT)
    keys.press("Enter", "Enter")


def _second_wrong(keys: Keyboard) -> None:
    keys.press("Enter")
    keys.on("date_signed")
    keys.type(_DAY)
    keys.press("Enter")


def _both_wrong(keys: Keyboard) -> None:
    keys.type(_RIGHT)
    keys.press("Enter")
    keys.type(_DAY)
    keys.press("Enter")


def _mistyped(keys: Keyboard) -> None:
    keys.type("nikt@")
    keys.press("Enter", "Enter")
    expect(keys.page.get_by_role("alert")).to_contain_text("Jeszcze nie można")
    keys.on("email")
    keys.type(_RIGHT)
    keys.press("Enter")


def _trusted_wrong(keys: Keyboard) -> None:
    keys.press("Enter")
    keys.press("Alt+u")
    keys.on("customer_no")
    while not keys.page.evaluate("document.activeElement.id === 'phone'"):
        keys.press("Tab")
    keys.type("600700800")
    keys.press("Enter", "Enter")


def _candidate(keys: Keyboard) -> None:
    keys.press("Alt+1")
    expect(keys.page.get_by_text("Sprawdź: 1 pole")).to_be_visible()
    keys.on("email")
    keys.press("Enter")


def _in_spite(keys: Keyboard) -> None:
    keys.press("Enter", "Space", "Enter")


def _reject(keys: Keyboard) -> None:
    keys.press("Alt+o")
    expect(keys.page.get_by_role("article", name="E-mail")).to_be_visible()
    expect(keys.page.locator("#odrzuc")).to_be_enabled()
    keys.press("Alt+o")


def _not_ours(keys: Keyboard) -> None:
    keys.press("Alt+x")


def _split(keys: Keyboard) -> None:
    keys.press("Alt+s")
    expect(keys.page.get_by_label("Strona 2 do nowej sprawy")).to_be_visible()
    keys.page.wait_for_load_state()
    keys.press("Alt+2", "Alt+v")
    expect(keys.page.get_by_role("status")).to_contain_text("osobną sprawą")


def _join(keys: Keyboard) -> None:
    apart = Keyboard(keys.page)
    _split(apart)
    keys.page.go_back()
    expect(keys.page.get_by_role("button", name="Zatwierdź")).to_be_enabled()
    keys.press("Alt+s")
    expect(keys.page.get_by_role("button", name="Dołącz strony")).to_be_visible()
    keys.page.wait_for_load_state()
    keys.press("Alt+j", "Space", "Enter")
    expect(keys.page.get_by_role("status")).to_contain_text("dołączone")


def _tasks() -> list[Task]:
    right, mail = office.people()[2]["customer_no"], ("email", _RIGHT)
    wrong = right[:3] + str((int(right[3]) + 1) % 10) + right[4:]
    two = Paper(doubtful=_TWO)
    other = Paper(person=1, doubtful=(), written={"name": "Kazimierz Inny"})
    unsigned = Paper("ebok_signup", 4, doubtful=("email",), written={"signature": False})
    unsure = Paper(person=2, read={"customer_no": wrong}, doubtful=("email",))
    day = ("date_signed", "2026-11-28")
    return [
        Task("two doubtful fields, both right", two, _all_right, 2),
        Task("one wrong, the right one after it", two, _first_wrong, 2, in_force=(mail,)),
        Task("one wrong, the right one before it", two, _second_wrong, 2, in_force=(day,)),
        Task("both wrong", two, _both_wrong, 2, in_force=(mail, day)),
        Task("one wrong, mistyped and refused once", two, _mistyped, 3, in_force=(mail,)),
        Task("two right, and a trusted field is wrong", two, _trusted_wrong, 4, in_force=(("phone", "600700800"),)),
        Task("another customer of the register, one right", unsure, _candidate, 2, in_force=(("customer_no", right),)),
        Task("accepted in spite of another name", other, _in_spite, 3),
        Task("rejected with a message", unsigned, _reject, 2, ends=State.REJECTED),
        Task("none of ours", two, _not_ours, 1, ends=State.REJECTED),
        Task("second page split off", two, _split, 3, ends=State.IN_REVIEW, pages=2),
        Task("joined again", two, _join, 4, ends=State.IN_REVIEW, pages=2),
    ]


def _waiting(task: Task) -> str:
    tracking = office.received(joined(office.scanned(task.paper), *([blank_page()] * (task.pages - 1))))
    office.read(tracking, task.paper)
    with transaction() as session:
        loading.load(session, tracking).pages = [*range(1, task.pages + 1)]
    office.judged(tracking)
    with transaction() as session:
        queue.claim(session, tracking, Clerk("ewa"))
    return tracking


def measure(browser: Browser, task: Task) -> Keyboard:
    """Do it once; RuntimeError when the document does not end as it should."""
    with live.throw_away_home(), live.serving() as site:
        office.fill_register()
        tracking = _waiting(task)
        cookies = {COOKIE: (office.session_of("ewa"), "/biuro")}
        with live.opened(browser, site, WIDE, cookies) as page:
            page.goto(f"/biuro/sprawy/{tracking}")
            expect(page.locator("#zatwierdz")).to_be_enabled()
            keys = Keyboard(page)
            task.work(keys)
            if task.ends is not State.IN_REVIEW:
                expect(page.get_by_text("Kolejka jest pusta")).to_be_visible()
        with transaction() as session:
            document = loading.load(session, tracking)
            submission = submission_of(session, document)
            found = tuple((name, submission.value(name)) for name, _ in task.in_force)
            if (document.at, found) != (task.ends, task.in_force):
                raise RuntimeError(f"{task.name}: not settled as it should be")
    return keys


def main() -> None:
    """Measure every task and write the section."""
    rows = []
    with live.chromium() as browser:
        for task in _tasks():
            keys = measure(browser, task)
            rows.append((task.name, f"{keys.presses}", f"{task.least}", f"{keys.characters}"))
    text = "\n\n".join(
        [_ABOUT, f"`python -m benchmarks.desk_keys`, {clock.today().isoformat()}.", table(_HEAD, rows), _FOUND]
    )
    put_section(HEADING, text)
    print(text)


if __name__ == "__main__":
    main()
