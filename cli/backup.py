"""`ebok backup` and `ebok restore`: the installation as it is now, kept elsewhere, and back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from backups.last import LastBackup, last_backup
from backups.making import BackupResult, Progress, make_backup
from backups.restoring import Restored, look_at, restore
from cli import check
from cli.console import CommandError, err, json_line, out, progress
from cli.operator import operator
from cli.running import claim_home
from database.keys import key_file
from environment import clock
from environment.disk_faults import cause_of

_NONE: Final = (
    "Kopii nie zrobiono: {}. W folderze nie zostało nic, co wygląda jak kopia, a poprzednie są nienaruszone. Zwolnij "
    "miejsce albo wskaż inny folder i wydaj polecenie jeszcze raz."
)


def run(folder: Path, *, keep: int | None, with_keys: bool, as_json: bool) -> None:
    """Make one; exit status 1 when it lacks originals that the register names."""
    try:
        with _heard() as hear:
            taken = make_backup(folder, actor=operator(), keep=keep, with_keys=with_keys, hear=hear)
    except OSError as error:
        raise CommandError(_NONE.format(f"{error.filename or folder}: {cause_of(error)}")) from error
    missing = len(taken.manifest.missing)
    if as_json:
        json_line(_taken(taken))
    else:
        _print_taken(taken, with_keys=with_keys)
    if missing:
        err().print(
            Text("Uwaga:", "yellow"),
            f"w kopii brakuje oryginałów, które zna rejestr ({missing}). Których i co zrobić, mówi: ebok check",
            soft_wrap=True,
        )
        sys.exit(1)


def run_restore(path: Path, *, force: bool, incomplete: bool, send_waiting: bool, as_json: bool) -> None:
    """Restore one; ends with a check of everything."""
    with claim_home(), _heard() as hear:
        done = restore(path, actor=operator(), force=force, incomplete=incomplete, send_waiting=send_waiting, hear=hear)
    if as_json:
        json_line(_restored(done))
    else:
        _print_restored(done, send_waiting=send_waiting)
    check.run(mend=False, fast=False, as_json=as_json)


def told() -> dict[str, Any] | None:
    """The last backup for programs; None where there was none."""
    last = last_backup()
    return None if last is None else {"at": last.at.isoformat(), "place": last.place, "missing": last.missing}


def told_in_words(last: LastBackup | None) -> str:
    """The same for people."""
    return "nie ma żadnej" if last is None else f"{clock.local_time(last.at)}, {last.place}"


def look(path: Path, *, as_json: bool) -> None:
    """Read one to its end and say whether it is whole; exit status 1 when it is not."""
    with _heard() as hear:
        place, manifest, contents, spoilt = look_at(path, hear)
    lacking = len(spoilt) + len(manifest.missing)
    if as_json:
        json_line(
            {"backup": str(place), "at": manifest.at.isoformat(), "originals": manifest.originals, "lacking": lacking}
        )
    else:
        out().print(
            f"Kopia {place} z {clock.local_time(manifest.at)}: oryginałów {manifest.originals}, plików do wydruku i "
            f"wysłania {len(contents.outgoing)}.",
            soft_wrap=True,
        )
        out().print("Jest cała." if not lacking else f"Brakuje w niej oryginałów albo są uszkodzone: {lacking}.")
    if lacking:
        sys.exit(1)


def _taken(taken: BackupResult) -> dict[str, Any]:
    manifest = taken.manifest
    return {
        "backup": str(taken.place),
        "at": manifest.at.isoformat(),
        "originals": manifest.originals,
        "copied": taken.copied,
        "missing": len(manifest.missing),
        "removed": list(taken.removed),
    }


def _print_taken(taken: BackupResult, *, with_keys: bool) -> None:
    manifest = taken.manifest
    out().print(f"Kopia jest gotowa i sprawdzona: {taken.place}", soft_wrap=True)
    out().print(f"Oryginałów: {manifest.originals}, nowych plików w folderze kopii: {taken.copied}.")
    if taken.removed:
        out().print(f"Usunięto dawne kopie: {', '.join(taken.removed)}.", soft_wrap=True)
    if with_keys:
        told = "są klucze: kto ma tę kopię, przeczyta wszystko. Trzymaj ją tak, jak trzyma się klucze (sejf)."
        out().print(Text("W kopii", "yellow"), told, soft_wrap=True)
    else:
        out().print(
            f"Kluczy w kopii nie ma, a bez nich nikt jej nie odczyta, także Ty. Kopię pliku {key_file().absolute()} "
            "trzymaj osobno (sejf, menedżer haseł).",
            soft_wrap=True,
        )


def _restored(done: Restored) -> dict[str, Any]:
    return {
        "backup": str(done.place),
        "at": done.manifest.at.isoformat(),
        "originals": done.manifest.originals,
        "lost": done.lost,
        "messages_held": done.held,
        "found": list(done.found),
        "aside": list(done.aside),
    }


def _print_restored(done: Restored, *, send_waiting: bool) -> None:
    made = clock.local_time(done.manifest.at)
    lines = [f"Odtworzono kopię {done.place} z {made}."]
    if done.aside:
        lines.append(f"To, co tu było, leży w: {', '.join(done.aside)}. Usuń to, gdy sprawdzisz odtworzone.")
    if done.lost:
        lines.append(f"Oryginałów, których nie ma ani w kopii, ani w magazynie: {done.lost}.")
    if done.found:
        lines.append(
            f"Po tej chwili wpłynęły pliki, które są w magazynie, a rejestr ich nie zna: {len(done.found)}. Czekają w "
            f"„Do wyjaśnienia”: {', '.join(done.found)}."
        )
    if not send_waiting:
        waited = f"Wiadomości, które czekały na wysłanie ({done.held}), i te" if done.held else "Wiadomości"
        lines.append(
            f"{waited}, które wynikną ze spraw sprzed odtworzenia, mogły już wyjść, więc same nie wyjdą: pracownik "
            "decyduje o nich w „Do wyjaśnienia”."
        )
    lines += [
        f"Czego nie ma: wszystkiego, co po {made} zrobiono w biurze, co potwierdzili klienci i co wpłynęło bez śladu w "
        "magazynie. Zeskanuj jeszcze raz pisma od tej chwili; jeśli od tej chwili wczytano listę klientów, usunięto "
        "czyjeś dane albo zamknięto konto pracownika, zrób to jeszcze raz. Pracownicy logują się od nowa.",
        "Sprawdzam, czy wszystko się zgadza:",
    ]
    for line in lines:
        out().print(line, soft_wrap=True)


@contextmanager
def _heard() -> Iterator[Progress]:
    with progress() as bar:
        task = bar.add_task("", total=None)
        yield lambda what, number: bar.update(task, description=what, advance=number)
