"""The outbox: messages are written in the transaction that causes them and leave afterwards, each once.

A message is claimed ('sending') in a committed transaction before it goes out and marked afterwards, so that a crash
between the two is seen. Of several deliverers exactly one claims a message; each try is a row of ``Sending``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from secrets import token_hex
from typing import Any, Final
from uuid import uuid4

import structlog
from sqlalchemy import ColumnElement, and_, exists, not_, select, update
from sqlalchemy.orm import Session

from confirmations.addressing import address_now, readdress
from confirmations.allowance import take_room
from confirmations.channels import channel_for, leaves_here
from confirmations.channels.interface import MessageChannel
from confirmations.leaving_hours import may_leave, opens_at
from confirmations.notice_rules import Judge
from confirmations.one_try import Tried, try_to_send
from confirmations.recipients import Recipient
from confirmations.restored import MAY_HAVE_LEFT, restored_since, was_restored
from confirmations.sendings import note, patiently
from confirmations.sms_ends import NO_SUCH_NUMBER
from confirmations.stopped_addresses import stop, why_stopped
from confirmations.tables import ENDED, NO_CASE, Medium, Message, MessageState, RecipientRole, Sending
from database.engine import insert_all_absent, insert_if_absent, transaction
from database.holders import is_in_force
from documents.states import State
from documents.tables import Document
from environment.clock import now
from environment.settings import get_settings

SessionFactory = Callable[[], AbstractContextManager[Session]]
ChannelChoice = Callable[[Medium], MessageChannel]
Ended = Callable[[Session, str], None]
"""Told, in the transaction that marks a message as sent, the tracking number of its document."""

_PUT_OFF: Final = timedelta(hours=1)
"""After this it is tried again whether an address has room for one more message."""
_TRIES_CLOSED: Final = 2
"""After so many messages that met a closed channel the others wait; one alone may be to blame itself."""
_TOKEN_BYTES: Final = 10
_LINK_OVER: Final = "Odnośnik zastąpił nowszy albo nie jest już potrzebny."
_INTERRUPTED: Final = (
    "Program przerwano w trakcie wysyłania. Wiadomość mogła dojść: zapytaj klienta albo wyślij ponownie."
)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one message in this delivery; ``error`` is a code, None when it was sent."""

    key: str
    tracking: str
    channel: Medium
    template: str
    state: MessageState
    error: str | None = None
    closed: bool = False
    """Whether nothing goes out that way at present."""


def enqueue(
    session: Session,
    *,
    key: str,
    tracking: str,
    channel: Medium,
    recipient: str,
    template: str,
    context: Mapping[str, Any],
    role: RecipientRole = RecipientRole.EXACT,
    customer_no: str | None = None,
    by_itself: bool = False,
    owed_since: datetime | None = None,
) -> bool:
    """Put a message into the outbox, in the caller's transaction; False when that key is there already.

    ``role`` says whether ``recipient`` is looked for again when it is sent; ``customer_no`` whom it is about. What
    comes ``by_itself`` of a case, and may have left before the program was restored from a backup, waits for a human;
    so does what belongs to no case and was ``owed_since`` before.
    """
    held = by_itself and was_restored(session, tracking)
    held = held or (owed_since is not None and restored_since(session, owed_since))
    row = {
        **_new(now()),
        "key": key,
        "tracking": tracking,
        "channel": channel.value,
        "recipient": recipient,
        "template": template,
        "context": dict(context),
        "state": MessageState.UNCERTAIN.value if held else MessageState.PENDING.value,
        "last_error": MAY_HAVE_LEFT if held else None,
        "role": role.value,
        "customer_no": customer_no,
    }
    return insert_if_absent(session, Message, row)


def enqueue_notices(session: Session, notices: Sequence[Mapping[str, Any]]) -> None:
    """Put notices into the outbox, in the caller's transaction, each unless its key is there already.

    Each names its key, channel, recipient, template, context and customer_no. It leaves in the hours that notices have,
    and only if it is still needed then.
    """
    at = now()
    common = {**_new(at), "next_attempt_at": opens_at(at), "tracking": NO_CASE, "last_error": None}
    common |= {"state": MessageState.PENDING.value, "role": RecipientRole.NOTICE.value}
    insert_all_absent(session, Message, [{**common, **one} for one in notices])


