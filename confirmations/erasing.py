"""Erasing messages once their time is over: what remains tells that there was one, when and by which way.

All functions work inside the caller's transaction and never commit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from confirmations.channels.eml import EmlFiles
from confirmations.channels.letter import PrintedLetters
from confirmations.channels.sms import SmsFiles
from confirmations.tables import NO_CASE, Message, Sending
from environment import clock
from environment.settings import get_settings

_FILES: Final = (EmlFiles.name, PrintedLetters.name, SmsFiles.name)
"""Ways out whose reference is the name of a file of ours; that of others is what a stranger's program answered."""


def messages_to(session: Session, trackings: frozenset[str]) -> list[Message]:
    """The messages of these documents, oldest first."""
    found = select(Message).where(Message.tracking.in_(trackings)).order_by(Message.id)
    return list(session.scalars(found))


def messages_about(session: Session, customer_no: str) -> list[Message]:
    """The messages about a customer that belong to no case, oldest first."""
    found = select(Message).where(Message.tracking == NO_CASE, Message.customer_no == customer_no)
    return list(session.scalars(found.order_by(Message.id)))


def erase_message(session: Session, message: Message) -> None:
    """Erase to whom a message went and what it said; ``files_of_erased`` finds the file that it left as."""
    message.recipient, message.context, message.last_error = "", {"tracking": message.tracking}, None
    message.customer_no = message.closing = None
    message.erased_at = clock.now()
    tries = update(Sending).where(Sending.message_id == message.id)
    session.execute(tries.values(recipient="", error=None, reply=None))
    session.flush()


def erase_records(session: Session, tracking: str) -> None:
    """Erase that there were messages of this document, and with them each try to send one."""
    session.execute(delete(Message).where(Message.tracking == tracking).execution_options(synchronize_session=False))


def erase_of_no_case(session: Session, keys: list[str]) -> None:
    """Erase that there were these messages, which belong to no case."""
    of_these = (Message.tracking == NO_CASE, Message.key.in_(keys))
    session.execute(delete(Message).where(*of_these).execution_options(synchronize_session=False))


def files_of_erased(session: Session) -> list[Path]:
    """Files in the folder of outgoing messages whose messages are erased."""
    folder = get_settings().outgoing
    names = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    erased = (Message.erased_at.is_not(None), Sending.transport.in_(_FILES), Sending.reference.is_not(None))
    of_erased = select(Sending.reference).join(Message, Message.id == Sending.message_id).where(*erased)
    found = session.scalars(of_erased) if names else ()
    return sorted(names[name] for name in found if name in names)
