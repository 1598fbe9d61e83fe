"""The whole database as it is at one moment, as a stream of bytes, and back: SQLite's own backup, pg_dump, pg_restore.

Everybody may work meanwhile. Where PostgreSQL lies, and the password, its programs are told by their environment.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Final

from psycopg.pq import Conninfo
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import ProgrammingError

from database.engine import Session, forget_engines, get_engine, reading
from environment.settings import get_settings

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
_CHUNK: Final = 1 << 20
_NO_TOOL: Final = (
    "Brakuje programu {}. Zainstaluj pakiet postgresql-client w wersji nie starszej niż serwer bazy i wydaj polecenie "
    "jeszcze raz."
)
_FAILED: Final = (
    "{} nie zakończył pracy: {}. Sprawdź EBOK_DATABASE_URL, wersję programu (nie starsza niż serwer) i miejsce."
)
_OWN: Final = "NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = found.oid AND deptype = 'e')"
"""Of a row of the catalogue: it belongs to no extension."""
_TABLES: Final = text(
    "SELECT found.oid::regclass::text FROM pg_class AS found "  # nosec B608  # nothing of anybody's is in it
    "WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND " + _OWN
)
_FUNCTIONS: Final = text(
    "SELECT found.oid::regprocedure::text FROM pg_proc AS found "  # nosec B608  # nothing of anybody's is in it
    "WHERE pronamespace = current_schema()::regnamespace AND prokind = 'f' AND " + _OWN
)


class DumpError(RuntimeError):
    """A dump cannot be made or taken back; the message is Polish, with cause and remedy, and tells no data."""


@dataclass(frozen=True, slots=True)
class Dump:
    """One moment of the database: ``session`` sees it, ``chunks`` is all of it; ``kind`` is that of the database."""

    session: Session
    kind: str
    chunks: Callable[[], Iterator[bytes]]


def kind_in_force() -> str:
    """What the database in force is."""
    return POSTGRESQL if get_engine().dialect.name == POSTGRESQL else SQLITE


@contextmanager
def dump(scratch: Path) -> Iterator[Dump]:
    """The database in force as it is now; SQLite's is copied into the folder ``scratch``, which is thrown away."""
    if kind_in_force() == POSTGRESQL:
        with reading() as session:
            moment, schema = session.execute(text("SELECT pg_export_snapshot(), current_schema()")).one()
            yield Dump(session, POSTGRESQL, partial(_dumped, moment, schema))
        return
    copy = scratch / "copy.sqlite"
    _copy(_file_in_force(), copy)
    engine = create_engine(f"sqlite:///{copy}", hide_parameters=True)
    try:
        with Session(engine) as session:
            yield Dump(session, SQLITE, partial(_compressed, copy))
    finally:
        engine.dispose()


def verify_dump(kind: str, chunks: Iterable[bytes], scratch: Path) -> None:
    """Do nothing where a dump can be taken back: it is opened or read to its end; DumpError otherwise."""
    if kind == POSTGRESQL:
        _feed(["pg_restore", f"--file={os.devnull}"], chunks)
        return
    tried = scratch / "tried.sqlite"
    _expand(chunks, tried)
    try:
        with sqlite3.connect(tried) as connection:
            sound = connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
            dangling = connection.execute("PRAGMA foreign_key_check").fetchone()
        connection.close()
    except sqlite3.DatabaseError:
        sound, dangling = False, None
    finally:
        tried.unlink(missing_ok=True)
    if not sound or dangling is not None:
        raise DumpError("Baza w kopii jest uszkodzona. Co się nie zgadza w działającej bazie, mówi: ebok check")


def is_in_use() -> bool:
    """Whether there is anything where the database in force lies."""
    if kind_in_force() == POSTGRESQL:
        with reading() as session:
            return bool(session.scalars(_TABLES).all())
    return any(path.exists() for path in _files_in_force())


def put_aside(name: str, folder: Path) -> str | None:
    """Take the database in force out of the way, undamaged; where it is now, None where there was none.

    That of PostgreSQL goes into the schema ``name`` of the same database, the file of SQLite into ``folder``. The runs
    of the workflow engine beside ours in PostgreSQL go: they are made again.
    """
    forget_engines(get_settings().url)
    if kind_in_force() == POSTGRESQL:
        with get_engine().begin() as connection:
            tables = connection.scalars(_TABLES).all()
            if not tables:
                return None
            connection.execute(text(f'CREATE SCHEMA "{name}"'))
            for table in tables:
                connection.execute(text(f'ALTER TABLE {table} SET SCHEMA "{name}"'))
            for function in connection.scalars(_FUNCTIONS).all():
                connection.execute(text(f'ALTER FUNCTION {function} SET SCHEMA "{name}"'))
            _drop_engine(connection)
        return name
    found = [path for path in _files_in_force() if path.exists()]
    for path in found:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.move(path, folder / path.name)
    return str(folder) if found else None


