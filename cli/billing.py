"""The contract with the billing system: its schema, a sample, and deliveries."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from rich.table import Table

from audit import trail
from billing.checking import checked
from billing.contract import BY_NAME, INVOICES
from billing.dispatched import Went, how_went
from billing.dispatching import decide, foreseen
from billing.importing import ImportBusyError, import_delivery
from billing.metering.exporting import UnknownExportError, export_again, export_readings
from billing.moved import count_moved, foreseen_moved
from billing.print_files import Printed
from billing.printing import print_due, waiting
from billing.refusal import BillingRefusedError, DeliveryProblem
from billing.sample import CUSTOMERS, write_sample
from billing.schema import markdown, schemas
from billing.sources import FolderSource
from billing.statement import (
    Row,
    balance_on,
    consumption_by_month,
    invoice_on,
    invoices_of,
    payments_of,
    settlement_of,
)
from billing.wording import summary
from cli.console import CommandError, json_text, out, progress
from cli.customer_files import warn
from cli.operator import operator
from customers.delivery_list import deliveries_of_all
from customers.ksef import InvoiceCase, case_of
from customers.register import delivery_on
from database.engine import Session, reading, transaction
from database.upgrading import check as check_schema
from database.upgrading import upgrade
from documents.originals import OriginalError, chunks_of
from environment.clock import today
from environment.settings import get_settings
from notices.leaks import tell_of_leaks

_YEAR: Final = timedelta(days=365)
_SHOWN: Final = 200
"""Problems of a delivery that a terminal shows; the rest are counted."""


def show_schema(*, as_markdown: bool) -> None:
    """The contract as JSON schema, or as the tables of the documentation."""
    text = markdown() if as_markdown else json.dumps(schemas(), ensure_ascii=False, indent=2)
    sys.stdout.write(f"{text}\n")


def sample(folder: Path, *, customers: int, seed: int, months: int, until: date | None, pdfs: bool) -> None:
    """Write a delivery of invented customers into a new folder."""
    try:
        counts = write_sample(folder, customers, seed=seed, months=months, until=until or today(), pdfs=pdfs)
    except FileExistsError as error:
        raise CommandError(f"Folder {folder} nie jest pusty. Podaj nowy albo opróżnij ten.") from error
    out().print(f"Dostawa w {folder}: {_counted(counts)}.", soft_wrap=True)
    out().print(f"Najpierw klienci: ebok customers import {folder / CUSTOMERS}", soft_wrap=True)


def check(folder: Path) -> None:
    """Look whether a delivery is right in itself, without a database; whom the register knows is not asked."""
    try:
        found = checked(FolderSource(folder, warn), lambda _table, _column, values: set(values), lambda _digests: {})
    except BillingRefusedError as error:
        raise CommandError(told("Dostawa ma błędy.", error.problems)) from error
    out().print(f"Dostawa jest dobra: {_counted(found.rows())}.", soft_wrap=True)
    out().print("Czy klienci i dawniejsze faktury są w rejestrze, sprawdzi dopiero ebok billing import.")


def load(folder: Path, *, dry_run: bool) -> None:
    """Import a delivery, or show what that would change."""
    upgrade()
    try:
        with progress() as bar:
            task = bar.add_task("Wczytuję rozliczenia", total=None)
            done = import_delivery(
                FolderSource(folder, warn), operator(), dry_run=dry_run, done=lambda number: bar.advance(task, number)
            )
    except BillingRefusedError as error:
        raise CommandError(told("Dostawa ma błędy, niczego nie wczytano.", error.problems)) from error
    except ImportBusyError as error:
        text = "Właśnie trwa inne wczytywanie rozliczeń albo dopiero co się skończyło. Powtórz polecenie za chwilę."
        raise CommandError(text) from error
    for line in summary(done, dry_run=dry_run):
        out().print(line, soft_wrap=True)
    if not dry_run:
        tell_of_leaks()


def show(number: str, *, as_json: bool) -> None:
    """Tell the balance, the last invoices and the consumption of a customer; that it was looked at is noted."""
    check_schema()
    day = today()
    trail.note_view(actor=operator(), action="billing_viewed", subject=f"customer:{number}")
    with reading() as session:
        settlement, balance = settlement_of(session, number), balance_on(session, number, day)
        invoices = invoices_of(session, number, limit=12)
        payments = payments_of(session, number, day - _YEAR, day)
        used = consumption_by_month(session, number, day - _YEAR, day)
        went = how_went(session, [one["invoice_no"] for one in invoices])
    if settlement is None and not invoices:
        raise CommandError(f"O kliencie {number} nic nie wiadomo z rozliczeń. Sprawdź numer albo wczytaj dostawę.")
    if as_json:
        months = {f"{month:%Y-%m}": value for month, value in used.items()}
        told_of = [{**one, "delivery": _delivery(went.get(one["invoice_no"]))} for one in invoices]
        json_text(
            {"settlement": settlement, "balance": balance, "invoices": told_of, "payments": payments, "used": months}
        )
        return
    if settlement is not None and settlement["bank_account"]:
        out().print(f"Rachunek do wpłat: {settlement['bank_account']}")
    if balance is not None:
        out().print(f"Do zapłaty na dziś: {_money(balance)}" if balance > 0 else f"Nadpłata: {_money(-balance)}")
    _print_table(
        ("faktura", "wystawiona", "termin", "brutto", "jak dostarczona"),
        [
            (
                one["invoice_no"],
                one["issued_on"],
                one["due_on"],
                _money(one["gross"]),
                _went(went.get(one["invoice_no"])),
            )
            for one in invoices
        ],
    )
    _print_table(
        ("wpłata", "dnia", "kwota"),
        [(one["payment_no"], one["paid_on"], _money(one["amount"])) for one in payments],
    )
    _print_table(("miesiąc", "zużycie"), [(f"{month:%m.%Y}", f"{_comma(value)} m³") for month, value in used.items()])


def invoice(number: str, *, pdf: Path | None, as_json: bool) -> None:
    """Tell an invoice with its positions, and write its picture where one is asked for; that is noted."""
    check_schema()
    with reading() as session:
        found, went = invoice_on(session, number), how_went(session, [number]).get(number)
        case = None if found is None else _case(session, found.row)
    if found is None or case is None:
        raise CommandError(f"Nie ma faktury {number}. Sprawdź numer albo wczytaj dostawę.")
    trail.note_view(actor=operator(), action="billing_viewed", subject=f"customer:{found.row['customer_no']}")
    if pdf is not None:
        _write_picture(found.row["pdf_sha256"], pdf)
    if as_json:
        legal = {"form": case.form, "sent": case.sent, "decides": case.decides}
        more = {"legal": legal, "corrected_by": list(found.corrected_by), "delivery": _delivery(went)}
        json_text({**found.row, "charges": list(found.charges), **more})
        return
    for name, column in ((one.name, one) for one in INVOICES.columns if one.name in found.row):
        if found.row[name] is not None and name != "pdf_sha256":
            out().print(f"{column.label}: {found.row[name]}", soft_wrap=True)
    out().print(f"co to jest: {case.form}; co wysyłamy: {case.sent}; zgoda decyduje: {case.decides}", soft_wrap=True)
    out().print(f"jak dostarczona: {_went(went)}", soft_wrap=True)
    if found.corrected_by:
        out().print(f"korekty: {', '.join(found.corrected_by)}", soft_wrap=True)
    _print_table(
        ("pozycja", "ilość", "brutto"),
        [(one["name"], f"{_comma(one['quantity'])} {one['unit']}", _money(one["gross"])) for one in found.charges],
    )


def deliver(*, dry_run: bool) -> None:
    """Write e-mails of invoices into the outbox, and print all others; or tell what would go which way."""
    first = get_settings().invoice_delivery_from
    if first is None:
        text = "Ustaw, od którego dnia wystawienia faktury dostarcza eBOK: EBOK_INVOICE_DELIVERY_FROM=2027-01-01."
        raise CommandError(text)
    if dry_run:
        check_schema()
        new = foreseen()
        with reading() as session:
            papers, moved = new.papers + waiting(session), foreseen_moved(session)
        out().print(f"Niczego nie wysłano (--dry-run). E-mailem poszłoby faktur: {new.emails}, do druku: {papers}.")
        _tell_moved(moved)
        return
    upgrade()
    new = decide()
    out().print(f"Faktur do wysłania e-mailem: {new.emails}. Wysyła je działający program (ebok up).", soft_wrap=True)
    printed = print_due(operator())
    if not printed:
        out().print("Nie ma nowych faktur do druku.")
    for run in printed:
        for line in run_told(run):
            out().print(line, soft_wrap=True)
    with reading() as session:
        _tell_moved(count_moved(session))


def _tell_moved(moved: int) -> None:
    if moved:
        text = f"Faktur, które po wysłaniu przeszły na innego klienta: {moved}. Biuro ma je w „Do wyjaśnienia”."
        out().print(text, soft_wrap=True)


def run_told(run: Printed) -> Sequence[str]:
    """What came of a run of the printer, line by line."""
    lines = [f"Wydruk nr {run.number}, faktur: {run.invoices}. Lista: {run.listed}"]
    lines += [f"Do druku: {path}" for path in run.pages]
    if run.pictures_missing:
        lines.append(f"Bez PDF: {run.pictures_missing} (są na liście: wydrukuj je w rozliczeniach).")
    if run.addresses_missing:
        lines.append(f"Bez pełnego adresu: {run.addresses_missing} (są na końcu listy).")
    return lines


def export_delivery(target: Path | None, day: date | None) -> None:
    """Write how every customer gets invoices on a day, for the billing system; that it was given out is noted."""
    check_schema()
    on, count = day or today(), 0
    try:
        with target.open("x", encoding="utf-8", newline="") if target else nullcontext(sys.stdout) as file:
            writer = csv.writer(file, delimiter=";", lineterminator="\n")
            writer.writerow(["customer_no", "channel", "since", "address", "accepted_on"])
            with reading() as session:
                for count, one in enumerate(deliveries_of_all(session, on), 1):  # noqa: B007  counts them
                    writer.writerow([one.customer_no, one.channel, one.since, one.address, one.accepted_on])
    except FileExistsError as error:
        raise CommandError(f"{target} już jest. Podaj inną nazwę.") from error
    with transaction() as session:
        detail = {"day": on.isoformat(), "customers": count}
        trail.record(session, actor=operator(), action="delivery_exported", subject="billing", detail=detail)
    if target is not None:
        out().print(f"Klientów: {count}, stan na {on:%d.%m.%Y}: {target}", soft_wrap=True)


def export_reported(folder: Path, number: int | None) -> None:
    """Write readings that customers reported into a folder, for the billing system; that is noted."""
    upgrade()
    try:
        written = [export_again(folder, number, operator())] if number else [*export_readings(folder, operator())]
    except UnknownExportError as error:
        raise CommandError(f"Nie ma eksportu odczytów nr {number}.") from error
    except OSError as error:
        text = f"Do folderu {folder} nie można zapisać. Odczyty nie zginą: powtórz polecenie z innym folderem."
        raise CommandError(text) from error
    if not written:
        out().print("Nie ma nowych odczytów do przekazania.")
    for one in written:
        out().print(f"Eksport nr {one.number}, odczytów: {one.readings}. {one.path}", soft_wrap=True)


def _case(session: Session, row: Row) -> InvoiceCase:
    number, day = row["customer_no"], row["issued_on"]
    return case_of(session, number, day, accepted=delivery_on(session, number, day).email is not None)


def _went(went: Went | None) -> str:
    return "nie przez eBOK" if went is None else went.told


def _delivery(went: Went | None) -> dict[str, object] | None:
    if went is None:
        return None
    return {"state": went.state, "at": went.at, "print_run": went.run, "bounced": went.bounced, "why": went.why}


def _write_picture(sha256: str | None, path: Path) -> None:
    if sha256 is None:
        raise CommandError("Rozliczenia nie dały obrazu tej faktury (PDF).")
    try:
        with path.open("xb") as file:
            file.writelines(chunks_of(sha256))
    except FileExistsError as error:
        raise CommandError(f"{path} już jest. Podaj inną nazwę.") from error
    except OriginalError as error:
        path.unlink(missing_ok=True)
        raise CommandError("Obrazu tej faktury nie da się odczytać z magazynu. Zobacz ebok check.") from error


def _print_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    if rows:
        table = Table(*headings)
        for row in rows:
            table.add_row(*map(str, row))
        out().print(table)


def _money(value: Decimal) -> str:
    return f"{_comma(value)} zł"


def _comma(value: Decimal) -> str:
    return f"{value}".replace(".", ",")


def told(what: str, problems: Sequence[DeliveryProblem]) -> str:
    """The first problems line by line, and how many more there are."""
    more = len(problems) - _SHOWN
    lines = [what, *(f"  {one.told}" for one in problems[:_SHOWN]), *([f"  … i jeszcze {more}."] if more > 0 else [])]
    return "\n".join(lines)


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{BY_NAME[name].label}: {number}" for name, number in counts.items())
