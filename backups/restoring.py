"""Restoring a backup: all of it is looked at before anything is touched, and what it replaces is kept aside.

What came since the backup is gone from the register. Originals of that time that still lie in the store, or in what was
put aside, become cases again, in quarantine, so that a human decides; messages: ``confirmations.restored``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final

from sqlalchemy import delete, select

from access.tables import StaffSession
from audit.trail import record
from audit.verification import mark_file
from backups.folder import found_at
from backups.last import LastBackup, last_backup, note
from backups.making import Progress
from backups.manifest import (
    DATABASE,
    KEYS,
    BackupError,
    Contents,
    Manifest,
    read_contents,
    read_manifest,
    require_files,
    write_durably,
)
from confirmations.restored import hold_back
from customers.tables import AccountSession
from database import dumping
from database.encryption import another_key
from database.engine import DatabaseBrokenError, reading, transaction
from database.envelopes import unsealed
from database.keys import SecretKeyError, has_keys, key_file
from database.private_files import made_once, replaced
from database.upgrading import is_known, require_nobody_elsewhere, upgrade
from documents.intake import quarantine
from documents.originals import (
    ENDINGS,
    OriginalError,
    StoredFile,
    chunks_of,
    copy_original,
    is_digest,
    is_sound,
    is_there,
    media_type_of,
    relative_path,
    size_of,
    stored_files,
)
from documents.scans import FOUND_AFTER_RESTORE
from documents.states import IntakeChannel
from documents.store import store
from documents.store_folder import StoreFolder
from documents.store_interface import StoreUnreachableError
from documents.store_mark import mark_found, write_mark
from documents.tables import Original
from environment import clock
from environment.disk_faults import cause_of
from environment.settings import get_settings

_ORIGINALS: Final = "originals"
_REPLACED: Final = "replaced"
"""Folder of the home for what a restore found there."""
_STAYS: Final = frozenset(
    {
        *(
            _REPLACED,
            "inbox",
            "inbox.mount",
            "keys",
            "last-backup.json",
            "logs",
            "looks",
            "machine",
            "prefect.auth",
            "running.lock",
        ),
        *("secret.key", "tmp"),
    }
)
"""What of a home folder is nothing that a backup replaces."""
_FOUND: Final = (
    "Ten plik wpłynął po chwili, z której jest odtworzona kopia zapasowa. Program mógł go już załatwić, a klient "
    "dostać odpowiedź. Zobacz oryginał i spróbuj jeszcze raz albo zamknij sprawę."
)
_FOUND_FORM: Final = (
    "Ten formularz wysłano przez stronę albo API po chwili, z której jest odtworzona kopia zapasowa. Program nie "
    "odczyta go drugi raz: pobierz oryginał i zapytaj klienta, czy dostał odpowiedź, albo poproś go o nowy formularz."
)
_NOT_EMPTY: Final = (
    "W {} są już dane programu. Niczego nie zmieniono. Wskaż puste miejsce (EBOK_HOME, EBOK_DATABASE_URL) albo dodaj "
    "--force: to, co tu jest, zostanie wtedy odłożone na bok."
)
_OTHER_KIND: Final = (
    "Kopia jest z bazy {}, a EBOK_DATABASE_URL wskazuje {}. Niczego nie zmieniono. Ustaw bazę tego samego rodzaju."
)
_NEWER: Final = (
    "Kopię zrobiła nowsza wersja programu niż ta. Niczego nie zmieniono. Zainstaluj tamtą wersję i odtwórz nią."
)
_ANOTHERS: Final = (
    "Magazyn oryginałów (EBOK_ORIGINALS_URL) należy do innej instalacji niż kopia. Niczego nie zmieniono. Wskaż "
    "magazyn tej instalacji albo pusty."
)
_OTHER_KEYS: Final = (
    "Klucze tej maszyny nie są kluczami kopii. Niczego nie zmieniono. Kopia ma swoje: połóż plik {theirs} w miejscu "
    "{ours} i wydaj polecenie jeszcze raz."
)
_BROKEN_OFF: Final = (
    "Odtwarzanie przerwano: {why}. To, co tu było, leży w: {aside}. Usuń przyczynę i wydaj polecenie jeszcze raz z "
    "--force."
)
_SPOILT: Final = (
    "W kopii brakuje oryginałów albo są uszkodzone ({number}), na przykład {path}. Niczego nie zmieniono. Wskaż inną "
    "kopię z tego folderu albo dodaj --incomplete: odtworzy się reszta, a ebok check powie, czego brakuje."
)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done: ``aside`` is where the state of before is, ``held`` counts messages that a human decides of.

    ``found`` are the cases of originals that came after the backup, ``lost`` originals that are nowhere.
    """

    place: Path
    manifest: Manifest
    aside: tuple[str, ...]
    held: int
    found: tuple[str, ...]
    lost: int


