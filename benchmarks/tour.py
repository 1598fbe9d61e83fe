"""A walk past every page that people can open, customers' and the desk's, each with something on it to see.

``prepared`` fills the database in force; ``pages_of`` names the routes of the application that are pages, so that a
new page cannot be forgotten.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from playwright.sync_api import Page
from sqlalchemy import select, update
from starlette.responses import Response

from api.app import create_app
from api.case_access import grant
from api.desk.access import COOKIE
from api.meter_readings import form_cookie
from api.portal.access import COOKIE as ACCOUNT_COOKIE
from benchmarks import office
from benchmarks.live import Cookies
from benchmarks.office import Paper
from benchmarks.readings import reading_stops
from benchmarks.stops import Stop, press
from benchmarks.visits import visit_stops
from billing.dispatch_tables import DeliveredInvoice, PrintRun
from billing.statement import invoices_of
from billing.tables import INVOICES
from customers import logins
from customers.accounts import open_account
from customers.tables import Account, AccountNumber, Passkey, Proof
from database.engine import reading, transaction
from documents import drafts
from documents.states import IntakeChannel
from environment import clock
from environment.settings import get_settings
from forms.catalogue import current_forms, form_by_code
from forms.fillable import draw_fillable
from notices import outages
from notices.kinds import NoticeKind
from notices.phones import send_code
from notices.unsubscribing import PATH, token_for
from portal import answering, authorities, vouching
from portal.views import Scope
from review import queue
from review.queue import Clerk
from specimens import broken, files
from specimens.letters import request_letter
from specimens.scanner import scan

NO_PAGES: Final = re.compile(
    r"^/(api/|healthz|readyz|metrics|openapi\.json|static|wyglad/)|\.(pdf|jpg|png|csv|xlsx|ics)$|/oryginal$|^/biuro/kto$|^/sms/|^/ebok$|^/ebok/sprawy/"
    r"|/pliki/\{attachment\}$"
)
"""Addresses that programs ask for, that lead on to another page, and files."""
SIGN_UP: Final = "ebok_signup"
ACCEPTANCE: Final = "einvoice_acceptance"
CHANGE: Final = "einvoice_email_change"
WITHDRAWAL: Final = "einvoice_withdrawal"


def pages_of(app: FastAPI) -> set[str]:
    """Paths of all routes that are pages for people."""
    found = set()
    for one in iter_route_contexts(app.routes):
        path = getattr(one, "path", None)
        if path and "GET" in (getattr(one, "methods", None) or ()) and not NO_PAGES.search(path):
            found.add(path)
    return found


def cookies_of(stop: Stop) -> Cookies:
    """Cookies that the stop needs."""
    found = {}
    if stop.login is not None:
        begin = office.entered if stop.password_only else office.session_of
        found[COOKIE] = (begin(stop.login), "/biuro")
    if stop.customer is not None:
        found[ACCOUNT_COOKIE] = (office.account_session(stop.customer), "/ebok")
    if stop.reads is not None:
        found["ebok_odczyt"] = (form_cookie(*stop.reads), "/odczyt")
    if stop.case is not None:
        answer = Response()
        grant(answer, stop.case)
        name, _, value = answer.headers["set-cookie"].partition(";")[0].partition("=")
        found[name] = (value, f"/sprawa/{stop.case}")
    return found


def prepared() -> list[Stop]:
    """All stops; what they show is in the database afterwards."""
    office.fill_register()
    for login in office.STAFF:
        office.add_sample_staff(login)
    with TestClient(create_app(), base_url="http://127.0.0.1", headers={"Accept": "text/html"}) as visitor:
        return [
            *_forms(visitor),
            *_cases(),
            *_links(visitor),
            *_everyone(),
            *_accounts(),
            *_desk(),
            *_ruled(),
            *_without_decisions(),
            *visit_stops(),
            *_own_account(),
        ]


def _everyone() -> Iterator[Stop]:
    """Pages that need nothing."""
    yield Stop("start", "/", "/")
    yield Stop("send", "/wyslij", "/wyslij")
    yield Stop("send-faults", "/wyslij", "/wyslij", act=press("Wyślij"))
    yield Stop("case-entry", "/sprawa", "/sprawa")
    yield Stop("case-entry-faults", "/sprawa", "/sprawa", act=press("Pokaż"))
    yield Stop("downloads", "/do-pobrania", "/do-pobrania")
    yield Stop("terms-ebok", "/regulaminy/{key}", "/regulaminy/ebok")
    yield Stop("privacy", "/prywatnosc", "/prywatnosc")
    yield Stop("accessibility", "/deklaracja-dostepnosci", "/deklaracja-dostepnosci")
    yield Stop("terms-version", "/regulaminy/{key}/{version}", "/regulaminy/einvoice/1")
    yield Stop("api", "/docs", "/docs")
    yield Stop("not-found", "", "/nie-ma-takiej-strony", status=404)


def _forms(visitor: TestClient) -> Iterator[Stop]:
    """Each form empty; one with faults, one kept, one to be checked, one that is gone."""
    for form in current_forms():
        yield Stop(f"form-{form.code}", "/formularze/{code}", f"/formularze/{form.code}")
    begun = drafts.new_token()
    address = f"/formularze/{SIGN_UP}/{begun}"
    visitor.post(address, data={"customer_no": "1234", "name": "Janina Wymyślona", "email": "janina(at)example.com"})
    yield Stop("form-faults", "/formularze/{code}/{token}", f"{address}?popraw=1")
    yield Stop("form-kept", "/formularze/{code}/{token}/zapisano", f"{address}/zapisano")
    whole = f"/formularze/{ACCEPTANCE}/{drafts.new_token()}"
    given = office.values(ACCEPTANCE, 1).items()
    visitor.post(whole, data={name: "tak" if value is True else str(value) for name, value in given if value})
    yield Stop("form-check", "/formularze/{code}/{token}/sprawdz", f"{whole}/sprawdz")
    gone = f"/formularze/{ACCEPTANCE}/{drafts.new_token()}"
    yield Stop("form-gone", "/formularze/{code}/{token}", gone, status=404)


def _cases() -> Iterator[Stop]:
    """A case in every state, as its sender sees it, and what a stranger sees of one."""
    unsigned = Paper(doubtful=(), written={"signature": False}, seed=5)
    rejected = office.judged(office.read(office.received(office.scanned(unsigned)), unsigned))
    pile = office.scanned(Paper(seed=77))
    office.read(office.received(pile), Paper(seed=77))
    settled = office.online(ACCEPTANCE, 4)
    office.worked_off(settled)
    numbers = {
        "received": office.online(ACCEPTANCE, 3),
        "in-review": office.waiting(Paper(WITHDRAWAL, 2, ("date_signed",))),
        "rejected": rejected,
        "sent-twice": office.received(pile, channel=IntakeChannel.UPLOAD),
        "quarantined": _quarantined(),
        "confirmed": settled,
    }
    for state, number in numbers.items():
        yield Stop(f"case-{state}", "/sprawa/{typed:path}", f"/sprawa/{number}", case=number)
    yield Stop("case-link", "/sprawa/{tracking}/odnosnik", f"/sprawa/{settled}/odnosnik", case=settled)
    yield Stop("case-of-others", "/sprawa/{typed:path}", f"/sprawa/{settled}")


def _links(visitor: TestClient) -> Iterator[Stop]:
    """Links that prove an address or lead to a password: waiting, used, unknown."""
    link = _link_of(SIGN_UP, 5)
    yield Stop("link-account", "/potwierdzenie/{token}", link)
    yield Stop("link-account-faults", "/potwierdzenie/{token}", link, act=_submit)
    yield Stop("link-einvoice", "/potwierdzenie/{token}", _link_of(ACCEPTANCE, 6))
    used = _link_of(ACCEPTANCE, 7)
    visitor.post(used)
    yield Stop("link-done", "/potwierdzenie/{token}/gotowe", f"{used}/gotowe")
    yield Stop("link-used", "/potwierdzenie/{token}", used, status=409)
    yield Stop("link-unknown", "/potwierdzenie/{token}", "/potwierdzenie/nie-ma-takiego", status=404)
    yield Stop("link-cut", "/potwierdzenie", "/potwierdzenie", status=404)
    yield Stop("password-forgotten", "/haslo", "/haslo")
    yield Stop("password-forgotten-faults", "/haslo", "/haslo", act=_submit)
    yield Stop("password-link-sent", "/haslo/wyslano", "/haslo/wyslano")
    yield Stop("password-done", "/haslo/gotowe", "/haslo/gotowe")
    chosen = {"password": office.PASSWORD, "again": office.PASSWORD}
    visitor.post(_link_of(SIGN_UP, 8), data=chosen)
    visitor.post("/haslo", data={"email": office.people()[8]["email"]})
    yield Stop("password-choose", "/haslo/{token}", office.link_to(8))


def _accounts() -> Iterator[Stop]:
    """Pages of an account: of somebody who pays, of somebody of whom billing tells nothing, of nobody."""
    sign_in = "/ebok/zaloguj"
    yield Stop("account-sign-in", sign_in, sign_in)
    yield Stop("account-sign-in-faults", sign_in, sign_in, act=_submit)
    (number, _), (before, _) = office.billed_accounts(2, months=14)
    office.owe(number, "250.00")
    new = office.people()[9]["customer_no"]
    office.open_account(new, "nowy@example.com")
    office.on_einvoice(9)
    with reading() as session:
        bill = urlencode({"nr": invoices_of(session, number, limit=1)[0]["invoice_no"]})
    for name, path in (("account", "/ebok/"), ("pay", "/ebok/zaplac")):
        yield Stop(name, path, path, customer=number)
        yield Stop(f"{name}-of-nothing", path, path, customer=new)
    for name, path in (
        ("bills", "/ebok/faktury"),
        ("usage", "/ebok/zuzycie"),
        ("notices", "/ebok/powiadomienia"),
        ("account-devices", "/ebok/konto"),
        ("account-data", "/ebok/konto/dane"),
        ("account-closing", "/ebok/konto/zamknij"),
        ("account-login", "/ebok/konto/e-mail"),
        ("account-login-sent", "/ebok/konto/e-mail/wyslano"),
    ):
        yield Stop(name, path, path, customer=number)
    with transaction() as session:
        asked = logins.ask(session, number, "inny@example.com")
    assert asked is not None
    yield from _notices(number)
    yield Stop("account-login-link", "/ebok/e-mail/{token}", f"/ebok/e-mail/{asked.token}")
    yield from _several_numbers(number, new, before)
    yield Stop("account-login-link-cut", "/ebok/e-mail", "/ebok/e-mail", status=410)
    yield from _ways_in(number)
    yield from reading_stops(number, new)
    yield Stop("bill", "/ebok/faktura", f"/ebok/faktura?{bill}", customer=number)
    yield from _questions(number, new)
    yield Stop("bill-of-others", "/ebok/faktura", f"/ebok/faktura?{bill}", customer=new, status=404)


def _several_numbers(number: str, agent: str, asked_again: str) -> Iterator[Stop]:
    """Pages of an account with a further number, of who acts for its owner, and of a new Regulamin."""
    further = office.people()[7]["customer_no"]
    with transaction() as session:
        session.execute(update(Account).where(Account.customer_no == asked_again).values(terms_version="0"))
        account_id = session.scalars(select(Account.id).where(Account.customer_no == number)).one()
        for joined, state in ((further, "active"), ("99999999", "waiting")):
            session.add(
                AccountNumber(
                    account_id=account_id, customer_no=joined, state=state, agreed="name", asked_at=clock.now()
                )
            )
        until = clock.today() + timedelta(days=300)
        token = authorities.give(session, number, "nowy@example.com", Scope.ACT, until)
    for name, path in (
        ("account-numbers", "/ebok/konto/numery"),
        ("account-number-adding", "/ebok/konto/numery/dodaj"),
        ("account-authorities", "/ebok/konto/pelnomocnictwa"),
    ):
        yield Stop(name, path, path, customer=number)
    link = "/ebok/pelnomocnictwo/{token}"
    yield Stop("account-authority-link", link, link.format(token=token), customer=agent)
    yield Stop("account-terms", "/ebok/regulamin", "/ebok/regulamin", customer=asked_again)
    accounts = "/biuro/konta-klientow"
    yield Stop("customer-accounts", accounts, f"{accounts}?{urlencode({'numer': number})}", login="ewa")


def _notices(number: str) -> Iterator[Stop]:
    """A telephone that is to be proven, and what the link of a notice leads to."""
    page = "/ebok/powiadomienia"
    with transaction() as session:
        account = open_account(session, number)
        assert account is not None
        send_code(session, account, "600700800")
        link = f"{PATH}/{token_for(account.id, NoticeKind.OUTAGE)}"
    yield Stop("notices-faults", page, page, customer=number, act=press("Wyślij kod"))
    yield Stop("notices-phone", f"{page}/telefon", f"{page}/telefon", customer=number)
    yield Stop("notices-off", f"{PATH}/{{token}}", link)


def _outages() -> Iterator[Stop]:
    """Outages of water at the desk: a list, one with faults, one to be sent, one of which water is back."""
    street = str(office.people()[0]["street"])
    begins = clock.now().replace(microsecond=0)
    ends = (begins + timedelta(hours=6)).isoformat()
    typed = {
        "street": street,
        "first_house": "",
        "last_house": "",
        "parity": "all",
        "remark": "Woda pitna: beczkowóz przy szkole.",
        "by": "clerk:jan",
    }
    with transaction() as session:
        told, waits = (outages.write(session, **typed, begins_at=begins.isoformat(), ends_at=ends) for _ in range(2))
        outages.announce(session, told, "clerk:jan")
        outages.restore(session, told, "clerk:jan")
    page = "/biuro/przerwy"
    yield Stop("desk-outages", page, page, "jan")
    yield Stop("desk-outages-faults", page, page, "jan", act=press("Pokaż, kto to dostanie"))
    yield Stop("desk-outage", f"{page}/{{number}}", f"{page}/{waits}", "jan")
    yield Stop("desk-outage-restored", f"{page}/{{number}}", f"{page}/{told}", "jan")


def _ways_in(number: str) -> Iterator[Stop]:
    """What is beside the password, and how one shows that an account is his own."""
    with transaction() as session:
        account = session.scalars(select(Account).where(Account.customer_no == number)).one()
        passkey = Passkey(
            account_id=account.id,
            credential_id="tylko-do-ogladania",
            public_key=b"",
            owner="",
            counter=0,
            name="telefon",
            created_at=clock.now(),
        )
        session.add(passkey)
        session.flush()
        key = f"/ebok/konto/klucze/{passkey.id}"
    yield Stop("account-passkeys", "/ebok/konto/klucze", "/ebok/konto/klucze", customer=number)
    yield Stop("account-passkey-name", "/ebok/konto/klucze/{number}/nazwa", f"{key}/nazwa", customer=number)
    yield Stop("account-passkey-removal", "/ebok/konto/klucze/{number}/usun", f"{key}/usun", customer=number)
    yield Stop("account-provider", "/ebok/konto/dostawca", "/ebok/konto/dostawca", customer=number, status=404)
    back = "/ebok/zaloguj/dostawca/powrot"
    yield Stop("account-provider-late", back, back, status=409)
    for place, name in enumerate(("account-unknown", "account-unknown-letter")):
        unknown = office.newcomer(place)
        office.open_account(unknown, f"{name}@example.com", vouched=False)
        yield Stop(name, "/ebok/potwierdz", "/ebok/potwierdz", customer=unknown)
    with transaction() as session:
        vouching.send_letter(session, unknown)


def _asks_too_late(page: Page) -> None:
    """Send a question that took longer to write than the session lasts."""
    page.get_by_label("Twoje pytanie").fill("Dlaczego ostatnia faktura jest wyższa?")
    page.context.clear_cookies()
    page.get_by_role("button", name="Wyślij pytanie").click()


def _questions(number: str, new: str) -> Iterator[Stop]:
    """Questions of that customer and at the desk; the other one has none."""
    begun, page = "/ebok/pytania/nowe", "/ebok/pytania/{question}"
    answered, waits = office.asked(number)
    yield Stop("questions", "/ebok/pytania", "/ebok/pytania", customer=number)
    yield Stop("questions-of-nobody", "/ebok/pytania", "/ebok/pytania", customer=new)
    yield Stop("question-new", begun, begun, customer=number)
    yield Stop("question-new-faults", begun, begun, customer=number, act=press("Wyślij pytanie"))
    yield Stop("question-session-over", begun, begun, customer=number, act=_asks_too_late)
    yield Stop("question", page, f"/ebok/pytania/{answered}", customer=number)
    yield Stop("question-faults", page, f"/ebok/pytania/{waits}", customer=number, act=press("Wyślij wiadomość"))
    at_desk, one = "/biuro/pytania", "/biuro/pytania/{question}"
    with reading() as session:
        found = answering.question(session, waits)
    assert found is not None
    file = f"{at_desk}/{waits}/pliki/{found.talk.turns[0].files[0].number}/strony/1"
    yield Stop("desk-questions", at_desk, at_desk, "ewa")
    yield Stop("desk-questions-closed", at_desk, f"{at_desk}?lista=zakonczone", "ewa")
    yield Stop("desk-question", one, f"{at_desk}/{waits}", "ewa")
    yield Stop("desk-question-faults", one, f"{at_desk}/{waits}", "ewa", act=press("Odpowiedz"))
    yield Stop("desk-question-file", f"{one}/pliki/{{attachment}}/strony/{{page}}", file, "ewa")


def _desk() -> Iterator[Stop]:
    """The desk: what waits, a document of each kind, decisions, accounts."""
    yield Stop("desk-sign-in", "/biuro/logowanie", "/biuro/logowanie")
    yield Stop("desk-sign-in-faults", "/biuro/logowanie", "/biuro/logowanie", act=_sign_in_wrongly)
    back = "/biuro/logowanie/dostawca/powrot"
    yield Stop("desk-sign-in-late", back, back, status=409)
    doubts = office.waiting(Paper(seed=21))
    stranger = Paper(WITHDRAWAL, 9, doubtful=(), read={"customer_no": "99999999"}, seed=22)
    letter = request_letter(ACCEPTANCE, office.people()[1], 4, clock.today())
    own_words = office.received(files.image_pdf(scan(letter.pdf, "gray200", 2)))
    office.worked_off(own_words)
    foreign = office.judged(office.read(office.received(files.letter(5))))
    no_consent = office.online(CHANGE, 11)
    office.worked_off(no_consent)
    held = office.waiting(Paper(CHANGE, 3, doubtful=("email_new",), seed=23))
    above = office.waiting(Paper(SIGN_UP, 10, doubtful=("phone", "pesel"), seed=24))
    shown = {
        "doubts": doubts,
        "candidates": office.waiting(stranger),
        "own-words": own_words,
        "unknown": foreign,
        "web": no_consent,
    }
    with transaction() as session:
        for number in shown.values():
            queue.claim(session, number, Clerk("ewa"))
        queue.claim(session, held, Clerk("olga"))
        queue.claim(session, above, Clerk("olga"))
        queue.to_supervisor(session, above, Clerk("olga"), "Klient dzwonił, że zmienił nazwisko. Proszę o decyzję.")
        queue.claim(session, above, Clerk("jan", supervisor=True))
    yield Stop("desk-queue", "/biuro/", "/biuro/", "ewa")
    yield Stop("desk-queue-of-supervisor", "/biuro/", "/biuro/?poziom=supervisor", "jan")
    document = "/biuro/sprawy/{tracking}"
    for name, number in shown.items():
        yield Stop(f"desk-document-{name}", document, f"/biuro/sprawy/{number}", "ewa")
    yield Stop("desk-document-faults", document, f"/biuro/sprawy/{shown['candidates']}", "ewa", act=press("Zatwierdź"))
    yield Stop("desk-document-of-others", document, f"/biuro/sprawy/{held}", "ewa")
    yield Stop("desk-document-of-supervisor", document, f"/biuro/sprawy/{above}", "jan")
    yield Stop("desk-rejection", f"{document}/odrzucenie", f"/biuro/sprawy/{doubts}/odrzucenie", "ewa")
    yield Stop("desk-pages", f"{document}/strony", f"/biuro/sprawy/{doubts}/strony", "ewa")
    yield Stop("desk-story", f"{document}/historia", f"/biuro/sprawy/{no_consent}/historia", "ewa")
    yield Stop("desk-story-to-read", f"{document}/historia", f"/biuro/sprawy/{no_consent}/historia", "maria")
    _unproven_in_time(8)
    _moved_after_it_went()
    yield Stop("desk-troubles", "/biuro/do-wyjasnienia", "/biuro/do-wyjasnienia", "ewa")
    yield Stop("desk-search", "/biuro/szukaj", "/biuro/szukaj", "ewa")
    number = office.people()[0]["customer_no"]
    yield Stop("desk-search-found", "/biuro/szukaj", f"/biuro/szukaj?klient={number}", "ewa")
    yield Stop("desk-search-by-name", "/biuro/szukaj", "/biuro/szukaj", "ewa", act=_search_customer)
    looked_at = _second_look()
    yield Stop("desk-second-looks", "/biuro/kontrola", "/biuro/kontrola", "ewa")
    yield Stop("desk-second-look", "/biuro/kontrola/{tracking}", f"/biuro/kontrola/{looked_at}", "ewa")
    yield Stop("desk-report", "/biuro/raport", "/biuro/raport", "maria")
    yield Stop("desk-report-faults", "/biuro/raport", "/biuro/raport?od=2026-02-30", "maria", status=422)
    yield Stop("desk-password", "/biuro/haslo", "/biuro/haslo", "ewa")
    yield Stop("desk-password-faults", "/biuro/haslo", "/biuro/haslo", "ewa", act=_submit)


def _moved_after_it_went() -> None:
    """An invoice that went on paper and is somebody else's by now."""
    at, former = clock.now(), office.people()[11]["customer_no"]
    with transaction() as session:
        number, owner, day = session.execute(
            select(INVOICES.c.invoice_no, INVOICES.c.customer_no, INVOICES.c.issued_on).limit(1)
        ).one()
        session.add(PrintRun(number=1, begun_at=at, closed_at=at, written_at=at))
        session.flush()
        went = {"invoice_no": number, "customer_no": former, "issued_on": day, "decided_at": at, "print_run": 1}
        session.add(DeliveredInvoice(**went, moved_to=owner))


