"""What the terminal shows: results on standard output, everything else on standard error, errors without traceback.

No text is taken for markup: names of files and values of forms may hold square brackets. Colour is given by ``Text``.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


class CommandError(Exception):
    """A command cannot do what was asked; the message is Polish, with cause and remedy. Exit status 1."""


@cache
def err() -> Console:
    """Standard error."""
    from rich.console import Console  # noqa: PLC0415  `ebok --help` must not wait for it

    return Console(stderr=True, highlight=False, markup=False)


@cache
def out() -> Console:
    """Standard output."""
    from rich.console import Console  # noqa: PLC0415

    # A file or a pipe has no width of its own: wide enough for tables whose cells hold names of files.
    return Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 130)


def on_a_line(name: str) -> str:
    """A name of any bytes and signs as a terminal may show it."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in name)


def json_line(value: Any) -> None:
    """One JSON value on one line of standard output, at once."""
    sys.stdout.write(_writable(json.dumps(value, ensure_ascii=False, default=str)) + "\n")
    sys.stdout.flush()


def json_text(value: Any) -> None:
    """One JSON value on standard output, indented for people when it goes to a terminal."""
    indent = 2 if sys.stdout.isatty() else None
    sys.stdout.write(_writable(json.dumps(value, ensure_ascii=False, indent=indent, default=str)) + "\n")


def _writable(text: str) -> str:
    """JSON of UTF-8 on the lines that it is meant to have.

    What breaks or turns a line, and bytes that are no text, stand in it as JSON escapes them, and lose nothing; so does
    every letter beyond ASCII where the terminal is not one of UTF-8.
    """
    plain = str.isprintable if (sys.stdout.encoding or "utf-8").lower() in ("utf-8", "utf8") else _is_plain_ascii
    return "".join(sign if plain(sign) or sign == "\n" else json.dumps(sign)[1:-1] for sign in text)


def _is_plain_ascii(sign: str) -> bool:
    return sign.isascii() and sign.isprintable()


def bear_any_text() -> None:
    """Have a letter that the terminal's encoding lacks shown as '?': a command must not end for that."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


@contextmanager
def progress() -> Iterator[Progress]:
    """A progress bar on standard error; silent when that is no terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err(), disable=not err().is_terminal, transient=True) as bar:
        yield bar


def quiet_logs() -> None:
    """Send all logging to standard error, warnings and worse only: standard output belongs to results."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")


def quiet_structured_logs() -> None:
    """The same for what the house itself logs."""
    import structlog  # noqa: PLC0415

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
