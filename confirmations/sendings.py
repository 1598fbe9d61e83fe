"""What became of a try to send a message is written down; which of the tries are worth keeping."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from confirmations.tables import Message, Sending
from database.engine import DatabaseUnreachableError, table_of

Noted = TypeVar("Noted")
_OUTCOME: Final = update(table_of(Message)).where(Message.id == bindparam("of"), Message.claim == bindparam("claimed"))
_LEARNT: Final = update(table_of(Sending)).where(Sending.claim == bindparam("claimed"))
"""Made once: to put them together costs more than to carry them out."""
_ALIKE: Final = 3
_AGAIN: Final = 1.0
"""Seconds after which a database that could not be reached is asked again."""


def note(
    session: Session, sending: Sending, outcome: Mapping[str, Any], learnt: Mapping[str, Any], *, closed: bool
) -> bool:
    """Write what became of it into the message and the sending; False when somebody took the message over meanwhile."""
    session.flush()
    connection = session.connection()
    noted = connection.execute(_OUTCOME, {"of": sending.message_id, "claimed": sending.claim, **outcome}).rowcount == 1
    # After the message: whoever changes both takes them in this order.
    connection.execute(_LEARNT, {"claimed": sending.claim, **learnt})
    if closed:
        _keep_first_and_last(session, sending)
    return noted


def patiently(write: Callable[[], Noted], patience: timedelta) -> Noted:
    """Write what only this process knows.

    A database that is away is asked again for as long as that; DatabaseUnreachableError then.
    """
    until = time.monotonic() + patience.total_seconds()
    while True:
        try:
            return write()
        except DatabaseUnreachableError:
            if time.monotonic() >= until:
                raise
            time.sleep(_AGAIN)


def _keep_first_and_last(session: Session, closed: Sending) -> None:
    """Of tries that met a closed channel one after another, ``closed`` being the last, the first and the last stay.

    There are thousands of them in an outage of a day, and none of them left: none can come back.
    """
    tries = select(Sending.id, Sending.claim, Sending.error).where(Sending.message_id == closed.message_id)
    last = session.execute(tries.order_by(Sending.id.desc()).limit(_ALIKE)).all()
    codes = {(error or claim).partition(":")[0] for _, claim, error in last}
    if len(last) == _ALIKE and last[0].claim == closed.claim and len(codes) == 1:
        session.execute(delete(Sending).where(Sending.id == last[1].id))
