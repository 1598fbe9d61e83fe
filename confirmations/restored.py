"""Messages after a backup was restored: what may have left between the backup and the loss leaves by a human only.

The register is as it was when the backup was made; which messages left since then nobody knows any more. So what waited
then is uncertain, and so is what cases bring about of themselves that were in the program by then.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import CursorResult, and_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from confirmations.notice_rules import TERMS_TEMPLATES
from confirmations.tables import Message, MessageState, RecipientRole
from database.engine import Base, Instant
from documents.tables import Document

_WAITED: Final = (
    "restored: Czekała na wysłanie, gdy robiono kopię zapasową, z której odtworzono program. Mogła potem wyjść: "
    "zapytaj klienta albo wyślij ponownie."
)
MAY_HAVE_LEFT: Final = (
    "restored: Sprawa była w programie, zanim odtworzono go z kopii zapasowej, więc klient mógł już dostać tę "
    "wiadomość: zapytaj go albo wyślij ponownie."
)
"""What is told of a message of such a case."""
_NOTICE_OVER: Final = (
    "Program odtworzono z kopii zapasowej: powiadomienie mogło wyjść wcześniej, więc nie wyjdzie drugi raz."
)
"""A lost notice is better than one that comes twice, and nobody has to decide on hundreds of them."""


class Restore(Base):
    """That the register was restored at that moment from a backup made at ``backup_at``."""

    __tablename__ = "restores"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    backup_at: Mapped[datetime] = mapped_column(Instant)


def hold_back(session: Session, *, at: datetime, backup_at: datetime) -> int:
    """Hold what waited in the backup, and from now on what comes of cases until ``at``; how many messages waited."""
    session.add(Restore(at=at, backup_at=backup_at))
    lasting = Message.template.not_in(TERMS_TEMPLATES.values())  # what is promised leaves, be it twice
    waits = and_(Message.state.in_((MessageState.PENDING.value, MessageState.SENDING.value)), lasting)
    of_notices = and_(waits, Message.role == RecipientRole.NOTICE.value)
    over = {"state": MessageState.CLOSED.value, "closing": _NOTICE_OVER, "claim": None}
    session.execute(update(Message).where(of_notices).values(**over).execution_options(synchronize_session=False))
    held = update(Message).where(waits).execution_options(synchronize_session=False)
    result = session.execute(held.values(state=MessageState.UNCERTAIN.value, last_error=_WAITED, claim=None))
    session.flush()
    assert isinstance(result, CursorResult)
    return result.rowcount


def was_restored(session: Session, tracking: str) -> bool:
    """Whether the case was in the program when that was last restored, so that its messages may have left before."""
    received = select(Document.received_at).where(Document.tracking == tracking).scalar_subquery()
    return session.scalar(select(Restore.id).where(Restore.at >= received).limit(1)) is not None


def restored_since(session: Session, moment: datetime) -> bool:
    """Whether the program was restored after that moment, so that what was owed then may have left before."""
    return session.scalar(select(Restore.id).where(Restore.at >= moment).limit(1)) is not None