def load_dump(kind: str, chunks: Iterable[bytes]) -> None:
    """Make the database in force, where there is nothing, what a dump of its kind holds; all of it or nothing."""
    forget_engines(get_settings().url)
    if kind == POSTGRESQL:
        with reading() as session:
            schema = session.scalar(text("SELECT current_schema()"))
        name = str(get_engine().url.database)
        restore = ["pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
        _feed([*restore, f"--schema={schema}", f"--dbname={name}"], chunks)
        return
    place = _file_in_force()
    draft = place.with_name(f".{place.name}.taken-back")
    try:
        _expand(chunks, draft)
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)


def _drop_engine(connection: Connection) -> None:
    # Somebody else's stays, and its runs are shown beside the new ones.
    with suppress(ProgrammingError), connection.begin_nested():
        connection.execute(text("DROP SCHEMA IF EXISTS prefect CASCADE"))


def _file_in_force() -> Path:
    name = get_engine().url.database
    if not name or name == ":memory:":
        raise DumpError("Bazy w pamięci nie można skopiować. Popraw EBOK_DATABASE_URL.")
    return Path(name)


def _files_in_force() -> list[Path]:
    place = _file_in_force()
    return [place, *(place.with_name(place.name + ending) for ending in ("-wal", "-shm"))]


def _copy(source: Path, target: Path) -> None:
    """One step, so that nobody who writes meanwhile has it begin anew."""
    if not source.exists():
        raise DumpError("Nie ma jeszcze bazy danych, więc nie ma czego kopiować. Sprawdź EBOK_HOME.")
    read, written = sqlite3.connect(source, timeout=30), sqlite3.connect(target)
    try:
        read.backup(written, pages=-1)
        written.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target.parent)) from error
        raise DumpError("Nie można odczytać bazy danych. Co jej jest, mówi: ebok check") from error
    finally:
        read.close()
        written.close()


def _compressed(path: Path) -> Iterator[bytes]:
    packer = zlib.compressobj()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield packer.compress(chunk)
    yield packer.flush()


def _expand(chunks: Iterable[bytes], path: Path) -> None:
    """Write the file of SQLite that a dump holds; on the disk when this returns."""
    unpacker = zlib.decompressobj()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        for chunk in chunks:
            out.write(unpacker.decompress(chunk))
        out.write(unpacker.flush())
        out.flush()
        os.fsync(out.fileno())


def _dumped(moment: str, schema: str) -> Iterator[bytes]:
    command = ["pg_dump", "--format=custom", f'--schema="{schema}"', f"--snapshot={moment}"]
    with _program([*command, "--no-owner", "--no-privileges"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while chunk := process.stdout.read(_CHUNK):
            yield chunk


def _feed(command: list[str], chunks: Iterable[bytes]) -> None:
    with _program(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        with suppress(BrokenPipeError):
            for chunk in chunks:
                process.stdin.write(chunk)
            process.stdin.close()


@contextmanager
def _program(
    command: list[str], stdin: int = subprocess.DEVNULL, stdout: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """A program of PostgreSQL while it works; DumpError when it is missing, or did not come to its end."""
    if shutil.which(command[0]) is None:
        raise DumpError(_NO_TOOL.format(command[0]))
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=told, env=_environment())
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        finally:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(BrokenPipeError):  # it ended early, and says why
                        pipe.close()
            process.wait()
        if process.returncode:
            raise DumpError(_FAILED.format(command[0], _first_fault(told)))


def _environment() -> dict[str, str]:
    """Where the database is and who we are, as all programs of PostgreSQL read it."""
    address = get_engine().url.set(drivername=POSTGRESQL).render_as_string(hide_password=False)
    asked = ((each.envvar, each.val) for each in Conninfo.parse(address.encode()))
    return {**os.environ, **{name.decode(): value.decode() for name, value in asked if name and value}}


def _first_fault(told: IO[bytes]) -> str:
    """The first line by which a program says what is wrong: further ones may hold data."""
    told.seek(0)
    lines = told.read().decode(errors="replace").splitlines()
    return next((line.partition("error:")[2].strip() for line in lines if "error:" in line), "bez powodu")
