"""What goes on paper is printed once, in the order of the post, whoever is killed meanwhile."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pikepdf
import pytest
from pdfplumber import open as open_pdf
from sqlalchemy import select, update

from billing import printing
from billing.dispatch_tables import DeliveredInvoice, PrintRun
from billing.dispatched import DeliveryState, how_went
from billing.post_order import post_order
from billing.print_files import Printed
from billing.printing import print_due, waiting
from billing.tables import INVOICES
from confirmations.bounces import note
from confirmations.outbox import deliver
from confirmations.overview import problems_of
from confirmations.restored import hold_back
from customers.records import CustomerRecord
from customers.tables import Customer
from database.engine import reading, transaction
from environment.clock import now
from environment.settings import get_settings
from tests.billing.delivered import SetSettings, accepts, decided, invoices
from tests.confirmations.conftest import Mailbox
from tests.confirmations.recorder import Killed
from tests.confirmations.reports import BOUNCES, dsn
from tests.stored import original_path

ISSUED = date(2026, 10, 31)
DAY = timedelta(days=1)


def listed(run: Printed) -> list[dict[str, str]]:
    text = run.listed.read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text), delimiter=";"))


def files() -> dict[str, bytes]:
    folder = get_settings().outgoing / "invoices"
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())} if folder.is_dir() else {}


def state_of(number: str) -> tuple[DeliveryState, int | None]:
    with reading() as session:
        found = how_went(session, [number])[number]
    return found.state, found.run


def moved(customer_no: str, **address: str | None) -> None:
    with transaction() as session:
        session.execute(update(Customer).where(Customer.customer_no == customer_no).values(**address))


def test_the_order_of_the_post_is_that_of_the_letter_carrier() -> None:
    def at(street: str | None, house: str, flat: str | None = None, postcode: str | None = "66-470") -> CustomerRecord:
        return CustomerRecord("1", "X", street=street, house=house, flat=flat, postcode=postcode, town="Kostrzyn")

    in_order = [
        at("Zielona", "1", postcode="66-460"),
        at("Lipowa", "2"),
        at("Lipowa", "12"),
        at("Lipowa", "12", "2"),
        at("Lipowa", "12", "10"),
        at("Lipowa", "12A"),
        at("Łąkowa", "1"),
        at("Źródlana", "1"),
        at("Żwirowa", "1"),
        at("Lipowa", "1", postcode=None),
    ]
    assert sorted([*in_order[4:], *in_order[:4]], key=post_order) == in_order
    assert sorted([None, in_order[0]], key=post_order) == [in_order[0], None]


def test_a_run_has_each_invoice_once_behind_its_address(october: Path, set_settings: SetSettings) -> None:
    one, other, third = invoices(october)
    for row, street in ((one, "Żwirowa"), (other, "Lipowa"), (third, "Łąkowa")):
        moved(row["customer_no"], street=street, house="1", flat=None, postcode="66-470", town="Kostrzyn nad Odrą")
    moved(other["customer_no"], name="=HYPERLINK(1)")
    assert decided(set_settings) == (0, 3)
    (run,) = print_due("machine")
    assert (run.number, run.invoices, run.pictures_missing, run.addresses_missing) == (1, 3, 0, 0)
    rows = listed(run)
    assert [row["numer faktury"] for row in rows] == [row["invoice_no"] for row in (other, third, one)]
    assert [row["strony w PDF"] for row in rows] == ["1-2", "3-4", "5-6"]
    assert rows[0]["nazwa"] == "'=HYPERLINK(1)" and rows[0]["brutto"] == other["gross"]
    with open_pdf(run.pages[0]) as pdf:
        texts = [page.extract_text() for page in pdf.pages]
    assert len(texts) == 6
    assert "Lipowa 1" in texts[0] and other["invoice_no"] in texts[0] and other["invoice_no"] in texts[1]
    assert "Żwirowa 1" in texts[4]
    before = files()
    assert print_due("machine") == [] and files() == before
    assert state_of(one["invoice_no"]) == (DeliveryState.PRINTED, 1)


@pytest.mark.parametrize("step", ["_begin", "_close", "_sheets", "write_run"])
def test_a_run_that_is_killed_is_gone_on_with_and_prints_nothing_twice(
    october_here: Path, set_settings: SetSettings, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    decided(set_settings)

    def dying(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(printing, step, dying)
        with pytest.raises(Killed):
            print_due("machine")
    (run,) = print_due("machine")
    assert (run.number, len(listed(run))) == (1, 3) and print_due("machine") == []
    assert sorted(files()) == [run.listed.name, run.pages[0].name]
    with reading() as session:
        assert set(session.scalars(select(DeliveredInvoice.print_run))) == {1}


def test_none_joins_a_run_whose_file_somebody_may_have_printed(
    october_here: Path, set_settings: SetSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = invoices(october_here)[0]
    accepts(row["customer_no"], ("jan@example.com", ISSUED - 9 * DAY))
    decided(set_settings)
    real = printing.write_run

    def dying(*given: object) -> Printed:
        real(*given)  # type: ignore[arg-type]
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(printing, "write_run", dying)
        with pytest.raises(Killed):
            print_due("machine")
    with transaction() as session:
        session.execute(update(DeliveredInvoice).values(message_key=None))
    printed = files()
    first, second = print_due("machine")
    assert (first.number, first.invoices, second.number, second.invoices) == (1, 2, 2, 1)
    assert {name: printed[name] for name in printed if name.endswith("csv")} == {
        name: data for name, data in files().items() if name.startswith("wydruk-0001") and name.endswith("csv")
    }


def test_a_run_that_was_closed_a_moment_ago_is_joined_by_none(
    october_here: Path, set_settings: SetSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided(set_settings)
    (first,) = print_due("machine")
    with transaction() as session:
        one = session.scalars(select(DeliveredInvoice).order_by(DeliveredInvoice.invoice_no)).first()
        assert one is not None
        one.print_run = None
    monkeypatch.setattr(printing, "_open_run", lambda: first.number)
    (second,) = print_due("machine")
    assert (second.number, second.invoices) == (2, 1)


def test_what_comes_back_is_printed_next_time_and_a_clerk_is_told(
    october_here: Path, set_settings: SetSettings, mailbox: Mailbox
) -> None:
    set_settings(bounce_address=BOUNCES)
    row, other, _ = invoices(october_here)
    for one, address in ((row, "gone@example.com"), (other, "jan@example.com")):
        accepts(one["customer_no"], (address, ISSUED - 9 * DAY))
    assert decided(set_settings) == (2, 1)
    (first,) = print_due("machine")
    deliver()
    assert print_due("machine") == []
    place = next(at for at, mail in enumerate(mailbox.mails) if mail["To"] == "gone@example.com")
    with transaction() as session:
        assert note(session, dsn("5.1.1", to=mailbox.senders[place])) is not None
    assert state_of(row["invoice_no"]) == (DeliveryState.TO_PRINT, None)
    with reading() as session:
        (told,) = problems_of(session)
        assert waiting(session) == 1
    assert (told["about"], told["tracking"], told["printable"]) == (f"faktura {row['invoice_no']}", "", False)
    (second,) = print_due("machine")
    (line,) = listed(second)
    assert (line["numer faktury"], line["uwagi"]) == (row["invoice_no"], "e-mail nie dotarł")
    assert state_of(row["invoice_no"]) == (DeliveryState.PRINTED, 2) and first.invoices == 1
    assert state_of(other["invoice_no"]) == (DeliveryState.SENT, None)
    assert print_due("machine") == []


def test_what_cannot_be_printed_stands_in_the_list(
    october_here: Path, set_settings: SetSettings, tmp_path: Path
) -> None:
    one, other, third = invoices(october_here)
    original_path(one["pdf_sha256"]).unlink()
    moved(other["customer_no"], postcode=None)
    decided(set_settings)
    with transaction() as session:
        session.execute(
            update(DeliveredInvoice).where(DeliveredInvoice.invoice_no == third["invoice_no"]).values(uncertain=True)
        )
    (run,) = print_due("machine")
    remarks = {row["numer faktury"]: row["uwagi"] for row in listed(run)}
    assert "PDF nie daje się otworzyć" in remarks[one["invoice_no"]]
    assert remarks[other["invoice_no"]] == "w rejestrze nie ma pełnego adresu"
    assert "zanim odtworzono program" in remarks[third["invoice_no"]]
    assert (run.pictures_missing, run.addresses_missing, listed(run)[-1]["numer faktury"]) == (
        1,
        1,
        other["invoice_no"],
    )


def test_what_was_to_be_printed_before_a_restore_may_have_been(october_here: Path, set_settings: SetSettings) -> None:
    decided(set_settings)
    with transaction() as session:
        hold_back(session, at=now(), backup_at=now() - DAY)
    (run,) = print_due("machine")
    assert {row["uwagi"].partition(",")[0] for row in listed(run)} == {"mogła być już wydrukowana"}


def test_very_many_are_parted_into_files_in_one_order(
    october_here: Path, set_settings: SetSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.print_files._PART", 2)
    decided(set_settings)
    (run,) = print_due("machine")
    first, second = (path.name for path in run.pages)
    assert (first[-6:], second[-6:]) == ("-1.pdf", "-2.pdf") and sorted(files()) == sorted(
        [run.listed.name, first, second]
    )
    places = [(row["plik PDF"], row["strony w PDF"]) for row in listed(run)]
    assert places == [(first, "1-2"), (first, "3-4"), (second, "1-2")]
    with pikepdf.open(run.pages[1]) as pdf:
        assert len(pdf.pages) == 2


def test_settings_leave_the_address_sheet_out_or_begin_each_invoice_on_a_new_sheet(
    october_here: Path, set_settings: SetSettings
) -> None:
    decided(set_settings, invoice_pdf_addressed="true", invoice_print_duplex="true")
    (run,) = print_due("machine")
    with pikepdf.open(run.pages[0]) as pdf:
        assert len(pdf.pages) == 6
    assert [row["strony w PDF"] for row in listed(run)] == ["1-2", "3-4", "5-6"]


def test_an_invoice_that_billing_gave_to_another_customer_meanwhile_goes_to_him(
    october_here: Path, set_settings: SetSettings
) -> None:
    first, second, _ = invoices(october_here)
    decided(set_settings)
    moved(second["customer_no"], name="Nowa Odbiorczyni")
    with transaction() as session:
        of_it = INVOICES.c.invoice_no == first["invoice_no"]
        session.execute(update(INVOICES).where(of_it).values(customer_no=second["customer_no"]))
    (run,) = print_due("test")
    (row,) = (one for one in listed(run) if one["numer faktury"] == first["invoice_no"])
    assert (row["numer klienta"], row["nazwa"]) == (second["customer_no"], "Nowa Odbiorczyni")


def test_a_machine_that_writes_no_letters_prints_nothing(october_here: Path, set_settings: SetSettings) -> None:
    decided(set_settings, prefect_url="http://127.0.0.1:4200/api")
    assert print_due("machine") == []
    with reading() as session:
        assert session.scalars(select(PrintRun)).all() == []
