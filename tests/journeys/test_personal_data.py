"""A whole installation at work, every form by every way: nobody's data stand where they have no business.

One installation for all tests here. What is looked through: logs, the workflow engine's database and all that its API
tells, addresses, headers of e-mails, names of files, and for PESEL every file of EBOK_HOME.
"""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default as modern
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.office import people
from database.engine import engine_for, reading
from database.envelopes import MARK
from database.upgrading import upgrade
from documents import showing, summaries
from documents.states import State
from environment.settings import get_settings
from flows.names import ALARMS
from flows.wording import shown
from tests.cli.running_up import Engine, Up
from tests.journeys.busy_office import (
    FORMS,
    WAYS,
    Installation,
    browser_of_a_person,
    everybody,
    go_through_trouble,
    note_addresses,
    register_filled,
    send_everything,
    state,
    work_at_the_desk,
)
from tests.traces import files_in, layers, pesel_pattern, rows_of, written_forms

pytestmark = pytest.mark.timeout(600)
ALARMED = "kierownik@mzk.example.com"
_ENGLISH = re.compile(r"[a-z]+-[a-z]+")
"""As the engine itself calls a run."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The installation after a day's work, still running."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("office")
        for name in [name for name in os.environ if name.startswith("EBOK_")]:
            patch.delenv(name)
        home = folder / "home"
        for name, value in {
            "EBOK_HOME": str(home),
            "EBOK_API_PORT": "0",
            "EBOK_PREFECT_PORT": "0",
            "EBOK_INTAKE_STABLE_SECONDS": "0.2",
            "EBOK_INTAKE_PATIENCE_SECONDS": "1",
            "EBOK_SWEEP_INTERVAL_SECONDS": "0.5",
            "EBOK_ALARM_ADDRESS": ALARMED,
            "TMPDIR": str(folder / "tmp"),
        }.items():
            patch.setenv(name, value)
        (folder / "tmp").mkdir()
        get_settings.cache_clear()
        upgrade()
        said = register_filled(folder)
        up = Up(home)
        try:
            with browser_of_a_person() as client:
                installation = Installation(home, up, client, said=said)
                client.event_hooks["response"] = [lambda answer: note_addresses(installation.addresses, answer)]
                up.until("Działa")
                client.base_url = httpx.URL(up.noted()["addresses"]["Strony dla klientów"])
                send_everything(installation)
                go_through_trouble(installation)
                work_at_the_desk(installation)
                yield installation
        finally:
            if up.process.poll() is None:
                up.stop(signal.SIGTERM)
            engine_for(get_settings().url).dispose()
            get_settings.cache_clear()


def test_each_form_came_through_by_its_ways(place: Installation) -> None:
    states = {(form, way): state(tracking) for (form, way), tracking in place.sent.items() if form in FORMS}
    assert states == {(form, way): State.CONFIRMED for form in FORMS for way in WAYS[form]}


def test_logs_and_what_commands_say_name_nobody(place: Installation) -> None:
    logs = list(files_in(place.home / "logs"))
    assert {"api.log", "worker.log", "server.log"} <= {log.name for log in logs}
    found = {log.name: _told_in(log.read_bytes()) for log in logs}
    assert found == {log.name: set() for log in logs}
    assert _told_in("\n".join([place.up.said, *place.said]).encode()) <= {"customer number"}, "of whom the audit tells"


def test_the_workflow_engine_knows_nobody(place: Installation) -> None:
    """Its database, whole, and what its API tells of runs, their parameters, logs and artifacts."""
    told = []
    with place.up.engine() as engine:
        told = [_all_of(engine, kind) for kind in ("flow_runs", "artifacts", "logs", "variables")]
    assert all(told[:3]), "there is something to look through"
    assert any(tracking in json.dumps(told) for tracking in place.sent.values())
    assert _told_in(json.dumps(told, ensure_ascii=False).encode()) == set()
    kept = [path for path in files_in(place.home / "prefect") if path.suffix == ".db"]
    assert kept
    for database in kept:
        assert _told_in(rows_of(database)) == set()
    pages = place.home / "prefect" / "ui"  # megabytes that Prefect copied there before anything came in
    for path in files_in(place.home / "prefect"):
        assert pages in path.parents or _told_in(path.read_bytes()) == set(), path.name


def test_the_engine_shows_every_document_in_the_state_of_the_register_and_only_once(place: Installation) -> None:
    """After forms by every way, a clerk's decisions, messages that could not leave and a sweep that was killed."""
    with place.up.engine() as engine:
        place.until(lambda: _shown(engine) == _registered())
        runs = _all_of(engine, "flow_runs")
        assert not [run["name"] for run in runs if _ENGLISH.fullmatch(run["name"])]
        told = {"filter": {"event": {"prefix": ["ebok.sprawa."]}}, "limit": 1}
        place.until(lambda: engine.post("events/filter", json=told).json()["total"] >= len(_registered()))


