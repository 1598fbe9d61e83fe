"""Which file of settings a command takes, if any: the one that is named, else that of the machine."""

from __future__ import annotations

import os
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


def take_settings(named: Path | None, command: str, *, does_without: bool) -> None:
    """Put the file of settings in force; CommandError where it may not be read and the command needs it.

    Whoever says in the environment where the state lies means another installation: nothing of the machine's own, such
    as its database, may get there.
    """
    path = named or settings_file.SETTINGS_FILE
    if named is None and ("EBOK_HOME" in os.environ or command in _TAKES_NOTHING or not path.exists()):
        return
    try:
        settings_file.put_in_force(path)
    except PermissionError:
        if named is not None or not does_without:
            raise CommandError(_NOT_YOURS.format(path=path)) from None
