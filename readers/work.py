"""The inside of a reader: it gets open files and a question, looks, and answers. Nothing here is used elsewhere.

What recognises is imported only within functions: the process that asks imports this module, too.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import os
import pickle  # nosec B403  # what comes of a look goes through a pipe of ours
import shutil
import signal
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle
from pathlib import Path
from typing import Any, Final

from environment.settings import get_settings
from forms.form import Form
from ocr.errors import DocumentError
from readers.confinement import Processor, confine, in_force
from readers.limits import Limits
from readers.remote_knowledge import RemoteKnowledge

WARM: Final = ["readers.warm"]
"""What the process imports that readers are made from."""
PREFIX: Final = "EBOK_"
SECRETIVE: Final = (PREFIX, "PREFECT_", "PG", "AWS_")
"""What names of variables begin with that tell settings, passwords and keys."""

_OF_MEMORY: Final = ("insufficient memory", "out of memory", "allocate", "bad_alloc", "can't start new thread")
"""OpenCV, zlib and Leptonica, onnxruntime, C++, threads for whose stack there is no room."""

_PLACES: Final = 4
"""Places in the code that are told of a fault."""
_C_LIBRARY: Final = ctypes.CDLL(None)

_pipe: Connection
_asked: RemoteKnowledge
_scratch: Path
_processor: Final = Processor()


def begin(limits: Limits, pipe: Connection, settings: Mapping[str, str], scratch: str) -> None:
    """Make this process a reader: with those settings and no others, confined, its questions on the pipe."""
    from ocr.files.page_file import when_page_begins  # noqa: PLC0415

    global _pipe, _asked, _scratch
    _pipe, _asked, _scratch = pipe, RemoteKnowledge(pipe), Path(scratch)
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
    os.environ.update(settings)
    get_settings.cache_clear()
    tempfile.tempdir = scratch
    gc.freeze()  # what it shares with other readers it would have to copy, if the collector looked at it
    # A look that hangs in a library would never come to a handler written in Python.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    when_page_begins(_processor.begin_page)
    confine(limits, _scratch)


def look(name: str, limits: Limits, count: int, told: Mapping[str, Any]) -> tuple[bool, Any]:
    """One look at ``count`` files, which come open on the pipe: whether it went well, and its value or error."""
    _processor.begin_look(limits.seconds)
    _asked.begin_look()
    folder = Path(tempfile.mkdtemp(dir=_scratch))
    try:
        files = [_copied(folder / str(number)) for number in range(count)]
        return True, _LOOKS[name](files, **told)
    except BaseException as error:
        return False, as_sent(error)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _asked.end_look()
        _give_memory_back()


def _give_memory_back() -> None:
    """What a page took, which the C library would keep for the next one: most readers wait most of the time."""
    if hasattr(_C_LIBRARY, "malloc_trim"):  # other C libraries than GNU's keep little
        _C_LIBRARY.malloc_trim(0)


class ReaderFaultError(RuntimeError):
    """A fault within a reader, by the name of its class: the error itself, of some library, cannot be sent."""


def as_sent(error: BaseException) -> BaseException:
    """An error as it goes to the process that asked, with a note of where in the code it came up.

    One that cannot be made anew on the other side would be taken there for the end of the reader.
    """
    if _wants_memory(error):
        return MemoryError()
    sent = error
    try:
        pickle.loads(pickle.dumps(error))  # nosec B301  # our own, in this very process
    except Exception:
        sent = ReaderFaultError(type(error).__qualname__)
    for path, place in [(Path(each.filename), each) for each in traceback.extract_tb(error.__traceback__)[-_PLACES:]]:
        sent.add_note(f"{'/'.join(path.parts[-2:])}:{place.lineno} {place.name}")
    return sent


def _wants_memory(error: BaseException | None) -> bool:
    """Whether an error is of a library that got no memory: many have one of their own for that, and tell it in words.

    It would be taken for a fault of ours, and the file that costs too much be tried again and again.
    """
    if error is None or isinstance(error, DocumentError):
        return False
    told = str(error).lower()
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    return any(words in told for words in _OF_MEMORY) or _wants_memory(error.__cause__)


def _copied(path: Path) -> Path:
    """An open file as one of our own: libraries want names, and no other name may be looked at from here."""
    with os.fdopen(recv_handle(_pipe), "rb") as source, path.open("xb") as target:
        source.seek(0)
        shutil.copyfileobj(source, target, 1024**2)
    return path


def _check_whole(files: Sequence[Path]) -> bool:
    from ocr.files.opening import check_whole  # noqa: PLC0415

    return check_whole(files[0])


def _holds_only_blanks(files: Sequence[Path]) -> bool:
    from ocr.unfilled import holds_only_blanks  # noqa: PLC0415

    return holds_only_blanks(files[0])


def _join_photos(files: Sequence[Path]) -> bytes:
    from ocr.files.joining import join_photos  # noqa: PLC0415

    return join_photos(files)


def _read_file(
    files: Sequence[Path],
    *,
    asks: bool,
    today: date,
    only: Sequence[int] | None = None,
    turns: Mapping[int, int] | None = None,
) -> Any:
    from ocr.reading import read_file  # noqa: PLC0415

    return read_file(files[0], knowledge=_asked if asks else None, today=today, only=only, turns=turns)


def _read_as(
    files: Sequence[Path], *, form: Form, asks: bool, today: date, only: Sequence[int], turns: Mapping[int, int] | None
) -> Any:
    from ocr.reading import read_as  # noqa: PLC0415

    return read_as(files[0], form, only, knowledge=_asked if asks else None, today=today, turns=turns)


def _laid_flat(files: Sequence[Path], *, page: int, form: Form | None) -> bytes:
    from ocr.pictures import laid_flat  # noqa: PLC0415

    return laid_flat(files[0], page, form)


def _confinement(files: Sequence[Path]) -> dict[str, bool]:
    return in_force()


_LOOKS: Final[Mapping[str, Callable[..., Any]]] = {
    "check_whole": _check_whole,
    "holds_only_blanks": _holds_only_blanks,
    "join_photos": _join_photos,
    "read_file": _read_file,
    "read_as": _read_as,
    "laid_flat": _laid_flat,
    "confinement": _confinement,
}
