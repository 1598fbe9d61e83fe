"""The setting in force: documents are judged by it, looks tighten it, a manager turns it; every change is audited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Text, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from audit.trail import record
from customers import matching
from customers.records import CustomerLookup
from database.engine import insert_if_absent
from documents.states import IntakeChannel, State
from documents.tables import Document, Reading, Transition
from documents.values import problems_of
from environment import clock
from environment.settings import get_settings
from forms.submission import Source, Submission
from review.tables import SecondLook, Tolerance
from review.tolerance.considering import OVERDUE, SETTLED, consider
from review.tolerance.evidence import STRATA, WAYS, WORD, Looked, Relied
from review.tolerance.reliance import DOUBT_HELD, doubted, rests_on
from review.tolerance.thresholds import LADDER, NEVER, URGENT, WINDOWS, Reason, Setting, Tightening, drifted, kind_of

SUBJECT: Final = "tolerance"
"""Under this all changes stand in the audit."""
DEFAULT: Final = 1.0
LEAST, MOST = 0.2, 20.0
"""Bounds of what may be tolerated, of a thousand: nobody can prove less in a year, more is no reading any more."""
_EVERY: Final = timedelta(hours=1)
ROW: Final = 1
"""The one there is."""
_CHANNELS: Final = (IntakeChannel.FOLDER, IntakeChannel.CLI, IntakeChannel.UPLOAD)


class ToleranceError(ValueError):
    """The setting cannot be changed so; the message is Polish."""


def in_force(session: Session) -> Setting:
    """What holds now."""
    return _setting(session.get(Tolerance, ROW))


def corroborated(
    session: Session, document: Document, submission: Submission, directory: CustomerLookup, *, seen: bool
) -> Submission:
    """A reading held against the register, and doubted where a value its effect rests on is under its threshold.

    What the register confirms is trusted at any setting. Unless a clerk has ``seen`` the document, it keeps what it
    would rest on with the thresholds that were fitted: that tells what other settings would bring.
    """
    fitted = matching.corroborate(submission, directory)
    if not seen:
        document.relied_on = rests_on(submission, fitted, directory, clock.today())
        if document.relied_on and problems_of(document):
            document.relied_on = {}
    setting, way = _setting(_considered(session)), way_of(document.channel)
    needed = matching.needed(fitted)
    strict = doubted(submission, way, setting.thresholds, needed)
    strict = doubted(strict, way, setting.limits, needed, DOUBT_HELD)
    return fitted if strict is submission else matching.corroborate(strict, directory)


def way_of(channel: str) -> str:
    """The way in, as evidence is counted."""
    return WAYS[channel == IntakeChannel.UPLOAD]


def rate_of(session: Session, document: Document) -> float:
    """The share of documents like this one that are looked at again."""
    least, budget = get_settings().second_look_rate, get_settings().second_looks_a_day
    row = _considered(session)
    known: Mapping[str, float] = {} if row is None else row.rates
    strata = {f"{kind}/{way_of(document.channel)}" for kind, _ in (document.relied_on or {}).values()}
    rate = max((known.get(stratum, least) for stratum in strata), default=least)
    if rate <= least:
        return least
    day = clock.now() - timedelta(days=1)
    drawn = session.scalar(select(func.count()).where(SecondLook.chosen_at > day)) or 0
    return rate if drawn < URGENT * budget else least


def _considered(session: Session) -> Tolerance | None:
    """The row, considered anew once an hour."""
    row = session.get(Tolerance, ROW)
    if row is None or row.considered_at is None or row.considered_at <= clock.now() - _EVERY:
        reconsider(session)
        row = session.get(Tolerance, ROW)
    session.info[SUBJECT] = row  # or the session would forget it, and ask again
    return row


def reconsider(session: Session) -> list[Tightening]:
    """Tighten and hold what the looks prove or suspect, and set anew how many documents are looked at again.

    Nothing is done while another transaction is at it.
    """
    row = _locked(session, skip=True)
    if row is None:
        return []
    now, setting = clock.now(), _setting(row)
    row.drifting = [way for way in WAYS if drifted(_weeks(session, way, now))]
    found = consider(
        looks(session, now - max(WINDOWS)),
        stopped(session, now - max(WINDOWS), SETTLED),
        setting,
        now,
        doubted=settled_doubts(session, now - max(WINDOWS), SETTLED),
        overdue=_overdue(session, now),
        drifting=row.drifting,
        volume=_volume(session, now),
        least=get_settings().second_look_rate,
        budget=get_settings().second_looks_a_day,
    )
    for one in found.tightened:
        row.steps = {**row.steps, one.stratum: one.after}
        proven = one.proven
        detail = {"stratum": one.stratum, "from": one.before, "to": one.after, "values": proven.values}
        detail |= {"wrong": proven.wrong, "low": proven.low, "high": proven.high, "tolerated": row.tolerated}
        record(session, actor="machine", action="threshold_tightened", subject=SUBJECT, detail=detail)
    _hold(session, row, found.held)
    row.rates = dict(found.rates)
    row.considered_at = now
    session.flush()
    return list(found.tightened)


def _hold(session: Session, row: Tolerance, held: Mapping[str, Reason]) -> None:
    """What is held from now on, or let go, with an entry for each in the audit."""
    for stratum in STRATA:
        before, after = row.held.get(stratum), held.get(stratum)
        if after and not before:
            detail = {"stratum": stratum, "reason": after, "tolerated": row.tolerated}
            record(session, actor="machine", action="values_held", subject=SUBJECT, detail=detail)
        elif before and not after:
            record(session, actor="machine", action="values_let_go", subject=SUBJECT, detail={"stratum": stratum})
    row.held = dict(held)


def tolerate(session: Session, actor: str, per_thousand: float) -> None:
    """Set how many wrong values among a thousand are tolerated; what that asks for is tightened at once."""
    if not LEAST <= per_thousand <= MOST:
        raise ToleranceError(f"Podaj liczbę od {_shown(LEAST)} do {_shown(MOST)}.")
    row = _kept(session)
    if row.tolerated != per_thousand:
        detail = {"from": row.tolerated, "to": per_thousand}
        record(session, actor=actor, action="tolerance_set", subject=SUBJECT, detail=detail)
        row.tolerated = per_thousand
        session.flush()
        reconsider(session)


def loosen(session: Session, actor: str, stratum: str, seen: int) -> None:
    """Take a threshold back by one step, from the one that was ``seen``; only later looks count there from now on."""
    row = _kept(session)
    step = row.steps.get(stratum, 0)
    if stratum not in STRATA or step != seen or not step:
        raise ToleranceError("Ten próg zmienił się, odkąd otwarto stronę. Obejrzyj go jeszcze raz.")
    row.steps = {**row.steps, stratum: step - 1}
    row.since = {**row.since, stratum: clock.now().isoformat()}
    detail = {"stratum": stratum, "from": step, "to": step - 1}
    record(session, actor=actor, action="threshold_loosened", subject=SUBJECT, detail=detail)
    session.flush()
    reconsider(session)


def looks(session: Session, since: datetime) -> list[Looked]:
    """The documents compared since then, with the values that each rested on."""
    asked = (
        select(SecondLook.looked_at, SecondLook.rate, SecondLook.wrong, Document.channel, Document.relied_on)
        .join(Document, Document.tracking == SecondLook.tracking)
        .where(SecondLook.looked_at > since, SecondLook.rate > 0, Document.relied_on.is_not(None))
    )
    return [
        Looked(at, way_of(channel), rate, relied(values, wrong or ()))
        for at, rate, wrong, channel, values in session.execute(asked)
        if values
    ]


def stopped(session: Session, since: datetime, most: int) -> list[Looked]:
    """The newest documents that a threshold stopped, with what a clerk found: every one of them was looked at."""
    newest = (
        select(Document.id)
        .join(Reading, Reading.document_id == Document.id)
        .where(Document.received_at > since, Document.relied_on.is_not(None), Reading.superseded.is_(False))
        .where(Reading.reader.startswith("clerk:"))
        .group_by(Document.id)
        .order_by(Document.id.desc())
        .limit(most)
    )
    asked = (
        select(Document.id, Document.channel, Document.relied_on, Reading)
        .join(Reading, Reading.document_id == Document.id)
        .where(Document.id.in_(newest), or_(Reading.reader.startswith("clerk:"), Reading.reader == "machine"))
        .order_by(Reading.id)
    )
    found: dict[int, tuple[str, Mapping[str, Any], dict[str, Reading], dict[str, Reading]]] = {}
    for number, channel, values, row in session.execute(asked):
        if row.field in values and values[row.field][1] < NEVER:
            _, _, read, said = found.setdefault(number, (channel, values, {}, {}))
            if row.reader == "machine":
                read[row.field] = row
            elif not row.superseded:
                said[row.field] = row
    return [
        Looked(
            max(row.at for row in said.values()),
            way_of(channel),
            1.0,
            relied(values, {name for name, row in said.items() if name in read and read[name].value != row.value}),
        )
        for channel, values, read, said in found.values()
        if said
    ]


def settled_doubts(session: Session, since: datetime, most: int) -> list[Looked]:
    """The newest values by pen that the reader doubted, of documents for a clerk at any setting, with what he found.

    Of those alone the confidence is a probability: whether it still holds, they tell before the sure ones do.
    """
    read, said = aliased(Reading), aliased(Reading)
    asked = (
        select(Document.channel, read.document_id, read.field, read.confidence, read.value, said.value, said.at)
        .join(read, read.document_id == Document.id)
        .join(said, and_(said.document_id == read.document_id, said.field == read.field))
        .where(Document.received_at > since, cast(Document.relied_on, Text) == "{}")
        .where(read.reader == "machine", read.source == Source.HANDPRINT, read.confidence > WORD)
        .where(read.trusted.is_(False), said.reader.startswith("clerk:"), said.superseded.is_(False))
        .order_by(read.document_id.desc(), read.id)
        .limit(most)
    )
    found = {
        (number, name): Looked(at, way_of(channel), 1.0, (Relied("hand", sure, value != right),))
        for channel, number, name, sure, value, right, at in session.execute(asked)
    }
    return list(found.values())


def relied(values: Mapping[str, Any], wrong: Any = ()) -> tuple[Relied, ...]:
    """What a document rests on, from its row; ``wrong`` names the fields that were read wrong."""
    return tuple(Relied(kind, sure, name in wrong) for name, (kind, sure) in values.items())


def _overdue(session: Session, now: datetime) -> dict[str, int]:
    """How many documents wait too long for their second look, by way in."""
    if not get_settings().second_look_rate:
        return {}
    asked = (
        select(Document.channel, func.count())
        .join(SecondLook, SecondLook.tracking == Document.tracking)
        .where(SecondLook.verdict.is_(None), SecondLook.chosen_at < now - OVERDUE)
        .group_by(Document.channel)
    )
    found = Counter[str]()
    for channel, number in session.execute(asked):
        found[way_of(channel)] += number
    return found


def _weeks(session: Session, way: str, now: datetime) -> list[tuple[int, int]]:
    """Documents of a way and those that would go through as fitted: of this week, and of the four weeks before it."""
    week, before = now - timedelta(days=7), now - timedelta(days=35)
    found = []
    for begin, end in ((week, now), (before, week)):
        found.append(_counted(session, [one for one in _CHANNELS if way_of(one) == way], begin, end))
    return found


def _counted(session: Session, channels: list[IntakeChannel], begin: datetime, end: datetime) -> tuple[int, int]:
    within = and_(Document.received_at > begin, Document.received_at <= end, Document.channel.in_(channels))
    ready = func.sum(case((cast(Document.relied_on, Text) != "{}", 1), else_=0))
    number, through = session.execute(select(func.count(), ready).where(within, Document.relied_on.is_not(None))).one()
    return number, int(through or 0)


def _volume(session: Session, now: datetime) -> float:
    """Documents a day that a machine read and no clerk saw."""
    seen = select(Transition.id).where(Transition.document_id == Document.id, Transition.to_state == State.IN_REVIEW)
    untouched = and_(
        Document.state.in_((State.APPLIED, State.CONFIRMED)), Document.relied_on.is_not(None), ~seen.exists()
    )
    day, week = (
        session.scalar(select(func.count()).where(Document.received_at > now - timedelta(days=days), untouched)) or 0
        for days in (1, 7)
    )
    return max(day, week / 7)


def _setting(row: Tolerance | None) -> Setting:
    if row is None:
        return Setting(DEFAULT / 1000, {}, {})
    # A later edition may have fewer steps: the last one is still 'never'.
    steps = {one: min(step, len(LADDER[kind_of(one)]) - 1) for one, step in row.steps.items() if one in STRATA}
    since = {stratum: datetime.fromisoformat(at) for stratum, at in row.since.items()}
    return Setting(
        row.tolerated / 1000, steps, since, {one: reason for one, reason in row.held.items() if one in STRATA}
    )


def _kept(session: Session) -> Tolerance:
    row = _locked(session, skip=False)
    assert row is not None
    return row


def _locked(session: Session, *, skip: bool) -> Tolerance | None:
    """The one row, locked; with ``skip`` None where another transaction has it.

    Whoever applies a document holds the end of the audit already and must not wait for who waits for that.
    """
    empty = {"id": ROW, "tolerated": DEFAULT, "steps": {}, "since": {}, "rates": {}, "drifting": [], "held": {}}
    if session.get(Tolerance, ROW) is None:
        insert_if_absent(session, Tolerance, empty)
    asked = select(Tolerance).where(Tolerance.id == ROW).with_for_update(skip_locked=skip)
    return session.scalar(asked.execution_options(populate_existing=True))


def _shown(number: float) -> str:
    return f"{number:g}".replace(".", ",")
