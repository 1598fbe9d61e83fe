"""Every route of the desk is in the audit: as a look, as a change, or on a short list with the reason why not."""

from __future__ import annotations

import html
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pyotp
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select, update

from access.staff import Role
from api.app import create_app
from audit.tables import AuditEntry
from audit.verification import verify
from benchmarks import office
from benchmarks.office import Paper
from confirmations.overview import messages_of
from database.engine import transaction
from documents.intake import receive_unusable
from documents.states import IntakeChannel
from environment.settings import get_settings
from review import queue
from review.queue import Clerk
from review.tables import SecondLook
from specimens.files import blank_page, write
from tests.api.desk.at_a_provider import BACK, DESK, through
from tests.api.desk.audit_walks import Walk, audited, of_customers, outside
from tests.api.desk.staff import PASSWORD, Desk, browser, hire
from tests.api.desk.test_documents import decide
from tests.api.desk.test_own_account import begin, codes_on, give, secret_on
from tests.identity_provider import providing, use
from tests.review.stacks import seen_by

SignIn = Callable[..., Desk]

NOT_AUDITED: Final = {
    "GET /biuro/logowanie": "asks for login and password, shows nothing",
    "POST /biuro/logowanie/dostawca": "leads away to the provider; who comes back from it is audited",
    "GET /biuro/kod": "asks for the second factor, shows nothing",
    "GET /biuro/haslo": "asks for a password of one's own, shows nothing",
    "GET /biuro/drugi-skladnik": "shows the own account to its owner",
    "GET /biuro/zalogowania": "shows the own account to its owner",
    "GET /biuro/konta": "shows accounts of staff, none of a customer; what is changed there is audited",
    "GET /biuro/kontrola": "numbers of cases and figures, nothing of a person; opening one is audited",
    "GET /biuro/kto": "asked by the proxy whether somebody may see the engine's pages, shows nothing",
    "GET /biuro/przebiegi/{path:path}": "leads on to the engine's pages, which name nobody",
    "GET /biuro/ekipa/kalendarz": "whether one has an address of the calendar; nothing of a customer",
    "GET /biuro/przerwy": "streets and times, and how far telling has got; nothing of a person",
    "GET /biuro/przerwy/{number}": "what would be told of a street and to how many, nobody by name",
    "GET /biuro/przeglad": "addresses of other pages and nothing else",
    "GET /biuro/raport": "numbers of cases and figures, nothing of a person",
    "GET /biuro/raport.csv": "numbers of cases, nothing of a person",
    "GET /biuro/raport.xlsx": "figures, nothing of a person",
    "GET /biuro/tolerancja": "figures, nothing of a person; what is changed there is audited",
    "POST /biuro/tolerancja/poluzuj": "told in the audit where there is something to loosen (tests/review)",
    "POST /biuro/sprawy/{tracking}/przedluz": "the open page says every minute that it is; who took it is audited",
}


def routes() -> set[str]:
    """All routes of the desk."""

    def of(found: object) -> Iterator[str]:
        if isinstance(found, APIRoute):
            yield from (f"{method} {found.path}" for method in found.methods)
        router = getattr(found, "original_router", found)  # how FastAPI keeps what was included
        for inner in getattr(router, "routes", ()):
            yield from of(inner)

    return {told for told in of(create_app()) if told.partition(" ")[2].startswith("/biuro")}


@pytest.fixture
def _every_second_look(monkeypatch: pytest.MonkeyPatch, sqlite_database: str) -> None:
    monkeypatch.setenv("EBOK_SECOND_LOOK_RATE", "1")
    get_settings.cache_clear()
    office.fill_register()


