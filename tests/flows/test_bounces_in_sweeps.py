"""What came back is read by every sweep, and a mailbox that cannot be read is told where the administrator looks."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import update

from confirmations import bounce_folder
from confirmations.outbox import deliver
from confirmations.tables import ReturnedMailbox
from database.engine import transaction
from documents import loading
from documents.states import State
from environment.clock import now
from environment.settings import get_settings
from flows import message_sending, sweep
from flows.sweep import intake_sweep
from tests.cli.samples import run
from tests.confirmations.reports import BOUNCES, dsn
from tests.confirmations.samples import put, return_address, stored
from tests.flows.samples import online
from tests.flows.test_reports import reported
from tests.imap import PASSWORD, USER, running_imap


def _sweep() -> None:
    with transaction() as session:
        session.execute(update(ReturnedMailbox).values(next_look_at=now() - timedelta(seconds=1)))
    asyncio.run(intake_sweep(return_state=True))  # type: ignore[arg-type]


def test_a_sweep_reads_the_mailbox_and_its_trouble_is_told_until_it_is_over(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_imap() as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        monkeypatch.setenv("EBOK_BOUNCE_ADDRESS", BOUNCES)
        names = {"HOST": "127.0.0.1", "PORT": "1", "USER": USER, "PASSWORD": PASSWORD}
        for name, value in names.items():
            monkeypatch.setenv(f"EBOK_BOUNCES_IMAP_{name}", value)
        get_settings.cache_clear()
        put()
        deliver()
        server.put(dsn("5.1.1", to=return_address()), b"Subject: hello\r\n\r\nhello")
        _sweep()
        assert stored().state == "sent"
        told = json.loads(run("status", "--json").stdout)["bounce_mailbox"]
        assert "EBOK_BOUNCES_IMAP_HOST" in told["trouble"] and told["since"]
        assert "Skrzynki zwrotów nie da się czytać" in run("status").stdout
        assert "**Skrzynki zwrotów nie da się czytać**" in reported()
        monkeypatch.setenv("EBOK_BOUNCES_IMAP_PORT", str(server.encrypted))
        get_settings.cache_clear()
        _sweep()
        assert stored().state == "bounced"
        told = json.loads(run("status", "--json").stdout)["bounce_mailbox"]
        assert told == {"trouble": None, "since": None, "left_alone": 1}
        assert "do obejrzenia: 1" in run("status").stdout
        assert "do obejrzenia: 1." in reported()


def test_a_server_that_is_slow_keeps_no_document_waiting(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tracking, seen = online("einvoice_acceptance", 0), list[State]()

    def slow() -> None:
        """Ends when the document has, or gives up."""
        for _ in range(600):
            with transaction() as session:
                state = loading.load(session, tracking).at
            if state is State.CONFIRMED:
                break
            Event().wait(0.05)
        seen.append(state)

    monkeypatch.setattr(sweep, "look_into_mailbox", slow)
    assert asyncio.run(intake_sweep(return_state=True)).is_completed()  # type: ignore[arg-type]
    assert seen[0] is State.CONFIRMED


def test_a_look_that_fails_keeps_nothing_from_its_work(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks() -> None:
        raise RuntimeError

    tracking, folder = online("einvoice_acceptance", 0), office / "returned"
    folder.mkdir()
    monkeypatch.setenv("EBOK_BOUNCES_DIR", str(folder))
    get_settings.cache_clear()
    monkeypatch.setattr(sweep, "look_into_mailbox", breaks)
    monkeypatch.setattr(message_sending, "take_bounces", breaks)
    monkeypatch.setattr(message_sending, "bounces_wait", lambda: True)
    _sweep()
    with transaction() as session:
        assert loading.load(session, tracking).at is State.CONFIRMED, "its message has left"


def test_trouble_with_the_folder_is_told_where_that_with_the_mailbox_is(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = office / "returned"
    folder.write_text("no folder")
    monkeypatch.setenv("EBOK_BOUNCES_DIR", str(folder))
    get_settings.cache_clear()
    bounce_folder._put_by.clear()
    _sweep()
    assert "EBOK_BOUNCES_DIR" in json.loads(run("status", "--json").stdout)["bounce_mailbox"]["trouble"]
    assert "EBOK_BOUNCES_DIR" in reported()
    bounce_folder._put_by.clear()
    folder.unlink()
    folder.mkdir()
    _sweep()
    assert json.loads(run("status", "--json").stdout)["bounce_mailbox"]["trouble"] is None