def _ruled() -> Iterator[Stop]:
    """How sure reading must be, and who may come in."""
    yield from _outages()
    yield Stop("desk-tolerance", "/biuro/tolerancja", "/biuro/tolerancja", "maria")
    yield Stop("desk-tolerance-faults", "/biuro/tolerancja", "/biuro/tolerancja", "maria", act=_tolerate_all)
    yield Stop("desk-accounts", "/biuro/konta", "/biuro/konta", "adam")
    yield Stop("desk-accounts-faults", "/biuro/konta", "/biuro/konta", "adam", act=press("Załóż konto"))
    yield Stop("desk-forbidden", "/biuro/konta", "/biuro/konta", "ewa", status=403)


def _without_decisions() -> Iterator[Stop]:
    """What those of the staff see who decide nothing."""
    yield Stop("desk-overview", "/biuro/przeglad", "/biuro/przeglad", "maria")
    engine = "/biuro/przebiegi"
    yield Stop("desk-engine-missing", f"{engine}/{{path:path}}", f"{engine}/v2/runs", "maria", status=404)
    yield Stop("desk-mailroom", "/biuro/kancelaria", "/biuro/kancelaria", "kasia")
    yield Stop("desk-mailroom-found", "/biuro/kancelaria", "/biuro/kancelaria", "kasia", act=_search_scan)


