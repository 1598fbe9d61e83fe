"""What is known about files in a scan folder, kept in the database: it survives restarts and all sweeps share it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from sqlalchemy import and_, delete, func, not_, select, update
from sqlalchemy.orm import Session

from database.encryption import digester
from database.engine import insert_all_absent, table_of
from database.holders import is_ahead, is_in_force
from documents.folder_files import Seen
from documents.tables import CHECK_FAILED, Sighting
from environment.settings import get_settings

_SHARE: Final = timedelta(seconds=0.25)
"""So long after the one before it has each of many files that come together its turn: about what it takes to read."""
_TOGETHER: Final = timedelta(seconds=2)
"""Files with no longer pause between them come together."""


class LostFileError(RuntimeError):
    """The file changed, or another sweep took it over: this one must not record it."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a file: since when it is unchanged, and how it was told before."""

    id: int
    seen: Seen
    unchanged_since: datetime
    tracking: str | None
    settled: bool
    attempts: int
    """Looks at it before that came to no end."""
    turn: datetime
    """When its turn comes among the others."""


def observe(session: Session, folder: Path, seen: Sequence[Seen], at: datetime) -> list[Known]:
    """Compare what lies in the folder with what was known; forget what is gone, unless this machine joined another.

    One that joined may be without the share: its empty folder must not make the main machine's files new ones.

    Files that come together (``seen`` in their order) have their turns one after the other, so that what comes alone
    some time after many does not wait for all of them.

    Rows are locked and added in one order, so that two sweeps wait for each other instead of for ever.
    """
    folder_key, key = key_of(folder), keying()
    here = select(Sighting).where(Sighting.folder_key == folder_key).order_by(Sighting.path_key)
    rows = {row.path_key: row for row in session.scalars(here.with_for_update())}
    by_key = dict(sorted(((key(file.path), file) for file in seen), key=itemgetter(0)))
    gone = [] if get_settings().joins_another else [row.id for known, row in rows.items() if known not in by_key]
    session.execute(delete(Sighting).where(Sighting.id.in_(gone)).execution_options(synchronize_session=False))
    in_line, fresh = _places_in_line(seen, rows, at), list[dict[str, Any]]()
    for path_key, file in by_key.items():
        row = rows.get(path_key)
        if row is None:
            fresh.append(_new(folder_key, path_key, file, at, in_line[file.path]))
        elif (row.size, row.mtime_ns) != (file.size, file.mtime_ns):
            row.size, row.mtime_ns, row.unchanged_since = file.size, file.mtime_ns, at
            row.tracking, row.settled, row.waiting_for, row.attempts = None, False, None, 0
            if row.lease_owner is None:
                row.lease_until = None  # the pause after a fault was for what it held before
        elif row.unchanged_since > at:
            row.unchanged_since = at  # the clock was put back: it stands still for as long as we know
    session.flush()
    insert_all_absent(session, Sighting, fresh)
    return [
        Known(
            row.id,
            by_key[row.path_key],
            row.unchanged_since,
            row.tracking,
            row.settled,
            row.attempts,
            row.turn or row.first_seen,
        )
        for row in session.scalars(here)
        if row.path_key in by_key
    ]


def claim(session: Session, known: Known, owner: str, at: datetime) -> bool:
    """Lease a file to one sweep, unless another holds it or it is no longer as it was seen; counts an attempt."""
    lease, pause = timedelta(seconds=get_settings().lease_seconds), _pause(get_settings().max_attempts)
    return _change(
        session,
        known,
        not_(is_in_force(Sighting.lease_owner, Sighting.lease_until, lease, at)),
        not_(and_(Sighting.lease_owner.is_(None), is_ahead(Sighting.lease_until, pause, at))),
        Sighting.settled.is_(known.settled),
        lease_owner=owner,
        lease_until=at + lease,
        attempts=known.attempts + 1,
    )