def look_at(path: Path, hear: Progress = lambda _what, _number: None) -> tuple[Path, Manifest, Contents, list[str]]:
    """A backup, read to its end; with it the originals that are spoilt or gone. Touches nothing.

    BackupError that names the file which is not as it was written, SecretKeyError where its keys are not here.
    """
    folder, place = found_at(path)
    manifest = _manifest(place)
    hear("Baza danych", 0)
    require_files(place, manifest)
    contents, spoilt = read_contents(place), list[str]()
    for sha256 in (*contents.originals, *contents.outgoing.values()):
        if sha256 not in manifest.missing and not is_sound(sha256, folder.pool):
            spoilt.append(sha256)
        hear("Pliki w kopii", 1)
    return place, manifest, contents, spoilt


def restore(
    path: Path,
    *,
    actor: str,
    force: bool = False,
    incomplete: bool = False,
    send_waiting: bool = False,
    hear: Progress = lambda _what, _number: None,
) -> Restored:
    """Make this installation what it was when the backup was made, upgraded to this program.

    With ``force`` also where there is something: that is put aside. With ``incomplete`` also a backup that lacks files.
    Messages that waited wait for a human, unless ``send_waiting``: nothing has left since then.
    """
    _require_empty(force=force)
    folder, place = found_at(path)
    _require_fit(_manifest(place))
    place, manifest, contents, spoilt = look_at(place, hear)
    pool = folder.pool
    lost = [sha256 for sha256 in spoilt if not _still_there(sha256)]
    if lost and not incomplete:
        raise BackupError(_SPOILT.format(number=len(lost), path=pool_path(place, lost[0])))
    aside = _put_aside(clock.now())
    try:
        _fill_store(contents, manifest, pool, lost, hear)
        _put_back_files(contents, pool, lost)
        if manifest.audit_mark is not None:
            replaced(mark_file(), f"{manifest.audit_mark}\n".encode())
        hear("Baza danych", 0)
        with (place / DATABASE).open("rb") as file:
            dumping.load_dump(manifest.kind, unsealed(file))
        upgrade()
        found = list(_take_in_found(hear))
        held = _settle(manifest, actor, place, send_waiting=send_waiting)
    except (OSError, OriginalError, StoreUnreachableError, dumping.DumpError) as error:
        why = cause_of(error) if isinstance(error, OSError) else str(error)
        raise BackupError(
            _BROKEN_OFF.format(why=why, aside=", ".join(aside) or "nigdzie, bo nic tu nie było")
        ) from error
    return Restored(place, manifest, tuple(aside), held, tuple(found), len(lost) + len(manifest.missing))


def pool_path(place: Path, sha256: str) -> Path:
    """Where a file of the pool lies."""
    return place.parent / "files" / relative_path(sha256)


def _manifest(place: Path) -> Manifest:
    """What the backup says of itself; where this installation has no keys and the backup has, they are its keys now."""
    if not has_keys() and (place / KEYS).is_file():
        made_once(key_file(), (place / KEYS).read_bytes)
    if not has_keys():  # none are to be made: what they encrypt would be lost as soon as the right ones are back
        raise SecretKeyError(another_key())
    try:
        return read_manifest(place)
    except SecretKeyError as error:
        if (place / KEYS).is_file():
            raise BackupError(_OTHER_KEYS.format(theirs=place / KEYS, ours=key_file().absolute())) from error
        raise


def _require_empty(*, force: bool) -> None:
    home = get_settings().home
    used = [home] if any(_replaceable(home)) else []
    if dumping.is_in_use():
        used.append(Path("bazie danych"))
    if used and not force:
        raise BackupError(_NOT_EMPTY.format(" i w ".join(str(each) for each in used)))
    if dumping.is_in_use():
        with suppress(DatabaseBrokenError):  # damaged, it is replaced all the same
            require_nobody_elsewhere()


def _require_fit(manifest: Manifest) -> None:
    if manifest.kind != dumping.kind_in_force():
        raise BackupError(_OTHER_KIND.format(manifest.kind, dumping.kind_in_force()))
    if not is_known(manifest.revision):
        raise BackupError(_NEWER)
    if _store_stays():
        store().require()
        if mark_found() not in (None, manifest.store):
            raise BackupError(_ANOTHERS)


