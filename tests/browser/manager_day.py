"""A day of two hundred documents in the register and in the workflow engine, to be asked about by a manager."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from alarms.keeping import keep
from alarms.kinds import AlarmKind
from alarms.rules import Findings, Trouble
from benchmarks import live, office
from confirmations.tables import Message, Sending
from customers.tables import Proof
from database.engine import transaction
from documents.states import IntakeChannel, State
from documents.tables import Document
from environment import clock
from environment.settings import get_settings
from flows.authentication import authentication_string
from review.tables import SecondLook
from tests.engine import engine_with_pages
from tests.reports.papers import paper

DOCUMENTS = 200
_FORMS = ("ebok_signup", "einvoice_acceptance", "einvoice_email_change", "einvoice_withdrawal")


@dataclass(frozen=True)
class Day:
    """What is known of it: where everything is, and some of its documents by what became of them."""

    site: str
    engine: str
    date: str
    settled: str
    by_clerk: str
    waits: str
    quarantined: str
    stuck: str
    returned: str
    to_phone: str


@contextmanager
def manager_day() -> Iterator[Day]:
    """The day before today, with the application and the engine running on a home of its own."""
    with live.throw_away_home() as home, live.serving() as site:
        office.fill_register()
        office.add_sample_staff("ewa")
        begin = clock.now().astimezone(get_settings().zone).replace(hour=7, minute=0, second=0, microsecond=0)
        begin -= timedelta(days=1)
        with transaction() as session:
            trackings = _documents(session, begin)
        to_phone = _unproven()
        with transaction() as session:
            returned = _messages(session, trackings, begin)
            _second_looks(session, begin)
            trouble = Trouble(AlarmKind.EMAIL, since=clock.now() - timedelta(minutes=20), waits=11)
            keep(session, Findings((trouble,), frozenset()))
        with engine_with_pages(home) as engine:
            office.apart(_shown(engine))
            yield Day(
                site,
                engine,
                f"{begin:%Y-%m-%d}",
                trackings["settled"][0],
                trackings["settled by a clerk"][-1],
                trackings["waits"][0],
                trackings["quarantined"][0],
                trackings["stuck"][0],
                returned,
                to_phone,
            )


def _documents(session: Session, begin: datetime) -> dict[str, list[str]]:
    """All but the two whose address nobody proves; each comes three minutes after the one before."""
    made: dict[str, list[str]] = {}
    reasons = ("doubtful", "doubtful", "mismatch_name", "login_taken")

    def add(kind: str, number: int, *steps: Any, **more: Any) -> None:
        came = begin + timedelta(minutes=3 * sum(map(len, made.values())))
        whole = [(came, State.RECEIVED), *((came + timedelta(minutes=step[0]), *step[1:]) for step in steps)]
        channel = (IntakeChannel.FOLDER, IntakeChannel.FOLDER, IntakeChannel.WEB, IntakeChannel.UPLOAD)[number % 4]
        by_hand = number % 3 == 0 and channel is not IntakeChannel.WEB
        told = {"form": _FORMS[number // 4 % 4], "channel": channel, "by_hand": by_hand, **more}
        made.setdefault(kind, []).append(paper(session, *whole, **told))

    through = (1, State.READY), (2, State.APPLIED), (4, State.CONFIRMED)
    for number in range(118):
        add("settled", number, *through)
    for number in range(30):
        clerk = (90, State.READY, "clerk:ewa"), (91, State.APPLIED), (92, State.CONFIRMED)
        add("settled by a clerk", number, (1, State.IN_REVIEW, "machine", reasons[number % 4]), *clerk)
    for number in range(20):
        add("waits", number, (1, State.IN_REVIEW, "machine", reasons[number % 4]))
    for number in range(10):
        add("rejected", number, (1, State.REJECTED, "machine", "missing_signature"))
    for number in range(10):
        add(
            "quarantined",
            number,
            (1, State.QUARANTINED, "machine", "encrypted"),
            form=None,
            channel=IntakeChannel.FOLDER,
        )
    for number in range(8):
        add("repeated", number, (1, State.DUPLICATE, "machine", "same_bytes"), form=None, channel=IntakeChannel.FOLDER)
    for number in range(2):
        add("stuck", number, form=None, channel=IntakeChannel.FOLDER)
    stuck = session.query(Document).filter(Document.tracking.in_(made["stuck"]))
    stuck.update({"attempts": get_settings().max_attempts, "last_fault": "ReaderDiedError"})
    return made


def _unproven() -> str:
    """Two customers who got a link and did not use it in time."""
    trackings = [office.online("einvoice_acceptance", person) for person in (1, 2)]
    for tracking in trackings:
        office.worked_off(tracking)
    with transaction() as session:
        session.query(Proof).update({"expires_at": clock.now()})
    return trackings[0]


def _messages(session: Session, trackings: dict[str, list[str]], begin: datetime) -> str:
    """A message for each that was settled but the last; three came back."""
    for number, tracking in enumerate([*trackings["settled"], *trackings["settled by a clerk"][:-1]]):
        at, bounced = begin + timedelta(minutes=3 * number + 5), number < 3
        values = {
            "channel": "email",
            "recipient": "x@example.com",
            "template": "t",
            "context": {},
            "next_attempt_at": at,
        }
        state = "bounced" if bounced else "sent"
        message = Message(key=f"m{number}", tracking=tracking, state=state, created_at=at, **values)
        session.add(message)
        if bounced:
            session.flush()
            why = ("mailbox_full", "unknown_user", "unknown_user")[number]
            sent = {
                "claim": f"c{number}",
                "at": at,
                "channel": "email",
                "transport": "smtp",
                "recipient": "x@example.com",
            }
            session.add(Sending(message_id=message.id, bounce=why, bounced_at=at, **sent))
    return trackings["settled"][0]


def _second_looks(session: Session, begin: datetime) -> None:
    for number in range(20):
        wrong = ["email"] if number == 0 else []
        at, verdict = begin + timedelta(hours=8), "wrong" if wrong else "right"
        looked = {"chosen_at": at, "looked_at": at, "checked": 10}
        session.add(SecondLook(tracking=f"T{number}", verdict=verdict, wrong=wrong, **looked))


async def _shown(engine: str) -> None:
    """Have the engine show every document, as a sweep does."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415  it takes seconds
    from prefect.client.schemas.actions import WorkPoolCreate  # noqa: PLC0415
    from prefect.settings import (  # noqa: PLC0415
        PREFECT_API_AUTH_STRING,
        PREFECT_API_URL,
        temporary_settings,
    )

    from flows.mirror import Mirror  # noqa: PLC0415
    from flows.names import DOCUMENTS as DEPLOYMENT  # noqa: PLC0415
    from flows.process_document import process_document  # noqa: PLC0415

    with temporary_settings({PREFECT_API_URL: f"{engine}/api", PREFECT_API_AUTH_STRING: authentication_string()}):
        async with get_client() as client:
            flow = await client.create_flow(process_document)
            await client.create_work_pool(WorkPoolCreate(name="ebok", type="process"))
            await client.create_deployment(flow, DEPLOYMENT.partition("/")[2], work_pool_name="ebok")
        await Mirror("a test", logging.getLogger("a test")).end()