@pytest.mark.usefixtures("_every_second_look")
def test_every_route_of_the_desk_leaves_its_trace_in_the_audit(
    desk: SignIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk, ada = Walk(), desk("ada", Role.ADMINISTRATOR)
    _accounts(walk, ada)
    with providing() as provider:
        use(provider, monkeypatch, tmp_path, DESK)
        _provider(walk, ada)
    _own_account(walk)
    two = {"tolerancja": "2"}
    walk("POST /biuro/tolerancja", lambda: ada.post("/biuro/tolerancja", **two), "tolerance_set", "tolerance", "ada")
    ola = desk("ola")
    _documents(walk, ola)
    _lists(walk, ola)
    _story(walk, ola)
    _second_look(walk, ola)
    of_customers(walk, ola)
    outside(walk, ola, desk("jan", Role.SUPERVISOR), desk("bodzio", Role.CREW))
    assert routes() == walk.walked | NOT_AUDITED.keys(), "a route is neither walked here nor excused"
    assert not walk.walked & NOT_AUDITED.keys()
    assert verify().whole


def _accounts(walk: Walk, ada: Desk) -> None:
    page, new = "/biuro/konta", "staff:nowa"

    def changed(what: str, **fields: str) -> Callable[[], object]:
        return lambda: ada.post(f"{page}/nowa/{what}", **fields)

    def add() -> object:
        return ada.post(page, login="nowa", nazwisko="Nowa Wymyślona", rola="clerk")

    walk(f"POST {page}", add, "staff_added", new, "ada")
    walk(f"POST {page}/{{login}}/rola", changed("rola", rola="supervisor"), "staff_role_changed", new, "ada")
    walk(f"POST {page}/{{login}}/ekipa", changed("ekipa", ekipa=""), "staff_crew_changed", new, "ada")
    walk(f"POST {page}/{{login}}/haslo", changed("haslo"), "staff_password_given", new, "ada")
    walk(f"POST {page}/{{login}}/drugi-skladnik", changed("drugi-skladnik"), "second_factor_reset", new, "ada")
    walk(f"POST {page}/{{login}}/odblokuj", changed("odblokuj"), "staff_unlocked", new, "ada")
    walk(f"POST {page}/{{login}}/zamknij", changed("zamknij"), "staff_deactivated", new, "ada")


def _provider(walk: Walk, ada: Desk) -> None:
    hire("uta")
    ways = "/biuro/konta/uta/logowanie"
    bound = {"sposob": "either", "podmiot": "osoba-1"}
    route = "POST /biuro/konta/{login}/logowanie"
    walk(route, lambda: ada.post(ways, **bound), "staff_sign_in_way_changed", "staff:uta", "ada")
    walk(f"GET {BACK}", lambda: through(browser()), "signed_in", "staff:uta", "uta")


def _own_account(walk: Walk) -> None:
    hire("iga")
    own, factor, sessions = "staff:iga", "/biuro/drugi-skladnik", "/biuro/zalogowania"
    opened: list[Desk] = []
    walk("POST /biuro/logowanie", lambda: opened.append(Desk(begin("iga"))), "signed_in", own, "iga")
    iga, other = opened[0], begin("iga")
    secret = secret_on(iga.browser.get(factor).text)
    codes: list[str] = []

    def set_up() -> None:
        codes.extend(codes_on(iga.post(factor, kod=pyotp.TOTP(secret).now()).text))

    walk(f"POST {factor}", set_up, "second_factor_set_up", own, "iga")
    assert other.get("/biuro/", follow_redirects=False).status_code == 303, "other sessions have ended"
    another = begin("iga")
    walk("POST /biuro/kod", lambda: give(another, "000000"), "second_factor_failed", own, "unknown")
    walk("POST /biuro/kod", lambda: give(another, codes[0]), "second_factor_given", own, "iga")
    number = re.findall(rf"{sessions}/(\d+)/zakoncz", iga.browser.get(sessions).text)[0]
    end_one, end_others = f"{sessions}/{{number}}/zakoncz", f"{sessions}/inne/zakoncz"
    walk(f"POST {end_one}", lambda: iga.post(f"{sessions}/{number}/zakoncz"), "session_ended", own, "iga")
    walk(f"POST {end_others}", lambda: iga.post(end_others), "other_sessions_ended", own, "iga")
    walk(f"POST {factor}/kody", lambda: iga.post(f"{factor}/kody"), "recovery_codes_made", own, "iga")
    chosen = "cztery niebieskie rowery"
    typed = {"obecne": PASSWORD, "nowe": chosen, "powtorzone": chosen}
    walk("POST /biuro/haslo", lambda: iga.post("/biuro/haslo", **typed), "staff_password_chosen", own, "iga")
    walk("POST /biuro/wyloguj", lambda: iga.post("/biuro/wyloguj"), "signed_out", own, "iga")


def _documents(walk: Walk, ola: Desk) -> None:
    first, second = office.waiting(), office.waiting(Paper("einvoice_acceptance", 1))
    one, place = f"/biuro/sprawy/{first}", "/biuro/sprawy/{tracking}"

    def got(rest: str) -> Callable[[], object]:
        return lambda: ola.browser.get(one + rest)

    walk(f"GET {place}", got(""), "viewed", first)
    walk(f"POST {place}/zajmij", lambda: ola.post(f"{one}/zajmij"), "taken", first)
    assert ("clerk:ola", "opened", first) in audited(), "who holds it sees all values"
    corrected = {"pole.phone": "600700802"}
    walk(f"POST {place}", lambda: decide(ola, first, "porownaj", **corrected), "corrected", first)
    walk(f"GET {place}/{{size}}/{{page}}.jpg", got("/strona/1.jpg"), "pictures_viewed", first)
    with transaction() as session:
        queue.give_back(session, first, Clerk("ola"))
    eva = office.waiting(Paper("einvoice_acceptance", 2))
    crop = f"/biuro/sprawy/{eva}/pole/name.png"
    walk(f"GET {place}/pole/{{field}}.png", lambda: ola.browser.get(crop), "pictures_viewed", eva)
    walk(f"GET {place}/oryginal", got("/oryginal"), "original_handed_out", first)
    pages = f"/biuro/sprawy/{eva}/strony"
    walk(f"GET {place}/strony", lambda: ola.browser.get(pages), "viewed", eva)
    turned = {"widziano": seen_by(eva, Clerk("ola")), "obroc": "1:1"}
    walk(f"POST {place}/strony", lambda: ola.post(pages, **turned), "page_turned", eva)
    refusal = f"/biuro/sprawy/{second}/odrzucenie"
    seen = seen_by(second, Clerk("ola"))
    walk(f"GET {place}/odrzucenie", lambda: ola.browser.get(refusal), "opened", second)
    silent = {"widziano": seen, "co": "odrzuc", "bez_wiadomosci": "tak", "powod_odrzucenia": "missing_signature"}
    walk(f"POST {place}/odrzucenie", lambda: ola.post(refusal, **silent), "moved", second)
    reopening = f"/biuro/sprawy/{second}/historia/otworz"
    walk(f"POST {place}/historia/otworz", lambda: ola.post(reopening), "moved", second)


def _lists(walk: Walk, ola: Desk) -> None:
    waiting = office.waiting(Paper("einvoice_acceptance", 3))
    walk("GET /biuro/", lambda: ola.browser.get("/biuro/"), "viewed", "queue")
    for tracking in (one for _, action, one in audited() if action == "taken"):
        with transaction() as session:
            queue.give_back(session, tracking, Clerk("ola"))
    nearest = {"formularz": "einvoice_acceptance"}
    before = len(audited())
    ola.post("/biuro/nastepny", **nearest)
    assert next(action for _, action, _ in audited()[before:]) == "taken"
    walk.walked.add("POST /biuro/nastepny")
    number = office.people()[3]["customer_no"]
    by_number = f"/biuro/szukaj?klient={number}"
    walk("GET /biuro/szukaj", lambda: ola.browser.get(by_number), "searched", f"customer:{number}")
    walk("GET /biuro/szukaj", lambda: ola.browser.get("/biuro/szukaj?stan=in_review"), "searched", "search")
    walk("GET /biuro/szukaj", lambda: ola.browser.get(f"/biuro/szukaj?numer={waiting}"), "searched", waiting)
    name = office.people()[3]["name"]
    walk("POST /biuro/szukaj", lambda: ola.post("/biuro/szukaj", nazwa=name), "searched_by_name", "search")
    with transaction() as session:
        told = session.scalars(select(AuditEntry).where(AuditEntry.action == "searched_by_name")).one().detail
    assert told == {"shown": [number], "found": 1}, "whose data were shown, and no word that was typed"
    walk("GET /biuro/kancelaria", lambda: ola.browser.get("/biuro/kancelaria"), "viewed", "scans")
    walk("POST /biuro/kancelaria", lambda: ola.post("/biuro/kancelaria", plik="SKAN"), "searched", "scans")
    walk("GET /biuro/do-wyjasnienia", lambda: ola.browser.get("/biuro/do-wyjasnienia"), "viewed", "troubles")
    broken = _quarantined()
    done = "POST /biuro/kancelaria/zrobione"
    walk(done, lambda: ola.post("/biuro/kancelaria/zrobione", sprawa=broken), "scan_settled", broken)
    again = {"co": "ponownie", "sprawa": broken}
    walk("POST /biuro/do-wyjasnienia", lambda: ola.post("/biuro/do-wyjasnienia", **again), "moved", broken)


def _story(walk: Walk, ola: Desk) -> None:
    tracking, story = office.online("einvoice_acceptance", 4), "/biuro/sprawy/{tracking}/historia"
    office.worked_off(tracking)
    address = f"/biuro/sprawy/{tracking}/historia"
    walk(f"GET {story}", lambda: ola.browser.get(address), "viewed", tracking)
    walk(f"POST {story}", lambda: ola.post(address), "revealed", tracking)
    walk(f"POST {story}/odnosnik", lambda: ola.post(f"{address}/odnosnik"), "link_sent_again", tracking)
    row = office.people()[4]
    called = {"co": "adres", "wiadomosc": _newest_message(tracking), "numer_klienta": row["customer_no"]}
    told = {"pytanie": "pesel", "odpowiedz": row["pesel"][-4:], "adres": "wlasciwy@example.com"}
    walk(
        f"POST {story}/wiadomosc",
        lambda: ola.post(f"{address}/wiadomosc", **called, **told),
        "address_corrected",
        tracking,
    )


def _newest_message(tracking: str) -> str:
    with transaction() as session:
        return str(messages_of(session, tracking)[-1]["key"])


def _second_look(walk: Walk, ola: Desk) -> None:
    paper = Paper("einvoice_acceptance", 5, doubtful=())
    tracking = office.judged(office.read(office.received(office.scanned(paper)), paper))
    office.worked_off(tracking)
    page = "/biuro/kontrola"
    walk(f"POST {page}/nastepna", lambda: ola.post(f"{page}/nastepna"), "second_look_taken", tracking)
    assert ("clerk:ola", "opened", tracking) in audited(), "it led on to the document"
    hire("ewa")
    ewa = Desk(begin("ewa"))
    _free(tracking)
    walk(f"GET {page}/{{tracking}}", lambda: ewa.browser.get(f"{page}/{tracking}"), "opened", tracking, "ewa")
    typed = _as_read(ewa.browser.get(f"{page}/{tracking}").text)
    walk(f"POST {page}/{{tracking}}", lambda: ewa.post(f"{page}/{tracking}", **typed), "looked_again", tracking, "ewa")


def _quarantined() -> str:
    """A file that could not be used; its original is kept."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "SKAN_7.pdf", blank_page())
        with transaction() as session:
            return receive_unusable(
                session, path, channel=IntakeChannel.FOLDER, code="damaged", message="Zły plik."
            ).tracking


def _free(tracking: str) -> None:
    """Let another clerk have a second look."""
    with transaction() as session:
        free = update(SecondLook).where(SecondLook.tracking == tracking)
        session.execute(free.values(clerk=None, clerk_until=None))


def _as_read(page: str) -> dict[str, str]:
    """What the page of a second look sends when nothing on it is changed."""
    inputs = re.findall(r'<input (?!type="hidden")([^>]*)>', page)
    found = [(re.search(r'name="([^"]+)"', one), re.search(r'value="([^"]*)"', one), one) for one in inputs]
    return {
        name[1]: html.unescape(value[1])
        for name, value, one in found
        if name and value and ('type="checkbox"' not in one or " checked" in one)
    }
