"""`ebok billing`: what billing delivers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.options import CustomerNumber, Json

billing = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Faktury, wpłaty i zużycie z rozliczeń.")


@billing.command("schema")
def billing_schema(
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Tabele do czytania zamiast schematu JSON.")] = False,
) -> None:
    """Wypisuje format dostawy z rozliczeń: schemat JSON manifestu i wierszy każdej tabeli."""
    from cli import billing as command  # noqa: PLC0415

    command.show_schema(as_markdown=as_markdown)


@billing.command("sample")
def billing_sample(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Nowy folder.")],
    *,
    customers: Annotated[int, typer.Option("--customers", min=1, help="Ilu wymyślonych klientów.")],
    seed: Annotated[int, typer.Option("--seed", help="To samo ziarno daje te same dane.")] = 1,
    months: Annotated[int, typer.Option("--months", min=1, max=120, help="Ile miesięcy.")] = 12,
    until: Annotated[
        datetime | None, typer.Option("--until", formats=["%Y-%m"], help="Ostatni jest miesiąc przed tym.")
    ] = None,
    pdfs: Annotated[bool, typer.Option("--pdfs/--no-pdfs", help="Czy rysować faktury (PDF).")] = True,
) -> None:
    """Zapisuje przykładową dostawę: rok faktur, wpłat i odczytów wymyślonych klientów."""
    from cli import billing as command  # noqa: PLC0415

    command.sample(
        folder, customers=customers, seed=seed, months=months, until=until.date() if until else None, pdfs=pdfs
    )


@billing.command("check")
def billing_check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder z manifest.json.")],
) -> None:
    """Sprawdza dostawę z rozliczeń bez bazy danych: dla kogoś, kto pisze jej eksport."""
    from cli import billing as command  # noqa: PLC0415

    command.check(folder)


@billing.command("import")
def billing_import(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder z manifest.json.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tylko pokaż, co by się zmieniło.")] = False,
) -> None:
    """Wczytuje dostawę z rozliczeń, całą albo wcale; ta sama drugi raz niczego nie zmienia."""
    from cli import billing as command  # noqa: PLC0415

    command.load(folder, dry_run=dry_run)


@billing.command("deliver")
def billing_deliver(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tylko pokaż, ile poszłoby którą drogą.")] = False,
) -> None:
    """Dostarcza faktury: e-mailem tym, którzy się zgodzili, reszta do druku; każdą raz, także po przerwaniu."""
    from cli import billing as command  # noqa: PLC0415

    command.deliver(dry_run=dry_run)


@billing.command("export-delivery")
def billing_export_delivery(
    target: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Nowy plik CSV; bez niego na ekran.")] = None,
    day: Annotated[
        datetime | None, typer.Option("--day", formats=["%Y-%m-%d"], help="Dzień, także miniony; bez niego dziś.")
    ] = None,
) -> None:
    """Wypisuje dla rozliczeń, kto w danym dniu dostaje faktury e-mailem, a kto na papierze, i od kiedy."""
    from cli import billing as command  # noqa: PLC0415

    command.export_delivery(target, day.date() if day else None)


@billing.command("export-readings")
def billing_export_readings(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder, z którego bierze je program rozliczeniowy.")],
    number: Annotated[
        int | None, typer.Option("--number", min=1, help="Jeszcze raz eksport o tym numerze, taki sam.")
    ] = None,
) -> None:
    """Zapisuje dla rozliczeń odczyty podane przez klientów (CSV), każdy raz; nieudany eksport kończy następny."""
    from cli import billing as command  # noqa: PLC0415

    command.export_reported(folder, number)


@billing.command("show")
def billing_show(number: CustomerNumber, as_json: Json = False) -> None:
    """Pokazuje saldo, ostatnie faktury, wpłaty i zużycie klienta; to, że je obejrzano, jest w dzienniku."""
    from cli import billing as command  # noqa: PLC0415

    command.show(number, as_json=as_json)


@billing.command("invoice")
def billing_invoice(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="Numer faktury albo korekty.")],
    pdf: Annotated[Path | None, typer.Option("--pdf", metavar="FILE", help="Zapisz tam obraz faktury.")] = None,
    as_json: Json = False,
) -> None:
    """Pokazuje fakturę z pozycjami; to, że ją obejrzano, jest w dzienniku."""
    from cli import billing as command  # noqa: PLC0415

    command.invoice(number, pdf=pdf, as_json=as_json)
