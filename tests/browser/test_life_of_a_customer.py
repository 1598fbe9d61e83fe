"""All that the company offers its customers, walked in a browser at a whole installation with its workflow engine.

Each journey is walked twice: on a wide screen by mouse with scripts, and on a phone by keyboard alone without any. One
installation serves all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from api.desk.access import COOKIE
from benchmarks import office
from benchmarks.live import PHONE
from benchmarks.visits import day_to_come
from environment import clock
from forms.catalogue import form_by_code
from forms.web import web_form
from notices.unsubscribing import PATH
from specimens import names
from specimens.people import CustomerRow, values_for
from tests.browser.conftest import Axe
from tests.browser.installed import PEOPLE, Place, installed, login_of, text_of
from tests.browser.walking import MANNERS, Manner, Walker, walkers

pytestmark = pytest.mark.timeout(900)
NEXT, SEND = "Dalej: sprawdź dane", "Oświadczam i wysyłam"
TOLD = "Co rano, 8.05"
"""The deployment that tells customers of their invoices."""
VISITS = {"meter_service": MANNERS, "tank_collection": MANNERS[:1], "treatment_plant_emptying": MANNERS[1:]}
"""All three are asked for in one way, so one of them is walked in both manners."""
Walking = Callable[..., Walker]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An installation at work."""
    with installed(tmp_path_factory.mktemp("life")) as found:
        yield found


@pytest.fixture(scope="module")
def seen() -> set[str]:
    """Looks of pages in which axe found nothing."""
    return set()


@pytest.fixture
def walking(browser: Browser, place: Place, axe: Axe, seen: set[str]) -> Iterator[Walking]:
    """Opens browsers."""
    with walkers(browser, place.site, axe, seen) as opened:
        yield opened


@pytest.fixture(params=MANNERS, ids=lambda manner: manner.name)
def manner(request: pytest.FixtureRequest) -> Manner:
    """How the journey is walked."""
    found: Manner = request.param
    return found


def test_an_account_is_opened_by_the_online_form_and_its_owner_shows_by_an_invoice_who_he_is(
    walking: Walking, place: Place, manner: Manner
) -> None:
    row, login = PEOPLE[manner.number], f"nowe.konto{manner.number}@example.com"
    customer = walking(manner)
    customer.open("/", "Załatw sprawę bez wychodzenia z domu")
    customer.follow("Zgłoszenie do eBOK")
    customer.at("Zgłoszenie do eBOK")
    fill_in(customer, "ebok_signup", row, email=login)
    send(customer)
    customer.open(place.link_to(login), "Wybierz hasło do eBOK")
    customer.type("#password", office.PASSWORD)
    customer.type("#again", office.PASSWORD)
    customer.press("Potwierdzam adres i zapisuję hasło")
    customer.at(address="/gotowe$")
    customer.follow("Przejdź do swojego konta")
    customer.at("Potwierdź, że to Ty")
    bill = place.newest_bill(row)
    customer.type("Numer faktury", bill["invoice_no"])
    customer.type("Kwota faktury w złotych", bill["gross"].replace(".", ","))
    customer.press("Potwierdź fakturą")
    customer.at("Twoje konto")
    customer.reads(row["customer_no"], bill["invoice_no"])


def test_a_link_that_did_not_come_is_sent_again_and_the_clerk_sees_what_it_waits_for(
    walking: Walking, place: Place, manner: Manner
) -> None:
    person = manner.number
    row, tracking = office.people()[person], office.online("ebok_signup", person)
    first = place.link_to(row["email"])
    customer, clerk = walking(manner), walking(manner, staff("ewa"))
    customer.open("/sprawa", "Sprawdź stan sprawy")
    customer.type("Numer sprawy", tracking)
    customer.type("Adres e-mail albo kod pocztowy", row["email"])
    customer.press("Pokaż sprawę")
    customer.at("Zgłoszenie do eBOK")
    customer.press("Wyślij odnośnik jeszcze raz")
    customer.at("Wysłaliśmy nowy odnośnik")
    second = place.link_to(row["email"], 2)
    assert first != second

    clerk.open("/biuro/szukaj", "Szukaj")
    clerk.type("Numer klienta", row["customer_no"])
    clerk.press("Szukaj spraw")
    clerk.at("Szukaj")
    clerk.follow(tracking)
    clerk.at("Historia sprawy")
    clerk.reads("Odnośnik czeka na użycie przez klienta.")
    customer.open(second, "Wybierz hasło do eBOK")
    customer.type("#password", office.PASSWORD)
    customer.type("#again", office.PASSWORD)
    customer.press("Potwierdzam adres i zapisuję hasło")
    customer.at(address="/gotowe$")
    clerk.open(f"/biuro/sprawy/{tracking}/historia", "Historia sprawy")
    clerk.reads("adres potwierdzony")


