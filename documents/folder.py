"""The scan folder: files are taken in when they are whole, and leave it only when they are safe in the store.

A file is whole when its size and time of change have stood still for ``settings.intake_stable_seconds`` and it opens
completely (``documents.early_checks`` does so meanwhile). A truncated one waits and is tried again; after
``settings.intake_patience_seconds`` it is quarantined with its reason. One that can be read but does not end as its
format does is given more time to stand still, then taken. A file whose check meets a fault of the program, or kills it,
is tried ``settings.max_attempts`` times and quarantined then: it is that file's trouble and keeps no other waiting. A
check that takes long goes on beside those that follow.

Files whose names say that they are being written (hidden, ``*.part``, ``*.tmp``, ``~$*``) are left until they are
renamed, or until that same patience is over: then they are treated as all others, so none is lost. Links, devices and
unreadable things are told once and stay where they are; what becomes readable is taken then. Bins, thumbnails and other
litter of file servers and desktops are left alone (``documents.litter``).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Final

import structlog

from database.engine import reading, transaction
from documents import folder_files, sightings
from documents.early_checks import EarlyChecks
from documents.folder_files import FileSort, Removal, Seen
from documents.folder_mount import AWAY, is_mounted, note_mount
from documents.intake import keepable, quarantine, readable, receive_stored
from documents.loading import UnknownDocumentError, load
from documents.originals import OriginalError, clear_drafts, store_file
from documents.sightings import Known, LostFileError
from documents.states import IntakeChannel, State
from documents.store_interface import StoreUnreachableError
from documents.tables import CHECK_FAILED
from environment import clock
from environment.disk_faults import is_full, is_read_only, is_scarce
from environment.folders import is_folder
from environment.settings import get_settings

CheckWhole = Callable[[Path], object]
"""Returns for a whole file (False: more may still come), raises an error with ``code`` and ``message`` (Polish) for an
unusable one."""

_LATER_WHOLE: Final = frozenset({"truncated", "empty_file"})
_MAYBE_RESERVED: Final = frozenset({"damaged", "unknown_format"})
_UNTIL_MENDED: Final = frozenset({"antivirus_unavailable", "readers_unavailable"})
"""Reasons that are no fault of the file: it waits for as long as they last."""
_STILLER: Final = 10
"""A file whose end is missing, or that may still be filled up, must stand still so many times longer than others."""
_MAY_GROW: Final = ("truncated", "Na końcu pliku czegoś brakuje: program czeka, czy skaner jeszcze pisze.")
_TAKES_LONG: Final = 1.0
"""After so many seconds of a check the next file's begins beside it; until then files are taken in their order."""
_AWAY: Final = 1.0
"""Seconds after which a folder that is away is looked for again."""
_MORE: Final = 0.05
"""Seconds by which a further look comes later than the file needs to stand still: two clocks are asked."""
_ARRIVING: Final = ("arriving", "Plik jeszcze się zapisuje.")
_UNFINISHED: Final = ("unfinished_name", "Nazwa pliku mówi, że nie jest gotowy: czeka na zmianę nazwy.")
_DISK_FULL: Final = ("disk_full", "Na dysku programu nie ma miejsca. Plik czeka, aż się znajdzie.")
_DISK_CLOSED: Final = ("disk_closed", "Program nie może zapisać oryginału. Plik czeka, aż będzie miał prawo zapisu.")
_DISK_FAULT: Final = ("disk_fault", "Dysk albo udział odpowiada błędem. Plik czeka, aż to się zmieni.")
_SCARCE: Final = ("machine_short", "Komputerowi brakuje pamięci albo otwartych plików. Plik czeka, aż to się zmieni.")
_NO_PERMISSION: Final = (
    "no_permission",
    "Brak prawa odczytu. Nadaj programowi prawo odczytu w folderze skanów: plik zostanie wtedy przyjęty.",
)
_NOT_A_FILE: Final = (
    "not_a_file",
    "To nie jest plik, lecz skrót albo urządzenie. Skopiuj do folderu skanów sam dokument.",
)