def _own_account() -> Iterator[Stop]:
    """Second factors and sessions of staff."""
    office.session_of("jan")
    yield Stop("desk-code", "/biuro/kod", "/biuro/kod", "jan", password_only=True)
    yield Stop("desk-code-faults", "/biuro/kod", "/biuro/kod", "jan", act=press("Dalej"), password_only=True)
    factor = "/biuro/drugi-skladnik"
    yield Stop("desk-second-factor-offer", factor, factor, "ewa")
    yield Stop("desk-second-factor-faults", factor, factor, "ewa", act=press("Włącz drugi składnik"))
    yield Stop("desk-second-factor", factor, f"{factor}?malo=1", "adam")
    yield Stop("desk-recovery-codes", factor, factor, "adam", act=press("Zrób nowe kody zapasowe"))
    yield Stop("desk-sessions", "/biuro/zalogowania", "/biuro/zalogowania", "ewa")


def _second_look() -> str:
    """A paper that went through untouched, drawn for the second look."""
    untouched = Paper(ACCEPTANCE, 2, doubtful=(), seed=25)
    os.environ["EBOK_SECOND_LOOK_RATE"] = "1"
    get_settings.cache_clear()
    try:
        tracking = office.read(office.received(office.scanned(untouched)), untouched)
        office.worked_off(tracking)
    finally:
        del os.environ["EBOK_SECOND_LOOK_RATE"]
        get_settings.cache_clear()
    return tracking