def test_bills_are_read_and_paid(walking: Walking, place: Place, manner: Manner) -> None:
    row = PEOPLE[2 + manner.number]
    bill, customer = place.newest_bill(row), signed_in(walking, manner, row)
    customer.reads(bill["invoice_no"])
    customer.follow("Faktury")
    customer.at("Faktury")
    customer.choose("Pokaż", "do-zaplaty")
    customer.press("Pokaż")
    customer.at("Faktury")
    assert customer.file("PDF").startswith(b"%PDF-")
    customer.follow(bill["invoice_no"])
    customer.at(f"Faktura {bill['invoice_no']}")
    customer.reads("Woda", "Ścieki", "Opłata abonamentowa")
    customer.follow("Zapłać tę fakturę")
    customer.at("Zapłać fakturę")
    expect(customer.page.get_by_role("img", name=re.compile("Kod QR"))).to_be_visible()
    customer.follow("Zużycie")
    customer.at("Zużycie wody")


def test_a_question_is_asked_answered_at_the_desk_and_read(walking: Walking, place: Place, manner: Manner) -> None:
    row, login = PEOPLE[2 + manner.number], login_of(PEOPLE[2 + manner.number])
    customer, clerk = signed_in(walking, manner, row), walking(manner, staff("ewa"))
    asked = f"Skąd taka kwota, pytam {'drugi' if manner.number else 'pierwszy'} raz?"
    customer.follow("Pytania")
    customer.at("Pytania")
    customer.follow("Zadaj pytanie")
    customer.at("Zadaj pytanie")
    customer.choose("Czego dotyczy pytanie", "billing")
    customer.type("Twoje pytanie", asked)
    customer.press("Wyślij pytanie")
    customer.at("Pytanie nr")

    clerk.open("/biuro/pytania", "Pytania klientów")
    clerk.follow(asked)
    clerk.at("Pytanie nr")
    clerk.type("Odpowiedź dla klienta", "Doliczono odczyt z września.")
    clerk.press("Odpowiedz")
    clerk.at("Pytanie nr")

    place.until(lambda: any("/ebok/pytania" in text_of(mail) for mail in office.mails_to(login)))
    customer.follow("Wszystkie pytania")
    customer.at("Pytania")
    customer.follow(asked)
    customer.at("Pytanie nr")
    customer.reads("Doliczono odczyt z września.")
    customer.press("Wiem już wszystko, zakończ pytanie")
    customer.at("Pytanie nr")
    customer.reads("Pytanie jest zakończone.")


@pytest.mark.parametrize(
    ("code", "manner"),
    [pytest.param(code, manner, id=f"{code} {manner.name}") for code, manners in VISITS.items() for manner in manners],
)
def test_a_visit_is_wished_for_proposed_agreed_and_made(
    walking: Walking, place: Place, code: str, manner: Manner
) -> None:
    form = form_by_code(code)
    row = PEOPLE[2 + manner.number]
    customer, clerk = signed_in(walking, manner, row), walking(manner, staff("ewa"))
    crew = walking(manner, staff("bogdan"), PHONE)
    customer.follow("Wnioski")
    customer.at("Wnioski")
    customer.press(form.title)
    customer.at(form.title)
    wished = {"wished_on": day_to_come(), "tank_size": "6", "meter_exchange": True}
    customer.fill({name: value for name, value in wished.items() if name in form})
    tracking = send(customer)

    place.until(lambda: _in_list(clerk, tracking))
    clerk.at("Wnioski o wizytę")
    clerk.follow(tracking)
    clerk.at(address=f"{tracking}$")
    clerk.type_day("Inny dzień do zaproponowania", day_to_come(6))
    clerk.press("Zaproponuj ten dzień")
    clerk.at("Wnioski o wizytę")

    customer.open("/ebok/wnioski", "Wnioski")
    customer.press("Tak, ten dzień mi pasuje")
    customer.at("Wnioski")
    customer.reads("Dziękujemy, wizyta jest umówiona.")
    crew.open(f"/biuro/ekipa?dzien={day_to_come(6)}")
    crew.press("Zrobione")
    crew.reads("Zapisane:")
    crew.at(address="/biuro/ekipa")
    customer.open("/ebok/wnioski", "Wnioski")
    customer.reads("Wykonane")


def test_a_notice_is_switched_on_comes_by_email_and_is_switched_off_by_its_link(walking: Walking, place: Place) -> None:
    customers = [(manner, PEOPLE[4 + manner.number]) for manner in MANNERS]
    pages = [signed_in(walking, manner, row) for manner, row in customers]
    for customer in pages:
        customer.follow("Powiadomienia")
        customer.at("Powiadomienia")
        customer.tick("Nowa faktura: E-mail")
        customer.press("Zapisz")
        customer.at("Powiadomienia")
        customer.reads("Zapisane.")
    place.run(TOLD)
    for (manner, row), customer in zip(customers, pages, strict=True):
        stranger = walking(manner)
        stranger.open(place.link_to(login_of(row), path=f"{PATH}/"), "Wyłącz powiadomienia")
        stranger.press("Wyłącz te e-maile")
        stranger.at("Wyłączone")
        customer.open("/ebok/powiadomienia", "Powiadomienia")
        expect(customer.page.get_by_label(re.compile(r"Nowa.faktura: E-mail"))).not_to_be_checked()


