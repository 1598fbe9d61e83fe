"""The commands of `ebok`. Each imports what it needs when it runs, so that `ebok --help` answers at once.

Exit status: 0 all went well, 1 something could not be done (each time with cause and remedy), 2 wrong usage,
130 stopped by Ctrl-C. A reader that closes the pipe before all is told (`| head`) gets a silent 1.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from cli import backup_commands
from cli.admin import admin
from cli.billing_commands import billing
from cli.console import bear_any_text, err, quiet_logs, quiet_structured_logs
from cli.customer_commands import customers, retention
from cli.options import Json, Tracking
from cli.settings_taken import EnvFile, take_settings
from cli.staff_commands import staff

_WRONG_USAGE: Final = 2
_LOGS_NOTHING: Final = frozenset({"read", "forms", "blanks"})
"""Commands that reach nothing of the house that logs."""
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="eBOK: papierowe i elektroniczne formularze klientów stają się zmianami w rejestrze klientów.",
)
keys = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Klucze, którymi zaszyfrowane są dane.")
audit = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Dziennik: kto co zrobił i co obejrzał.")
app.add_typer(customers, name="customers")
app.add_typer(billing, name="billing")
app.add_typer(staff, name="staff")
app.add_typer(keys, name="keys")
app.add_typer(audit, name="audit")
app.add_typer(retention, name="retention")
app.add_typer(admin, name="admin")
backup_commands.add_to(app)


@app.callback()
def begin(context: typer.Context, env_file: EnvFile = None) -> None:
    """Before any command."""
    command = context.invoked_subcommand or ""
    if command == "read":
        from cli.read import prepare  # noqa: PLC0415

        prepare()
    take_settings(env_file, command, does_without=command in _LOGS_NOTHING)
    if command not in _LOGS_NOTHING:
        quiet_structured_logs()
        os.umask(0o077)  # all that is written from here on, by this process and its children, is the owner's alone


@keys.command("list")
def keys_list(as_json: Json = False) -> None:
    """Wypisuje identyfikatory kluczy, nigdy same klucze."""
    from cli import keys as command  # noqa: PLC0415

    command.show(as_json=as_json)


@keys.command("rotate")
def keys_rotate() -> None:
    """Dodaje nowy klucz i szyfruje nim także dawne dane; inni mogą przy tym pracować."""
    from cli import keys as command  # noqa: PLC0415

    command.rotate()


@keys.command("reencrypt")
def keys_reencrypt() -> None:
    """Kończy przerwane szyfrowanie dawnych danych najnowszym kluczem."""
    from cli import keys as command  # noqa: PLC0415

    command.reencrypt()


@audit.command("verify")
def audit_verify(
    marks: Annotated[
        list[str] | None,
        typer.Option(
            "--mark", metavar="NUMER:SKRÓT", help="Znak końca dziennika z dawnego raportu; można podać kilka."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Sprawdza, czy dziennika nikt nie zmienił ani nie uciął."""
    from cli import audit as command  # noqa: PLC0415

    command.run_verify(marks=marks or [], as_json=as_json)


@audit.command("list")
def audit_list(
    *,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Od tego dnia.")] = None,
    who: Annotated[str | None, typer.Option(metavar="LOGIN", help="Wpisy tej osoby.")] = None,
    document: Annotated[str | None, typer.Option(metavar="TRACKING", help="Wpisy o tej sprawie.")] = None,
    customer: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Wpisy o tym kliencie i jego sprawach.")
    ] = None,
    most: Annotated[int, typer.Option(min=0, help="Najwyżej tyle najnowszych wpisów; 0: wszystkie.")] = 200,
    as_json: Json = False,
) -> None:
    """Wypisuje z dziennika, kto co zrobił i co obejrzał; samo to też jest w nim zapisywane."""
    from cli import audit as command  # noqa: PLC0415

    command.show(since=since, who=who, document=document, customer=customer, most=most, as_json=as_json)


@app.command()
def up(settings: Annotated[bool, typer.Option("--settings", help="Pokaż ustawienia i skąd pochodzą.")] = False) -> None:
    """Uruchamia wszystko na jednej maszynie i zatrzymuje po Ctrl-C."""
    from cli import up as command  # noqa: PLC0415

    if settings:
        command.show_settings()
    else:
        command.run()