def _unproven_in_time(person: int) -> None:
    """A customer to be phoned, since nobody used his link."""
    tracking = office.online(ACCEPTANCE, person)
    office.worked_off(tracking)
    with transaction() as session:
        session.execute(update(Proof).where(Proof.tracking == tracking).values(expires_at=clock.now()))


def _quarantined() -> str:
    tracking = office.received(broken.truncated(draw_fillable(form_by_code(ACCEPTANCE), office.values(ACCEPTANCE))))
    office.worked_off(tracking)
    return tracking


def _link_of(code: str, person: int) -> str:
    """The link in the answer to a form that this customer sends."""
    office.worked_off(office.online(code, person))
    return office.link_to(person)


def _submit(page: Page) -> None:
    """Send the main form as it is."""
    page.locator("main form button[type=submit]").first.click()


def _sign_in_wrongly(page: Page) -> None:
    page.get_by_label("Login").fill("ewa")
    page.get_by_label("Hasło").fill("nie to hasło")
    page.get_by_role("button", name="Zaloguj się").click()


def _search_scan(page: Page) -> None:
    page.get_by_label("Nazwa pliku albo jej część").fill("0001")
    page.get_by_role("button", name="Szukaj skanu").click()


def _tolerate_all(page: Page) -> None:
    page.get_by_label("Błędnych wartości na 1000").fill("1000")
    page.get_by_role("button", name="Zapisz").click()


def _search_customer(page: Page) -> None:
    page.get_by_label("Nazwisko albo nazwa firmy").fill(office.people()[0]["name"].split()[-1])
    page.get_by_role("button", name="Szukaj klienta").click()
