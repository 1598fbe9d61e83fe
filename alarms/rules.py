"""What is a trouble, as rules over what was observed; nothing here asks anybody or remembers anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from alarms.kinds import HIDES, AlarmKind

PATIENCE: Final = timedelta(minutes=5)
"""What is over sooner by itself is no trouble: a server that starts again, a sweep that follows one that was killed."""
SLOW: Final = timedelta(hours=1)
"""How long the machine, a file or a postponed message may take before that is a trouble."""
_SEVERAL: Final = 3
"""When so many messages of one medium fail in a row, the medium itself is in trouble."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait, and since when the oldest has waited."""

    number: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Failing:
    """Messages of one medium that were refused, none left since: ``closed`` when it refuses all alike.

    ``late``: those of them that were put off for themselves and wait for long.
    """

    medium: AlarmKind
    since: datetime
    refused: int
    waits: int
    closed: bool
    why: str


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen at one moment; None or nothing where all is as it should be.

    ``register`` is since when the database has not answered, and nothing else of it is known then; likewise
    ``engine`` and ``sweep`` (since when none lives). ``runs`` are scheduled runs whose last one failed, by name, and
    None where the engine was not asked. ``disks`` say what is wrong, ``store`` and ``folder`` also since when.
    ``near`` are kinds whose limit is kept again, but so narrowly that nobody can say yet that the trouble is over.
    """

    at: datetime
    register: datetime | None = None
    engine: datetime | None = None
    sweep: datetime | None = None
    runs: tuple[tuple[str, datetime], ...] | None = None
    disks: tuple[tuple[str, str], ...] = ()
    near: frozenset[AlarmKind] = frozenset()
    store: tuple[datetime, str] | None = None
    folder: tuple[datetime, str] | None = None
    failing: tuple[Failing, ...] = ()
    mailbox: tuple[datetime, str] | None = None
    files: Waiting | None = None
    open: Waiting | None = None
    backlog: Waiting | None = None
    queue: Waiting | None = None
    questions: Waiting | None = None
    stuck: Waiting | None = None
    quarantined: Waiting | None = None
    undecided: Waiting | None = None
    late: Waiting | None = None
    bounced: Waiting | None = None
    differences: Waiting | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """One cause: ``subject`` tells those of one kind apart, ``waits`` counts what waits because of it.

    ``since`` is None where nobody knows more than that it is so now.
    """

    kind: AlarmKind
    since: datetime | None
    waits: int | None = None
    subject: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """All troubles that are causes, and the kinds of which nothing is known while those last."""

    troubles: tuple[Trouble, ...]
    unknown: frozenset[AlarmKind]


def evaluate(seen: Observed) -> Findings:
    """The troubles of that moment; what is only a consequence of another one is left out."""
    found = list(_troubles(seen))
    hidden = frozenset(kind for one in found for kind in HIDES.get(one.kind, ()))
    unknown = {*hidden, *seen.near, *_nearly(seen)}
    if seen.register is not None:
        unknown |= HIDES[AlarmKind.DATABASE]
    if seen.engine is not None or seen.runs is None:
        unknown.add(AlarmKind.RUN)
    # What has been wrong for a short time may be an outage that goes on, after one message or one look that succeeded.
    unknown |= {kind for kind, since in _beginnings(seen) if since > seen.at - PATIENCE}
    return Findings(tuple(one for one in found if one.kind not in hidden), frozenset(unknown))


def _nearly(seen: Observed) -> Iterator[AlarmKind]:
    """What is not over though it would not begin now: messages of a medium are refused still, late ones only hidden."""
    yield from (one.medium for one in seen.failing)
    if seen.late is not None and _outages(seen):
        yield AlarmKind.MESSAGES


def _beginnings(seen: Observed) -> Iterator[tuple[AlarmKind, datetime]]:
    """Since when is wrong what is no trouble before it has lasted for a while."""
    plain = ((AlarmKind.ENGINE, seen.engine), (AlarmKind.SWEEP, seen.sweep))
    told = ((AlarmKind.STORE, seen.store), (AlarmKind.FOLDER, seen.folder), (AlarmKind.MAILBOX, seen.mailbox))
    yield from ((kind, since) for kind, since in plain if since is not None)
    yield from ((kind, one[0]) for kind, one in told if one is not None)
    yield from ((one.medium, one.since) for one in _outages(seen))


def _troubles(seen: Observed) -> Iterator[Trouble]:
    lasting = seen.at - PATIENCE
    for kind, since, waits in (
        (AlarmKind.DATABASE, seen.register, None),
        (AlarmKind.ENGINE, seen.engine, None),
        (AlarmKind.SWEEP, seen.sweep, seen.open.number if seen.open is not None else 0),
    ):
        if since is not None and since <= lasting:
            yield Trouble(kind, since, waits)
    for subject, told in seen.disks:
        yield Trouble(AlarmKind.DISK, None, None, subject, told)
    for kind, one in ((AlarmKind.STORE, seen.store), (AlarmKind.FOLDER, seen.folder)):
        if one is not None and one[0] <= lasting:
            yield Trouble(kind, one[0], detail=one[1])
    yield from _of_messages(seen, lasting)
    for subject, since in seen.runs or ():
        yield Trouble(AlarmKind.RUN, since, subject=subject)
    for kind, waiting in (
        (AlarmKind.FILES, seen.files),
        (AlarmKind.BACKLOG, seen.backlog),
        (AlarmKind.QUEUE, seen.queue),
        (AlarmKind.QUESTIONS, seen.questions),
        (AlarmKind.STUCK, seen.stuck),
        (AlarmKind.QUARANTINE, seen.quarantined),
        (AlarmKind.DIFFERENCES, seen.differences),
    ):
        if waiting is not None:
            yield Trouble(kind, waiting.since, waiting.number)


def _of_messages(seen: Observed, lasting: datetime) -> Iterator[Trouble]:
    outages = _outages(seen)
    for one in outages:
        if one.since <= lasting:
            yield Trouble(one.medium, one.since, one.waits, detail=one.why)
    # Those that were put off for themselves are decided on one by one, unless nothing leaves anyway.
    waiting = _together((seen.undecided, None if outages else seen.late))
    if waiting is not None:
        yield Trouble(AlarmKind.MESSAGES, waiting.since, waiting.number)
    if seen.bounced is not None:
        yield Trouble(AlarmKind.BOUNCES, seen.bounced.since, seen.bounced.number)
    if seen.mailbox is not None and seen.mailbox[0] <= lasting:
        yield Trouble(AlarmKind.MAILBOX, seen.mailbox[0], detail=seen.mailbox[1])


def _outages(seen: Observed) -> list[Failing]:
    return [one for one in seen.failing if one.closed or one.refused >= _SEVERAL]


def _together(parts: Iterable[Waiting | None]) -> Waiting | None:
    there = [one for one in parts if one is not None]
    if not there:
        return None
    return Waiting(sum(one.number for one in there), min(one.since for one in there))
