"""What the owner of an account sees: what he owes, his invoices with pictures, his consumption, his cases."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from io import BytesIO

import numpy as np
import pdfplumber
import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import update

from api.portal import bills as bill_pages
from benchmarks import office
from benchmarks.office import Paper
from billing.invoice_message import amount_of
from billing.statement import invoices_of, payments_known_until
from billing.tables import INVOICES
from confirmations.polish import long_date
from customers.tables import Customer
from database.engine import reading, transaction
from environment import clock
from portal.bills import bills_of
from tests.api.portal.conftest import Browser, signed_in

Accounts = tuple[Browser, Browser]
IN_KSEF = "https://qr.ksef.mf.gov.pl/invoice/1234563218/31-10-2026/UtQp9Gpc51y-u3xApZjIjgkpZ01js-J8KflSPW8WzIE"


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def decoded(page: str) -> str:
    """What the QR code of a page says to a decoder."""
    size = int(re.findall(r'class="qr[^"]*" viewBox="0 0 (\d+)', page)[0])
    (path,) = re.findall(r'<path d="([^"]+)" fill="#000"', page)
    pixels = np.full((size, size), 255, dtype=np.uint8)
    for column, row in re.findall(r"M(\d+) (\d+)h1v1h-1z", path):
        pixels[int(row), int(column)] = 0
    large = Image.fromarray(pixels).resize((size * 8, size * 8), Image.Resampling.NEAREST)
    (code,) = zxingcpp.read_barcodes(large)
    return str(code.text)


def test_the_first_page_tells_in_one_look_what_matters(accounts: Accounts) -> None:
    customer, _ = accounts
    office.owe(customer.number, "1000.00")
    with reading() as session:
        bills = bills_of(session, customer.number, clock.today())
    page = customer.read("/ebok/")
    assert bills.balance is not None
    assert plain(amount_of(bills.balance)) in page
    last = bills.newest_first[0]
    assert plain(amount_of(last.row["gross"])) in page
    assert last.row["invoice_no"] in page
    assert "w ostatnich 12 miesiącach" in page
    assert "Na papierze" in page
    assert "Żadna sprawa nie czeka" in page
    assert customer.client.get("/ebok", follow_redirects=False).headers["location"] == "/ebok/"


def test_who_paid_too_much_or_too_late_is_told_so(accounts: Accounts) -> None:
    for opening, told in (("-5000.00", "Masz nadpłatę"), ("900.00", "po terminie")):
        office.owe(accounts[0].number, opening)
        assert told in accounts[0].read("/ebok/").replace("Termin już minął", "po terminie")
        assert told in accounts[0].read("/ebok/zaplac").replace("Termin już minął", "po terminie")
    with reading() as session:
        known = payments_known_until(session)
    assert known is not None
    for page in ("/ebok/", "/ebok/zaplac"):
        assert plain(f"Wliczone są wpłaty do {long_date(known)}") in accounts[0].read(page)


def test_of_whom_billing_tells_nothing_every_page_says_so_kindly(accounts: Accounts) -> None:
    office.fill_register()
    number = office.people()[0]["customer_no"]
    office.open_account(number, "nowa@example.com")
    new = signed_in(number, "nowa@example.com")
    assert "Nie mamy jeszcze danych o Twoich rozliczeniach" in new.read("/ebok/")
    assert "Nie ma tu jeszcze faktur" in new.read("/ebok/faktury")
    assert "numer rachunku jest na fakturze" in new.read("/ebok/zaplac")
    assert "Nie znamy jeszcze Twojego zużycia" in new.read("/ebok/zuzycie")


def test_invoices_are_listed_by_year_and_by_what_is_to_be_paid(accounts: Accounts) -> None:
    customer, _ = accounts
    with reading() as session:
        rows = invoices_of(session, customer.number)
        to_pay = bills_of(session, customer.number, clock.today()).to_pay
    assert all(row["invoice_no"] in customer.read("/ebok/faktury") for row in rows)
    year = rows[-1]["issued_on"].year
    listed = customer.read(f"/ebok/faktury?rok={year}")
    assert re.findall(r'nr=[^"]+">([^<]+)</a></th>', listed) == [
        row["invoice_no"] for row in rows if row["issued_on"].year == year
    ]
    unpaid = customer.read("/ebok/faktury?stan=do-zaplaty")
    found = set(re.findall(r'nr=[^"]+">([^<]+)</a></th>', unpaid))
    assert found == {bill.row["invoice_no"] for bill in to_pay}
    assert customer.read("/ebok/faktury?rok=1999&stan=nic").count("</tr>") == len(rows) + 1


def test_the_list_reaches_back_sixty_months(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    customer, _ = accounts
    with reading() as session:
        oldest = invoices_of(session, customer.number)[-1]
    limit = oldest["issued_on"].replace(year=oldest["issued_on"].year + 5, day=28)
    for day, shown in ((limit, True), (limit + timedelta(days=4), False)):
        monkeypatch.setattr(bill_pages, "today", lambda day=day: day)
        assert (oldest["invoice_no"] in customer.read("/ebok/faktury")) == shown
    monkeypatch.setattr(bill_pages, "today", lambda: date(2028, 2, 29))
    assert oldest["invoice_no"] in customer.read("/ebok/faktury")


def test_an_invoice_is_shown_with_its_positions_and_given_as_the_file_that_billing_made(accounts: Accounts) -> None:
    customer, _ = accounts
    with reading() as session:
        number = invoices_of(session, customer.number)[0]["invoice_no"]
    page = customer.read(f"/ebok/faktura?nr={number}")
    assert all(word in page for word in (f"Faktura {number}", "Woda", "Opłata abonamentowa", "Razem"))
    answer = customer.client.get(f"/ebok/faktura.pdf?nr={number}")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"] == f'attachment; filename="{number.replace("/", "-")}.pdf"'
    with pdfplumber.open(BytesIO(answer.content)) as pdf:
        assert number in pdf.pages[0].extract_text()


def test_an_invoice_in_ksef_has_the_code_by_which_anybody_can_check_it_there(accounts: Accounts) -> None:
    customer, _ = accounts
    with transaction() as session:
        number = invoices_of(session, customer.number)[0]["invoice_no"]
        session.execute(update(INVOICES).where(INVOICES.c.invoice_no == number).values(ksef_link=IN_KSEF))
    page = customer.read(f"/ebok/faktura?nr={number}")
    assert decoded(page) == IN_KSEF
    assert f'href="{IN_KSEF}"' in page


def test_the_qr_code_of_the_page_is_read_by_a_decoder_and_says_what_stands_beside_it(accounts: Accounts) -> None:
    customer, _ = accounts
    office.owe(customer.number, "500.00")
    page = customer.read("/ebok/zaplac")
    _, _, account, grosze, _, title, *_ = decoded(page).split("|")
    shown = dict(re.findall(r'id="(rachunek|kwota|tytul)" class="copied" data-copied="([^"]+)"', page))
    assert shown == {"rachunek": account, "kwota": f"{int(grosze) / 100:.2f}".replace(".", ","), "tytul": title}
    assert title == f"Nr klienta {customer.number}"


def test_consumption_is_a_plot_and_the_same_as_a_table(accounts: Accounts) -> None:
    page = accounts[0].read("/ebok/zuzycie")
    assert page.count('<rect class="bar1"') == 1 + 2 * 2, "the mark of the legend, and two months, wide and narrow"
    assert page.count("<tr>") == 1 + 12
    assert 'role="img"' in page


def test_forms_on_invoices_begin_filled_in_and_never_with_pesel(accounts: Accounts) -> None:
    customer, _ = accounts
    with reading() as session:
        record = session.get_one(Customer, customer.number)
        name, pesel = record.name, record.pesel
    begun = customer.post("/ebok/formularze/einvoice_acceptance")
    assert begun.status_code == 303
    page = unescape(customer.read(begun.headers["location"]))
    assert all(f'value="{known}"' in page for known in (customer.number, name, customer.login))
    assert pesel is None or pesel not in page
    assert customer.post("/ebok/formularze/einvoice_withdrawal").status_code == 404, "his invoices come on paper"
    assert customer.post("/ebok/formularze/ebok_signup").status_code == 404


def test_open_cases_are_listed_and_opened_from_there_with_values_masked(accounts: Accounts) -> None:
    office.fill_register()
    number, email = office.people()[1]["customer_no"], office.people()[1]["email"]
    office.open_account(number, "osoba@example.com")
    customer = signed_in(number, "osoba@example.com")
    waits = office.waiting(Paper(person=1, doubtful=("email",)))
    unproven = office.online("einvoice_acceptance", 1, email="druga@example.com")
    office.worked_off(unproven)
    page = customer.read("/ebok/")
    assert waits in page
    assert "Sprawdza pracownik" in page
    opened = customer.client.get(f"/ebok/sprawy/{waits}", follow_redirects=False)
    assert opened.headers["location"] == f"/sprawa/{waits}"
    shown = customer.client.get(f"/sprawa/{waits}").text
    assert "Dane zasłaniamy" in shown.replace("\N{NO-BREAK SPACE}", " ")
    assert email not in shown


def test_an_invoice_by_email_is_shown_with_its_address_and_the_forms_that_end_it(accounts: Accounts) -> None:
    office.fill_register()
    office.on_einvoice(3)
    number = office.people()[3]["customer_no"]
    office.open_account(number, "trzecia@example.com")
    customer = signed_in(number, "trzecia@example.com")
    page = customer.read("/ebok/")
    assert office.people()[3]["email"] in page
    begun = customer.post("/ebok/formularze/einvoice_email_change")
    assert f'value="{office.people()[3]["email"]}"' in unescape(customer.read(begun.headers["location"]))
