"""Sending photos and looking at the case, as a customer does it with a phone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from benchmarks import office
from database.engine import transaction
from documents.loading import load
from documents.originals import opened
from documents.summaries import list_documents
from tests.api.pictures import picture
from tests.browser.conftest import Axe, OpenPage


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Two photos, and a letter in words that is no photo."""
    files = {"pierwsza.jpg": picture("JPEG", color=60), "druga.jpg": picture("JPEG", color=180), "pismo.docx": b"PK"}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    return [tmp_path / name for name in files]


def tracking_shown(page: Page) -> str:
    page.wait_for_url("**/sprawa/*")
    return page.url.rsplit("/", 1)[1]


def file_name(tracking: str) -> str | None:
    with transaction() as session:
        return load(session, tracking).file_name


def test_photos_are_put_in_order_by_keyboard_sent_and_what_was_understood_appears_by_itself(
    page: Page, axe: Axe, photos: list[Path]
) -> None:
    page.goto("/wyslij")
    axe(page)
    page.locator("#file").set_input_files(photos[:2])
    page.get_by_label("Przesuń stronę 2 wcześniej").press("Enter")
    expect(page.get_by_role("listitem").filter(has_text="Strona 1")).to_contain_text("druga.jpg")
    expect(page.get_by_label("Przesuń stronę 1 dalej")).to_be_focused()
    axe(page)

    page.get_by_role("button", name="Wyślij", exact=True).press("Enter")

    tracking = tracking_shown(page)
    assert file_name(tracking) == "druga.jpg, pierwsza.jpg"
    expect(page.get_by_role("heading", name="Dotarło do nas")).to_be_visible()
    axe(page)
    office.judged(office.read(tracking, office.Paper()))
    expect(page.get_by_role("heading", name="Sprawdza pracownik")).to_be_visible()
    expect(page.get_by_role("definition").filter(has_text="sprawdza pracownik")).to_have_count(2)
    axe(page)


def test_a_wrong_file_is_told_before_or_after_sending_and_can_be_replaced(
    page: Page, axe: Axe, photos: list[Path]
) -> None:
    page.goto("/wyslij")
    page.locator("#file").set_input_files(photos)
    told = page.get_by_role("alert")
    expect(told).to_contain_text("tylko zdjęcia")
    for label in ("Usuń: Strona 2", "Usuń: Strona 1"):
        page.get_by_label(label).click()
    expect(told).to_be_hidden()

    page.get_by_role("button", name="Wyślij", exact=True).click()

    expect(told).to_contain_text("To nie jest plik PDF")
    expect(told).to_be_focused()
    axe(page)
    page.get_by_label("Usuń: Plik").click()
    page.locator("#file").set_input_files(photos[0])
    page.get_by_role("button", name="Wyślij", exact=True).dblclick()
    tracking_shown(page)
    with transaction() as session:
        assert len(list_documents(session)) == 1


def test_without_script_photos_are_sent_and_the_case_is_opened_again_elsewhere_by_post_code(
    page_without_script: Page, open_page: OpenPage, axe: Axe, photos: list[Path]
) -> None:
    page = page_without_script
    page.goto("/wyslij")
    page.get_by_label("Zdjęcia stron albo plik PDF").set_input_files(photos[2])
    page.get_by_role("button", name="Wyślij").click()
    expect(page.get_by_role("alert")).to_contain_text("To nie jest plik PDF")
    axe(page)
    page.get_by_label("Zdjęcia stron albo plik PDF").set_input_files(photos[:2])
    page.get_by_role("button", name="Wyślij").click()
    tracking = tracking_shown(page)
    paper = office.Paper()
    office.judged(office.read(tracking, paper))
    page.get_by_role("link", name="Sprawdź teraz").click()
    expect(page.get_by_text(str(paper.on_paper["email"]))).to_be_visible()
    axe(page)

    other = open_page(script=False)
    other.goto(f"/sprawa/{tracking}")
    other.get_by_label("Adres e-mail albo kod pocztowy").fill("00-001")
    other.get_by_role("button", name="Pokaż sprawę").press("Enter")
    expect(other.get_by_role("alert")).to_be_focused()
    axe(other)
    other.get_by_label("Adres e-mail albo kod pocztowy").fill(str(paper.on_paper["postcode"]))
    other.get_by_role("button", name="Pokaż sprawę").press("Enter")
    expect(other.get_by_role("heading", name="Co odczytaliśmy")).to_be_visible()
    expect(other.get_by_text(str(paper.on_paper["email"]))).to_have_count(0)
    axe(other)
    with other.expect_download() as download:
        other.get_by_role("link", name="Potwierdzenie wpływu (PDF)").click()
    assert download.value.suggested_filename == f"potwierdzenie-{tracking}.pdf"


def test_a_heavy_photo_is_made_smaller_before_it_is_sent_and_what_cannot_be_drawn_goes_as_it_is(
    page: Page, tmp_path: Path
) -> None:
    grain = np.random.default_rng(1).integers(0, 255, (600, 800, 3), np.uint8)
    photo = Image.fromarray(grain).resize((4400, 3300))
    turned = photo.getexif()
    turned[0x0112] = 6  # as a phone held upright writes it
    photo.save(tmp_path / "duże.JPG", quality=97, exif=turned)
    (tmp_path / "telefon.heic").write_bytes(b"\x00\x00\x00\x18ftypheic" + bytes(2_000_000))
    page.goto("/wyslij")
    page.locator("#file").set_input_files([tmp_path / "duże.JPG", tmp_path / "telefon.heic"])
    expect(page.get_by_role("listitem").filter(has_text="Strona 2")).to_contain_text("telefon.heic, 1,9 MB")
    expect(page.get_by_role("listitem").filter(has_text="Strona 1")).to_contain_text("duże.jpg")
    page.get_by_label("Usuń: Strona 2").click()
    page.get_by_role("button", name="Wyślij", exact=True).click()

    with transaction() as session:
        sent = load(session, tracking_shown(page)).original_sha256
    assert sent is not None
    with opened(sent) as original, Image.open(original) as arrived:
        assert arrived.size == (2631, 3508), "upright, as the customer saw it"
        assert original.seek(0, 2) < 0.8 * (tmp_path / "duże.JPG").stat().st_size