def test_an_automation_of_the_engine_tells_of_alarms_who_is_responsible(place: Installation) -> None:
    def alarm() -> list[Path]:
        return list(place.home.glob("outgoing/alarm-*.eml"))

    place.until(lambda: bool(alarm()))
    (mail, *_) = [message_from_bytes(path.read_bytes(), policy=modern) for path in alarm()]
    assert mail["To"] == ALARMED
    assert "kwarantannie" in str(mail.get_content())
    with place.up.engine() as engine:
        runs = [run for run in _all_of(engine, "flow_runs") if run["name"].startswith(ALARMS)]
    assert runs
    assert all(run["created_by"]["type"] == "AUTOMATION" for run in runs)


def test_addresses_and_redirections_name_nobody(place: Installation) -> None:
    assert len(place.addresses) > 60
    at_the_desk = {address for address in place.addresses if "/biuro/" in address}
    assert _told_in("\n".join(at_the_desk).encode()) <= {"customer number"}
    assert _told_in("\n".join(set(place.addresses) - at_the_desk).encode()) == set()


def test_headers_of_mails_name_only_their_recipient(place: Installation) -> None:
    mails = [message_from_bytes(path.read_bytes(), policy=modern) for path in place.home.rglob("outgoing/*.eml")]
    assert len(mails) >= 10
    for mail in mails:
        for part in mail.walk():
            told = "\n".join(f"{name}: {value}" for name, value in part.items() if name != "To")
            assert _told_in(told.encode()) == set()
    own = {row["email"].lower() for row in people()}
    assert {str(mail["To"]).lower() for mail in mails} & own


def test_names_of_files_name_nobody(place: Installation) -> None:
    names = [str(path.relative_to(place.home)) for path in place.home.rglob("*")]
    assert len(names) > 60
    assert _told_in("\n".join(names).encode()) == set()


def test_no_pesel_stands_in_clear_anywhere_in_the_home_folder_or_the_temporary_one(place: Installation) -> None:
    """While all is running, with the logs of the databases not yet merged, and once more when all has stopped."""
    looked = _pesels_in(place.home)
    assert {"ebok.sqlite", "ebok.sqlite-wal", "customers-report.csv"} <= looked
    assert {path.suffix for path in map(Path, looked)} >= {".eml", ".pdf", ".log", ".csv"}
    for kind in ("originals", "pictures"):
        kept = [path for path in files_in(place.home / kind) if path.name != "store.id"]
        assert kept
        assert all(path.read_bytes().startswith(MARK) for path in kept), f"something in {kind} is not sealed"
    assert place.up.stop(signal.SIGTERM) == 0
    _pesels_in(place.home)
    _pesels_in(Path(os.environ["TMPDIR"]))


def _shown(engine: Engine) -> list[tuple[str, str]]:
    """What the engine shows of documents: their numbers and states."""
    runs = _all_of(engine, "flow_runs")
    of_documents = [run for run in runs if run["idempotency_key"] == run["parameters"].get("tracking", "")]
    return sorted((run["idempotency_key"], run["state_name"]) for run in of_documents)


def _registered() -> list[tuple[str, str]]:
    """The same as the register has it."""
    with reading() as session:
        every = [one.tracking for one in summaries.list_documents(session)]
        return sorted((tracking, shown(showing.standing(session, tracking)).state) for tracking in every)


def _all_of(engine: Engine, kind: str) -> list[Any]:
    """All that the engine's API tells of a kind of thing."""
    found: list[Any] = []
    while part := engine.post(f"{kind}/filter", json={"limit": 200, "offset": len(found)}).json():
        found += part
    return found


def _told_in(data: bytes) -> set[str]:
    """What kinds of personal data stand there."""
    return {kind for text, kind in _forms().items() if text in data}


@cache
def _forms() -> dict[bytes, str]:
    return written_forms(everybody())


def _pesels_in(folder: Path) -> set[str]:
    """The names of all files, none of which has a PESEL in it."""
    pattern, looked = pesel_pattern(row["pesel"] for row in everybody()), set()
    for path in files_in(folder):
        try:
            data = path.read_bytes()
        except FileNotFoundError:  # a temporary file of something at work
            continue
        where = [number for number, layer in enumerate(layers(data)) if pattern.search(layer)]
        assert not where, f"a PESEL stands in {path.relative_to(folder)}, layer {where[0]}"
        looked.add(path.name)
    return looked
