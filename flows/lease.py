"""Holding a document while working on it: nobody else takes it, and a killed worker's hold runs out by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final
from uuid import uuid4

from prefect.runtime import flow_run

from database.engine import transaction
from database.settings import get_settings
from documents import register
from documents.states import OPEN
from documents.tables import Document

_LONGEST_WAIT: Final = 10.0
"""Seconds that a document waits at most for those before it."""
_GLANCE: Final = 0.2
"""Seconds between looks at them."""


def run_owner() -> str:
    """Who claims documents in this flow run: unique, so that a run never meets its own leftovers."""
    return f"run {flow_run.id or uuid4()}"


@asynccontextmanager
async def held(tracking: str, owner: str) -> AsyncIterator[Document | None]:
    """Hold one document for the block and prolong the hold while it lasts; None when it cannot be had.

    UnknownDocumentError when there is no such document.

    A fault is recorded by the name of its class and propagates. A block that ends well but leaves the document open
    (a message could not be sent yet) counts as a fault too: it is tried again later, and shown when it stays so.
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


async def turn(tracking: str) -> None:
    """Wait until the documents that came before this one and are under way have been carried out.

    Documents are read side by side, but what they ask for takes effect in the order of their arrival: a withdrawal must
    not overtake the acceptance that it ends. The wait is bounded, so that one slow file holds nobody up for long; a
    document that goes on too early does no harm, ``customers.effects`` leaves the order to a human then.
    """
    end = time.monotonic() + _LONGEST_WAIT
    while time.monotonic() < end and await asyncio.to_thread(_earlier_under_way, tracking):
        await asyncio.sleep(_GLANCE)


async def _prolong(tracking: str, owner: str) -> None:
    while True:
        await asyncio.sleep(get_settings().lease_seconds / 3)
        await asyncio.to_thread(_claim, tracking, owner)


def _earlier_under_way(tracking: str) -> bool:
    with transaction() as session:
        return register.earlier_under_way(session, tracking)


def _claim(tracking: str, owner: str) -> Document | None:
    with transaction() as session:
        register.load(session, tracking)
        return register.claim(session, tracking, owner)


def _record_fault(tracking: str, owner: str, code: str) -> None:
    with transaction() as session:
        register.record_fault(session, tracking, owner, code)


def _let_go(tracking: str, owner: str) -> None:
    with transaction() as session:
        register.release(session, tracking, owner)


def _finish(tracking: str, owner: str) -> None:
    with transaction() as session:
        if register.load(session, tracking).at in OPEN:
            register.record_fault(session, tracking, owner, "message_not_sent")
        else:
            register.release(session, tracking, owner)
