"""Which documents the workflow engine does not show as they are: found by an index, told once, whoever changed them.

Whatever changes how a document stands forgets what was shown (``Document.shown``) in the same transaction. What is
shown stands there again only if nothing changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Integer, Row, Select, String, and_, bindparam, case, func, not_, or_, select, update
from sqlalchemy.orm import Session

from database.engine import insert_if_absent, table_of
from database.holders import is_in_force
from documents.leases import is_stuck
from documents.states import OPEN, WAITING, IntakeChannel, State
from documents.tables import Document, MirrorHolder, Transition
from environment import clock
from environment.settings import get_settings

_PASSING: Final = timedelta(seconds=50)
"""What the machine still works on is shown after standing still for so long: most ends before, and is shown once."""
_HELD: Final = timedelta(seconds=60)
_THE_ONE: Final = 1
_STUCK: Final = "stuck"
_NEW: Final = select(Document.id).where(Document.shown.is_(None)).limit(1)
_OPEN_ONES: Final = select(Document.id).where(Document.state.in_([state.value for state in OPEN])).limit(1)
"""Without any of these two all is shown as it stands; made once, for they are asked every few seconds."""
_STAFF: Final = "clerk:"
_DOCUMENTS: Final = table_of(Document)
_AS_FOUND: Final = and_(
    _DOCUMENTS.c.state == bindparam("was_state"),
    *(
        _DOCUMENTS.c[name].is_not_distinct_from(bindparam(found, type_=_DOCUMENTS.c[name].type))
        for name, found in (
            ("form", "was_form"),
            ("reason_code", "was_reason"),
            ("last_fault", "was_fault"),
            ("values_erased_at", "was_erased"),
        )
    ),
)
_NOTED: Final = (
    update(_DOCUMENTS)
    .where(_DOCUMENTS.c.id == bindparam("of"))
    .values(
        shown_run=bindparam("run"),
        shown=case((_AS_FOUND, bindparam("mark", type_=String)), else_=_DOCUMENTS.c.shown),
        told_step=func.coalesce(bindparam("told", type_=Integer), _DOCUMENTS.c.told_step),
    )
)
UNSURE: Final = "?"
"""Instead of a run: one was being made when the program stopped."""


@dataclass(frozen=True, slots=True)
class DocumentStanding:
    """How a document stands, as far as a manager sees it; nothing in it says whose it is.

    ``stuck``: the machine owes the next step and has used up its attempts. ``run`` is the one that shows it, None
    before there is one and ``UNSURE`` where one may be. ``since`` is when it came to stand so.
    """

    id: int
    tracking: str
    form: str | None
    way_in: IntakeChannel
    state: State
    reason_code: str | None
    fault: str | None
    stuck: bool
    run: str | None
    received_at: datetime
    since: datetime
    erased_at: datetime | None

    @property
    def long_ended(self) -> bool:
        """Whether it ended so long ago that the engine has forgotten it."""
        return self.state not in WAITING and self.since < clock.now() - _kept()

    @property
    def mark(self) -> str:
        """The note on the document that it is shown like this."""
        return _STUCK if self.stuck else self.state.value


@dataclass(frozen=True, slots=True)
class StateChange:
    """One change of state of a document; ``by_hand`` when a member of staff decided it."""

    id: int
    document: int
    tracking: str
    at: datetime
    before: State | None
    after: State
    by_hand: bool
    reason_code: str | None


def claim(session: Session, owner: str) -> bool:
    """Whether ``owner`` (unique per run) alone shows documents while it lives; the same owner may claim again."""
    at = clock.now()
    insert_if_absent(session, MirrorHolder, {"id": _THE_ONE})
    free = or_(
        MirrorHolder.owner.is_(None),
        MirrorHolder.owner == owner,
        not_(is_in_force(MirrorHolder.owner, MirrorHolder.until, _HELD)),
    )
    claimed = session.execute(
        update(MirrorHolder)
        .where(MirrorHolder.id == _THE_ONE, free)
        .values(owner=owner, until=at + _HELD)
        .execution_options(synchronize_session=False)
    )
    return bool(claimed.rowcount)  # type: ignore[attr-defined]


def release(session: Session, owner: str) -> None:
    """Let the next one show documents at once."""
    session.execute(update(MirrorHolder).where(MirrorHolder.owner == owner).values(owner=None, until=None))


def shown_in(session: Session, deployment: str) -> None:
    """Documents are shown as runs of that deployment; another one than before knows none of them yet."""
    insert_if_absent(session, MirrorHolder, {"id": _THE_ONE})
    if session.scalar(select(MirrorHolder.deployment)) == deployment:
        return
    recent = or_(Document.state.in_(_values(WAITING)), Document.updated_at >= clock.now() - _kept())
    known = or_(Document.shown.is_not(None), Document.shown_run.is_not(None))
    session.execute(update(Document).where(known, recent).values(shown=None, shown_run=None))
    session.execute(update(MirrorHolder).values(deployment=deployment))


def not_shown(session: Session, limit: int) -> list[DocumentStanding]:
    """Documents that stand otherwise than they are shown, the last changed first; only looks."""
    if session.scalar(_NEW) is None and session.scalar(_OPEN_ONES) is None:
        return []
    at = clock.now()
    passes = and_(
        *(Document.state.in_(_values(OPEN)), ~is_stuck()),
        *(Document.updated_at > at - _PASSING, Document.updated_at <= at + _PASSING),
    )
    behind = and_(Document.shown.is_(None), ~passes)
    found = session.execute(_standings().where(behind).order_by(Document.updated_at.desc()).limit(limit)).all()
    # When a worker is killed again and again, nobody is left to note that its document is stuck. Few are open.
    stuck = session.execute(_standings().where(is_stuck(), Document.shown != _STUCK).limit(limit)).all()
    return [_standing(row) for row in (*found, *stuck)][:limit]


def standing(session: Session, tracking: str) -> DocumentStanding:
    """How one document stands."""
    return _standing(session.execute(_standings().where(Document.tracking == tracking)).one())


def note_begun(session: Session, shown: Iterable[DocumentStanding]) -> None:
    """Runs are about to be made for these: whoever finds them so after a crash knows that there may be one."""
    numbers = [one.id for one in shown]
    session.execute(
        update(Document)
        .where(Document.id.in_(numbers))
        .values(shown_run=UNSURE)
        .execution_options(synchronize_session=False)
    )


def untold_steps(session: Session, shown: Iterable[DocumentStanding]) -> list[StateChange]:
    """The steps of these documents that the engine was not told of, in their order."""
    numbers = [one.id for one in shown]
    found = session.execute(
        select(Transition, Document.tracking)
        .join(Document, Document.id == Transition.document_id)
        .where(Document.id.in_(numbers), Transition.id > func.coalesce(Document.told_step, 0))
        .order_by(Transition.id)
    )
    return [_step(row, tracking) for row, tracking in found]


def note_shown(session: Session, shown: Mapping[str, DocumentStanding], steps: Iterable[StateChange] = ()) -> None:
    """Each is shown by that run as it was found, and of these steps the engine was told; what changed since is not."""
    told = {step.document: step.id for step in steps}
    rows = [
        {
            "of": one.id,
            "run": run,
            "mark": one.mark,
            "told": told.get(one.id),
            "was_state": one.state.value,
            "was_form": one.form,
            "was_reason": one.reason_code,
            "was_fault": one.fault,
            "was_erased": one.erased_at,
        }
        for run, one in shown.items()
    ]
    if rows:
        session.flush()
        session.connection().execute(_NOTED, rows)


def forget_runs(session: Session, runs: Iterable[str]) -> None:
    """These are gone from the engine: somebody took them away."""
    session.execute(
        update(Document)
        .where(Document.shown_run.in_(list(runs)))
        .values(shown_run=None)
        .execution_options(synchronize_session=False)
    )


def pass_over(session: Session, ended: Iterable[DocumentStanding]) -> None:
    """These ended long ago: the engine has forgotten them, and is not told again."""
    numbers = [one.id for one in ended]
    session.execute(
        update(Document)
        .where(Document.id.in_(numbers), Document.shown.is_(None))
        .values(shown=Document.state)
        .execution_options(synchronize_session=False)
    )


def show_again(session: Session, trackings: Iterable[str]) -> None:
    """What is shown of these is no longer true: somebody changed it there."""
    session.execute(update(Document).where(Document.tracking.in_(list(trackings))).values(shown=None))


def _kept() -> timedelta:
    """What ended before is not shown anew: by then the engine has forgotten it."""
    return timedelta(days=get_settings().engine_days)


def _standings() -> Select[Any]:
    return select(
        Document.id,
        Document.tracking,
        Document.form,
        Document.channel,
        Document.state,
        Document.reason_code,
        Document.last_fault,
        is_stuck().label("stuck"),
        Document.shown_run,
        Document.received_at,
        Document.updated_at,
        Document.values_erased_at,
    )


def _standing(row: Row[Any]) -> DocumentStanding:
    number, tracking, form, channel, state, reason_code, fault, stuck, run, *times = row
    return DocumentStanding(
        number, tracking, form, IntakeChannel(channel), State(state), reason_code, fault, bool(stuck), run, *times
    )


def _step(row: Transition, tracking: str) -> StateChange:
    before = None if row.from_state is None else State(row.from_state)
    by_hand = row.actor.startswith(_STAFF)
    return StateChange(row.id, row.document_id, tracking, row.at, before, State(row.to_state), by_hand, row.reason_code)


def _values(states: Iterable[State]) -> list[str]:
    return [state.value for state in states]