@app.command()
def worker() -> None:
    """Dołącza tę maszynę do pracy innej, na której działa `ebok up`; zatrzymuje po Ctrl-C."""
    from cli import worker as command  # noqa: PLC0415

    command.run()


@app.command()
def demo(once: Annotated[bool, typer.Option("--once", help="Zakończ po pokazie.")] = False) -> None:
    """Pokazuje całą drogę dokumentów na przykładowych skanach i bazie, która potem znika."""
    from cli import demo as command  # noqa: PLC0415

    command.run(once=once)


@app.command()
def read(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Pliki PDF, TIFF, JPEG, PNG, HEIC.")],
    as_json: Json = False,
    customers: Annotated[Path | None, typer.Option(metavar="CSV", help="Lista klientów użyta jak rejestr.")] = None,
) -> None:
    """Odczytuje pliki i niczego nie zapisuje."""
    from cli import read as command  # noqa: PLC0415

    command.run(files, as_json=as_json, customers=customers)


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE_OR_DIR...", help="Pliki albo foldery z plikami.")],
    as_json: Json = False,
) -> None:
    """Przyjmuje pliki i załatwia je od razu w tym procesie, bez serwera."""
    from cli import ingest as command  # noqa: PLC0415

    command.run(paths, as_json=as_json)


@app.command()
def status(as_json: Json = False) -> None:
    """Mówi, co gdzie jest: liczby, najdłużej czekające, co utknęło i dlaczego."""
    from cli import overview  # noqa: PLC0415

    overview.show_status(as_json=as_json)


@app.command()
def doctor(
    as_json: Json = False,
    mail_to: Annotated[str, typer.Option("--mail-to", metavar="ADDRESS", help="Wyślij tam wiadomość próbną.")] = "",
) -> None:
    """Sprawdza tę instalację i mówi, co zrobić tam, gdzie czegoś brakuje."""
    from cli import doctor as command  # noqa: PLC0415

    command.run(as_json=as_json, mail_to=mail_to or None)


@app.command()
def check(
    repair: Annotated[bool, typer.Option("--repair", help="Napraw to, co można naprawić bezpiecznie.")] = False,
    fast: Annotated[bool, typer.Option("--fast", help="Nie czytaj oryginałów: sprawdź tylko, czy są.")] = False,
    as_json: Json = False,
) -> None:
    """Sprawdza, czy folder, oryginały, rejestr, wiadomości, zgody i dziennik zgadzają się ze sobą."""
    from cli import check as command  # noqa: PLC0415

    command.run(mend=repair, fast=fast, as_json=as_json)


@app.command()
def show(tracking: Tracking, as_json: Json = False) -> None:
    """Opowiada całą historię jednego dokumentu."""
    from cli import overview  # noqa: PLC0415

    overview.show_document(tracking, as_json=as_json)


@app.command()
def retry(tracking: Tracking) -> None:
    """Puszcza jeszcze raz dokument, który utknął albo trafił do kwarantanny."""
    from cli import overview  # noqa: PLC0415

    overview.retry(tracking)


@app.command()
def forms(as_json: Json = False) -> None:
    """Wypisuje formularze z ich polami i geometrią."""
    from cli import catalogue  # noqa: PLC0415

    catalogue.show_forms(as_json=as_json)


@app.command()
def blanks(directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder na pliki PDF.")]) -> None:
    """Zapisuje druki do wypełnienia długopisem i na ekranie."""
    from cli import catalogue  # noqa: PLC0415

    catalogue.write_blanks(directory)


def main() -> None:
    """Run a command; expected errors become one sentence and an exit status."""
    quiet_logs()
    bear_any_text()
    try:
        status = app(standalone_mode=False)  # otherwise the library tells wrong usage itself, in English
        sys.stdout.flush()
        sys.exit(status)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # What is still unwritten would be tried once more, and complained about, when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        from cli.faults import told_in_polish, usage_in_polish  # noqa: PLC0415

        if getattr(error, "exit_code", None) == _WRONG_USAGE:
            sys.stderr.write(f"{usage_in_polish(error)}\n")
            sys.exit(_WRONG_USAGE)
        told = told_in_polish(error)
        if told is None:
            raise
        from rich.text import Text  # noqa: PLC0415

        err().print(Text("Błąd:", "bold red"), told, soft_wrap=True)
        sys.exit(1)