_GIVEN_UP: Final = (
    CHECK_FAILED,
    "Program nie zdołał sprawdzić pliku, choć próbował kilka razy. Zapisz lub zeskanuj dokument jeszcze raz, a o tym "
    "pliku powiedz administratorowi.",
)

log = structlog.get_logger(__name__)


class ScanFolderError(RuntimeError):
    """The scan folder is missing; the message says what to do."""


@dataclass(frozen=True, slots=True)
class SweptFile:
    """What a sweep did with one file.

    ``file`` is its name within the folder. ``tracking`` is None while the file waits; ``code`` and ``reason`` (Polish)
    then say what for. ``fault`` is a fault of the program met with this file: the file stays and is tried again.
    """

    file: str
    tracking: str | None
    state: State | None
    code: str | None = None
    reason: str | None = None
    fault: Exception | None = None


class ScanFolder:
    """One scan folder, watched by calling ``take`` again and again, from any number of processes.

    ``owner`` is the run that does so: what it leaves when it dies is taken up by others.
    """

    def __init__(
        self, folder: Path | None = None, *, now: Callable[[], datetime] = clock.now, owner: str | None = None
    ) -> None:
        self.folder = (folder or get_settings().inbox).absolute()
        self._now = now
        self._owner = owner or uuid.uuid4().hex
        self._again, self._stamps = 0.0, dict[Path, int]()
        self._gone = list[Known]()
        self._early = EarlyChecks()

    def take(self, check_whole: CheckWhole, stopping: Callable[[], bool] = lambda: False) -> list[SweptFile]:
        """Take in every file that is whole, quarantine what is unusable, and tell what waits and why.

        Files that were told before and only wait to be removed or to become readable are not told again. Once it is
        ``stopping`` no further file is begun. ScanFolderError when the folder is missing.
        """
        self._again = time.monotonic() + _AWAY
        self._require_folder()
        clear_drafts()
        at, began, self._again = self._now(), time.monotonic(), inf
        self._stamps = folder_files.stamps(folder_files.folders(self.folder))
        seen = folder_files.look(self.folder)
        with transaction() as session:
            found = sightings.observe(session, self.folder, seen, at)
        found.sort(key=lambda known: (known.turn, known.seen.mtime_ns))
        told, most = list[Future[SweptFile | None]](), get_settings().readers
        with self._forgetting(), ThreadPoolExecutor(most, "scan folder") as lanes:
            for known in found:
                if stopping():
                    self._again = time.monotonic()
                    break
                told.append(lanes.submit(self._safely, known, check_whole, at))
                wait(told[-1:], _TAKES_LONG)
                if len(slow := [each for each in told if not each.done()]) >= most:
                    wait(slow, return_when=FIRST_COMPLETED)
        done = [taken for each in told if (taken := each.result()) is not None]
        if arriving := [known for known in found if _arrives(known, at)]:
            self._again = min(self._again, began + get_settings().intake_stable_seconds + _MORE)
            if not any(one.tracking for one in done):  # otherwise the next look has better to do
                self._early.make(arriving, check_whole, lambda: not (stopping() or self.stirred()))
        return done

    def stirred(self) -> bool:
        """Whether it is worth looking before the usual time.

        Something came or went since the last look, a file was being written then, or that look was not to the end.
        """
        return self.rest <= 0 or folder_files.stamps(self._stamps) != self._stamps

    @property
    def rest(self) -> float:
        """Seconds until it is worth looking again whether or not anything comes meanwhile."""
        return self._again - time.monotonic()

    def _require_folder(self) -> None:
        if get_settings().inbox_dir is None:
            self.folder.mkdir(parents=True, exist_ok=True)
        elif not is_folder(self.folder):  # perhaps a share that is not mounted: an empty folder would hide that
            raise ScanFolderError("Nie ma folderu skanów (EBOK_INBOX_DIR): podłącz udział albo utwórz folder.")
        elif not is_mounted(self.folder):
            raise ScanFolderError(AWAY)
        else:
            note_mount(self.folder)

    def _safely(self, known: Known, check_whole: CheckWhole, at: datetime) -> SweptFile | None:
        """One file; a fault with it must not keep the next one waiting."""
        try:
            return self._one(known, check_whole, at)
        except (FileNotFoundError, LostFileError, OriginalError):
            self._leave(known, None)  # it changes or went away: seen afresh by the next sweep
            return None
        except StoreUnreachableError as away:
            log.error("store_unreachable")
            self._leave(known, away.code)
            return self._waits(known, away.code, away.message)
        except Exception as fault:  # of the register or the disks: no fault of the file, so it does not count
            log.error("scan_folder_fault", kind=type(fault).__name__)
            if waits := _of_the_machine(fault) or _of_the_disk(fault):
                self._leave(known, waits[0])
                return self._waits(known, *waits)
            self._leave(known, CHECK_FAILED)
            return self._failed(known, fault)

    def _one(self, known: Known, check_whole: CheckWhole, at: datetime) -> SweptFile | None:
        still = (at - known.unchanged_since).total_seconds()
        if known.seen.sort is FileSort.LEAVING:
            if still >= get_settings().lease_seconds:
                self._clear(known)
        elif known.settled:
            self._remove_late(known, known.tracking or "")
        elif _arrives(known, at):
            return self._waits(known, *_ARRIVING)
        elif known.seen.sort is FileSort.UNFINISHED and still < get_settings().intake_patience_seconds:
            return self._waits(known, *_UNFINISHED)
        elif known.tracking is None or _became_readable(known.seen):
            return self._attempt(known, check_whole, still)
        return None

    def _attempt(self, known: Known, check_whole: CheckWhole, still: float) -> SweptFile | None:
        """Check a file and take it in, unless another sweep is at it."""
        with transaction() as session:
            if not sightings.claim(session, known, self._owner, self._now()):
                return None
        if known.attempts >= get_settings().max_attempts:
            return self._record(known, _GIVEN_UP)
        try:
            trouble = self._trouble(known.seen, check_whole, still)
        except FileNotFoundError:
            raise
        except Exception as fault:
            log.error("scan_folder_check_failed", kind=type(fault).__name__)
            if waits := _of_the_machine(fault):
                self._leave(known, waits[0])
                return self._waits(known, *waits)
            with transaction() as session:
                sightings.fail(session, known, self._owner, self._now())
            return self._failed(known, fault)
        patient = still < get_settings().intake_patience_seconds
        if trouble is not None and (
            trouble[0] in _UNTIL_MENDED or (patient and _may_become_whole(trouble[0], known.seen))
        ):
            self._leave(known, trouble[0])
            return self._waits(known, *trouble)
        return self._record(known, trouble)

    def _trouble(self, seen: Seen, check_whole: CheckWhole, still: float) -> tuple[str, str] | None:
        """Code and Polish reason why the file cannot be used, None when it is whole."""
        if seen.sort is FileSort.ODD:
            return _NOT_A_FILE
        if seen.sort is FileSort.CLOSED or not folder_files.is_readable(seen.path):
            return _NO_PERMISSION
        try:
            ended = self._early.is_whole(seen) or check_whole(seen.path)
        except Exception as error:
            code, message = getattr(error, "code", None), getattr(error, "message", None)
            if isinstance(code, str) and isinstance(message, str):
                return code, message
            raise
        return _MAY_GROW if ended is False and still < _STILLER * get_settings().intake_stable_seconds else None

    def _record(self, known: Known, trouble: tuple[str, str] | None) -> SweptFile | None:
        """Original first, then the register, then the folder: at each crash in between the file is still there."""
        path = known.seen.path
        stored = store_file(path) if trouble is None else keepable(path)
        if not known.seen.unchanged:
            raise LostFileError("the file changed while it was taken in")
        with transaction() as session:
            if trouble is None and stored is not None:
                receipt = receive_stored(
                    session, stored, channel=IntakeChannel.FOLDER, path=path, retried=known.tracking, turn=known.turn
                )
            else:
                code, message = trouble or _NO_PERMISSION
                receipt = quarantine(
                    session,
                    stored,
                    path=path,
                    channel=IntakeChannel.FOLDER,
                    code=code,
                    message=message,
                    retried=known.tracking,
                )
            sightings.settle(session, known, self._owner, receipt.tracking, kept=stored is not None)
        if stored is None or not self._remove(known, receipt.tracking, stored.sha256):
            self._leave(known, None)
        if stored is None and known.tracking is not None:
            return None
        return SweptFile(self._name(known), receipt.tracking, receipt.state, trouble and trouble[0], receipt.reason)

    def _remove_late(self, known: Known, tracking: str) -> None:
        """Take away what a crash, or who may not remove it, left of a file that was taken in."""
        with reading() as session:
            sha256 = load(session, tracking).original_sha256
        self._remove(known, tracking, sha256)

    def _remove(self, known: Known, tracking: str, sha256: str | None) -> bool:
        """Take the file of a recorded document away; one that stays is known as taken and not taken again."""
        if sha256 is None or folder_files.remove(known.seen, tracking, sha256) is Removal.REFUSED:
            log.warning("scan_not_removable", tracking=tracking)
            return False
        self._gone.append(known)
        return True

    def _clear(self, known: Known) -> None:
        """Finish what a crash left between renaming and removing."""
        path = known.seen.path
        tracking = folder_files.tracking_of(path)
        sha256, name = None, tracking
        with reading() as session, suppress(UnknownDocumentError):
            document = load(session, tracking)
            sha256, name = document.original_sha256, document.file_name or tracking
        if folder_files.finish_removal(path, sha256, path.with_name(Path(name).name)) is not Removal.REFUSED:
            self._gone.append(known)

    @contextmanager
    def _forgetting(self) -> Iterator[None]:
        """Forget all files that went meanwhile at once: until then they are known as taken in, and as gone after."""
        self._gone.clear()
        try:
            yield
        finally:
            if self._gone:
                with transaction() as session:
                    sightings.forget(session, self._gone)

    def _leave(self, known: Known, waiting_for: str | None) -> None:
        with transaction() as session:
            sightings.leave(session, known, self._owner, waiting_for)

    def _failed(self, known: Known, fault: Exception) -> SweptFile:
        return SweptFile(self._name(known), None, None, CHECK_FAILED, "Sprawdzenie pliku nie powiodło się.", fault)

    def _waits(self, known: Known, code: str, reason: str) -> SweptFile:
        return SweptFile(self._name(known), None, None, code, reason)

    def _name(self, known: Known) -> str:
        return readable(str(known.seen.path.relative_to(self.folder)))


