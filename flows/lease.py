"""Holding a document while it is processed: nobody else takes it, and a killed worker's hold expires."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final
from uuid import uuid4

import structlog
from prefect.runtime import flow_run

from confirmations import outbox
from database.engine import passing_transaction, transaction
from documents import leases, loading
from documents.states import OPEN
from documents.tables import Document
from environment import clock
from environment.settings import get_settings

_HOUR: Final = timedelta(hours=1)
_log = structlog.get_logger(__name__)


def run_owner() -> str:
    """Who claims documents in this flow run: unique, so that a run never meets its own leftovers."""
    return f"run {flow_run.id or uuid4()}"


@asynccontextmanager
async def held(tracking: str, owner: str) -> AsyncIterator[Document | None]:
    """Hold one document for the block and prolong the hold while it lasts; None when it cannot be had.

    UnknownDocumentError when there is no such document.

    A fault is recorded by the name of its class and propagates. A block that ends well but leaves the document open
    (a message could not be sent yet) puts it off until that message may leave: that is no fault of the document, and
    the message is shown where messages are.
    """
    document = await asyncio.to_thread(_claim, tracking, owner)
    if document is None:
        yield None
        return
    prolonging = asyncio.create_task(_prolong(tracking, owner))
    try:
        yield document
    except Exception as fault:
        await asyncio.to_thread(_record_fault, tracking, owner, type(fault).__name__)
        raise
    except BaseException:
        _let_go(tracking, owner)  # stopped from outside, the event loop may end any moment: no thread
        raise
    else:
        await asyncio.to_thread(_finish, tracking, owner)
    finally:
        prolonging.cancel()
        with suppress(asyncio.CancelledError):
            await prolonging


async def _prolong(tracking: str, owner: str) -> None:
    """Prolong a hold until cancelled; a database that is away for a moment ends neither this nor the work."""
    in_trouble = False
    while True:
        await asyncio.sleep(get_settings().lease_seconds / 3)
        try:
            await asyncio.to_thread(_claim, tracking, owner)
        except Exception as fault:
            if not in_trouble:
                _log.warning("lease_not_prolonged", tracking=tracking, fault=type(fault).__name__)
            in_trouble = True
        else:
            in_trouble = False


def _claim(tracking: str, owner: str) -> Document | None:
    with passing_transaction() as session:
        loading.load(session, tracking)
        return leases.claim(session, tracking, owner)


def _record_fault(tracking: str, owner: str, code: str) -> None:
    with transaction() as session:
        leases.record_fault(session, tracking, owner, code)


def _let_go(tracking: str, owner: str) -> None:
    with transaction() as session:
        leases.release(session, tracking, owner)


def _finish(tracking: str, owner: str) -> None:
    with transaction() as session:
        if loading.load(session, tracking).at in OPEN:
            later = outbox.next_attempt(session, tracking) or clock.now() + _HOUR
            leases.put_off(session, tracking, owner, "message_not_sent", later)
        else:
            leases.release(session, tracking, owner)