def _replaceable(home: Path) -> Iterator[Path]:
    """What lies in the home folder and belongs to what a backup restores."""
    for path in sorted(home.glob("*")):
        if path.name not in _STAYS and (path.is_file() or any(one.is_file() for one in path.rglob("*"))):
            yield path


def _store_stays() -> bool:
    """Whether originals lie where nothing is put aside: in a bucket, or in a folder of their own."""
    return get_settings().originals_url is not None


def _still_there(sha256: str) -> bool:
    """Whether the store of this installation has what the backup has lost."""
    return _store_stays() and is_sound(sha256)


def _put_aside(at: datetime) -> list[str]:
    """Move what there is into a folder of its own; where it is now."""
    settings, stamp = get_settings(), f"{at.astimezone(get_settings().zone):%Y%m%d_%H%M%S_%f}"
    folder = settings.home / _REPLACED / stamp
    aside = [dumping.put_aside(f"ebok_before_{stamp}", folder)]
    for path in list(_replaceable(settings.home)):
        folder.mkdir(parents=True, exist_ok=True)
        path.rename(folder / path.name)
    if folder.exists():
        aside.append(str(folder))
    return list(dict.fromkeys(each for each in aside if each is not None))


def _fill_store(contents: Contents, manifest: Manifest, pool: StoreFolder, lost: list[str], hear: Progress) -> None:
    """Put into the store what it lacks."""
    gone = {*lost, *manifest.missing}
    for sha256 in contents.originals:
        if sha256 not in gone and not is_there(sha256):
            copy_original(sha256, pool, store())
        hear("Oryginały", 1)
    if manifest.store is not None and mark_found() is None:
        write_mark(manifest.store)


def _put_back_files(contents: Contents, pool: StoreFolder, lost: list[str]) -> None:
    """Letters and messages that lay in files; what is there by now stays as it is."""
    root = get_settings().outgoing
    for name, sha256 in contents.outgoing.items():
        inside, path = PurePosixPath(name), root / name
        if sha256 in lost or path.exists() or inside.is_absolute() or ".." in inside.parts:
            continue
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with pool.read(relative_path(sha256)) as file:
            write_durably(path, unsealed(file))


def _take_in_found(hear: Progress) -> Iterator[str]:
    """Cases in quarantine for originals that the register does not know; their numbers.

    What was put aside is looked through, too, also by a restore of before that was broken off.
    """
    for sha256 in list(_unknown(sha256 for sha256, _ in stored_files())):
        if is_sound(sha256):
            yield _as_case(sha256)
        hear("Co wpłynęło później", 1)
    for folder in sorted((get_settings().home / _REPLACED).glob(f"*/{_ORIGINALS}")):
        old_store = StoreFolder(folder, ours=False)
        for sha256 in list(_unknown(kept.name.replace("/", "") for kept in old_store.kept())):
            hear("Co wpłynęło później", 1)
            try:
                copy_original(sha256, old_store, store())
            except OriginalError:
                continue  # it stays where it was put aside
            yield _as_case(sha256)


def _unknown(names: Iterator[str]) -> Iterator[str]:
    for sha256 in names:
        if is_digest(sha256):
            with reading() as session:
                known = session.scalar(select(Original.sha256).where(Original.sha256 == sha256))
            if known is None:
                yield sha256


def _as_case(sha256: str) -> str:
    head = next(iter(chunks_of(sha256)), b"")
    media_type, path = media_type_of(head), relative_path(sha256)
    stored = StoredFile(sha256, size_of(sha256), media_type, path)
    told = _FOUND_FORM if media_type == "application/json" else _FOUND
    with transaction() as session:
        where, name = get_settings().originals / path, f"odnaleziony{ENDINGS.get(media_type, '')}"
        receipt = quarantine(
            session,
            stored,
            path=where,
            channel=IntakeChannel.CLI,
            code=FOUND_AFTER_RESTORE,
            message=told,
            file_name=name,
        )
    return receipt.tracking


def _settle(manifest: Manifest, actor: str, place: Path, *, send_waiting: bool) -> int:
    """Messages held, sessions of staff ended, and all that written down."""
    held = 0
    with transaction() as session:
        if not send_waiting:
            held = hold_back(session, at=clock.now(), backup_at=manifest.at)
        for sessions in (StaffSession, AccountSession):  # one that was ended since would be open again
            session.execute(delete(sessions))
        detail = {"backup": place.name, "made_at": manifest.at.isoformat(timespec="seconds"), "messages_held": held}
        record(session, actor=actor, action="restored", subject="backup", detail=detail)
    if last_backup() is None:  # on a new machine
        note(LastBackup(manifest.at, str(place), len(manifest.missing)))
    return held
