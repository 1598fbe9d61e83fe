"""Documents that came in, as several tests need them."""

from __future__ import annotations

import json

from database.engine import transaction
from documents.intake import receive_stored, receive_values
from documents.loading import load
from documents.originals import store_bytes
from documents.splitting import FoundForm, split
from documents.states import IntakeChannel, State
from documents.transitions import move
from forms.form import Problem
from tests.documents.examples import VALUES, acceptance, read_acceptance


def scan(content: bytes = b"%PDF scan") -> str:
    """A received scan; gives its tracking number."""
    stored = store_bytes(content)
    with transaction() as session:
        return receive_stored(session, stored, channel=IntakeChannel.FOLDER).tracking


def online() -> str:
    with transaction() as session:
        return receive_values(
            session, acceptance(), channel=IntakeChannel.API, raw=json.dumps(VALUES).encode()
        ).tracking


def in_review() -> str:
    """A scan that was read and waits for a clerk."""
    tracking = scan()
    with transaction() as session:
        split(session, load(session, tracking), [one_part()])
        move(session, load(session, tracking), State.IN_REVIEW, actor="machine", reason_code="doubt")
    return tracking


def one_part(*pages: int) -> FoundForm:
    reading = read_acceptance()
    return FoundForm(
        *(reading.form.code, reading.form.version, pages or (1,), reading, "scan"),
        (Problem("email", "doubt", "Sprawdź."),),
    )