def count_early(session: Session, files: Iterable[Known], *, begun: bool) -> None:
    """Checks of these before their time have begun, each a look that came to no end; or they have ended."""
    numbers = sorted(known.id for known in files)
    rows, (before, after) = table_of(Sighting), (0, 1) if begun else (1, 0)
    nobodys = (rows.c.id.in_(numbers), rows.c.attempts == before, rows.c.lease_owner.is_(None))
    session.connection().execute(update(rows).where(*nobodys).values(attempts=after))


def leave(session: Session, known: Known, owner: str, waiting_for: str | None) -> None:
    """End a lease; the file stays where it is and waits for what the code says. Looking at it came to an end."""
    held = Sighting.lease_owner == owner
    _change(session, known, held, waiting_for=waiting_for, attempts=0, lease_owner=None, lease_until=None)


def fail(session: Session, known: Known, owner: str, at: datetime) -> None:
    """End a lease after a fault in looking at the file: it is tried again, after a pause that grows each time."""
    held = Sighting.lease_owner == owner
    _change(session, known, held, waiting_for=CHECK_FAILED, lease_owner=None, lease_until=at + _pause(known.attempts))


def settle(session: Session, known: Known, owner: str, tracking: str, *, kept: bool) -> None:
    """Note, in the transaction that records the document, that the file is taken in; LostFileError undoes both.

    ``kept`` says that its original is in the store, so that the file may go.
    """
    held = Sighting.lease_owner == owner
    if not _change(session, known, held, tracking=tracking, settled=kept, waiting_for=None, attempts=0):
        raise LostFileError("the file in the scan folder changed or was taken by another sweep")


def forget(session: Session, files: Iterable[Known]) -> None:
    """These are gone, or they are other ones by now: what was known of them no longer holds."""
    numbers = [known.id for known in files]
    session.execute(delete(Sighting).where(Sighting.id.in_(numbers)).execution_options(synchronize_session=False))


def key_of(path: Path) -> str:
    """Keyed digest of a path of any bytes."""
    return keying()(path)


def keying() -> Callable[[Path], str]:
    """``key_of`` for many at once."""
    of = digester()
    return lambda path: of(os.fsencode(path.absolute()).hex())


def version_tag(session: Session, folder: Path) -> tuple[Any, ...]:
    """Is another one when a file was seen, forgotten, taken in or left to wait since; equal for what is as it was."""
    waiting = func.count(Sighting.waiting_for), func.count(Sighting.tracking), func.sum(Sighting.attempts)
    latest = func.max(Sighting.id), func.max(Sighting.unchanged_since), func.count().filter(Sighting.settled)
    return tuple(
        session.execute(select(func.count(), *waiting, *latest).where(Sighting.folder_key == key_of(folder))).one()
    )


def _pause(attempts: int) -> timedelta:
    return timedelta(seconds=get_settings().sweep_interval_seconds * (2**attempts - 1))


def _places_in_line(seen: Sequence[Seen], rows: Mapping[str, Sighting], at: datetime) -> dict[Path, datetime]:
    """The places in line of files that are seen for the first time: after those with which they came together."""
    together = [row.turn for row in rows.values() if row.turn is not None and abs(at - row.first_seen) <= _TOGETHER]
    first = max([at, *(turn + _SHARE for turn in together)])
    key = keying()
    new = (file.path for file in seen if key(file.path) not in rows)
    return {path: first + number * _SHARE for number, path in enumerate(new)}


def _new(folder_key: str, key: str, file: Seen, at: datetime, turn: datetime) -> dict[str, Any]:
    return {
        "folder_key": folder_key,
        "path_key": key,
        "size": file.size,
        "mtime_ns": file.mtime_ns,
        "first_seen": at,
        "turn": turn,
        "unchanged_since": at,
    }


def _change(session: Session, known: Known, *conditions: Any, **values: Any) -> bool:
    """One atomic update of the row, if the file is still as it was seen."""
    same = (Sighting.id == known.id, Sighting.size == known.seen.size, Sighting.mtime_ns == known.seen.mtime_ns)
    session.flush()
    changed = update(table_of(Sighting)).where(*same, *conditions).values(**values)
    return bool(session.connection().execute(changed).rowcount)
