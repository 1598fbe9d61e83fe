"""`ebok keys`: which keys this installation has, and a new one."""

from __future__ import annotations

from rich.table import Table

from audit.trail import record
from cli.console import err, json_line, out, progress
from cli.operator import operator
from database.engine import transaction
from database.keys import add_key, key_file, key_ring
from database.reencryption import encrypt_anew
from database.upgrading import check, note_keys, require_nobody_elsewhere
from documents.originals import seal_anew
from readers.pictures import forget_pictures


def show(*, as_json: bool) -> None:
    """Identifiers, the oldest first; never a key."""
    check()  # otherwise a lost file of keys would be made anew
    ring = key_ring()
    rows = [(key.id, key is ring.newest, key is ring.keys[0]) for key in ring.keys]
    if as_json:
        for name, encrypts, looks_up in rows:
            json_line({"id": name, "encrypts": encrypts, "looks_up": looks_up})
        return
    table = Table("klucz", "szyfruje nowe dane", "służy do wyszukiwania")
    for name, encrypts, looks_up in rows:
        table.add_row(name, "tak" if encrypts else "", "tak" if looks_up else "")
    out().print(table)
    err().print(f"Plik kluczy: {key_file()}", soft_wrap=True)


def rotate() -> None:
    """A new key for all that is written from now on, then the old data under it."""
    check()
    require_nobody_elsewhere()  # they could not read what is written with a key that their file lacks
    key = add_key()
    note_keys()
    _note("key_added", key=key.id)
    err().print(f"Nowy klucz: {key.id}. Zrób teraz kopię pliku kluczy: {key_file()}", soft_wrap=True)
    err().print("Szyfruję dawne dane na nowo. Jeśli to przerwiesz, dokończ poleceniem: ebok keys reencrypt")
    reencrypt()


def reencrypt() -> None:
    """All that an older key encrypted under the newest one."""
    note_keys()  # `rotate` may have been ended before it came to that
    values = files = 0
    with progress() as bar:
        task = bar.add_task("Dane w bazie", total=None)
        for changed in encrypt_anew():
            values += changed
            bar.advance(task)
        bar.update(task, description="Oryginały")
        for changed in seal_anew():
            files += changed
            bar.advance(task)
    forget_pictures()  # drawn again when they are wanted
    _note("encrypted_anew", key=key_ring().newest.id, values=values, files=files)
    out().print(f"Zaszyfrowane na nowo: {values} wartości, {files} plików. Dawne klucze zostaw: czytają stare kopie.")


def _note(action: str, **detail: str | int) -> None:
    with transaction() as session:
        record(session, actor=operator(), action=action, subject="keys", detail=detail)
