"""`ebok ingest` killed on its way: nothing is lost, nothing is done twice."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from cli import running
from confirmations.overview import messages_of
from customers.register import changes_of
from database.engine import transaction
from documents import summaries
from documents.states import OPEN, State
from environment.settings import get_settings
from flows.sweep import intake_sweep
from tests.cli.samples import run
from tests.flows.samples import fillable, received

SCRIPT = Path(__file__).with_name("killed_ingest.py")
STEPS = [
    "after:cli.ingest:receive_file",  # the original is stored, the register not yet written
    "before:cli.ingest:_process",
    "after:flows.steps:applying.apply",  # the change is written, not yet committed
]
"""What is `ebok ingest`'s own, and one beyond; the steps that it shares with the sweep: ``tests/kills``."""


@pytest.mark.parametrize("step", STEPS)
def test_a_run_killed_there_is_completed_by_the_next_with_one_change_and_one_message(
    step: str, office: Path, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_LEASE_SECONDS", "1")
    monkeypatch.setenv("EBOK_SWEEP_INTERVAL_SECONDS", "0.2")
    get_settings.cache_clear()
    running.note({}, engine, [])
    paper = fillable(tmp_path / "a.pdf", "einvoice_acceptance")
    killed = run(step, paper, program=(sys.executable, SCRIPT))
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    _send_again_and_sweep(paper)
    with transaction() as session:
        documents = summaries.list_documents(session)
        (first,) = [one for one in documents if one.state != State.DUPLICATE]
        assert first.state == State.CONFIRMED
        assert {one.duplicate_of for one in documents} - {None} <= {first.tracking}
        assert [change["outcome"] for change in changes_of(session, first.tracking)] == ["done"]
        assert [message["state"] for message in messages_of(session, first.tracking)] == ["sent"]
    assert len(list(get_settings().outgoing.rglob("*.eml"))) == 1


def _send_again_and_sweep(paper: Path) -> None:
    """What people and machine do afterwards: the file is handed in again, and sweeps go on until nothing is open."""
    received(paper)
    open_still = True
    while open_still:
        asyncio.run(intake_sweep())  # type: ignore[arg-type]
        with transaction() as session:
            open_still = any(one.at in OPEN for one in summaries.list_documents(session))
