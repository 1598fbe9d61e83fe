"""What came back is read by every sweep, and a mailbox that cannot be read is told where the administrator looks."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from confirmations.outbox import deliver
from confirmations.tables import ReturnedMailbox
from database.engine import transaction
from environment.clock import now
from environment.settings import get_settings
from flows.sweep import intake_sweep
from tests.cli.samples import run
from tests.confirmations.reports import BOUNCES, dsn
from tests.confirmations.samples import put, return_address, stored
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
