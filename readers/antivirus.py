"""The organisation's antivirus, where there is one: clamd sees every file of a stranger before we look at it.

The protocol is clamd's INSTREAM: pieces with their length before them, an empty one at the end, one line of answer.
When clamd gives none, the file waits: it is never taken in unseen, and never blamed.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, ClassVar, Final

from environment.settings import get_settings
from ocr.errors import DocumentError, MissingFileError, NoPermissionError, NotAFileError
from readers.pool import ReadersUnavailableError, Source

_PIECE: Final = 1 << 16
_MOST_OF_ANSWER: Final = 4096
_SHORTEST_WAIT: Final = 0.001
"""None at all would be no limit."""
_CLEAN: Final = "stream: OK"
_FOUND: Final = " FOUND"
_PORT: Final = 3310


class InfectedFileError(DocumentError):
    """The antivirus found something in the file."""

    code = "infected"
    message = "Program antywirusowy znalazł w pliku zagrożenie. Sprawdź komputer i przyślij dokument zapisany od nowa."


class AntivirusUnavailableError(ReadersUnavailableError):
    """The antivirus that the settings name gives no answer: the file is not looked at until it does."""

    code: ClassVar[str] = "antivirus_unavailable"
    message: ClassVar[str] = (
        "Program antywirusowy (clamd) nie odpowiada albo nie przyjmuje tak dużych plików. Plik czeka na sprawdzenie."
    )


def require_clean(source: Source) -> None:
    """InfectedFileError for what the antivirus knows, AntivirusUnavailableError when it does not answer.

    Nothing is done where the settings name no antivirus.
    """
    where = get_settings().clamav
    if where is None:
        return
    with _opened(source) as file:
        try:
            answer = _asked(where, file)
        except OSError as error:
            raise AntivirusUnavailableError(type(error).__name__) from error
    if answer.endswith(_FOUND):
        raise InfectedFileError
    if answer != _CLEAN:  # a limit of clamd's own, or no answer at all
        raise AntivirusUnavailableError("no clear answer")


def answers() -> bool | None:
    """Whether the antivirus answers; None where the settings name none."""
    where = get_settings().clamav
    if where is None:
        return None
    try:
        with _connected(where) as link:
            link.sendall(b"zPING\0")
            return _line(link) == "PONG"
    except OSError:
        return False


@contextmanager
def _opened(source: Source) -> Iterator[BinaryIO]:
    """The file to be shown; the errors of one that cannot be opened are those of a look at it."""
    if not isinstance(source, Path):
        source.seek(0)
        yield source
        return
    try:
        file = source.open("rb")
    except FileNotFoundError as error:
        raise MissingFileError from error
    except PermissionError as error:
        raise NoPermissionError from error
    except OSError as error:
        raise NotAFileError from error
    with file:
        yield file


def _asked(where: str, file: BinaryIO) -> str:
    with _connected(where) as link:
        link.sendall(b"zINSTREAM\0")
        while piece := file.read(_PIECE):
            link.sendall(struct.pack("!I", len(piece)) + piece)
        link.sendall(struct.pack("!I", 0))
        return _line(link)


def _connected(where: str) -> socket.socket:
    """A connection to the socket of that path, or to that host and port."""
    patience = get_settings().clamav_seconds
    if where.startswith("/"):
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(patience)
        try:
            link.connect(where)
        except OSError:
            link.close()
            raise
        return link
    host, _, port = where.partition(":")
    return socket.create_connection((host, int(port or _PORT)), timeout=patience)


def _line(link: socket.socket) -> str:
    """The answer, up to its end or that of the connection; TimeoutError where all of it takes too long."""
    told, until = b"", time.monotonic() + get_settings().clamav_seconds
    while not told.endswith(b"\0") and len(told) < _MOST_OF_ANSWER:
        link.settimeout(max(until - time.monotonic(), _SHORTEST_WAIT))
        if not (more := link.recv(_MOST_OF_ANSWER)):
            break
        told += more
        if time.monotonic() > until:
            raise TimeoutError
    return told.rstrip(b"\0").decode(errors="replace").strip()
