"""`ebok customers` and `ebok retention`: the register, and what is kept how long."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.options import CustomerNumber, Json

customers = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Rejestr klientów.")
retention = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Co jak długo przechowujemy.")


@customers.command("import")
def import_customers(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV (UTF-8, przecinek lub średnik) albo Excel.")],
    strict: Annotated[
        bool, typer.Option("--strict", help="Odrzuca cały plik także za złe dane kontaktowe i adresowe.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Raport o wartościach nie do użycia; domyślnie customers-report.csv."),
    ] = None,
) -> None:
    """Wczytuje klientów: nowych dodaje, zmienionych uaktualnia; błędny numer lub brak nazwy odrzuca cały plik."""
    from cli import customers as command  # noqa: PLC0415

    command.import_file(file, strict=strict, report=report)


@customers.command("index")
def index_customers() -> None:
    """Uzupełnia indeks, którym klientów szuka biuro i odczyt pisma; potrzebne tylko, gdy mówi o tym ebok doctor."""
    from cli import customers as command  # noqa: PLC0415

    command.index()


@customers.command("company-consents")
def company_consents(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="Nowy plik CSV.")],
) -> None:
    """Zapisuje listę firm, wspólnot i spółdzielni ze zgodą na e-faktury: do kogo napisać o KSeF."""
    from cli import company_consents as command  # noqa: PLC0415

    command.write(target)


@customers.command("export")
def export_customer(
    number: CustomerNumber,
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Nowy folder na dane klienta.")],
) -> None:
    """Zapisuje wszystko, co mamy o kliencie: spis do czytania, dane, oryginały, wiadomości."""
    from cli import customer_data as command  # noqa: PLC0415

    command.export(number, to)


@customers.command("erase")
def erase_customer(
    number: CustomerNumber,
    yes: Annotated[bool, typer.Option("--yes", help="Usuń bez pytania.")] = False,
    departed: Annotated[
        bool, typer.Option("--departed", help="To już nie jest klient: usuń go także z rejestru klientów.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Usuwa, co wolno usunąć z danych klienta, a o reszcie mówi, co zostaje i dlaczego. Najpierw pokazuje i pyta."""
    from cli import customer_data as command  # noqa: PLC0415

    command.erase(number, yes=yes, departed=departed, as_json=as_json)


@retention.command("list")
def list_retention(
    as_json: Json = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Tabela do wklejenia do rejestru czynności.")] = False,
) -> None:
    """Wypisuje, co po co przechowujemy, jak długo i co dzieje się potem."""
    from cli import retention as command  # noqa: PLC0415

    command.show(as_json=as_json, as_markdown=as_markdown)


@retention.command("run")
def run_retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tylko pokaż, ile czego by usunięto.")] = False,
    as_json: Json = False,
) -> None:
    """Usuwa to, czego czas minął; to samo dzieje się co noc."""
    from cli import retention as command  # noqa: PLC0415

    command.run(dry=dry_run, as_json=as_json)
