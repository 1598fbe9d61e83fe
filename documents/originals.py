"""Originals: files kept by content, sealed, read-only, verified before anything else happens to them.

They are named by the SHA-256 of what came in; what lies in the store (``documents.store``) is encrypted
(``database.envelopes``). All functions raise StoreUnreachableError when the store does not answer.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from database.envelopes import BrokenSealError, sealed, unsealed, with_newest_key
from documents.store import store
from documents.store_interface import Store, UnnamedFile
from environment.folders import nearest
from environment.settings import get_settings

_CHUNK: Final = 1 << 20
_HEAD: Final = 1024
_PROBES: Final = "probes"
_DIGITS: Final = 64
_HEXADECIMAL: Final = frozenset("0123456789abcdef")
_UNKNOWN: Final = "application/octet-stream"
_CHANGED: Final = "the original was changed in the store"
_SIGNATURES: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),
    (b"MM\x00+", "image/tiff"),
)
ENDINGS: Final = {
    "application/pdf": ".pdf",
    "application/json": ".json",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "image/heic": ".heic",
}
"""What the name of a file ends with, by its media type."""
_HEIF_BRANDS: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


class OriginalError(RuntimeError):
    """An original is missing, spoilt, or changed while it was stored."""


class MissingOriginalError(OriginalError):
    """An original is not in the store."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A stored original: ``size`` in bytes, ``path`` relative to ``settings.originals``."""

    sha256: str
    size: int
    media_type: str
    path: str


def store_bytes(data: bytes) -> StoredFile:
    """Store bytes durably; the same bytes again are the same file."""
    return _store([data])


