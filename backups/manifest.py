"""What a backup says of itself: when it was made, of what, under which keys, and the digest of each of its files.

It is sealed with a keyed digest, so that what was damaged or exchanged is told before anything is made of it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from database.encryption import another_key, digest, fingerprints
from database.keys import SecretKeyError

MANIFEST: Final = "manifest.json"
DATABASE: Final = "database"
"""The database, as its own tool dumps it, sealed like an original."""
CONTENTS: Final = "contents.json"
"""The digests of all originals, and names and digests of the files that wait to be printed or sent."""
KEYS: Final = "secret.keys"
"""The file of keys, where somebody wished it there."""
_FORMAT: Final = 1
_CHUNK: Final = 1 << 20


class BackupError(RuntimeError):
    """A backup cannot be made, trusted or restored; the message is Polish, with cause and remedy."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file of a backup as it was written."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    ``kind`` is that of the database and ``revision`` of its tables; ``keys`` are fingerprints, ``store`` is the mark of
    the store of originals, ``audit_mark`` the end of the audit as it was noted last. ``missing`` are originals that
    could be found nowhere when it was made.
    """

    at: datetime
    kind: str
    revision: str
    keys: tuple[str, ...]
    store: str | None
    audit_mark: str | None
    originals: int
    missing: tuple[str, ...]
    files: Mapping[str, Written]


@dataclass(frozen=True, slots=True)
class Contents:
    """The originals that the register of a backup names, and files by their place in the folder of messages."""

    originals: tuple[str, ...]
    outgoing: Mapping[str, str]


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it last, when all else is there and proven."""
    told = {**asdict(manifest), "at": manifest.at.isoformat(), "format": _FORMAT}
    write_durably(folder / MANIFEST, [_text({"backup": told, "seal": _seal(told)}).encode()])


def read_manifest(folder: Path) -> Manifest:
    """What a backup says of itself; BackupError where that is damaged, SecretKeyError where its keys are not here."""
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
        told, seal = found["backup"], found["seal"]
        keys = tuple(told["keys"])
        version = told["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(folder / MANIFEST) from error
    if version != _FORMAT:
        raise BackupError(f"Kopię {folder} zrobiła inna wersja programu. Zainstaluj tę wersję i odtwórz nią.")
    if not set(keys) <= set(fingerprints()):
        raise SecretKeyError(another_key())
    if not hmac.compare_digest(str(seal), _seal(told)):
        raise damaged(folder / MANIFEST)
    files = {name: Written(**each) for name, each in told["files"].items()}
    plain = {name: told[name] for name in ("kind", "revision", "store", "audit_mark", "originals")}
    at = datetime.fromisoformat(told["at"])
    return Manifest(at=at, keys=keys, missing=tuple(told["missing"]), files=files, **plain)


def write_contents(folder: Path, contents: Contents) -> None:
    """Write what the backup holds besides its database."""
    write_durably(folder / CONTENTS, [_text(asdict(contents)).encode()])


def read_contents(folder: Path) -> Contents:
    """What a backup holds besides its database; BackupError where it cannot be read."""
    try:
        found = json.loads((folder / CONTENTS).read_text("utf-8"))
        return Contents(tuple(found["originals"]), dict(found["outgoing"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(folder / CONTENTS) from error


def written(path: Path) -> Written:
    """A file as it lies on the disk, read to its end; BackupError where it cannot be read."""
    content, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                content.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise damaged(path) from error
    return Written(size, content.hexdigest())


def require_files(folder: Path, manifest: Manifest) -> None:
    """Do nothing where each file is as it was written; BackupError that names the first that is not."""
    for name, known in manifest.files.items():
        if written(folder / name) != known:
            raise damaged(folder / name)


def damaged(path: Path) -> BackupError:
    """That a file of a backup is not what was written."""
    return BackupError(
        f"Kopia jest uszkodzona: {path} nie jest tym, co zapisano. Niczego nie zmieniono. Wskaż inną kopię z tego "
        "folderu."
    )


def write_durably(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file that only its owner reads; on the disk when this returns."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.writelines(chunks)
        out.flush()
        os.fsync(out.fileno())


def _seal(told: Mapping[str, Any]) -> str:
    return digest("backup", _text(told))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