def _new(at: datetime) -> dict[str, Any]:
    """What a message begins with, whatever it says."""
    counts = {"attempts": 0, "bounces": 0, "readdressed": 0, "repeatable": False}
    return {**counts, "next_attempt_at": at, "created_at": at}


def due(session: Session, tracking: str | None = None, limit: int = 100, *, judged: bool = True) -> list[str]:
    """Keys of the messages that may go out now, the longest due first; of one document when ``tracking`` is given.

    Notices are among them only where whoever sends has them ``judged``, and in their hours.

    What a crash left in 'sending' is found here: it becomes due again where that is harmless, otherwise uncertain.
    Those of cases come first: a customer waits for his link, and the invoices of a month are thousands.
    """
    _recover(session, tracking)
    of_cases = Message.tracking != NO_CASE if tracking is None else Message.tracking == tracking
    keys = _due(session, limit, of_cases, judged=judged)
    if tracking is None and len(keys) < limit:
        keys += _due(session, limit - len(keys), Message.tracking == NO_CASE, judged=judged)
    return keys


def waits(session: Session) -> bool:
    """Whether there is something for ``deliver`` to do; only looks."""
    either = (_is_due(judged=True), _is_left())
    return any(session.scalar(select(Message.id).where(each).limit(1)) is not None for each in either)


def deliver(
    session_factory: SessionFactory = transaction,
    tracking: str | None = None,
    *,
    limit: int = 100,
    channels: ChannelChoice = channel_for,
    owner: str | None = None,
    ended: Ended | None = None,
    judge: Judge | None = None,
) -> list[Delivered]:
    """Send what is due (of one document when ``tracking`` is given) and tell what became of each message.

    Faults of delivery are results, not exceptions: temporary ones are tried again after a growing delay, permanent ones
    end as 'failed', and a message that may or may not have left ends as 'uncertain'. Repeating the call is safe. Media
    do not wait for each other. ``owner`` is the run that sends: what it leaves in 'sending' is found once it is over.
    ``ended`` may not have been told of a message that was sent, where it met a fault. The ``judge`` is asked of what
    belongs to no case; without one no notice leaves: nobody could tell whether it is still needed.
    """
    with session_factory() as session:
        by_medium = _by_medium(session, due(session, tracking, limit, judged=judge is not None))

    one = _Lane(session_factory, channels, owner, ended, judge)
    with ThreadPoolExecutor(max(len(by_medium), 1), "a medium") as lanes:
        return [done for lane in lanes.map(lambda keys: [*one.deliver(keys)], by_medium.values()) for done in lane]


def all_ended(session: Session, tracking: str) -> bool:
    """Whether the document has messages and every one of them was sent, or closed by a clerk."""
    states = set(session.scalars(select(Message.state).where(Message.tracking == tracking)))
    return bool(states) and states <= set(ENDED)


def to_be_confirmed(session: Session, limit: int) -> list[str]:
    """Documents that are applied though their messages have all ended: somebody died between the two."""
    of_it = exists().where(Message.tracking == Document.tracking)
    open_still = of_it.where(Message.state.not_in(ENDED))
    found = select(Document.tracking).where(Document.state == State.APPLIED.value, of_it, not_(open_still))
    return list(session.scalars(found.limit(limit)))


def _due(session: Session, limit: int, which: ColumnElement[bool], *, judged: bool) -> list[str]:
    found = select(Message.key).where(_is_due(judged=judged), which)
    return list(session.scalars(found.order_by(Message.next_attempt_at, Message.id).limit(limit)))


def _by_medium(session: Session, keys: Sequence[str]) -> dict[str, list[str]]:
    """The keys parted by medium, each in the order given."""
    found = session.execute(select(Message.key, Message.channel).where(Message.key.in_(keys)))
    medium_of = dict(found.tuples().all())
    parted: dict[str, list[str]] = {}
    for key in keys:
        parted.setdefault(medium_of[key], []).append(key)
    return parted


