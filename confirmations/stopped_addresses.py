"""Addresses that take nothing: no e-mail, or no SMS, leaves for them until somebody says so. Kept as keyed digests.

All functions work inside the caller's transaction and never commit.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from confirmations.bounce_reasons import told_of
from confirmations.tables import StoppedAddress
from database.encryption import digest
from database.engine import insert_if_absent
from environment.clock import now


def stop(session: Session, address: str, reason: str) -> None:
    """Send nothing there any more; ``reason`` is the code of the bounce that says why."""
    insert_if_absent(session, StoppedAddress, {"address_key": _key(address), "reason": reason, "since": now()})


def why_stopped(session: Session, address: str) -> str | None:
    """Why nothing is sent there, in Polish; None when mail may go there."""
    reason = session.scalar(select(StoppedAddress.reason).where(StoppedAddress.address_key == _key(address)))
    return None if reason is None else f"Wcześniejsza wiadomość na ten adres wróciła. {told_of(reason)}"


def stopped_among(session: Session, addresses: Collection[str]) -> set[str]:
    """Those of these addresses and telephones to which nothing is sent."""
    keys = {_key(address): address for address in addresses}
    found = session.scalars(select(StoppedAddress.address_key).where(StoppedAddress.address_key.in_(keys)))
    return {keys[key] for key in found}


def lift(session: Session, address: str) -> None:
    """Mail may go there again."""
    session.execute(delete(StoppedAddress).where(StoppedAddress.address_key == _key(address)))


def sweep_away(session: Session, before: datetime) -> int:
    """Forget addresses that were stopped before then: they may have owners by now. Gives how many."""
    gone = delete(StoppedAddress).where(StoppedAddress.since < before).returning(StoppedAddress.id)
    return len(session.scalars(gone).all())


def _key(address: str) -> str:
    return digest("stopped address", address.strip().lower())
