"""Reader processes, kept warm: each look has one to itself, and only that look is lost when it dies.

A pool of one process each (pebble), made from a server process that has the libraries loaded already. The file goes to
the reader open, so that its name is looked up here, and the reader needs no leave to look anything up.
"""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import shutil
import signal
import stat
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import TimeoutError as TookTooLongError
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from functools import cache
from multiprocessing import forkserver, util
from multiprocessing.context import ForkServerContext
from multiprocessing.reduction import send_handle
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any, BinaryIO, ClassVar, Final

from pebble import CONSTS, ProcessExpired, ProcessFuture, ProcessPool

from environment.messages import Messages
from environment.settings import Settings, get_settings
from environment.staff import StaffSettings
from environment.web import Web
from ocr.errors import (
    DocumentError,
    FileTooLargeError,
    MissingFileError,
    NoPermissionError,
    NotAFileError,
    ReaderDiedError,
    TooCostlyError,
)
from ocr.knowledge import Knowledge
from readers import work
from readers.limits import Limits, Purpose, limits_of
from readers.remote_knowledge import Answers, NoAnswerError
from readers.scratch import Scratch, clear_leftovers
from readers.slots import acquire_slot

_LOOKS_OF_ONE: Final = 200
"""After so many a reader makes room for a new one: libraries leak."""
_GLANCE: Final = 0.1
"""Seconds between looks whether a reader is alive that says nothing."""
CONSTS.sleep_unit = 0.5
"""Seconds between looks of a pool itself at its reader; each of its threads would wake up ten times a second."""
_LONGEST_START: Final = 60.0
"""Seconds after which a reader that has not begun is taken for lost."""
_TRIES: Final = 2
_OVER_A_LIMIT: Final = frozenset({signal.SIGXCPU, signal.SIGXFSZ})
_NO_FILE: Final = frozenset({errno.ELOOP, errno.ENXIO, errno.EISDIR, errno.ENODEV})
_LONGEST_FOLDER: Final = 74
"""Bytes of the folder of temporary files: the socket of that process lies in it, and has room for a name of 107."""
_OF_NO_USE: Final = (
    *("home", "database_url", "secret_key", "secret_key_file", "inbox_dir", "outgoing_dir"),
    *("originals_url", "originals_endpoint"),
    *(name for concern in (Messages, StaffSettings, Web) for name in concern.model_fields),
)
"""Settings that reading does not depend on: secrets, where our state lies, all of mail, of sign-in and of the web."""


Source = Path | BinaryIO
"""What is looked at: a file by its name, or one that is open already and is read from its start."""


class ReadersUnavailableError(RuntimeError):
    """No reader could be started: a fault of this machine, and of no file, which waits until that is mended."""

    code: ClassVar[str] = "readers_unavailable"
    message: ClassVar[str] = "Nie można uruchomić programu odczytu plików. Plik czeka, aż to się zmieni."


class _ReaderLostError(Exception):
    """The reader ended while it looked."""


class _SilentReaderError(_ReaderLostError):
    """The reader never began."""


