"""Accounts of staff for the review desk, from the command line."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.table import Table

from access.passwords import hashed, initial_password
from access.staff import Role, SignInWay, StaffError, list_staff
from cli.console import CommandError, err, out
from cli.first_account import HOW_TO_BEGIN
from cli.operator import operator
from database.engine import Session, reading, transaction
from database.upgrading import upgrade
from environment.clock import local_day
from review import staff_accounts


def add(login: str, name: str, role: Role, *, ask: bool) -> None:
    """A new account; its first password is asked for or made and printed. CommandError when it cannot be."""
    upgrade()
    password = _password(login, name, ask=ask)
    kept = hashed(password)
    with _changing() as session:
        member = staff_accounts.add(session, login, name, role, kept, actor=operator())
    out().print(f"Konto {member.login} jest założone ({role.value}).")
    _hand_over(password, ask=ask)


def give_password(login: str, *, ask: bool) -> None:
    """Another first password, which opens a closed account again. CommandError when there is no such account."""
    upgrade()
    password = _password(login, "", ask=ask)
    kept = hashed(password)
    with _changing() as session:
        staff_accounts.give_password(session, login, kept, actor=operator())
    out().print("Hasło jest zmienione, wszystkie sesje tej osoby są zakończone.")
    _hand_over(password, ask=ask)


def deactivate(login: str) -> None:
    """Close an account. CommandError when there is none, or when no administrator would be left."""
    upgrade()
    with _changing() as session:
        member = staff_accounts.deactivate(session, login, actor=operator())
    out().print(f"Konto {member.login} jest zamknięte.")


def reset_second_factor(login: str) -> None:
    """Take away the second factor of somebody who has lost it. CommandError when there is no such account."""
    upgrade()
    with _changing() as session:
        member = staff_accounts.reset_second_factor(session, login, actor=operator())
    out().print(f"Drugi składnik konta {member.login} jest wyłączony, wszystkie sesje tej osoby są zakończone.")


def join_crew(login: str, crew: str) -> None:
    """Put somebody who works in the field into a crew, or out of any. CommandError where that cannot be."""
    upgrade()
    with _changing() as session:
        member = staff_accounts.join_crew(session, login, crew, actor=operator())
    told = f"ekipa {member.crew}" if member.crew else "bez ekipy, widzi wszystkie wizyty"
    out().print(f"Konto {member.login}: {told}.")


def unlock(login: str) -> None:
    """Let somebody sign in whom wrong tries keep out. CommandError when there is no such account."""
    upgrade()
    with _changing() as session:
        member = staff_accounts.unlock(session, login, actor=operator())
    out().print(f"Logowanie na konto {member.login} jest odblokowane: nieudane próby liczą się od nowa.")


def set_sign_in_way(login: str, way: SignInWay, subject: str) -> None:
    """Say whether a password or the provider lets somebody in. CommandError when there is no such account."""
    upgrade()
    with _changing() as session:
        member = staff_accounts.set_sign_in_way(session, login, way, actor=operator(), subject=subject)
    bound = "; konto u dostawcy jest powiązane" if member.bound else ""
    out().print(
        f"Konto {member.login} wpuszcza teraz: {staff_accounts.WAYS[way]}{bound}. Sesje tej osoby są zakończone."
    )


def show() -> None:
    """All accounts as a table."""
    upgrade()
    with reading() as session:
        members = list_staff(session)
    if not members:
        err().print(HOW_TO_BEGIN, soft_wrap=True)
        return
    table = Table("login", "imię i nazwisko", "rola", "stan", "drugi składnik", "wpuszcza", "ostatnie logowanie")
    for member in members:
        seen = member.last_sign_in
        state = "czynne" if member.active else "zamknięte"
        factor, day = "jest" if member.has_second_factor else "–", f"{local_day(seen):%d.%m.%Y}" if seen else "–"
        way = staff_accounts.WAYS[member.way] + (
            "" if member.bound or not member.way.has_provider else " (niepowiązane)"
        )
        role = f"{member.role}, {member.crew}" if member.crew else member.role
        table.add_row(member.login, member.name, role, state, factor, way, day)
    out().print(table)


@contextmanager
def _changing() -> Iterator[Session]:
    """A transaction on accounts; what cannot be done is told as CommandError."""
    with _told(), transaction() as session:
        yield session


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except StaffError as error:
        raise CommandError(error.message) from error


def _password(login: str, name: str, *, ask: bool) -> str:
    if not ask:
        return initial_password()
    if sys.stdin.isatty():
        password = getpass.getpass("Hasło: ")
        if getpass.getpass("Jeszcze raz: ") != password:
            raise CommandError("Wpisane hasła różnią się. Zacznij jeszcze raz.")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    with _told():
        staff_accounts.require_good_password(password, login, name)
    return password


def _hand_over(password: str, *, ask: bool) -> None:
    if not ask:
        out().print(f"Hasło początkowe: {password}")
    out().print("Przy pierwszym logowaniu trzeba je zmienić. Adres biura: /biuro/")
