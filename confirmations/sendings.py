"""Which of the tries to send a message are worth keeping."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from confirmations.tables import Sending

_ALIKE: Final = 3


def keep_first_and_last(session: Session, closed: Sending) -> None:
    """Of tries that met a closed channel one after another, ``closed`` being the last, the first and the last stay.

    There are thousands of them in an outage of a day, and none of them left: none can come back.
    """
    tries = select(Sending.id, Sending.claim, Sending.error).where(Sending.message_id == closed.message_id)
    last = session.execute(tries.order_by(Sending.id.desc()).limit(_ALIKE)).all()
    codes = {(error or claim).partition(":")[0] for _, claim, error in last}
    if len(last) == _ALIKE and last[0].claim == closed.claim and len(codes) == 1:
        session.execute(delete(Sending).where(Sending.id == last[1].id))
