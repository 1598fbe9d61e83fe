"""A manager's questions, each answered in a browser from the engine's pages or the office's, on a simulated day."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from api.desk.access import COOKIE
from benchmarks import live, office
from flows.authentication import authentication_string
from tests.browser.manager_day import DOCUMENTS, Day, manager_day

_GUIDE: Final = Path(__file__).parents[2] / "docs" / "manager.md"
Ask = Callable[[Day, Page], None]
_IN_ENGINE: Final[dict[str, Ask]] = {}
_AT_DESK: Final[dict[str, Ask]] = {}


@pytest.fixture(scope="module")
def day() -> Iterator[Day]:
    """The day, simulated once."""
    with manager_day() as simulated:
        yield simulated


@pytest.fixture(scope="module")
def engine(browser: Browser, day: Day) -> Iterator[Page]:
    """The engine's pages, where the manager has signed in once."""
    with live.opened(browser, day.engine, live.WIDE, {}) as page:
        page.goto("/")
        page.get_by_placeholder("admin:pass").fill(authentication_string())
        page.keyboard.press("Enter")
        page.wait_for_url("**/dashboard**")
        yield page


@pytest.fixture(scope="module")
def desk(browser: Browser, day: Day) -> Iterator[Page]:
    """The office's pages, where the manager is signed in."""
    cookies = {COOKIE: (office.session_of("maria"), "/biuro")}
    with live.opened(browser, day.site, live.WIDE, cookies) as page:
        yield page


def asked(place: dict[str, Ask], question: str) -> Callable[[Ask], Ask]:
    """Register how a question of the guide is answered."""

    def registered(ask: Ask) -> Ask:
        place[question] = ask
        return ask

    return registered


def test_the_guide_lists_these_twenty_questions_and_no_others() -> None:
    listed = re.findall(r"^\| \d+ \| ([^|]+?) \|", _GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted([*_IN_ENGINE, *_AT_DESK])
    assert len(listed) == 20


_TEN_ROWS: Final = "/v2/runs?limit=10"
"""A page of the list draws for seconds, a hundred rows for a quarter of a minute."""


def _runs(page: Page, **wanted: str) -> None:
    page.goto(_TEN_ROWS)
    if "name" in wanted:
        page.get_by_placeholder("Search by flow run name").fill(wanted["name"])
    if "tag" in wanted:
        page.get_by_placeholder("All tags").fill(wanted["tag"])
        page.keyboard.press("Enter")


def _counted(page: Page, count: int) -> None:
    expect(page.get_by_text(re.compile(rf"^{count} Flow runs?$"))).to_be_visible()


def _opened(page: Page, tracking: str) -> None:
    if "/flow-run/" in page.url and page.get_by_role("main").get_by_text(tracking).count():
        return  # the run is there from the question before
    _runs(page, name=tracking)
    page.get_by_role("link", name=tracking).click()
    page.wait_for_url("**/flow-run/**")


def _report(day: Day, page: Page) -> None:
    address = f"/biuro/raport?od={day.date}&do={day.date}"
    if not page.url.endswith(address):
        page.goto(address)


def _table(page: Page, caption: str) -> Locator:
    return page.get_by_role("table", name=caption)


def _row(page: Page, caption: str, name: str) -> list[str]:
    row = _table(page, caption).get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))
    return [one.replace("\N{NO-BREAK SPACE}", " ") for one in row.get_by_role("cell").all_inner_texts()]


@asked(_IN_ENGINE, "Gdzie jest sprawa, której numer znam?")
def _where(day: Day, page: Page) -> None:
    _runs(page, name=day.settled)
    _counted(page, 1)
    expect(page.get_by_role("link", name=f"{day.settled} · zgłoszenie do eBOK")).to_be_visible()


@asked(_IN_ENGINE, "W jakim jest stanie, od kiedy i dlaczego?")
def _state(day: Day, page: Page) -> None:
    _opened(page, day.waits)
    page.get_by_role("tab", name="Details").click()
    told = re.compile(r"Powód: Odczyt niepewny\. Przyszła \d\d\.\d\d\.\d{4} 14:24, w tym stanie od .* 14:25\.")
    expect(page.get_by_text(told)).to_be_visible()
    expect(page.get_by_role("main").get_by_text("Czeka na pracownika").first).to_be_visible()


@asked(_IN_ENGINE, "Co z niej odczytano?")
def _read(day: Day, page: Page) -> None:
    _opened(page, day.waits)
    page.get_by_role("tab", name="Artifacts").click()
    expect(page.get_by_text(f"sprawa {day.waits}")).to_be_visible()


@asked(_IN_ENGINE, "Co czeka na pracownika?")
def _waits(day: Day, page: Page) -> None:
    _runs(page, tag="Czeka na pracownika")
    _counted(page, 20)


@asked(_IN_ENGINE, "Co trafiło do kwarantanny i dlaczego?")
def _quarantined(day: Day, page: Page) -> None:
    _runs(page, tag="Kwarantanna")
    _counted(page, 10)
    expect(page.get_by_text("Kwarantanna: plik z hasłem")).to_have_count(10)