def store_file(path: Path) -> StoredFile:
    """Store a copy of a file durably; the file itself is left alone.

    OSError when it cannot be read or is no plain file (symbolic links are not followed), OriginalError when it changed
    meanwhile.
    """
    with _plain_file(path) as source:
        before = os.fstat(source.fileno())
        stored = _store(_chunks(source))
        after = os.fstat(source.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or stored.size != after.st_size:
        raise OriginalError("the file changed while it was being stored; it is tried again later")
    return stored


def has_room(size: int = 0) -> bool:
    """Whether the disk of the store has room for so many bytes, and for the rest of the program after them.

    A bucket has no disk, but what goes there lies on ours before.
    """
    settings = get_settings()
    place = nearest(settings.originals if settings.originals_bucket is None else settings.home)
    return shutil.disk_usage(place).free - size >= settings.least_free_bytes


def relative_path(sha256: str) -> str:
    """The place of an original inside the store: ``ab/cdef...``."""
    return f"{sha256[:2]}/{sha256[2:]}"


def is_sound(sha256: str, place: Store | None = None) -> bool:
    """Whether the store, or another ``place``, holds that original with the right content."""
    try:
        for _ in _content(sha256, place):
            pass
    except OriginalError:
        return False
    return True


def copy_original(sha256: str, source: Store, target: Store) -> None:
    """Copy an original, sealed as it is, from one place to another and read it back there.

    OriginalError when the source has it not, or spoilt; nothing is left of it in the target then.
    """
    name = relative_path(sha256)
    try:
        with source.read(name) as file, target.draft() as draft:
            shutil.copyfileobj(file, draft.file, _CHUNK)
            draft.replace(name)
    except FileNotFoundError as error:
        raise MissingOriginalError("the original is missing from the store") from error
    if not is_sound(sha256, target):
        target.remove(name)
        raise OriginalError(_CHANGED)


def remove_original(sha256: str) -> None:
    """Take an original out of the store, if it is there."""
    store().remove(relative_path(sha256))


def kept_since(sha256: str) -> datetime | None:
    """When that original got into the store, or came again there; None when it is not there."""
    return store().since(relative_path(sha256))


def is_there(sha256: str) -> bool:
    """Whether the store has a file for that original, whatever it holds."""
    return kept_since(sha256) is not None


def size_of(sha256: str) -> int:
    """The size of an original as it came in, read to its end; raises as ``opened``."""
    return sum(len(chunk) for chunk in _content(sha256))


@contextmanager
def opened(sha256: str) -> Iterator[BinaryIO]:
    """An original as it came in, in a file without a name that is gone with the block.

    OriginalError when it is not in the store, or was changed there.
    """
    with _in_memory() as plain:
        for chunk in _content(sha256):
            plain.write(chunk)
        plain.seek(0)
        yield plain


def is_digest(name: str) -> bool:
    """Whether an original can have that name."""
    return len(name) == _DIGITS and set(name) <= _HEXADECIMAL


def stored_files() -> Iterator[tuple[str, datetime]]:
    """The digests of all that the store holds, in order, and since when."""
    for found in store().kept():
        yield found.name.replace("/", ""), found.since


def seal_anew() -> Iterator[int]:
    """Seal what was sealed with an older key, or not at all, with the newest one; gives 1 for each file changed."""
    place = store()
    for found in place.kept():
        with place.read(found.name) as file:
            anew = with_newest_key(file)
            if anew is None:
                yield 0
                continue
            with place.draft() as draft:
                draft.file.writelines(anew)
                draft.replace(found.name)
        yield 1


def try_store() -> None:
    """Write, read and remove something in the store; OriginalError when it overwrites what is there.

    OSError where the folder of a store cannot be written.
    """
    name, place, first = f"{_PROBES}/{secrets.token_hex(8)}", store(), secrets.token_bytes(16)
    try:
        for content in (first, b"another"):
            with place.draft() as draft:
                draft.file.write(content)
                draft.keep(name)
        with place.read(name) as file:
            if file.read() != first:
                raise OriginalError("the store overwrites what is there")
    finally:
        place.remove(name)


def _in_memory() -> BinaryIO:
    """An empty file that no disk gets to see, where the system has such."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("original", os.MFD_CLOEXEC), "w+b")
    return tempfile.TemporaryFile()


def chunks_of(sha256: str) -> Iterator[bytes]:
    """As ``opened``, in pieces; raises before the first one."""
    with ExitStack() as stack:
        plain = stack.enter_context(opened(sha256))
        kept = stack.pop_all()

    def pieces() -> Iterator[bytes]:
        with kept:
            yield from _chunks(plain)

    return pieces()


def _content(sha256: str, place: Store | None = None) -> Iterator[bytes]:
    """What an original holds; OriginalError, at the end at the latest, when it is not there or is not that."""
    content = hashlib.sha256()
    try:
        with (place or store()).read(relative_path(sha256)) as source:
            for chunk in unsealed(source):
                content.update(chunk)
                yield chunk
    except FileNotFoundError as error:
        raise MissingOriginalError("the original is missing from the store") from error
    except BrokenSealError as error:
        raise OriginalError(_CHANGED) from error
    if content.hexdigest() != sha256:
        raise OriginalError(_CHANGED)


def clear_drafts() -> None:
    """Remove what killed processes left half-written in the store: drafts a day old."""
    store().clear_drafts()


def hash_file(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


@contextmanager
def _plain_file(path: Path) -> Iterator[BinaryIO]:
    """Open without following a link and without waiting on a pipe."""
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError(errno.EINVAL, "not a plain file")
    with os.fdopen(number, "rb") as source:
        yield source


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    while chunk := source.read(_CHUNK):
        yield chunk


def _store(chunks: Iterable[bytes]) -> StoredFile:
    """Write to a draft of the store, and give it its name by content only when it is whole."""
    content, size, head = hashlib.sha256(), 0, b""

    def counted() -> Iterator[bytes]:
        nonlocal size, head
        for chunk in chunks:
            content.update(chunk)
            size += len(chunk)
            head = head or chunk[:_HEAD]
            yield chunk

    with store().draft() as draft:
        draft.file.writelines(sealed(counted()))
        sha256 = content.hexdigest()
        _keep(draft, sha256)
    return StoredFile(sha256, size, media_type_of(head), relative_path(sha256))


def _keep(draft: UnnamedFile, sha256: str) -> None:
    """Give the draft its place; a sound file there is left, a spoilt one (a crash, a bad disk) is replaced whole."""
    name = relative_path(sha256)
    new = draft.keep(name)
    if is_sound(sha256):
        return
    if not new:
        draft.replace(name)
    if new or not is_sound(sha256):
        raise OriginalError("the stored original differs from what came in: check the store of originals")


def media_type_of(head: bytes) -> str:
    """Media type by the first bytes of a file; ``application/octet-stream`` when it is none that we read."""
    for signature, media_type in _SIGNATURES:
        if head.startswith(signature):
            return media_type
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return "image/heic"
    if b"%PDF-" in head[:_HEAD]:
        return "application/pdf"
    return "application/json" if head.lstrip()[:1] in (b"{", b"[") and head.lstrip()[:1] else _UNKNOWN
