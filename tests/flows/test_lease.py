"""A hold on a document that is at work, on both databases."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from database.engine import reading
from documents import leases, loading
from documents.tables import Document
from environment.settings import get_settings
from flows.lease import held
from tests.documents.received import scan


def _until(tracking: str) -> datetime:
    with reading() as session:
        until = loading.load(session, tracking).lease_until
    assert until is not None
    return until


@pytest.mark.usefixtures("database")
def test_a_database_that_is_away_for_a_moment_ends_neither_the_hold_nor_the_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EBOK_LEASE_SECONDS", "1.5")
    get_settings.cache_clear()
    tracking, claim, tries = scan(), leases.claim, list[bool]()

    def sometimes(session: Session, asked: str, owner: str) -> Document | None:
        """Claimed first, then away for two looks, there again for one, away for one more."""
        tries.append(len(tries) not in (1, 2, 4))
        if not tries[-1]:
            raise OperationalError("UPDATE", {"tracking": asked}, Exception("the server went away"))
        return claim(session, asked, owner)

    async def work() -> list[datetime]:
        async with held(tracking, "somebody") as document, asyncio.timeout(60):
            assert document is not None
            seen = [_until(tracking)]
            for wanted in (4, 6):
                while len(tries) < wanted or _until(tracking) == seen[-1]:
                    await asyncio.sleep(0.02)
                seen.append(_until(tracking))
            return seen

    monkeypatch.setattr(leases, "claim", sometimes)
    with capture_logs() as logs:
        seen = asyncio.run(work())
    assert seen == sorted(set(seen)), "prolonged after each trouble"
    assert [(line["event"], line["fault"], line["tracking"]) for line in logs] == [
        ("lease_not_prolonged", "OperationalError", tracking)
    ] * 2, "one line a trouble"
    with reading() as session:
        document = loading.load(session, tracking)
        assert (document.lease_owner, document.last_fault) == (None, "message_not_sent")