@dataclass(frozen=True, slots=True)
class _Lane:
    """Messages of one medium, one after another.

    What came of one is written in the transaction that claims the next: at once, and for half the transactions.
    """

    session_factory: SessionFactory
    channels: ChannelChoice
    owner: str | None
    ended: Ended | None
    judge: Judge | None = None

    def deliver(self, keys: Sequence[str]) -> Iterator[Delivered]:
        """All of them, until it is clear that nothing goes out this way at present."""
        closed, before = 0, None
        for key in keys:
            done, message, sending = self._claim_next(before, key)
            before = None
            if done is not None:
                yield done
            if message is not None and sending is not None:
                before = try_to_send(message, sending, self.channels(Medium(message.channel)))
                closed = closed + 1 if before.closed else 0
            elif message is not None and message.state == MessageState.CLOSED.value:
                yield Delivered(key, message.tracking, Medium(message.channel), message.template, MessageState.CLOSED)
                closed = 0
            if closed >= _TRIES_CLOSED:
                break
        if before is not None and (done := self._claim_next(before, None)[0]) is not None:
            yield done

    def _claim_next(
        self, before: Tried | None, key: str | None
    ) -> tuple[Delivered | None, Message | None, Sending | None]:
        """Write what came of the one before, and claim the next, if there is one."""
        try:
            with self.session_factory() as session:
                done = None if before is None else self._written(session, before, self.ended)
                return done, *self._claimed(session, key)
        except Exception:  # of the next one, or of what hangs on the one before: that was tried all the same
            if before is None:
                raise
            done = patiently(partial(self._write_alone, before), _longest_lease())
        with self.session_factory() as session:
            return done, *self._claimed(session, key)

    def _claimed(self, session: Session, key: str | None) -> tuple[Message | None, Sending | None]:
        return (None, None) if key is None else _claim(session, key, self.channels, self.owner, self.judge)

    def _write_alone(self, tried: Tried) -> Delivered | None:
        with self.session_factory() as session:
            return self._written(session, tried, None)

    def _written(self, session: Session, tried: Tried, ended: Ended | None) -> Delivered | None:
        """What came of a try, marked; None when another deliverer took over because this one was late."""
        marked = note(session, tried.sending, tried.outcome, tried.learnt, closed=tried.closed)
        message, state, code = tried.message, tried.state, tried.code
        _log.info("message", key=message.key, state=state.value, transport=tried.transport, error=code, late=not marked)
        if not marked:
            return None  # its lease ran out: what the next deliverer or a human wrote since then stands
        if message.channel == Medium.SMS.value and code == NO_SUCH_NUMBER:
            stop(session, message.recipient, code)
        if ended is not None and state is MessageState.SENT and message.tracking != NO_CASE:
            ended(session, message.tracking)
        medium = Medium(message.channel)
        return Delivered(message.key, message.tracking, medium, message.template, state, code, tried.closed)


def _claim(
    session: Session, key: str, channels: ChannelChoice, owner: str | None, judge: Judge | None
) -> tuple[Message | None, Sending | None]:
    """Take a due message for this deliverer, with the recipient of this moment; no sending where it must not leave.

    No message where another has it, or it is not due (any more): who comes second keeps to the time that the first set.
    """
    due_now = select(Message).where(Message.key == key, _is_due(judged=judge is not None))
    message = session.scalars(due_now.with_for_update(skip_locked=True)).first()
    if message is None:
        return None, None
    sending, keeps = None, message.role == RecipientRole.CUSTOMER.value and _was_interrupted(session, message)
    if not keeps and (over := _no_longer_needed(session, message, judge)) is not None:
        message.state, message.closing = MessageState.CLOSED.value, over
    # It may have become another medium just now, which another machine sends.
    elif leaves_here(Medium(message.channel)) and not (_put_off(session, message) or _is_stopped(session, message)):
        sending = _begin(message, channels(Medium(message.channel)), owner)
        session.add(sending)
    session.flush()
    return message, sending


