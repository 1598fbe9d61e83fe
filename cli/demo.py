"""`ebok demo`: the whole way of sample documents, on a folder and a database that vanish afterwards."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from access.passwords import hashed, initial_password
from access.staff import Role, set_password
from billing.importing import import_delivery
from billing.sample import write_sample
from billing.sources import FolderSource
from cli.console import err, out, progress
from cli.demo_life import live
from cli.operator import operator
from cli.stack import Stack
from cli.up import print_addresses, stop_signal
from confirmations.overview import messages_of
from customers.applying import apply
from customers.customer_list import read_customers
from customers.effects import all_messages
from customers.importing import import_customers
from customers.outcome import Origin
from customers.proving import prove
from customers.records import RegisterLookup
from database.engine import Session, reading, transaction
from database.upgrading import upgrade
from documents import summaries
from documents.intake import receive_values
from documents.loading import load
from documents.states import OPEN, IntakeChannel, State
from documents.transitions import move
from environment import clock
from environment.settings import get_settings
from forms.catalogue import form_by_code
from forms.submission import submission_from_values
from review import staff_accounts
from specimens.demo import DemoFile, customers_on_einvoice, demo_customers, demo_files
from specimens.people import values_for, write_customers

_KEPT: Final = frozenset({"EBOK_TESSDATA_DIR"})
_QUICK: Final = {
    "EBOK_API_PORT": "0",
    "EBOK_PREFECT_PORT": "0",
    "EBOK_SWEEP_INTERVAL_SECONDS": "1",
    "EBOK_INTAKE_STABLE_SECONDS": "1",
}
_LOGIN: Final = "demo"
_PATIENCE: Final = 420.0
"""Seconds after which the show counts as failed."""
_SAID: Final = {
    "already_done": "informacja, że sprawa jest już załatwiona",
    "incomplete_signature": "prośba o podpis",
    "incomplete_unreadable": "prośba o czytelny formularz",
    "link_undelivered": "list, że e-mail nie dochodzi",
}


@dataclass(frozen=True, slots=True)
class _Case:
    """What became of one form of the files of the show."""

    file: str
    tracking: str
    form: str | None
    state: str
    customer: str
    reason: str
    sent: list[dict[str, Any]]

    @property
    def ended(self) -> bool:
        return self.state not in OPEN


def run(*, once: bool) -> None:
    """Show everything; with ``once`` end by itself, with exit status 1 when something came out otherwise than told."""
    stopping = stop_signal()
    home = Path(tempfile.mkdtemp(prefix="ebok-demo-"))
    _throw_away_settings(home)
    stack = Stack(tell=lambda text: err().print(text, soft_wrap=True), stopped=stopping.wait)
    try:
        with ThreadPoolExecutor(1) as artist:
            drawing = artist.submit(_draw, home / "samples")
            _prepare_register()
            password = _hire()
            login, word = _open_account()
            err().print(f"Pokaz działa w folderze {home}, który potem zniknie.", soft_wrap=True)
            stack.start()
            files = drawing.result()
        for file in files:
            shutil.copyfile(file.path, get_settings().inbox / file.path.name)
        err().print(f"{len(files)} plików wrzucone do folderu skanów")
        right = _finish(files, stack, stopping.wait)
        out().print(f"Biuro: {stack.api}/biuro/  login: {_LOGIN}  hasło: {password}", soft_wrap=True)
        out().print(f"Konto klienta: {stack.api}/ebok/  e-mail: {login}  hasło: {word}", soft_wrap=True)
        if once:
            if not right:
                sys.exit(1)
            return
        out().print("Działa dalej. Ctrl-C kończy i usuwa pokaz.")
        while not stopping.wait(1.0):
            stack.watch()
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        err().print("Zatrzymuję")
        stack.stop()
        shutil.rmtree(home, ignore_errors=True)


def _throw_away_settings(home: Path) -> None:
    """Nothing of a real installation is touched, whatever the environment says."""
    for name in [name for name in os.environ if name.startswith("EBOK_") and name not in _KEPT]:
        del os.environ[name]
    os.environ.update(_QUICK, EBOK_HOME=str(home))
    get_settings.cache_clear()


def _draw(directory: Path) -> list[DemoFile]:
    directory.mkdir()
    return demo_files(directory)


def _prepare_register() -> None:
    """Invented customers, three of whom get e-invoices already."""
    upgrade()
    get_settings().inbox.mkdir(parents=True, exist_ok=True)
    table = write_customers(demo_customers(), get_settings().home / "customers.csv")
    with transaction() as session:
        import_customers(session, read_customers(table).records)
        for seed, row in enumerate(customers_on_einvoice()):
            _sent_last_month(session, "einvoice_acceptance", row, seed)


def _open_account() -> tuple[str, str]:
    """An account for a look at what a customer sees, with a year of invoices and what he did there.

    Gives its login and password.
    """
    row, word = customers_on_einvoice()[0], initial_password()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "delivery"
        write_sample(folder, demo_customers().index(row) + 1, months=14, until=clock.today())
        import_delivery(FolderSource(folder), "machine")
    kept = hashed(word)
    with transaction() as session:
        login = _sent_last_month(session, "ebok_signup", row, 0, kept)
    live(row["customer_no"], login, _LOGIN)
    return login, word


def _hire() -> str:
    """An account for a look at the desk: a clerk's, as all others begin with a second factor; gives its password."""
    password = initial_password()
    kept = hashed(password)
    with transaction() as session:
        staff_accounts.add(session, _LOGIN, "Pracownik na pokaz", Role.CLERK, kept, actor=operator())
        set_password(session, _LOGIN, kept, must_change=False)
    return password


