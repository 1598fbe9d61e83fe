"""A sweep that watches: whatever takes long or is away for a moment, the rest goes on."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from documents import leases, sightings
from documents.states import State
from environment.settings import get_settings
from flows import sweep
from tests.flows.samples import fillable, online
from tests.flows.sweeps import look_often, states, sweep_once, sweep_while, wait


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, office: Path) -> None:
    look_often(monkeypatch)


def test_documents_are_worked_off_while_the_check_of_a_file_takes_long(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (get_settings().inbox / "slow.pdf").write_bytes(b"%PDF-1.7")
    form, done = online("ebok_signup", 1), Event()

    def check(path: Path) -> bool:
        assert done.wait(60), "the form waits for the folder"
        return True

    def watch() -> None:
        wait(lambda: states()[form] == State.CONFIRMED)
        done.set()
        wait(lambda: list(get_settings().inbox.iterdir()) == [])

    monkeypatch.setattr(sweep, "check_whole", check)
    sweep_while(monkeypatch, watch)
    assert states()[form] == State.CONFIRMED
    assert list(get_settings().inbox.iterdir()) == []


def test_a_mail_server_that_says_nothing_keeps_no_document_waiting(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed = list[bool]()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        monkeypatch.setenv("EBOK_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("EBOK_SMTP_PORT", str(silent.getsockname()[1]))
        get_settings.cache_clear()
        first = online("ebok_signup", 0)

        def watch() -> None:
            """What comes in while the server has the line and says nothing is carried out; then it hangs up."""
            line, _ = silent.accept()
            with line:
                second = online("einvoice_acceptance", 1)
                wait(lambda: states()[second] == State.APPLIED)
                confirmed.append(states()[first] == State.CONFIRMED)
            silent.close()

        sweep_while(monkeypatch, watch)
    assert confirmed == [False]
    assert set(states().values()) == {State.APPLIED}


def test_a_register_that_is_away_for_a_moment_does_not_end_a_sweep(
    office: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tracking, claim_open, tries = online("ebok_signup"), leases.claim_open, list[int]()

    def sometimes(*asked: Any, **more: Any) -> list[str]:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("UPDATE", {}, Exception("the server went away"))
        return claim_open(*asked, **more)

    monkeypatch.setattr(sweep, "_AGAIN", 0.05)
    monkeypatch.setattr(leases, "claim_open", sometimes)
    sweep_while(monkeypatch, lambda: wait(lambda: states() == {tracking: State.CONFIRMED}))
    assert len(tries) > 2
    assert caplog.text.count("The register could not be asked for work: OperationalError") == 1, "told once"


def test_what_a_document_has_to_tell_leaves_when_its_work_ends_and_not_at_the_next_look(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_SWEEP_INTERVAL_SECONDS", "3600")
    get_settings.cache_clear()
    tracking = online("ebok_signup")
    sweep_while(monkeypatch, lambda: wait(lambda: states() == {tracking: State.CONFIRMED}))


def test_a_scan_folder_that_cannot_be_noted_down_for_a_moment_does_not_end_a_sweep(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    observe, tries = sightings.observe, list[int]()

    def sometimes(*asked: Any) -> list[Any]:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("INSERT", {}, Exception("database or disk is full"))
        return observe(*asked)

    monkeypatch.setattr(sightings, "observe", sometimes)
    shutil.move(fillable(tmp_path / "a.pdf", "ebok_signup"), get_settings().inbox / "skan.pdf")
    sweep_while(monkeypatch, lambda: wait(lambda: list(states().values()) == [State.CONFIRMED]))
    assert len(tries) > 2


def test_a_machine_that_joined_takes_scans_from_a_folder_that_it_was_told_and_from_no_other(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_PREFECT_URL", "http://127.0.0.1:4200")
    get_settings.cache_clear()
    scan, sent = get_settings().inbox / "skan.pdf", online("ebok_signup", 1)
    shutil.move(fillable(tmp_path / "a.pdf", "ebok_signup"), scan)
    assert sweep_once().is_completed()

    def watch() -> None:
        second = online("ebok_signup", 2)
        wait(lambda: states()[second] == State.APPLIED)

    sweep_while(monkeypatch, watch)
    assert scan.exists()
    assert len(states()) == 2
    assert sent in states()
    monkeypatch.setenv("EBOK_INBOX_DIR", str(get_settings().inbox))
    get_settings.cache_clear()
    while scan.exists():
        sweep_once()
    assert len(states()) == 3
