"""How `ebok backup` and `ebok restore` are called; what they do is in ``cli.backup``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.options import Json


def add_to(app: typer.Typer) -> None:
    """Give the command line these commands."""
    app.command()(backup)
    app.command()(restore)


def backup(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder kopii, najlepiej na innej maszynie.")],
    *,
    keep: Annotated[
        int | None, typer.Option("--keep", min=1, metavar="N", help="Zostaw N najnowszych kopii, starsze usuń.")
    ] = None,
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="Dołącz plik kluczy: kto ma taką kopię, przeczyta wszystko.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Robi kopię zapasową bazy i oryginałów i sprawdza ją; wszyscy mogą przy tym pracować."""
    from cli import backup as command  # noqa: PLC0415

    command.run(folder, keep=keep, with_keys=with_keys, as_json=as_json)


def restore(
    path: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Folder kopii (weźmie najnowszą) albo jedna z tych kopii.")
    ],
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Także tam, gdzie są już dane: zostaną odłożone na bok.")
    ] = False,
    incomplete: Annotated[
        bool, typer.Option("--incomplete", help="Także z kopii, w której brakuje oryginałów albo są uszkodzone.")
    ] = False,
    send_waiting: Annotated[
        bool,
        typer.Option("--send-waiting", help="Wyślij wiadomości, które czekały: od zrobienia kopii nic nie wychodziło."),
    ] = False,
    only_check: Annotated[
        bool, typer.Option("--check", help="Tylko sprawdź, czy kopia jest cała; niczego nie odtwarzaj.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Odtwarza program z kopii zapasowej; najpierw sprawdza ją całą, na końcu sprawdza, czy wszystko się zgadza."""
    from cli import backup as command  # noqa: PLC0415

    if only_check:
        command.look(path, as_json=as_json)
    else:
        command.run_restore(path, force=force, incomplete=incomplete, send_waiting=send_waiting, as_json=as_json)
