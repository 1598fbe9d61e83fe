"""The checker: folder, store, register, outbox and what the mail servers got, held against what was handed in.

Each thing has one ending, one effect, and one message or one that is shown as uncertain; no original is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.kills.mail import AcceptedMail
from benchmarks.kills.scenes import Ending, Handed
from confirmations.channels.interface import Envelope
from confirmations.channels.mail import message_id
from confirmations.channels.sms import number_of
from confirmations.rendering import Content
from confirmations.tables import WITH_A_HUMAN, Message, MessageState, Sending
from customers.tables import Account, Change, Consent, Customer, Proof, Request
from database.engine import reading
from documents import folder_files
from documents.originals import is_sound
from documents.states import OPEN, State
from documents.tables import Document, Sighting, Transition
from environment import clock
from environment.settings import get_settings
from integrity import checking as integrity
from tests.registered import register_row

LOST: Final = "lost"
DOUBLED: Final = "doubled"
WRONG: Final = "wrong"
_ELSEWHERE: Final = ("smtp", "sms-gateway")
"""Ways out that leave nothing in a folder of ours."""


@dataclass(frozen=True)
class Finding:
    """What does not hold: something is lost, is there twice, or ended otherwise than it should."""

    kind: str
    told: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.told}"


@dataclass(frozen=True)
class Found:
    """What came of all that was handed in.

    ``uncertain`` counts the messages that a human is shown because nobody knows whether they left, ``failed`` those
    that mail servers refused; ``register`` is the state of the customers, without what differs each time, to be
    compared with that of an undisturbed run.
    """

    findings: tuple[Finding, ...]
    uncertain: int
    failed: int
    register: tuple[str, ...]

    def judged(self, *, most_uncertain: int, most_failed: int = 0) -> Sequence[Finding]:
        """The findings, and whether more messages are uncertain, or were refused, than may be."""
        too_many = [
            Finding(WRONG, f"{number} messages are {state}, {most} may be")
            for state, number, most in (
                ("uncertain", self.uncertain, most_uncertain),
                ("failed", self.failed, most_failed),
            )
            if number > most
        ]
        return (*self.findings, *too_many)


def check(handed: Sequence[Handed], taken: AcceptedMail, *, with_register: bool = True) -> Found:
    """Compare everything; how many messages may be uncertain or refused is for ``Found.judged``."""
    with reading() as session:
        names = _names(session, handed)
        uncertain = session.scalars(select(Message.id).where(Message.state == MessageState.UNCERTAIN.value)).all()
        failed = session.scalars(select(Message.id).where(Message.state == MessageState.FAILED.value)).all()
        findings = [
            *_folder(session),
            *_store(session, handed),
            *(finding for one in handed for finding in _endings(session, one)),
            *_strangers(session, handed),
            *_steps(session, names),
            *_effects(session, names),
            *_outbox(session, names, taken),
            *_own_check(),
        ]
        register = sorted(_register(session, names)) if with_register else ()
        return Found(tuple(findings), len(uncertain), len(failed), tuple(register))


def being_sent() -> set[int]:
    """The messages that somebody is sending, or was when he died."""
    with reading() as session:
        return set(session.scalars(select(Message.id).where(Message.state == MessageState.SENDING.value)))


def is_quiet() -> bool:
    """Whether nobody owes anything any more but a human: no file waits, no document is open, no message may leave.

    A file that was taken is known to lie in the folder until the next look at that.
    """
    with reading() as session:
        open_still = select(Document.id).where(Document.state.in_([state.value for state in OPEN]))
        waits = select(Message.id).where(Message.state.in_([MessageState.PENDING.value, MessageState.SENDING.value]))
        busy = [*session.scalars(waits.limit(1))]
        if not busy:  # an applied document whose message waits for a human stays open for good
            stuck = select(Message.tracking).where(
                Message.state.in_([MessageState.FAILED.value, MessageState.UNCERTAIN.value])
            )
            busy = [*session.scalars(open_still.where(Document.tracking.not_in(stuck)).limit(1))]
        busy += session.scalars(select(Sighting.id).limit(1))
    return not busy and not list(folder_files.look(get_settings().inbox))


def _names(session: Session, handed: Sequence[Handed]) -> dict[str, str]:
    """What each document is called here, by its tracking number: its thing and its number in that."""
    known = {one.sha256: one.name for one in handed}
    count = Counter[str]()
    names = {}
    for document in session.scalars(select(Document).order_by(Document.part, Document.id)):
        name = known.get(document.original_sha256 or "", "a stranger")
        count[name] += 1
        names[document.tracking] = f"{name} {count[name]}"
    return names


def _folder(session: Session) -> Iterator[Finding]:
    if left := list(folder_files.look(get_settings().inbox)):
        yield Finding(WRONG, f"{len(left)} files are still in the scan folder")
    if known := session.scalars(select(Sighting.id)).all():
        yield Finding(WRONG, f"{len(known)} files are still known to lie in the scan folder")


def _store(session: Session, handed: Sequence[Handed]) -> Iterator[Finding]:
    for one in handed:
        if not is_sound(one.sha256):
            yield Finding(LOST, f"the original of {one.name} is not in the store")
    for sha256 in session.scalars(select(Document.original_sha256).where(Document.original_sha256.is_not(None))):
        assert sha256 is not None
        if not is_sound(sha256):
            yield Finding(LOST, f"the store lacks an original that a document has ({sha256[:8]})")


def _endings(session: Session, one: Handed) -> Iterator[Finding]:
    found = list(
        session.scalars(
            select(Document).where(Document.original_sha256 == one.sha256).order_by(Document.part, Document.id)
        )
    )
    wanted = [*one.endings, *[Ending(State.DUPLICATE)] * (one.times - 1)]
    if len(found) != len(wanted):
        kind = LOST if len(found) < len(wanted) else DOUBLED
        yield Finding(kind, f"{one.name} became {len(found)} documents instead of {len(wanted)}")
        return
    actual = [_ending(session, document) for document in found]
    for ending in (Counter(actual) - Counter(wanted)).elements():
        yield Finding(WRONG, f"{one.name} ended as {ending}, wanted: {wanted}")
    for document in found:
        if document.lease_owner is not None and document.lease_until and document.lease_until > clock.now():
            yield Finding(WRONG, f"somebody still holds {one.name}")


def _ending(session: Session, document: Document) -> Ending:
    """As it is; one that waits for a human because of a message has been carried out as if that had left."""
    change = session.scalar(select(Change).where(Change.tracking == document.tracking))
    messages = list(session.scalars(select(Message).where(Message.tracking == document.tracking)))
    told = document.at is State.APPLIED and any(message.state in WITH_A_HUMAN for message in messages)
    return Ending(
        State.CONFIRMED if told else document.at,
        None if change is None else change.outcome,
        tuple(sorted(message.template for message in messages)),
    )


def _strangers(session: Session, handed: Sequence[Handed]) -> Iterator[Finding]:
    known = {one.sha256 for one in handed}
    for document in session.scalars(select(Document)):
        if document.original_sha256 not in known:
            yield Finding(DOUBLED, f"a document is of nothing that was handed in ({document.tracking})")
    trackings = set(session.scalars(select(Document.tracking)))
    for table in (Change, Message):
        for tracking in session.scalars(select(table.tracking)):
            if tracking not in trackings:
                yield Finding(LOST, f"{table.__tablename__} knows a document that is not there ({tracking})")


def _steps(session: Session, names: Mapping[str, str]) -> Iterator[Finding]:
    for document in session.scalars(select(Document)):
        steps = list(
            session.scalars(select(Transition).where(Transition.document_id == document.id).order_by(Transition.id))
        )
        passed = [None, *(step.to_state for step in steps)]
        if passed[-1] != document.state or any(
            step.from_state != before for before, step in zip(passed, steps, strict=False)
        ):
            yield Finding(WRONG, f"the steps of {names[document.tracking]} do not follow each other: {passed[1:]}")
        if passed.count(State.APPLIED) > 1:
            yield Finding(DOUBLED, f"{names[document.tracking]} was applied {passed.count(State.APPLIED)} times")


def _effects(session: Session, names: Mapping[str, str]) -> Iterator[Finding]:
    """Whether what forms brought about is there, and once; that of a form is known by its tracking number."""
    for table, effects in ((Consent, ("start_einvoice", "open_account")), (Account, ("open_account",))):
        found = Counter(session.scalars(select(table.tracking)))
        for tracking, number in found.items():
            if number > 1:
                yield Finding(
                    DOUBLED, f"{names.get(tracking, tracking)} stands {number} times in {table.__tablename__}"
                )
        done = select(Change.tracking).where(Change.outcome == "done", Change.effect.in_(effects))
        for tracking in session.scalars(done):
            if tracking not in found:
                yield Finding(LOST, f"{names.get(tracking, tracking)} is done, {table.__tablename__} lacks it")


def _outbox(session: Session, names: Mapping[str, str], taken: AcceptedMail) -> Iterator[Finding]:
    got, known = Counter(taken.mails), set[tuple[str, str]]()
    for message in session.scalars(select(Message)):
        name = f"{message.template} of {names.get(message.tracking, message.tracking)}"
        if message.state in (MessageState.PENDING.value, MessageState.SENDING.value):
            yield Finding(LOST, f"{name} has not left: {message.state}")
        tries = session.scalars(select(Sending).where(Sending.message_id == message.id))
        if sum(one.accepted_at is not None for one in tries) > 1:
            yield Finding(DOUBLED, f"{name} was accepted more than once")
        if message.transport in _ELSEWHERE:
            known.add(mail := taken_as(message))
            yield from _sent(name, message.state, got[mail])
    if unknown := got.keys() - known:
        yield Finding(DOUBLED, f"mail servers took {len(unknown)} messages that the outbox does not know")
    yield from _files(session)


def _sent(name: str, state: str, number: int) -> Iterator[Finding]:
    """Whether what the outbox tells of a message fits how often mail servers took it."""
    if number > 1:
        yield Finding(DOUBLED, f"a mail server took {name} {number} times")
    if state == MessageState.SENT.value and not number:
        yield Finding(LOST, f"{name} is told as sent, no mail server has it")
    if state == MessageState.FAILED.value and number:
        yield Finding(WRONG, f"{name} is told as {state}, a mail server has it")


def _files(session: Session) -> Iterator[Finding]:
    outgoing = get_settings().outgoing
    wanted = set(
        session.scalars(
            select(Message.reference).where(
                Message.transport.not_in(_ELSEWHERE), Message.state == MessageState.SENT.value
            )
        )
    )
    there = {
        str(path.relative_to(outgoing))
        for path in outgoing.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    if wanted - there:
        yield Finding(LOST, f"the files of {len(wanted - there)} messages are not there")
    if there - wanted:
        yield Finding(DOUBLED, f"{len(there - wanted)} messages lie among the files that the outbox does not know")


def taken_as(message: Message) -> tuple[str, str]:
    """By what a mail server or SMS gateway knows a message, and for whom it is."""
    envelope = Envelope(
        message.key,
        message.tracking,
        message.template,
        message.recipient,
        Content("", "", ()),
        message.created_at,
        readdressed=message.readdressed,
    )
    if message.transport == "smtp":
        return message_id(envelope), message.recipient
    return envelope.digest, number_of(envelope)


def _own_check() -> Iterator[Finding]:
    """What the installation itself finds, as `ebok check` tells it; the audit trail is among it."""
    for one in integrity.check(moments=(0.0,)).differences:
        yield Finding(WRONG, f"`ebok check` finds {one.kind.code} of {one.subject} {one.detail}".rstrip())


def _register(session: Session, names: Mapping[str, str]) -> Iterator[str]:
    """Each customer as he stands in the register, each wish and each link; a line each, without moments and secrets."""
    for number in session.scalars(select(Customer.customer_no).order_by(Customer.customer_no)):
        row = register_row(session, number)
        assert row is not None
        yield repr(_lasting(row, names))
    for request in session.scalars(select(Request).order_by(Request.customer_no, Request.form)):
        yield f"wish of {names[request.tracking]}"
    for proof in session.scalars(select(Proof)):
        yield f"link of {names[proof.tracking]} for {proof.purpose}: used {proof.used_at is not None}, {proof.void}"


_PASSING: Final = ("at", "_on", "_from", "_to", "until")
"""What names of moments and days end with."""


def _lasting(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {
            key: (inside is not None) if key.endswith(_PASSING) else _lasting(inside, names)
            for key, inside in value.items()
        }
    if isinstance(value, list):
        return [_lasting(inside, names) for inside in value]
    return names.get(value, value) if isinstance(value, str) else value
