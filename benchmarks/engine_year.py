"""How large the workflow engine's database becomes in a year of 100 documents a day, and that it forgets what is over.

``python -m benchmarks.engine_year [DAYS]`` has the engine's server (SQLite) show so many days (10) of 100 documents by
the calls of the mirror, with their events, tables of what waits for a clerk, a day's sweeps and nightly runs with
states, logs and artifacts. Then all of it is made as old as what is forgotten, Prefect's own vacuum forgets it, and the
same days come again. It prints what stays and adds it up to what the engine keeps in force; nobody waits for a year.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from benchmarks.scoring import table
from cli.ports import free_port
from cli.running import answers
from documents.showing import DocumentStanding, StateChange
from documents.states import IntakeChannel, State
from documents.tracking import new_tracking
from environment import clock
from environment.settings import get_settings
from flows.engine_setup import server_command, server_environment, set_up_engine
from flows.overview import Overview

A_DAY: Final = 100
_BY_HAND: Final = 15
"""Of so many a day a clerk decides."""
_SWEEPS: Final = 24
_NIGHTLY: Final = 5
_LINES: Final = 12
"""Lines of log a run."""
_GOAL: Final = 500 * 1000**2
_WAYS_ON: Final = (State.RECEIVED, State.READY, State.APPLIED, State.CONFIRMED)
_BY_CLERK: Final = (State.RECEIVED, State.IN_REVIEW)
_FORM: Final = "einvoice_acceptance"


def main() -> None:
    """Measure and print."""
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder)) as kept:
        empty = _size(kept)
        _days(days)
        first = _size(kept)
        parts = _parts(kept)
        _make_old(kept)
        asyncio.run(_vacuum())
        forgotten = _size(kept)
        _days(days)
        second = _size(kept)
    a_day, in_force = (first - empty) / days, get_settings().engine_days
    year = empty + a_day * in_force
    rows = [
        ("a day", f"{a_day / 1000:.0f} KB"),
        (f"of it a document (all else shared among {A_DAY})", f"{a_day / A_DAY / 1000:.1f} KB"),
        ("left after the vacuum, beside an empty database", f"{(forgotten - empty) / 1000:.0f} KB"),
        ("the same days once more, beside the first time", f"{(second - first) / 1000:+.0f} KB"),
        (f"in force after a year: {in_force} days", f"{year / 1000**2:.0f} MB (goal {_GOAL / 1000**2:.0f} MB)"),
    ]
    sys.stdout.write(
        table(("what", "found"), rows)
        + "\n\n"
        + table(("table, with its indexes", "KB a day"), ((name, f"{size / days / 1000:.0f}") for name, size in parts))
        + "\n"
    )
    sys.exit(0 if year < _GOAL else 1)


@contextmanager
def _server(home: Path) -> Iterator[Path]:
    """The engine's server on a database of its own; gives the file of that."""
    os.environ["EBOK_HOME"] = str(home)
    get_settings.cache_clear()
    address = f"http://127.0.0.1:{(port := free_port('127.0.0.1', 0))}/api"
    command = server_command("create_server", "127.0.0.1", port, log_level="error")
    environment = server_environment(os.environ, address)
    with subprocess.Popen((sys.executable, "-m", *command), env=environment) as server:
        try:
            while not answers(f"{address}/health"):
                if server.poll() is not None:
                    raise RuntimeError("the engine ended before it answered")
                time.sleep(0.2)
            set_up_engine(address)
            yield home / "prefect" / "prefect.db"
        finally:
            server.terminate()


def _days(days: int) -> None:
    asyncio.run(_work(days))
    time.sleep(12)  # the engine writes events in bundles, ten seconds apart at most


async def _work(days: int) -> None:
    from prefect.client.orchestration import get_client  # noqa: PLC0415  its settings must be in force

    from flows import shown_runs  # noqa: PLC0415

    async with get_client() as client:
        flow = await client.create_flow_from_name("Sprawa")
        deployment = await client.create_deployment(flow, "Jedna sprawa")
        other = await client.create_deployment(await client.create_flow_from_name("Przegląd"), "Skany")
        for _ in range(days):
            standings = [_standing(number, _state(number)) for number in range(A_DAY)]
            made = await shown_runs.make(client, deployment, standings)
            runs = {one.id: run for run, one in made.items()}
            await shown_runs.tell(client, runs, [step for one in standings for step in _steps(one)])
            for run, one in made.items():
                if one.state is State.IN_REVIEW:
                    await shown_runs.lay(client, run, one.tracking, _overview())
                    ended = _standing(one.id, State.CONFIRMED, one.tracking)
                    (seen,) = (await shown_runs.read(client, [run])).values()
                    await shown_runs.bring_up_to_date(client, seen, ended)
                    await shown_runs.tell(client, {one.id: run}, list(_steps(ended))[1:])
            for _ in range(_SWEEPS + _NIGHTLY):
                await _run(client, other)


