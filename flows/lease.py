"""Holds on documents: what a run works on, given back whatever becomes of the work, and free once the run is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final
from uuid import uuid4

import structlog
from prefect.runtime import flow_run

from database import holders
from database.engine import DatabaseUnreachableError, passing_transaction, transaction
from documents import leases, loading
from documents.states import TO_BRING_FORWARD
from documents.store_interface import StoreUnreachableError
from documents.tables import Document
from environment.disk_faults import is_of_machine
from flows.engine_setup import owner_of
from readers.pool import ReadersUnavailableError

_AGAIN: Final = 1.0
"""Seconds between tries to give a document back while the register does not answer."""
_log = structlog.get_logger(__name__)


@asynccontextmanager
async def alive(purpose: str) -> AsyncIterator[str]:
    """The name under which this run holds documents, with signs of life for as long as the block lasts.

    They come from the event loop: one that stands still is taken for dead, and others take up its documents.
    """
    owner = owner_of(flow_run.id or uuid4())
    await asyncio.to_thread(_enter, owner, purpose)
    lane = ThreadPoolExecutor(1, "signs of life")  # of its own: all other threads may wait for readers
    signs = asyncio.create_task(_give_signs(owner, lane))
    try:
        yield owner
    finally:
        signs.cancel()
        with suppress(asyncio.CancelledError):
            await signs
        lane.shutdown(wait=False)
        with suppress(Exception):  # it is found out without that, only later
            _leave(owner)


@asynccontextmanager
async def held(tracking: str, owner: str, claimed: Document | None = None) -> AsyncIterator[Document | None]:
    """Hold one document for the block; None when it cannot be had.

    ``claimed`` is its row where ``owner`` holds it already. The block notes there where the document has got to.
    UnknownDocumentError when there is no such document. A fault is recorded by the name of its class and propagates;
    one of the installation counts as no attempt.
    """
    document = claimed or await asyncio.to_thread(_claim, tracking, owner)
    if document is None:
        yield None
        return
    try:
        yield document
    except Exception as fault:
        await _surely(partial(_record, tracking, owner, fault))
        raise
    except BaseException:
        _let_go(tracking, owner)  # stopped from outside, the event loop may end any moment: no thread
        raise
    else:
        if document.at in TO_BRING_FORWARD:  # otherwise the lease ended with the move to where it is
            await _surely(partial(_let_go, tracking, owner))


def is_of_installation(fault: BaseException) -> bool:
    """Whether a fault would have met any other document as well, and ends for all of them at once."""
    known = (DatabaseUnreachableError, ReadersUnavailableError, StoreUnreachableError)
    return is_of_machine(fault) or isinstance(fault, known)


async def _give_signs(owner: str, lane: ThreadPoolExecutor) -> None:
    """A register that is away for a moment ends nothing; it is told once."""
    in_trouble = False
    while True:
        await asyncio.sleep(holders.PULSE)
        try:
            await asyncio.get_running_loop().run_in_executor(lane, _give_sign, owner)
        except Exception as fault:
            if not in_trouble:
                _log.warning("no_sign_of_life", fault=type(fault).__name__)
            in_trouble = True
        else:
            in_trouble = False


async def _surely(work: Callable[[], None]) -> None:
    """Do it, as soon as the register can be reached: while its run lives nobody else would get the document."""
    while True:
        try:
            await asyncio.to_thread(work)
        except DatabaseUnreachableError:
            await asyncio.sleep(_AGAIN)
        else:
            return


def _enter(owner: str, purpose: str) -> None:
    with passing_transaction() as session:
        holders.enter(session, owner, purpose)


def _give_sign(owner: str) -> None:
    with passing_transaction() as session:
        holders.give_sign(session, owner)


def _leave(owner: str) -> None:
    with passing_transaction() as session:
        holders.leave(session, owner)


def _claim(tracking: str, owner: str) -> Document | None:
    with passing_transaction() as session:
        loading.load(session, tracking)
        return leases.claim(session, tracking, owner)


def _record(tracking: str, owner: str, fault: Exception) -> None:
    note = leases.record_trouble if is_of_installation(fault) else leases.record_fault
    with transaction() as session:
        note(session, tracking, owner, type(fault).__name__)


def _let_go(tracking: str, owner: str) -> None:
    with transaction() as session:
        leases.release(session, tracking, owner)
