"""The report of the day before: its artifact, its e-mail, and what it tells of the audit trail."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import timedelta
from email import message_from_bytes
from email.policy import default as modern
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from audit.trail import record
from audit.verification import mark_file
from database.engine import transaction
from documents.loading import load
from documents.states import State
from environment import clock
from environment.settings import get_settings
from flows import steps
from flows.daily_report import daily_report
from flows.sweep import intake_sweep
from integrity import nightly
from reports.span import day_of
from reports.wording import name_of
from tests.flows.samples import PEOPLE, online
from tests.integrity.at_once import at_once
from tests.reports.papers import at, paper
from tests.stored import original_path

__all__ = ["at_once"]


def reported() -> str:
    """The newest report, made now."""
    asyncio.run(daily_report(return_state=True))  # type: ignore[arg-type]
    with get_client(sync_client=True) as client:
        kept = client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=["raport-dnia"])))
    newest = max(kept, key=lambda one: one.created or 0)  # type: ignore[arg-type,return-value]
    return str(newest.data)


def test_the_report_covers_the_day_before_and_says_who_is_to_be_phoned_every_time(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_PROOF_DAYS", "0")
    monkeypatch.setenv("EBOK_REPORT_RECIPIENTS", "szef@example.com")
    get_settings.cache_clear()
    yesterday = clock.today() - timedelta(days=1)
    today = online("ebok_signup")
    for step in (steps.match, steps.apply):
        asyncio.run(step(today))
    with transaction() as session:
        for day in (yesterday - timedelta(days=1), yesterday, yesterday):
            paper(session, (at(f"{day} 12:00"), State.RECEIVED), (at(f"{day} 12:01"), State.CONFIRMED))
    first, second = reported(), reported()
    for told in (first, second):
        assert "- przyszło: **2**" in told and f"od={yesterday}&do={yesterday}" in told
        assert "| Sprawa | termin minął |" in told and today in told
        assert str(PEOPLE[0]["name"]) not in told and str(PEOPLE[0]["email"]) not in told
    (mail,) = get_settings().outgoing.glob("raport-*.eml")
    assert f"Raport: {name_of(day_of(yesterday))}" in str(
        message_from_bytes(mail.read_bytes(), policy=modern)["Subject"]
    )


def test_the_report_tells_the_end_of_the_trail_and_where_it_is_broken(office: Path) -> None:
    for number in range(3):
        with transaction() as session:
            record(session, actor="clerk:ola", action=f"act{number}", subject="K7M4-PX9A")
    whole = reported()
    end = mark_file().read_text().strip()
    assert end.startswith("3:")
    assert f"Nienaruszony, wpisów: 3. Znak końca: `{end}`." in whole
    with sqlite3.connect(office / "ebok.sqlite") as connection:
        connection.execute("DROP TRIGGER audit_entry_is_not_deleted")
        connection.execute("DELETE FROM audit WHERE position = 3")
        connection.execute("UPDATE audit_head SET position = 2, digest = (SELECT digest FROM audit WHERE position = 2)")
    connection.close()
    assert "Naruszony od wpisu 3." in reported()
    assert mark_file().read_text().strip() == end, "what was noted stays"


def test_the_report_tells_a_difference_as_new_once_and_counts_it_afterwards(office: Path, at_once: None) -> None:
    assert "Jeszcze nie sprawdzana" in reported()
    nightly.run()
    assert "Wszystko się zgadza. Sprawdzono" in reported()
    tracking = online("einvoice_acceptance")
    with transaction() as session:
        original_path(load(session, tracking).original_sha256 or "").unlink()
    nightly.run()
    told = reported()
    assert "| W magazynie nie ma oryginału, choć sprawa go potrzebuje. | 1 |" in told and "Znane" not in told
    nightly.run()
    told = reported()
    assert "nowe różnice" not in told and "Znane z wcześniejszych nocy: 1." in told


def test_every_sweep_notes_where_the_trail_ends(office: Path) -> None:
    with transaction() as session:
        record(session, actor="clerk:ola", action="act", subject="K7M4-PX9A")
    assert not mark_file().exists()
    asyncio.run(intake_sweep(return_state=True))  # type: ignore[arg-type]
    assert mark_file().read_text().startswith("1:")