def _arrives(known: Known, at: datetime) -> bool:
    """Whether it has not stood still for long enough yet."""
    new = known.seen.sort is not FileSort.LEAVING and not known.settled
    return new and (at - known.unchanged_since).total_seconds() < get_settings().intake_stable_seconds


def _of_the_machine(fault: Exception) -> tuple[str, str] | None:
    """Code and Polish reason of a fault that any other file would have met as well."""
    if is_full(fault):
        return _DISK_FULL
    if is_read_only(fault):
        return _DISK_CLOSED
    return _SCARCE if is_scarce(fault) else None


def _of_the_disk(fault: Exception) -> tuple[str, str] | None:
    """The same of what is met once a file was found whole: in copying it to the store."""
    if isinstance(fault, PermissionError):
        return _DISK_CLOSED
    return _DISK_FAULT if isinstance(fault, OSError) else None


def _became_readable(seen: Seen) -> bool:
    """Whether what was told as unreadable can be read by now."""
    return seen.sort in (FileSort.FILE, FileSort.UNFINISHED) and folder_files.is_readable(seen.path)


def _may_become_whole(code: str, seen: Seen) -> bool:
    """Whether more bytes may still come: the file is cut off, or its room is reserved and not yet filled."""
    return code in _LATER_WHOLE or (code in _MAYBE_RESERVED and folder_files.ends_blank(seen.path))