def test_einvoices_are_accepted_moved_to_another_address_and_withdrawn_from_within_the_account(
    walking: Walking, place: Place, manner: Manner
) -> None:
    row, new = PEOPLE[6 + manner.number], f"nowy.adres{manner.number}@example.com"
    login = login_of(row)
    customer = signed_in(walking, manner, row)
    customer.press("Chcę faktury e-mailem")
    customer.at("Akceptacja faktur elektronicznych")
    customer.fill({"pesel": row["pesel"], "accept_terms": True})
    send(customer)
    confirm(customer, place.link_to(login))
    customer.open("/ebok/", "Twoje konto")
    customer.reads("E-mailem", login)
    customer.press("Zmień adres do faktur")
    customer.at("Zmiana adresu e-mail do faktur")
    customer.fill({"email_new": new})
    send(customer)
    confirm(customer, place.link_to(new))
    customer.open("/ebok/", "Twoje konto")
    customer.reads("E-mailem", new)
    customer.press("Wróć do papieru")
    customer.at("Wycofanie akceptacji faktur elektronicznych")
    tracking = send(customer)
    place.until(lambda: any(tracking in text_of(mail) for mail in office.mails_to(new)))


def test_the_rules_are_read_and_taken_along(walking: Walking, manner: Manner) -> None:
    anybody = walking(manner)
    anybody.open("/do-pobrania", "Do pobrania")
    for title in ("Regulamin eBOK", "Regulamin wystawiania i przesyłania faktur"):
        anybody.follow(title)
        anybody.at(title)
        assert anybody.file("Pobierz jako plik").startswith(b"%PDF-")
        anybody.follow("Do pobrania")
        anybody.at("Do pobrania")
    assert anybody.file("Załatw to bez wychodzenia z domu").startswith(b"%PDF-")


def test_a_meter_is_read_with_an_account_and_without(walking: Walking, place: Place, manner: Manner) -> None:
    row = PEOPLE[2 + manner.number]
    customer, anybody = signed_in(walking, manner, row), walking(manner)
    meter, shown = place.meter_of(row)
    customer.follow("Odczyt")
    customer.at("Odczyt wodomierza")
    customer.type("Stan wodomierza", str(shown + 3))
    customer.press("Wyślij odczyt")
    customer.at("Odczyt wodomierza")
    customer.reads("Mamy Twój odczyt. Dziękujemy!", f"{shown + 3} m³")

    anybody.open("/odczyt", "Podaj odczyt wodomierza")
    anybody.type("Numer klienta", row["customer_no"])
    anybody.type("Numer wodomierza albo adres e-mail", meter)
    anybody.press("Dalej")
    anybody.at("Podaj stan wodomierza")
    anybody.type("Stan wodomierza", str(shown + 4))
    anybody.press("Wyślij odczyt")
    anybody.at("Mamy Twój odczyt. Dziękujemy!")


def fill_in(walker: Walker, code: str, row: CustomerRow, **changed: str) -> None:
    """All that the form asks for on a screen, as that customer writes it."""
    form = form_by_code(code)
    drawn = values_for(form, row, 1, clock.today(), domains=names.SAFE_DOMAINS) | changed
    walker.fill({item.name: drawn[item.name] for item in web_form(form).fields})


def send(walker: Walker) -> str:
    """The form that is filled in; gives the number of the case."""
    walker.press(NEXT)
    walker.at("Sprawdź, zanim wyślesz")
    walker.press(SEND)
    walker.at(address=r"/sprawa/[0-9A-Z]{4}-[0-9A-Z]{4}$")
    return walker.page.url.rpartition("/")[2]


def confirm(walker: Walker, link: str) -> None:
    """The address by the link that came to it."""
    walker.open(link, "Potwierdź adres e-mail")
    walker.press("Potwierdzam")
    walker.at(address="/gotowe$")


def signed_in(walking: Walking, manner: Manner, row: CustomerRow) -> Walker:
    """That customer on the first page of his account, which is opened when he has none yet."""
    login = login_of(row)
    customer = walking(manner)
    customer.open("/ebok/zaloguj", "Zaloguj się do eBOK")
    customer.type("Adres e-mail", login)
    customer.type("#password", office.PASSWORD)
    customer.press("Zaloguj się")
    customer.at("Twoje konto")
    return customer


def staff(login: str) -> dict[str, tuple[str, str]]:
    """Cookies of one of the sample staff."""
    return {COOKIE: (office.session_of(login), "/biuro")}


def _in_list(clerk: Walker, tracking: str) -> bool:
    clerk.page.goto("/biuro/wnioski")
    return clerk.page.get_by_role("link", name=tracking).count() > 0
