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

from access.roles import Role, SignInWay
from cli import backup_commands
from cli.admin import admin
from cli.console import bear_any_text, err, quiet_logs, quiet_structured_logs
from cli.settings_taken import EnvFile, take_settings

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
customers = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Rejestr klientów.")
app.add_typer(customers, name="customers")
billing = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Faktury, wpłaty i zużycie z rozliczeń.")
app.add_typer(billing, name="billing")
staff = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Konta pracowników w biurze (/biuro/).")
app.add_typer(staff, name="staff")

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="Login pracownika, na przykład jkowalska.")]
AskPassword = Annotated[bool, typer.Option("--ask", help="Zapytaj o hasło zamiast je wymyślić.")]
Json = Annotated[bool, typer.Option("--json", help="Wynik jako JSON na standardowym wyjściu.")]
CustomerNumber = Annotated[str, typer.Argument(metavar="NUMBER", help="Numer klienta.")]
Tracking = Annotated[str, typer.Argument(metavar="TRACKING", help="Numer sprawy, na przykład K7M4-PX9A.")]


keys = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Klucze, którymi zaszyfrowane są dane.")
app.add_typer(keys, name="keys")
audit = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Dziennik: kto co zrobił i co obejrzał.")
app.add_typer(audit, name="audit")


retention = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Co jak długo przechowujemy.")
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


@staff.command("add")
def add_staff(
    login: Login,
    name: Annotated[str, typer.Option("--name", help="Imię i nazwisko.")],
    role: Annotated[Role, typer.Option("--role", help=f"{', '.join(Role)}.")] = Role.CLERK,
    ask: AskPassword = False,
) -> None:
    """Zakłada konto i podaje hasło początkowe."""
    from cli import staff as command  # noqa: PLC0415

    command.add(login, name, role, ask=ask)


@staff.command("list")
def list_staff() -> None:
    """Wypisuje konta."""
    from cli import staff as command  # noqa: PLC0415

    command.show()


@staff.command("password")
def give_password(login: Login, ask: AskPassword = False) -> None:
    """Nadaje nowe hasło początkowe; zamknięte konto otwiera na nowo."""
    from cli import staff as command  # noqa: PLC0415

    command.give_password(login, ask=ask)


@staff.command("deactivate")
def deactivate_staff(login: Login) -> None:
    """Zamyka konto; ta osoba jest od razu wylogowana."""
    from cli import staff as command  # noqa: PLC0415

    command.deactivate(login)


@staff.command("reset-second-factor")
def reset_second_factor(login: Login) -> None:
    """Wyłącza drugi składnik komuś, kto go stracił; ustawi go od nowa przy logowaniu."""
    from cli import staff as command  # noqa: PLC0415

    command.reset_second_factor(login)


@staff.command("unlock")
def unlock_staff(login: Login) -> None:
    """Odblokowuje logowanie po nieudanych próbach."""
    from cli import staff as command  # noqa: PLC0415

    command.unlock(login)


@staff.command("sign-in")
def set_sign_in_way(
    login: Login,
    way: Annotated[SignInWay, typer.Option("--by", help="password, provider albo either (jedno albo drugie).")],
    subject: Annotated[str, typer.Option("--subject", help="Identyfikator tej osoby u dostawcy (sub).")] = "",
) -> None:
    """Ustala, czy kogoś wpuszcza hasło, dostawca tożsamości (OpenID Connect), czy oba."""
    from cli import staff as command  # noqa: PLC0415

    command.set_sign_in_way(login, way, subject)


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