async def _run(client: Any, deployment: Any) -> None:
    """A run as the worker and the engine write it down."""
    from prefect.client.schemas.actions import ArtifactCreate, LogCreate  # noqa: PLC0415
    from prefect.states import Completed, Pending, Running  # noqa: PLC0415

    run = await client.create_flow_run_from_deployment(deployment, name="Przegląd 29.11. 12:00:00")
    end: Any = Completed(name="Zakończony", message="Pobrane pliki: 4. Załatwiona: 4.")
    states: tuple[Any, ...] = (Pending(), Running(), end)
    for state in states:
        await client.set_flow_run_state(run.id, state, force=True)
    line = LogCreate(name="prefect", level=20, message="Taken in: K7M4-PX9A (received)", timestamp=clock.now())
    await client.create_logs([line.model_copy(update={"flow_run_id": run.id}) for _ in range(_LINES)])
    told = "| stan | dokumenty |\n|---|---|\n| Załatwiona | 4 |"
    await client.create_artifact(ArtifactCreate(key="przeglad", type="markdown", data=told, flow_run_id=run.id))


def _state(number: int) -> State:
    return State.IN_REVIEW if number < _BY_HAND else State.CONFIRMED


def _standing(number: int, state: State, tracking: str | None = None) -> DocumentStanding:
    at, reason = clock.now(), "doubtful_field" if state is State.IN_REVIEW else None
    return DocumentStanding(
        id=number,
        tracking=tracking or new_tracking(),
        form=_FORM,
        way_in=IntakeChannel.FOLDER,
        state=state,
        reason_code=reason,
        fault=None,
        stuck=False,
        run=None,
        received_at=at,
        since=at,
        erased_at=None,
    )


def _steps(one: DocumentStanding) -> Iterator[StateChange]:
    before = None
    for number, after in enumerate(_BY_CLERK if one.state is State.IN_REVIEW else _WAYS_ON):
        yield StateChange(number, one.id, one.tracking, one.since, before, after, False, one.reason_code)
        before = after


def _overview() -> Overview:
    row = {"Pole": "Numer klienta", "Wartość": "…678", "Źródło": "print", "Pewność": "98%", "Zaufane": "tak"}
    return Overview([row] * 12, "**Akceptacja faktur elektronicznych** · [sprawa K7M4-PX9A](http://127.0.0.1:8000)")


def _make_old(kept: Path) -> None:
    """As if all had been long ago."""
    long_ago = f"{clock.now() - timedelta(days=get_settings().engine_days + 1):%Y-%m-%d %H:%M:%S.%f}"
    with closing(sqlite3.connect(kept, timeout=60)) as connection, connection:
        connection.execute("UPDATE flow_run SET end_time = ? WHERE end_time IS NOT NULL", (long_ago,))
        connection.execute("UPDATE events SET occurred = ?", (long_ago,))
        connection.execute("UPDATE event_resources SET occurred = ?", (long_ago,))


async def _vacuum() -> None:
    """What the server does every hour, and what it does once a day, at once."""
    from prefect.server.database import provide_database_interface  # noqa: PLC0415
    from prefect.server.services import db_vacuum  # noqa: PLC0415

    for forget in (
        *(db_vacuum.vacuum_old_flow_runs, db_vacuum.vacuum_old_events, db_vacuum.vacuum_orphaned_logs),
        *(db_vacuum.vacuum_orphaned_artifacts, db_vacuum.vacuum_stale_artifact_collections),
    ):
        await forget(db=provide_database_interface())


def _size(kept: Path) -> int:
    """Bytes in use."""
    with closing(sqlite3.connect(f"file:{kept}?mode=ro", uri=True)) as connection:
        sizes = ("page_count", "freelist_count", "page_size")
        pages, free, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in sizes)
        return int((pages - free) * size)


def _parts(kept: Path) -> list[tuple[str, int]]:
    """Bytes by table, its indexes included, the largest first."""
    of_each = "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name GROUP BY 1"
    with closing(sqlite3.connect(f"file:{kept}?mode=ro", uri=True)) as connection:
        found = connection.execute(f"{of_each} ORDER BY 2 DESC LIMIT 8").fetchall()
    return [(str(name), int(size)) for name, size in found]


if __name__ == "__main__":
    main()
