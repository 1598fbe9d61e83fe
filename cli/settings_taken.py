"""Which file of settings a command takes, if any: the one that is named, else that of the machine."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import Annotated, Final

import typer

from cli.console import CommandError
from environment import settings_file

EnvFile = Annotated[
    Path | None,
    typer.Option("--env-file", metavar="FILE", help="Plik ustawień; bez EBOK_HOME w środowisku /etc/ebok.env."),
]
_TAKES_NOTHING: Final = frozenset({"demo", "admin"})
"""Commands to which the installation of this machine is nothing, or whose work it is."""
_NOT_YOURS: Final = (
    "Ustawień z {path} nie może czytać ten użytkownik. Wydaj polecenie jako root albo jako użytkownik usługi "
    "(sudo -u ebok …). Inną instalację wskazuje EBOK_HOME albo --env-file."
)
_NOT_ROOTS: Final = (
    "Folder danych {home} należy do użytkownika {name}: tego, co zapisze w nim root, usługa nie mogłaby używać. Wydaj "
    "to polecenie jako {name}: sudo -u {name} …, albo przez polecenie ebok zapisane przez ebok admin install."
)


def take_settings(named: Path | None, command: str, *, does_without: bool) -> None:
    """Put the file of settings in force; CommandError where it, or the home, is not for this user and is needed.

    Whoever says in the environment where the state lies means another installation: nothing of the machine's own, such
    as its database, may get there.
    """
    if named is not None or not ("EBOK_HOME" in os.environ or command in _TAKES_NOTHING):
        _take(named, does_without=does_without)
    if not (does_without or command in _TAKES_NOTHING):
        _require_owner()


def _take(named: Path | None, *, does_without: bool) -> None:
    path = named or settings_file.SETTINGS_FILE
    if named is None and not path.exists():
        return
    try:
        settings_file.put_in_force(path)
    except PermissionError:
        if named is not None or not does_without:
            raise CommandError(_NOT_YOURS.format(path=path)) from None


def _require_owner() -> None:
    """Nothing for root in a home folder of another user: what root writes there the service can no longer use."""
    home = Path(os.environ.get("EBOK_HOME", "var"))
    if os.geteuid() != 0 or not home.exists() or (owner := home.stat().st_uid) == 0:
        return
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = f"#{owner}"
    raise CommandError(_NOT_ROOTS.format(home=home, name=name))
