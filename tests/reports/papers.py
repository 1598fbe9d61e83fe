"""Documents with the moments of their states given by hand, for reports whose numbers are counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from documents.states import IntakeChannel, State
from documents.tables import Document, Reading, Transition
from documents.tracking import new_tracking

WARSAW = ZoneInfo("Europe/Warsaw")


def at(told: str, *, later: bool = False) -> datetime:
    """A moment as the clock in Warsaw showed it; ``later``: the second time, in the night that has an hour twice."""
    return datetime.fromisoformat(told).replace(tzinfo=WARSAW, fold=int(later)).astimezone(UTC)


def paper(
    session: Session,
    *steps: tuple[datetime, State] | tuple[datetime, State, str] | tuple[datetime, State, str, str],
    form: str | None = "einvoice_acceptance",
    channel: IntakeChannel = IntakeChannel.FOLDER,
    by_hand: bool = False,
) -> str:
    """A document that came at the first step and went through the others: moment, state, actor, reason code."""
    whole: list[Any] = [(*step, *("machine", None)[len(step) - 2 :]) for step in steps]
    moment, state, _, reason = whole[-1]
    document = Document(
        tracking=new_tracking(),
        channel=channel.value,
        state=state.value,
        reason_code=reason,
        form=form,
        received_at=whole[0][0],
        updated_at=moment,
        paper=channel is IntakeChannel.FOLDER,
    )
    session.add(document)
    session.flush()
    before = None
    for moment, state, actor, reason in whole:
        session.add(
            Transition(
                document_id=document.id,
                at=moment,
                from_state=before,
                to_state=state.value,
                actor=actor,
                reason_code=reason,
            )
        )
        session.flush()
        before = state.value
    for source in ("print", *(("handprint",) if by_hand else ())):
        reading = {"field": "name", "confidence": 1.0, "trusted": True, "reader": "machine", "at": moment}
        session.add(Reading(document_id=document.id, source=source, value="X", **reading))
    session.flush()
    return document.tracking