class _Patience:
    """How long one look is waited for, by time that only runs on.

    The pool could end a look itself, but goes by the clock of the wall: one that is put right by an hour would make all
    files of this moment too costly, or let a reader run for an hour longer.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since, self._begun = time.monotonic(), False

    def check(self, *, begun: bool) -> None:
        """TookTooLongError beyond its seconds, which count from its begin; _SilentReaderError when it never begins."""
        if begun and not self._begun:
            self._since, self._begun = time.monotonic(), True
        taken = time.monotonic() - self._since
        if self._begun and taken > self._seconds:
            raise TookTooLongError
        if not self._begun and taken > _LONGEST_START:
            raise _SilentReaderError


class _Reader:
    """One process, and the pipe on which files go to it and questions come back."""

    def __init__(self, limits: Limits, settings: Mapping[str, str]) -> None:
        self._limits, self._looks = limits, 0
        self._scratch = Scratch()
        self._pipe, theirs = _processes().Pipe()
        self._answers = Answers(self._pipe)
        self._pool = ProcessPool(
            max_workers=1,
            initializer=work.begin,
            initargs=(limits, theirs, settings, str(self._scratch.path)),
            context=_processes(),
        )

    @property
    def worn(self) -> bool:
        """Whether it has looked often enough."""
        return self._looks >= _LOOKS_OF_ONE

    def look(
        self, name: str, files: Sequence[int], told: Mapping[str, Any], knowledge: Knowledge | None
    ) -> tuple[bool, Any]:
        """Whether a look at open files went well, and its value or error.

        Raises what ended the reader, or kept those from answering who know.
        """
        self._looks += 1
        self._answers.begin_look()
        task = (name, self._limits, len(files), told)
        try:
            future = self._pool.schedule(work.look, args=task)
        except RuntimeError as error:  # the pool ended while nobody looked
            raise _ReaderLostError from error
        try:
            # If the pipe breaks, the future says what happened to the reader.
            with suppress(BrokenPipeError, ConnectionResetError, EOFError):
                for file in files:
                    send_handle(self._pipe, file, None)
                self._attend(future, knowledge)
            found: tuple[bool, Any] = future.result(self._limits.seconds)  # it has said that it is at the end
        except TookTooLongError as error:
            if self._answers.seconds > self._limits.seconds / 2:  # it waited for us
                raise TimeoutError("what a reader asked of the register took too long") from error
            raise TooCostlyError from error
        except _SilentReaderError:
            raise
        except NoAnswerError as error:
            raise error.__cause__ or error from None
        except ProcessExpired as error:
            raise (TooCostlyError if -error.exitcode in _OVER_A_LIMIT else _ReaderLostError) from error
        except BrokenProcessPool as error:
            if self._looks > 1:  # it ended since the last look
                raise _ReaderLostError from error
            raise ReadersUnavailableError("no reader process could be started") from error
        except Exception as error:  # it failed beyond the look itself, or what came of that cannot be understood
            raise _ReaderLostError from error
        return found

    def _attend(self, future: ProcessFuture[Any], knowledge: Knowledge | None) -> None:
        """Answer what is asked until the look is over."""
        ended, patience = False, _Patience(self._limits.seconds)
        while not ended:
            # Asked before the last glance: that a look is over is said before its result comes. Left unheard it would
            # be taken for the end of the next look, whose questions nobody would answer.
            ended = future.done()
            if self._pipe.poll(0 if ended else _GLANCE) and not self._answers.answer(knowledge):
                break
            if not ended:
                patience.check(begun=future.running())

    def close(self) -> None:
        """End the process, whatever it does."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
        self._pipe.close()
        self._scratch.remove()


class Readers:
    """The readers for one purpose; any thread may ask, and waits while as many look as may at once on this machine."""

    def __init__(self, purpose: Purpose, limits: Limits, size: int, settings: Mapping[str, str]) -> None:
        self._purpose, self._limits, self._size, self._settings = purpose, limits, size, settings
        self._admitted = threading.BoundedSemaphore(size)
        self._free: LifoQueue[_Reader | None] = LifoQueue()
        for _ in range(size):
            self._free.put(None)

    def look(
        self, name: str, sources: Sequence[Source], told: Mapping[str, Any], knowledge: Knowledge | None = None
    ) -> Any:
        """What ``readers.work`` finds, asked by name.

        Raises the DocumentError of a file that cannot be opened or used, TooCostlyError beyond the limits,
        ReaderDiedError when two readers ended over it, ReadersUnavailableError when none can be started.
        """
        lost: _ReaderLostError = _ReaderLostError()
        for _ in range(_TRIES):
            try:
                # Our own threads first: one that ends its look wakes the next, which then finds a place free.
                with self._admitted, self._place(), _opened(sources) as files:
                    return self._look(name, files, told, knowledge)
            except _ReaderLostError as error:
                lost = error
        if isinstance(lost, _SilentReaderError):
            raise ReadersUnavailableError("readers do not begin") from lost
        raise ReaderDiedError

    def _place(self) -> AbstractContextManager[None]:
        """A share of the machine's looks; a home that holds nothing yet is no installation, and stays empty."""
        home = get_settings().home
        used = home.is_dir() and next(home.iterdir(), None) is not None
        return acquire_slot(home, self._purpose.value, self._size) if used else nullcontext()

    def _look(self, name: str, files: Sequence[int], told: Mapping[str, Any], knowledge: Knowledge | None) -> Any:
        reader, sound = self._free.get(), False
        try:
            reader = reader or self._started()
            well, value = reader.look(name, files, told, knowledge)
            sound = not reader.worn and (well or isinstance(value, DocumentError))
        finally:
            if reader is not None and not sound:
                threading.Thread(target=reader.close, name="reader ends", daemon=True).start()
            self._free.put(reader if sound else None)
        if well:
            return value
        if isinstance(value, MemoryError):
            raise TooCostlyError from value
        if isinstance(value, ImportError):
            raise ReadersUnavailableError("a reader lacks a library") from value
        raise value

    def _started(self) -> _Reader:
        try:
            return _Reader(self._limits, self._settings)
        except OSError as error:
            raise ReadersUnavailableError("no reader process could be started") from error

    def close(self) -> None:
        """End all that are not looking."""
        with suppress(Empty):
            while True:
                reader = self._free.get_nowait()
                if reader is not None:
                    reader.close()