def _no_longer_needed(session: Session, message: Message, judge: Judge | None) -> str | None:
    """Why a message is not to leave any more; None when it is, to the recipient of this moment."""
    if not address_now(session, message):
        return _LINK_OVER
    found = judge(session, message) if judge is not None and message.tracking == NO_CASE else None
    if isinstance(found, Recipient):
        readdress(message, found)
        return None
    return found


def _was_interrupted(session: Session, message: Message) -> bool:
    """Whether the last try may have left a message already: another recipient would get a second one beside it."""
    tries = select(Sending).where(Sending.message_id == message.id).order_by(Sending.id.desc()).limit(1)
    last = session.scalars(tries).first() if message.attempts else None
    return last is not None and last.accepted_at is None and last.error is None


def _begin(message: Message, channel: MessageChannel, owner: str | None) -> Sending:
    """Mark a message as being sent; its new sending, which has a return address of its own."""
    at, claim = now(), uuid4().hex
    message.state, message.claim, message.attempts = MessageState.SENDING.value, claim, message.attempts + 1
    message.transport, message.repeatable = channel.name, channel.repeatable
    message.lease_owner, message.leased_until = owner or "", at + _longest_lease()
    return Sending(
        message_id=message.id,
        claim=claim,
        at=at,
        channel=message.channel,
        transport=channel.name,
        recipient=message.recipient,
        return_token=token_hex(_TOKEN_BYTES),
    )


def _put_off(session: Session, message: Message) -> bool:
    """Whether its address, which nobody has proven, was written to often enough today: then it leaves later.

    The messages wait; none is lost, and none counts as a fault.
    """
    unproven = message.channel == Medium.EMAIL.value and not message.context.get("proven", True)
    tried = message.attempts or message.last_error is not None
    if tried or not unproven or take_room(session, message.recipient):
        return False
    message.next_attempt_at = now() + _PUT_OFF
    return True


def _is_stopped(session: Session, message: Message) -> bool:
    """Whether its address takes no mail, as was learnt of an earlier message: then a clerk has to know of it."""
    if message.channel != Medium.EMAIL.value or (told := why_stopped(session, message.recipient)) is None:
        return False
    message.state, message.last_error = MessageState.FAILED.value, f"address_stopped: {told}"[:300]
    return True


def _recover(session: Session, tracking: str | None) -> None:
    """Find what a crash left in 'sending': try again where that is harmless, otherwise show it as uncertain."""
    left = update(Message).where(_is_left(), *_of(tracking)).execution_options(synchronize_session=False)
    again = {"state": MessageState.PENDING.value, "next_attempt_at": now(), "claim": None}
    told = f"interrupted: {_INTERRUPTED}"
    session.execute(left.where(Message.repeatable.is_(True)).values(**again))
    session.execute(
        left.where(Message.repeatable.is_(False)).values(state=MessageState.UNCERTAIN.value, last_error=told)
    )


def _is_due(*, judged: bool) -> ColumnElement[bool]:
    """Condition: it may go out now, from here; a notice only where somebody judges it, and in its hours.

    One that was never put off may whatever the clock said when it was written, and no channel is closed for longer
    than an address has no room.
    """
    at, moment = Message.next_attempt_at, now()
    put_off = and_(at > moment, at != Message.created_at)
    too_far = and_(Message.attempts == 0, at > moment + _PUT_OFF)
    of_others = [medium.value for medium in Medium if not leaves_here(medium)]
    ours: list[ColumnElement[bool]] = [Message.channel.not_in(of_others)] if of_others else []
    if not (judged and may_leave(moment)):
        ours.append(Message.role != RecipientRole.NOTICE.value)
    return and_(Message.state == MessageState.PENDING.value, not_(and_(put_off, not_(too_far))), *ours)


def _is_left() -> ColumnElement[bool]:
    """Condition: nobody is sending it any more, though it was begun."""
    held = is_in_force(Message.lease_owner, Message.leased_until, _longest_lease())
    return and_(Message.state == MessageState.SENDING.value, not_(held))


def _longest_lease() -> timedelta:
    return timedelta(seconds=get_settings().lease_seconds)


def _of(tracking: str | None) -> list[Any]:
    return [] if tracking is None else [Message.tracking == tracking]
