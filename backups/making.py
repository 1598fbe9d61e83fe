"""Making a backup while everybody works: database and originals fit together, and all is read back before it counts.

Originals never change, so what is new is copied first; then the database as it is at one moment, and then what came
between. What that moment names is in the pool by then, even where its time of keeping ends meanwhile.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from audit.trail import record
from audit.verification import mark_file
from backups.folder import BackupFolder
from backups.last import LastBackup, note
from backups.manifest import (
    CONTENTS,
    DATABASE,
    KEYS,
    BackupError,
    Contents,
    Manifest,
    write_contents,
    write_durably,
    write_manifest,
    written,
)
from database import dumping
from database.encryption import fingerprints
from database.engine import transaction
from database.envelopes import sealed, unsealed
from database.keys import key_file
from database.upgrading import check, revision_of
from documents.erasing import standing_originals
from documents.originals import (
    OriginalError,
    copy_original,
    is_digest,
    is_sound,
    relative_path,
    stored_files,
)
from documents.store import store
from documents.store_folder import StoreFolder
from documents.store_mark import mark_of
from environment import clock
from environment.settings import get_settings

Progress = Callable[[str, int], None]
"""Hears in Polish what is done, and how much more of it was."""
_IN_SO_MANY: Final = 8
"""Backups in which each file of the pool that was there before is read once."""
_INSIDE: Final = (
    "Folder kopii {} leży w danych programu ({}): zginąłby razem z nimi. Wskaż folder na innym dysku albo na innej "
    "maszynie."
)


@dataclass(frozen=True, slots=True)
class BackupResult:
    """What was made: ``copied`` files are new in the pool, ``missing`` originals could be found nowhere."""

    place: Path
    manifest: Manifest
    copied: int
    removed: tuple[str, ...]


def make_backup(
    path: Path,
    *,
    actor: str,
    keep: int | None = None,
    with_keys: bool = False,
    hear: Progress = lambda _what, _number: None,
) -> BackupResult:
    """Make a backup in that folder and thin out older ones; BackupError or OSError when there is none then.

    What went wrong leaves no backup behind, and those of before as they were.
    """
    _require_apart(path)
    check()
    folder = BackupFolder(path.absolute())
    with folder.alone():
        at = clock.now()
        pool = _Pool(folder.pool, hear)
        pool.refresh(at.toordinal() % _IN_SO_MANY)
        pool.add_new()
        with folder.draft(at) as draft:
            audit_mark = _audit_mark()  # before the database: its end is among the entries of that then
            manifest = _written(draft, pool, hear, audit_mark)
            if with_keys:
                _copy_keys(draft)
            write_manifest(draft, manifest)
            place = folder.finish(draft)
        note(LastBackup(manifest.at, str(place), len(manifest.missing)))
        with transaction() as session:
            detail = {"backup": place.name, "originals": manifest.originals, "with_keys": with_keys}
            record(session, actor=actor, action="backed_up", subject="backup", detail=detail)
        removed = folder.thin(keep, place) if keep else []
    return BackupResult(place, manifest, pool.copied, tuple(removed))


def _written(draft: Path, pool: _Pool, hear: Progress, audit_mark: str | None) -> Manifest:
    """All of a backup but what it says of itself."""
    tmp = get_settings().home / "tmp"
    tmp.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=tmp, prefix="backup-") as scratch:
        hear("Baza danych", 0)
        with dumping.dump(Path(scratch)) as dump:
            at = clock.now()
            originals, revision = standing_originals(dump.session), revision_of(dump.session)
            mark = mark_of(dump.session)
            write_durably(draft / DATABASE, sealed(dump.chunks()))
        with (draft / DATABASE).open("rb") as file:
            dumping.verify_dump(dump.kind, unsealed(file), Path(scratch))
    hear("Baza danych", 1)
    missing = [sha256 for sha256 in originals if not pool.holds(sha256)]
    outgoing = dict(pool.outgoing())
    write_contents(draft, Contents(tuple(originals), outgoing))
    files = {name: written(draft / name) for name in (DATABASE, CONTENTS)}
    return Manifest(
        at=at,
        kind=dump.kind,
        revision=revision,
        keys=fingerprints(),
        store=mark,
        audit_mark=audit_mark,
        originals=len(originals),
        missing=tuple(missing),
        files=files,
    )


@dataclass
class _Pool:
    """The shared files, as a backup adds to them."""

    place: StoreFolder
    hear: Progress
    copied: int = 0

    def refresh(self, share: int) -> None:
        """Read a share of what is there; what is spoilt goes, so that it is copied anew where it is still to be had."""
        self.place.clear_drafts()
        for kept in self.place.kept():
            sha256 = kept.name.replace("/", "")
            if is_digest(sha256) and int(sha256[:2], 16) % _IN_SO_MANY == share and not is_sound(sha256, self.place):
                self.place.remove(kept.name)
            self.hear("Dawne pliki", 1)

    def add_new(self) -> None:
        """Copy what the store has and the pool has not; what cannot be copied is told where it is wanted."""
        store().require()
        for sha256, _ in stored_files():
            if is_digest(sha256):
                with suppress(OriginalError):
                    self._add(sha256)
            self.hear("Oryginały", 1)

    def holds(self, sha256: str) -> bool:
        """Whether an original is there, copied now if need be."""
        try:
            self._add(sha256)
        except OriginalError:
            return False
        return True

    def outgoing(self) -> Iterator[tuple[str, str]]:
        """What waits to be printed or sent on, by place and digest."""
        root = get_settings().outgoing
        for path in sorted(root.rglob("*")):
            if path.name.startswith(".") or path.is_symlink() or not path.is_file():
                continue
            with suppress(FileNotFoundError):  # taken away just now
                yield path.relative_to(root).as_posix(), self._add_file(path)

    def _add(self, sha256: str) -> None:
        if self.place.since(relative_path(sha256)) is None:
            copy_original(sha256, store(), self.place)
            self.copied += 1

    def _add_file(self, path: Path) -> str:
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        if self.place.since(relative_path(sha256)) is None:
            with self.place.draft() as draft:
                draft.file.writelines(sealed([content]))
                draft.keep(relative_path(sha256))
            self.copied += 1
        return sha256


def _require_apart(path: Path) -> None:
    settings = get_settings()
    for ours in (settings.home, settings.originals, settings.inbox, settings.outgoing):
        if path.resolve().is_relative_to(ours.resolve()):
            raise BackupError(_INSIDE.format(path, ours))


def _copy_keys(draft: Path) -> None:
    try:
        write_durably(draft / KEYS, [key_file().read_bytes()])
    except FileNotFoundError as error:
        raise BackupError("Klucz jest w EBOK_SECRET_KEY, a nie w pliku. Zrób kopię bez --with-keys.") from error


def _audit_mark() -> str | None:
    try:
        return mark_file().read_text("utf-8").strip()
    except FileNotFoundError:
        return None