_lock = threading.Lock()
_in_use: dict[Purpose, tuple[Mapping[str, str], Limits, Readers]] = {}


def readers_for(purpose: Purpose) -> Readers:
    """The readers of this process, made for the settings in force."""
    settings, limits = of_use(get_settings()), limits_of(purpose)
    with _lock:
        if purpose in _in_use:
            made_for, within, readers = _in_use[purpose]
            if (made_for, within) == (settings, limits):
                return readers
            threading.Thread(target=readers.close, name="readers end", daemon=True).start()
        clear_leftovers()
        readers = Readers(purpose, limits, get_settings().readers, settings)
        _in_use[purpose] = settings, limits, readers
        return readers


def of_use(settings: Settings) -> Mapping[str, str]:
    """The settings that reading depends on, as environment variables."""
    found = settings.model_dump(mode="json", exclude_none=True, exclude=set(_OF_NO_USE))
    for name, value in settings:
        if name in found and isinstance(value, Path):
            found[name] = str(value.absolute())
    return {
        f"{work.PREFIX}{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in found.items()
    }


_starting: Final = threading.Lock()


def _processes() -> ForkServerContext:
    """Where readers come from, made once, whichever thread comes first."""
    with _starting:
        return _origin()


@cache
def _origin() -> ForkServerContext:
    """A process that has loaded the libraries, with no thread, and forks."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(work.WARM)
    # It takes this process's environment along, and all readers have its memory: no secret may be in there.
    ours = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(work.SECRETIVE)}
    try:
        _shorten_names_of_sockets()
        forkserver.ensure_running()
    finally:
        os.environ.update(ours)
    return context


def _shorten_names_of_sockets() -> None:
    """Have multiprocessing call its folder by a short name, where that of temporary files is too long for a socket.

    That name means something in this process only, which goes to the socket again and again. So nobody else may get to
    know it: other threads make folders for readers meanwhile, whose names must be good everywhere.
    """
    usual = tempfile.gettempdir()
    if len(os.fsencode(usual)) > _LONGEST_FOLDER:
        folder = tempfile.mkdtemp(prefix="pymp-", dir=usual)
        util.Finalize(None, shutil.rmtree, args=(folder,), kwargs={"ignore_errors": True}, exitpriority=-100)
        within = os.open(usual, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        # There is no public way to name the folder: this is where multiprocessing.util keeps it.
        vars(multiprocessing.current_process())["_config"]["tempdir"] = f"/proc/self/fd/{within}/{Path(folder).name}"


@contextmanager
def _opened(sources: Sequence[Source]) -> Iterator[list[int]]:
    """The files open for reading; raises the DocumentError of what is no file, not ours to read, or too large."""
    with ExitStack() as stack:
        yield [one.fileno() if not isinstance(one, Path) else _open(one, stack) for one in sources]


def _open(path: Path, stack: ExitStack) -> int:
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError as error:
        raise NoPermissionError from error
    except FileNotFoundError as error:
        raise MissingFileError from error
    except OSError as error:
        if error.errno in _NO_FILE:
            raise NotAFileError from error
        raise
    stack.callback(os.close, number)
    facts = os.fstat(number)
    if not stat.S_ISREG(facts.st_mode):
        raise NotAFileError
    if facts.st_size > get_settings().max_file_bytes:
        raise FileTooLargeError
    return number
