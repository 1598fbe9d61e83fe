"""What people do outside while processes die: senders who send until they are told a number, customers with links."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from access.passwords import hashed
from benchmarks.kills.alone import sweep_once
from benchmarks.kills.scenes import Handed, Scene, Way
from confirmations.composing import compose_proof
from customers.proofs import ProofError, token_of
from customers.proving import prove
from database.engine import reading, transaction
from documents import drafts, summaries
from documents.intake import receive_values
from documents.states import IntakeChannel
from environment import clock
from forms.catalogue import form_by_code
from forms.submission import Submission, submission_from_values


def work_off(scene: Scene, home: Path) -> None:
    """What senders, sweeps and customers do, each as far as it is not done yet."""
    for one in scene.handed:
        if one.way is not Way.FOLDER:
            _send(one, home / f"told {one.name}")
    sweep_once()
    if scene.links and _use_links():
        sweep_once()


def _send(one: Handed, told: Path) -> None:
    """Send a form, unless its sender was told its number before."""
    if told.exists():
        return
    code = one.forms[0].form
    assert code is not None
    submission, problems = submission_from_values(form_by_code(code), json.loads(one.content), clock.today())
    if problems:
        raise ValueError(f"{one.name} is not filled in rightly: {[problem.code for problem in problems]}")
    number = _by_draft(submission, one) if one.way is Way.WEB else _by_key(submission, one)
    told.write_text(number)


def _by_key(submission: Submission, one: Handed) -> str:
    """As the API does."""
    with transaction() as session:
        return receive_values(
            session, submission, channel=IntakeChannel.API, raw=one.content, idempotency_key=f"key of {one.name}"
        ).tracking


def _by_draft(submission: Submission, one: Handed) -> str:
    """As the pages for customers do."""
    code, token = submission.form.code, one.sha256[:32]
    with transaction() as session:
        drafts.keep(session, code, token, {"name": "typed"}, own=True)
    with transaction() as session:
        draft = drafts.find(session, code, token, lock=True)
        assert draft is not None
        if draft.tracking is not None:
            return draft.tracking
        receipt = receive_values(
            session, submission, channel=IntakeChannel.WEB, raw=one.content, idempotency_key=draft.request_key
        )
        drafts.mark_sent(session, draft, receipt.tracking)
        return receipt.tracking


def _use_links() -> bool:
    """Use each link that waits; whether there was one."""
    with reading() as session:
        waiting = [token for one in summaries.list_documents(session) if (token := token_of(session, one.tracking))]
    for token in waiting:
        with suppress(ProofError), transaction() as session:
            compose_proof(session, prove(session, token, _PASSWORD))
    return bool(waiting)


_PASSWORD = hashed("a password for all of them")