@asked(_IN_ENGINE, "Co utknęło?")
def _stuck(day: Day, page: Page) -> None:
    _runs(page, tag="Utknęła")
    _counted(page, 2)
    expect(page.get_by_role("link", name=day.stuck)).to_be_visible()


@asked(_IN_ENGINE, "Jak ją powtórzyć?")
def _again(day: Day, page: Page) -> None:
    _opened(page, day.stuck)
    page.get_by_role("button", name="Open menu").click()
    page.get_by_role("menuitem", name="Retry").click()
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("main").get_by_text("AwaitingRetry").first).to_be_visible()


@asked(_AT_DESK, "Co przyszło, z jakiego formularza i którą drogą?")
def _came(day: Day, page: Page) -> None:
    assert _row(page, "Formularze i drogi, którymi przyszły", "Zgłoszenie do eBOK") == ["26", "13", "13", "52"]
    assert _row(page, "Formularze i drogi, którymi przyszły", "Razem")[-1] == str(DOCUMENTS - 2)


@asked(_AT_DESK, "Jak się skończyło?")
def _ended(day: Day, page: Page) -> None:
    assert _row(page, "Zakończone w tych dniach, kiedykolwiek przyszły", "Razem") == ["148", "10", "8", "10", "176"]


@asked(_AT_DESK, "Ile program załatwił sam, a ile z pisma ręcznego?")
def _alone(day: Day, page: Page) -> None:
    assert _row(page, "Według formularza", "Razem") == ["72% (128 z 178)"]
    assert _row(page, "Według tego, jak je wypełniono", "pismo ręczne") == ["72% (33 z 46)"]


@asked(_AT_DESK, "Jak długo klient czeka?")
def _long(day: Day, page: Page) -> None:
    assert _row(page, "Od wpływu do załatwienia albo odrzucenia", "Razem") == [
        "158",
        "4 min",
        "1 godz. 32 min",
        "1 godz. 32 min",
    ]


@asked(_AT_DESK, "Co czeka najdłużej i od kiedy?")
def _oldest(day: Day, page: Page) -> None:
    first = _table(page, "Najdłużej czekają").get_by_role("row").nth(1)
    expect(first).to_contain_text(day.waits)
    expect(first).to_contain_text("14:24")


@asked(_AT_DESK, "Dlaczego sprawy czekają na pracownika?")
def _why(day: Day, page: Page) -> None:
    assert _row(page, "Dlaczego sprawy czekają na pracownika", "Odczyt niepewny") == ["10", "26"]
    assert _row(page, "Dlaczego sprawy czekają na pracownika", "Login należy do kogoś innego") == ["5", "12"]


@asked(_AT_DESK, "Ile odrzucono i dlaczego?")
def _rejected(day: Day, page: Page) -> None:
    assert _row(page, "Dlaczego odrzucono", "Brak własnoręcznego podpisu") == ["10"]


@asked(_AT_DESK, "Czyje wiadomości wróciły i dlaczego?")
def _back(day: Day, page: Page) -> None:
    assert _row(page, "Dlaczego wracały w tych dniach", "Takiego adresu nie ma") == ["2"]
    expect(_table(page, "Czyje wróciły").get_by_role("row").filter(has_text=day.returned)).to_contain_text(
        "Skrzynka klienta jest pełna"
    )


@asked(_AT_DESK, "Do kogo trzeba zadzwonić?")
def _phone(day: Day, page: Page) -> None:
    expect(_table(page, "Do zadzwonienia").get_by_role("link", name=day.to_phone)).to_be_visible()


@asked(_AT_DESK, "Ile program odczytuje dobrze?")
def _right(day: Day, page: Page) -> None:
    (told,) = _row(page, "Druga kontrola w tych dniach", "pola odczytane źle")
    assert told == "0,5% (1 z 200); przedział 95%: od 0,1% do 2,8%"


@asked(_AT_DESK, "Kiedy biuro ma najwięcej pracy?")
def _hours(day: Day, page: Page) -> None:
    assert _row(page, "Przyszło i rozstrzygnięto", "15:00")[:2] == ["20", "18"]


@asked(_AT_DESK, "Czy jest teraz awaria, od kiedy i co przez nią czeka?")
def _outage(day: Day, page: Page) -> None:
    expect(page.get_by_text(re.compile(r"E.maile nie wychodzą, od .* Czeka \(wiadomości\): 11\."))).to_be_visible()


@asked(_AT_DESK, "Kto i kiedy zajmował się sprawą?")
def _who(day: Day, page: Page) -> None:
    page.goto(f"/biuro/sprawy/{day.by_clerk}/historia")
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"do sprawdzenia.*\bewa\b", re.DOTALL | re.IGNORECASE))


@pytest.mark.parametrize("ask", [pytest.param(ask, id=ask.__name__.strip("_")) for ask in _IN_ENGINE.values()])
def test_the_pages_of_the_engine_answer(day: Day, engine: Page, ask: Ask) -> None:
    ask(day, engine)


@pytest.mark.parametrize("ask", [pytest.param(ask, id=ask.__name__.strip("_")) for ask in _AT_DESK.values()])
def test_the_report_answers(day: Day, desk: Page, ask: Ask) -> None:
    _report(day, desk)
    ask(day, desk)