def _sent_last_month(session: Session, code: str, row: Any, seed: int, password_hash: str | None = None) -> str:
    """A form from last month whose address was proven: a case of the web, as all that is in the register.

    Gives that address.
    """
    received = clock.now() - timedelta(days=30)
    day = clock.local_day(received)
    form = form_by_code(code)
    submission, problems = submission_from_values(form, values_for(form, row, seed, day), day)
    raw = json.dumps(submission.values, sort_keys=True).encode()
    document = load(session, receive_values(session, submission, channel=IntakeChannel.WEB, raw=raw).tracking)
    document.received_at = received
    origin = Origin(document.tracking, received, document.original_sha256)
    outcome = apply(session, submission, origin, day)
    if problems or outcome.proof_token is None:
        raise AssertionError("the invented forms of the demo must be right")
    document.customer_no = outcome.customer_no
    for state in (State.READY, State.APPLIED, State.CONFIRMED):
        document = move(session, document, state, actor="machine")
    return prove(session, outcome.proof_token, password_hash).email


def _finish(files: list[DemoFile], stack: Stack, stopped: Callable[[float], bool]) -> bool:
    """Show the documents on their way and the table of what became of them; True when all came out as told."""
    wanted = sum(len(file.states) for file in files)
    deadline, seen, cases = time.monotonic() + _PATIENCE, {}, []  # type: ignore[var-annotated]
    with progress() as bar:
        task = bar.add_task("Dokumenty u celu", total=wanted)
        while time.monotonic() < deadline:
            cases = _cases()
            for case in cases:
                if seen.get(case.tracking) != case.state:
                    seen[case.tracking] = case.state
                    err().print(f"  {case.tracking}  {case.state:<12} {case.file}", soft_wrap=True)
            bar.update(task, completed=sum(case.ended for case in cases))
            if len(cases) >= wanted and all(case.ended for case in cases):
                break
            if stopped(0.5):
                raise KeyboardInterrupt
            stack.watch()
    _print(files, cases)
    print_addresses(stack.addresses)
    wrong = {file.path.name for file in files if not _as_told(file, cases)}
    if wrong:
        found = [f"{case.file} ({case.state}: {case.reason})" for case in cases if case.file in wrong]
        missing = wrong - {case.file for case in cases}
        err().print(Text("Inaczej, niż zapowiedziano:", "red"), ", ".join([*found, *sorted(missing)]), soft_wrap=True)
    return not wrong


def _cases() -> list[_Case]:
    with reading() as session:
        directory, found = RegisterLookup(session), summaries.list_documents(session)
        told = []
        for one in found:
            if one.file_name is None:
                continue  # of last month
            customer = None if one.customer_no is None else directory.find(one.customer_no)
            told.append(
                _Case(
                    one.file_name,
                    one.tracking,
                    one.form,
                    one.state,
                    "" if customer is None else f"{customer.name} ({customer.customer_no})",
                    one.reason or "",
                    messages_of(session, one.tracking),
                )
            )
        return told


def _as_told(file: DemoFile, cases: list[_Case]) -> bool:
    of_file = [case for case in cases if case.file == file.path.name]
    forms = tuple(case.form for case in of_file if case.form is not None)
    return forms == file.forms and file.ends_as_told(tuple(case.state for case in of_file))


def _print(files: list[DemoFile], cases: list[_Case]) -> None:
    table = Table("plik", "formularz", "klient", "stan", show_lines=True)
    table.add_column("wiadomość albo przyczyna", overflow="fold")
    said = {message.name: message.label for message in all_messages().values()} | _SAID
    for case in sorted(cases, key=lambda case: case.file):
        told = [Text(case.reason)] if case.reason else []
        for one in case.sent:
            told += [Text(said.get(one["template"], one["template"])), Text(one["reference"] or one["state"], "dim")]
        table.add_row(
            Text.assemble(f"{case.file}\n", (case.tracking, "bold")),
            case.form or "–",
            case.customer or "–",
            case.state,
            Text("\n").join(told),
        )
    out().print(table)
    for file in files:
        out().print(f"  {file.path.name}: {file.expectation}", soft_wrap=True)
    out().print(f"Wiadomości i listy leżą w {get_settings().outgoing}", soft_wrap=True)
