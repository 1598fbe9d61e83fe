"""What is written where no server takes it: complete .eml files and letters to print."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pdfplumber
import pikepdf
import pypdfium2
import pytest
import zxingcpp

from confirmations.channels.interface import Envelope
from confirmations.channels.letter import draw_letter
from confirmations.outbox import deliver, enqueue
from confirmations.rendering import render
from confirmations.tables import Medium, MessageState
from database.engine import transaction
from environment.clock import now
from tests.confirmations.samples import RECIPIENT, TRACKING, put, stored

MM = 72 / 25.4


def test_without_a_mail_server_a_mail_becomes_a_complete_file(database: str, home: Path) -> None:
    put()
    deliver()
    (file,) = (home / "outgoing").iterdir()
    assert file.name == stored().reference
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage) and mail["To"] == RECIPIENT[Medium.EMAIL]
    assert mail.get_body(("plain",)) is not None and mail.get_body(("html",)) is not None


def test_a_folder_that_cannot_be_written_to_is_tried_again(sqlite_database: str, home: Path) -> None:
    put()
    (home / "outgoing").write_text("a file where the folder should be")
    assert [(done.state, done.error) for done in deliver()] == [(MessageState.PENDING, "not_written")]
    assert "folderze" in str(stored().last_error)


def test_a_letter_is_printed_into_the_folder_of_letters(sqlite_database: str, home: Path) -> None:
    put(Medium.LETTER)
    assert [done.state for done in deliver()] == [MessageState.SENT]
    (file,) = (home / "outgoing" / "letters").iterdir()
    with pdfplumber.open(file) as pdf:
        text = pdf.pages[0].extract_text()
    assert "Wracamy do faktur papierowych" in text and "24 listopada 2026 r." in text


def test_a_customer_who_cannot_be_reached_at_all_is_shown_as_failed(sqlite_database: str) -> None:
    with transaction() as session:
        enqueue(
            session,
            key="nowhere",
            tracking=TRACKING,
            channel=Medium.LETTER,
            recipient="Zofia Przykładna",
            template="account_active",
            context={"tracking": TRACKING, "customer_ref": None, "proven": True},
        )
    assert [(done.state, done.error) for done in deliver()] == [(MessageState.FAILED, "no_address")]
    assert "adresu" in str(stored("nowhere").last_error)


@pytest.mark.parametrize(("window", "left", "right"), [("right", 112, 195), ("left", 20, 105)])
def test_the_address_alone_stands_in_the_window_and_the_case_beside_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, window: str, left: float, right: float
) -> None:
    monkeypatch.setenv("EBOK_LETTER_WINDOW", window)
    name = "Przedsiębiorstwo Usługowo-Handlowe „Źródło” Wiśniewska i Wspólnicy Spółka Komandytowa"
    data = draw_letter(_envelope(recipient=f"{name}\nul. Źródlana 12/4\n66-470 Kostrzyn nad Odrą"))
    with pdfplumber.open(BytesIO(data)) as pdf:
        page = pdf.pages[0]
        # what shows through a window of 90 x 45 mm, 20 mm from the edge, however the letter slips in the envelope
        seen = page.crop((left * MM, 45 * MM, right * MM, 90 * MM)).extract_text().splitlines()
        whole = page.extract_text()
    assert " ".join(seen) == f"{name} ul. Źródlana 12/4 66-470 Kostrzyn nad Odrą"
    assert "Kostrzyn nad Odrą, " in whole and TRACKING in whole


def test_the_barcode_of_a_letter_is_its_tracking_number(home: Path) -> None:
    picture = pypdfium2.PdfDocument(draw_letter(_envelope()))[0].render(scale=3).to_pil()
    codes = zxingcpp.read_barcodes(picture)
    assert [code.text for code in codes if code.format == zxingcpp.BarcodeFormat.Code128] == [TRACKING]


def test_a_letter_about_an_unsigned_form_brings_the_blank_form(home: Path) -> None:
    said = {"form_title": "Zgłoszenie do eBOK", "blank": {"code": "ebok_signup", "version": "1"}}
    data = draw_letter(_envelope("incomplete_signature", **said))
    with pikepdf.open(BytesIO(data)) as pdf:
        assert len(pdf.pages) == 2
    with pdfplumber.open(BytesIO(data)) as pdf:
        assert "dołączony do tego listu" in pdf.pages[0].extract_text()
        assert "Zgłoszenie do eBOK" in pdf.pages[1].extract_text()


def test_a_long_letter_goes_on_on_a_second_page(home: Path) -> None:
    fields = [f"Pole numer {number} o długiej nazwie, która zajmuje cały wiersz listu" for number in range(60)]
    data = draw_letter(_envelope("incomplete_unreadable", form_title="Zgłoszenie do eBOK", fields=fields))
    with pdfplumber.open(BytesIO(data)) as pdf:
        assert len(pdf.pages) == 2
        assert all("Stan sprawy" in page.extract_text() for page in pdf.pages)


def _envelope(template: str = "withdrawal_done", recipient: str = RECIPIENT[Medium.LETTER], **said: object) -> Envelope:
    context = {"tracking": TRACKING, "customer_ref": "10000678", "proven": True, "effective_from": "2026-11-24", **said}
    content = render(template, context, Medium.LETTER)
    return Envelope("key", TRACKING, template, recipient, content, now())
