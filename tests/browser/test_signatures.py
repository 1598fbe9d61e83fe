"""Who signed a file electronically, as a clerk and the customer see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from benchmarks import office
from documents.states import IntakeChannel, State
from environment.settings import get_settings
from forms.catalogue import form_by_code
from specimens.files import image_pdf
from specimens.paper import print_form
from specimens.scanner import scan
from tests.browser.conftest import Axe, SignedIn, seen
from tests.signed_files import Issuer, now, signed

CODE = "einvoice_acceptance"


@pytest.fixture
def signed_by(sqlite_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], str]]:
    """A scan of the first customer's paper, not signed by pen, that a customer signed and sent; gives its number."""
    issuer = Issuer("Centrum Kwalifikowane Testowe")
    monkeypatch.setenv("EBOK_TRUST_DIR", str(issuer.trusted_in(tmp_path / "wystawcy")))
    get_settings.cache_clear()

    def sent(person: int) -> str:
        row = office.people()[person]
        given, _, surname = str(row["name"]).upper().rpartition(" ")
        paper = print_form(form_by_code(CODE), {**office.values(CODE, 0), "signature": False})
        data = image_pdf(scan(paper, "gray200", 3))
        identity, stamps = issuer.person(given, surname, row["pesel"]), issuer.time_stamps(now())
        with ThreadPoolExecutor(1) as apart:  # signing has an event loop of its own
            whole = apart.submit(signed, data, identity, issuer, stamps=stamps).result()
        return office.received(whole, "podpisany.pdf", IntakeChannel.UPLOAD)

    yield sent
    get_settings.cache_clear()


def test_a_clerk_sees_that_somebody_else_signed_and_accepts_it(
    signed_in: SignedIn, signed_by: Callable[[int], str], axe: Axe
) -> None:
    tracking = signed_by(1)
    assert office.worked_off(tracking) is State.IN_REVIEW
    page = signed_in("ewa")
    page.goto("/biuro/")
    page.get_by_role("button", name="Weź następną sprawę").click()
    box = page.get_by_role("region", name="Podpis elektroniczny")
    row = office.people()[1]
    for told in (str(row["name"]).upper(), str(row["pesel"]), "kwalifikowany", "dowodzi tego znacznik czasu"):
        expect(box).to_contain_text(told)
    expect(box).to_contain_text("Centrum Kwalifikowane Testowe CA")
    expect(box).to_contain_text("pliku nie zmieniono")
    seen(page)
    axe(page)
    page.get_by_label("Przyjmij mimo to").check()
    page.get_by_role("button", name="Zatwierdź").click()
    expect(page.get_by_text("Kolejka jest pusta")).to_be_visible()
    assert office.worked_off(tracking) is State.CONFIRMED
    page.goto(f"/biuro/sprawy/{tracking}/historia")
    story = page.get_by_role("region", name="Podpis elektroniczny")
    expect(story).to_contain_text("Odciski certyfikatów (SHA-256)")
    expect(story).to_contain_text("nie sprawdzono: brak danych w pliku")
    expect(story).not_to_contain_text(str(row["pesel"]))
    axe(page)


def test_a_customer_sees_that_the_signature_counts(page: Page, signed_by: Callable[[int], str], axe: Axe) -> None:
    tracking = signed_by(0)
    assert office.worked_off(tracking) is State.CONFIRMED
    page.goto("/sprawa")
    page.get_by_label("Numer sprawy").fill(tracking)
    page.get_by_label("Adres e-mail albo kod pocztowy").fill(str(office.people()[0]["postcode"]))
    page.get_by_role("button").first.click()
    expect(page.get_by_role("heading", name="Podpis elektroniczny")).to_be_visible()
    expect(page.get_by_text("Podpis elektroniczny jest prawidłowy.")).to_be_visible()
    expect(page.get_by_text(str(office.people()[0]["name"]).upper())).to_have_count(0)
    axe(page)


def test_pages_for_sending_tell_of_electronic_signatures_where_they_are_believed(
    page: Page, signed_by: Callable[[int], str], axe: Axe, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address in ("/wyslij", "/do-pobrania"):
        page.goto(address)
        expect(page.get_by_text("podpisem zaufanym")).to_be_visible()
        axe(page)
    monkeypatch.delenv("EBOK_TRUST_DIR")
    get_settings.cache_clear()
    for address in ("/wyslij", "/do-pobrania"):
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_text("podpisem zaufanym")).to_have_count(0)
