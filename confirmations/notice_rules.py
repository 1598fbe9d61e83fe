"""What is asked of a notice when it is about to leave; the answer comes from the room that wrote it."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from confirmations.recipients import Recipient
from confirmations.tables import Message

Judge = Callable[[Session, Message], Recipient | str]
"""Where a notice goes now, or, in Polish, why it is no longer needed; in the transaction that claims it."""
