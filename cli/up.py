"""`ebok up`: everything on one machine until Ctrl-C."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Mapping
from types import FrameType
from typing import Final

from rich.table import Table
from rich.text import Text

from cli.console import CommandError, err, out
from cli.first_account import how_to_begin
from cli.indexing import complete_index
from cli.originals import place, warning
from cli.running import claim_home
from cli.stack import Stack
from customers.effects import all_effects
from database.private_files import close_to_others
from database.upgrading import upgrade
from documents.store_mark import claim_store
from environment.settings import get_settings
from environment.settings_file import source_of
from forms.terms import check_terms

_JOINS: Final = (
    "Jest ustawione EBOK_PREFECT_URL, więc ta maszyna ma pracować razem z inną: uruchom `ebok worker`. Jeśli to ma być "
    "główna maszyna, usuń to ustawienie."
)
_PASSWORD = re.compile(r"(?<=://)([^:/@]+):([^@]+)@")


def run() -> None:
    """Start, tell the addresses, keep everything alive, stop cleanly on Ctrl-C or SIGTERM."""
    if get_settings().joins_another:
        raise CommandError(_JOINS)
    stopping = stop_signal()
    with claim_home():
        check_terms()
        all_effects()
        close_to_others(get_settings().home)
        err().print("Aktualizuję bazę danych")
        upgrade()
        complete_index()
        if lacking := warning(claim_store):
            err().print(Text(lacking, "yellow"), soft_wrap=True)
        get_settings().inbox.mkdir(parents=True, exist_ok=True)
        stack = Stack(tell=lambda text: err().print(text, soft_wrap=True), stopped=stopping.wait)
        try:
            stack.start()
            print_addresses(stack.addresses)
            if missing := how_to_begin():
                out().print(missing, soft_wrap=True)
            out().print("Działa. Ctrl-C zatrzymuje wszystko.")
            while not stopping.wait(1.0):
                stack.watch()
        except KeyboardInterrupt:
            pass
        finally:
            err().print("Zatrzymuję")
            stack.stop()
    err().print("Zatrzymane")


def stop_signal() -> threading.Event:
    """An event that Ctrl-C and SIGTERM set; also where a shell started this process deaf to Ctrl-C."""
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    return stopping


def print_addresses(addresses: Mapping[str, str]) -> None:
    """Where to look, as a table."""
    table = Table.grid(padding=(0, 2))
    for name, address in addresses.items():
        table.add_row(name, Text(address, f"link {address}" if "://" in address else ""))
    out().print(table)


def show_settings() -> None:
    """Every setting in force, with the variable that gives it or the word that it is the default."""
    settings = get_settings()
    table = Table("ustawienie", "wartość", "skąd", "znaczenie")
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        shown = "" if value is None else _PASSWORD.sub(r"\1:…@", str(value))
        variable = f"EBOK_{name.upper()}"
        given = source_of(variable) or "zmienna środowiska albo plik sekretu"
        source = str(given) if name in settings.model_fields_set else "domyślnie"
        table.add_row(variable, shown, source, field.description or "")
    out().print(table)
    effective = {
        "baza danych": settings.url,
        "folder skanów": settings.inbox,
        "wiadomości i listy": settings.outgoing,
        "oryginały": place(),
    }
    for name, where in effective.items():
        out().print(f"{name}: {_PASSWORD.sub(r'…@', str(where))}", soft_wrap=True)
