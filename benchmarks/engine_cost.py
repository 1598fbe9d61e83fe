"""What the workflow engine costs beside the reading: many scans at once, single letters, and standing idle.

``python -m benchmarks.engine_cost [SCANS] [sqlite] [postgresql] [--pages DIR] [--letters N] [--idle SECONDS]
[--rows N]`` draws printed scans (or takes those that lie in DIR), has `ebok read` read them on both cores, and puts
them into the scan folder of a running `ebok up` at once. It writes ``docs/benchmarks-engine.md``, where databases that
were not measured stay as they are.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import func, select

from benchmarks.eight_thousand import customers
from benchmarks.installation import await_that, running
from benchmarks.memory import held_by
from benchmarks.parts import Processes, Used, parts_of, price_of_rest
from benchmarks.scoring import table
from customers.customer_list import read_customers
from customers.importing import import_customers
from database.engine import reading, transaction
from documents.states import OPEN
from documents.tables import Document
from documents.tracking import new_tracking
from environment import clock
from environment.settings import get_settings
from flows.names import DOCUMENTS
from forms.catalogue import form_by_code
from specimens.files import image_pdf
from specimens.paper import print_form, varied_style
from specimens.people import values_for, write_customers
from specimens.scanner import scan
from tests.cli.running_up import Up
from tests.postgres import Cluster, running_cluster

SCANS: Final = 500
LETTERS: Final = 20
"""Single letters dropped into an idle system."""
DOCUMENT: Final = Path("docs/benchmarks-engine.md")
_CONDITIONS: Final = ("gray200", "bitonal300", "gray300")
_FORMS: Final = ("ebok_signup", "einvoice_acceptance")
ROWS: Final = 20_000
"""Documents that the engine shows when one is looked for."""
IDLE: Final = 600.0
"""Seconds for which an idle system is watched: two sweeps begin meanwhile."""
_LOOK: Final = 0.1
_BEHIND: Final = 5.0
"""Seconds after the batch that one more letter comes."""
_PATIENCE: Final = 1800.0
_HUNDRED: Final = 100


@dataclass(frozen=True)
class Extent:
    """How many scans, letters and documents shown, and for how many seconds an idle system is watched."""

    scans: int
    letters: int
    idle: float
    rows: int


@dataclass
class Cost:
    """All that was measured with one database; seconds, bytes and megabytes."""

    scans: int
    read: float = 0.0
    read_cpu: float = 0.0
    batch: float = 0.0
    cpu: Mapping[str, float] = field(default_factory=dict)
    ends: Sequence[float] = ()
    states: Mapping[str, int] = field(default_factory=dict)
    behind: float = 0.0
    shown: float = 0.0
    history: float = 0.0
    letters: Sequence[float] = ()
    idle: Mapping[str, float] = field(default_factory=dict)
    rest: tuple[float, float] = (0.0, 0.0)
    """Microseconds of processor for a page of memory: just touched, and after a rest."""
    memory: Mapping[str, float] = field(default_factory=dict)
    rows: int = 0
    searches: Sequence[float] = ()
    made: float = 0.0

    def hundred(self, *, last: bool) -> float:
        """Seconds that the first or the last hundred took."""
        count = min(_HUNDRED, len(self.ends))
        return (
            self.ends[-1] - (self.ends[-count - 1] if len(self.ends) > count else 0.0) if last else self.ends[count - 1]
        )


def main(extent: Extent, only: Sequence[str], pages: Path | None) -> None:
    """Measure with each database and write the page."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        folder = pages or Path(scratch)
        drawn = _drawn(folder, extent.scans + extent.letters + 1)
        listed = write_customers(customers(len(drawn)), Path(scratch) / "customers.csv")
        for database in only:
            with running_cluster() if database == "postgresql" else nullcontext() as cluster:
                _write(database, _measured(drawn, extent, listed, cluster))


def _drawn(folder: Path, count: int) -> list[Path]:
    """Printed and scanned forms, each of another customer and signed today; drawn unless they lie there."""
    folder = folder / f"{clock.today()}"
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"scan-{number:05}.pdf" for number in range(count)]
    for number, (file, row) in enumerate(zip(files, customers(count), strict=True)):
        if not file.exists():
            form = form_by_code(_FORMS[number % len(_FORMS)])
            filled = {**values_for(form, row, number, clock.today()), "date_signed": clock.today().isoformat()}
            paper = print_form(form, {**filled, "signature": True}, varied_style(number), number)
            file.write_bytes(image_pdf(scan(paper, _CONDITIONS[number % len(_CONDITIONS)], number)))
    return files


def _measured(drawn: Sequence[Path], extent: Extent, listed: Path, cluster: Cluster | None) -> Cost:
    cost, url = Cost(extent.scans), None if cluster is None else cluster.create("ebok")
    batch, letters, last = drawn[: extent.scans], drawn[extent.scans : -1], drawn[-1]
    _read(cost, batch, listed)
    with running({} if url is None else {"EBOK_DATABASE_URL": url}) as (up, _):
        with transaction() as session:
            import_customers(session, read_customers(listed).records)
        time.sleep(20)  # what the start goes on with
        parts = parts_of(up.home, None if cluster is None else cluster.port)
        with Used(parts) as used:
            time.sleep(extent.idle)
        cost.idle = {kind: seconds / extent.idle for kind, seconds in used.by_kind.items()}
        cost.rest = price_of_rest()
        cost.memory = held_by(parts())
        cost.letters = [_lone(letter) for letter in letters]
        _shown()
        before = _history(up.home, url)
        _batch(cost, batch, last, parts)
        cost.history = (_history(up.home, url) - before) / (extent.scans + 1)
        _search(cost, extent.rows, up)
    return cost


def _read(cost: Cost, files: Sequence[Path], listed: Path) -> None:
    """What `ebok read` takes for them on both cores; its processor time is that of all that it started."""
    command = [sys.executable, "-c", "from cli.main import main; main()"]
    command += ["read", "--json", "--customers", str(listed), *map(str, files)]
    mark = f"engine-cost-{os.getpid()}"
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1", "BENCHMARK": mark}

    def marked() -> Iterator[tuple[str, Path]]:
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if f"BENCHMARK={mark}".encode() in (process / "environ").read_bytes().split(b"\0"):
                    yield "read", process

    began = time.monotonic()
    with Used(marked) as used, subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        told = sum(1 for _ in process.stdout)
    cost.read, cost.read_cpu = time.monotonic() - began, used.by_kind.get("read", 0.0)
    if told != len(files):
        raise RuntimeError(f"ebok read told of {told} files of {len(files)}")


def _lone(letter: Path) -> float:
    """Seconds from when a letter lies in the scan folder until it has ended."""
    time.sleep(3 + hash(letter.name) % 7)  # at any moment of what goes round
    before = _ended()
    began = time.monotonic()
    _drop(letter)
    return await_that(lambda: _ended() > before) - began


def _batch(cost: Cost, files: Sequence[Path], letter: Path, parts: Processes) -> None:
    before, names = _ended(), len(files) + 1
    with Used(parts) as used:
        began = time.monotonic()
        for file in files:
            _drop(file)
        ends, behind, late, dropped = list[float](), 0.0, None, 0.0
        while len(ends) < names:
            time.sleep(_LOOK)
            now = time.monotonic() - began
            if now > _PATIENCE:
                raise RuntimeError(f"{len(ends)} of {names} ended")
            if late is None and now >= _BEHIND:
                late, dropped = _Letter(letter), now
                _drop(letter)
            ends += [now] * (_ended() - before - len(ends))
            if late is not None and not behind and late.ended:
                behind = now - dropped
        cost.ends, cost.batch, cost.behind = ends, ends[len(files) - 1], behind or ends[-1] - dropped
        began = time.monotonic()
        _shown()
        cost.shown = time.monotonic() - began
    cost.cpu = used.by_kind
    with reading() as session:
        counted = session.execute(select(Document.state, func.count()).group_by(Document.state))
        cost.states = {str(state): int(count) for state, count in counted}


def _search(cost: Cost, rows: int, up: Up) -> None:
    """Have the engine show so many documents, and look for one by its number as its user interface does."""
    with up.engine() as engine:
        deployment = engine.get(f"deployments/name/{DOCUMENTS}").json()["id"]
        numbers, began = [new_tracking() for _ in range(rows)], time.monotonic()
        for at in range(0, rows, _HUNDRED):
            asked = [_run_of(number) for number in numbers[at : at + _HUNDRED]]
            engine.post(f"deployments/{deployment}/create_flow_run/bulk", json=asked).raise_for_status()
        cost.rows, cost.made = rows, time.monotonic() - began
        searches = list[float]()
        for number in numbers[:: max(1, rows // 50)]:
            asked_for = {"flow_runs": {"name": {"like_": number}}, "sort": "START_TIME_DESC", "limit": 10}
            began = time.monotonic()
            found = engine.post("flow_runs/paginate", json=asked_for).json()
            searches.append(time.monotonic() - began)
            if [run["parameters"]["tracking"] for run in found["results"]] != [number]:
                raise RuntimeError("a document is not found by its number")
        cost.searches = searches


def _run_of(number: str) -> dict[str, Any]:
    state = {"type": "COMPLETED", "name": "Załatwiona", "message": "Przyszła 29.11.2026 12:00."}
    tags = ["akceptacja faktur elektronicznych", "skan", "Załatwiona"]
    return {
        "name": f"{number} · akceptacja faktur elektronicznych",
        "tags": tags,
        "idempotency_key": number,
        "parameters": {"tracking": number},
        "enforce_parameter_schema": False,
        "state": state,
    }


def _drop(file: Path) -> None:
    """As a scanner does it that writes beside and renames."""
    draft = get_settings().inbox / f".{file.name}"
    shutil.copyfile(file, draft)
    draft.rename(get_settings().inbox / file.name)


def _ended() -> int:
    with reading() as session:
        open_states = [state.value for state in OPEN]
        return session.scalar(select(func.count()).select_from(Document).where(Document.state.not_in(open_states))) or 0


class _Letter:
    """One file among many: names are encrypted, so each document that came since is looked at once."""

    def __init__(self, file: Path) -> None:
        self._name, self._tracking = file.name, ""
        with reading() as session:
            self._after = session.scalar(select(func.max(Document.id))) or 0

    @property
    def ended(self) -> bool:
        """Whether its document has ended."""
        with reading() as session:
            if not self._tracking:
                came = select(Document).where(Document.id > self._after).order_by(Document.id)
                for one in session.scalars(came):
                    self._after = one.id
                    if one.file_name == self._name:
                        self._tracking = one.tracking
            found = select(Document.state).where(Document.tracking == self._tracking)
            return session.scalar(found) not in (None, *OPEN)


def _shown() -> None:
    """Wait until the engine shows every document as it stands."""
    await_that(lambda: _behind() == 0)


def _behind() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Document).where(Document.shown.is_(None))) or 0


def _history(home: Path, url: str | None) -> int:
    """Bytes of the engine's tables and indexes."""
    if url is not None:
        with psycopg.connect(url) as connection:
            tables = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace = "
            found = connection.execute(f"{tables}'prefect'::regnamespace".encode()).fetchone()
            return int(found[0]) if found else 0
    with closing(sqlite3.connect(f"file:{home}/prefect/prefect.db?mode=ro", uri=True)) as connection:
        sizes = ("page_count", "freelist_count", "page_size")
        pages, free, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in sizes)
        return int((pages - free) * size)


def _write(database: str, cost: Cost) -> None:
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[database]
    machine = f"{os.cpu_count()} cores ({platform.machine()}), load {os.getloadavg()[0]:.1f} at the end"
    told = f"`python -m benchmarks.engine_cost {cost.scans} {database}`, {clock.today()}, {machine}."
    goals = [(what, goal, found, "yes" if reached else "no") for what, goal, found, reached in _goals(name, cost)]
    kinds = sorted({*cost.cpu, *cost.idle, *cost.memory})
    parts = [
        (
            kind,
            f"{cost.cpu.get(kind, 0):.1f}",
            f"{cost.idle.get(kind, 0):.1%}",
            f"{cost.memory.get(kind, 0):.0f}",
        )
        for kind in (*kinds, _ALL)
    ]
    parts[-1] = (
        _ALL,
        f"{sum(cost.cpu.values()):.1f}",
        f"{sum(cost.idle.values()):.1%}",
        f"{sum(cost.memory.values()):.0f}",
    )
    ended = ", ".join(f"{state} {count}" for state, count in sorted(cost.states.items()))
    part = "\n\n".join(
        [
            f"## {name}",
            told,
            table(("what", "goal", "found", "reached"), goals),
            f"`ebok read` of the same files: {cost.read:.1f} s, {cost.read_cpu:.1f} s of processor time. Ends of the "
            f"documents, letters included: {ended}. The engine showed all of them {cost.shown:.0f} s after the last "
            f"had ended. {cost.rows:,} documents more were shown in {cost.made:.0f} s. While idle a page of memory "
            f"that had rested for a second cost {cost.rest[1]:.1f} µs, one just touched {cost.rest[0]:.2f}.",
            table(("part", "batch: CPU s", "idle: CPU of a core", "idle: memory MB"), parts),
        ]
    )
    written = dict(_parts()) | {name: part + "\n"}
    DOCUMENT.write_text(_HEAD + "\n" + "\n".join(written[each] for each in sorted(written)), encoding="utf-8")


def _goals(database: str, cost: Cost) -> Iterator[tuple[str, str, str, bool]]:
    most, times = _TIMES[database], cost.batch / cost.read
    yield f"{cost.scans} scans at once beside `ebok read`", f"{most} times", f"{times:.2f} times", times <= most
    first, last = cost.hundred(last=False), cost.hundred(last=True)
    yield "first and last hundred", "alike", f"{first:.1f} s and {last:.1f} s", last <= 1.25 * first
    slow = sorted(cost.letters)[max(0, round(0.95 * len(cost.letters)) - 1)]
    yield f"a letter into an idle system, {len(cost.letters)} of them, 95 %", "10 s", f"{slow:.1f} s", slow <= 10
    yield "a letter behind the batch", "30 s", f"{cost.behind:.1f} s", cost.behind <= 30
    idle, memory = sum(cost.idle.values()), sum(cost.memory.values())
    yield "idle: processor", "2 % of a core", f"{idle:.1%}", idle <= 0.02
    yield "idle: memory (PSS)", "800 MB", f"{memory:.0f} MB", memory <= 800
    found = sorted(cost.searches)[max(0, round(0.95 * len(cost.searches)) - 1)]
    yield f"a document among {cost.rows:,} found by its number, 95 %", "0.5 s", f"{found:.2f} s", found <= 0.5
    kilobytes = cost.history / 1000
    yield "history of a document in Prefect", "20 KB", f"{kilobytes:.1f} KB", kilobytes <= 20


def _parts() -> Iterator[tuple[str, str]]:
    """The parts of the page as it is, by title."""
    if DOCUMENT.exists():
        for part in DOCUMENT.read_text(encoding="utf-8").split("\n## ")[1:]:
            yield part.partition("\n")[0], f"## {part.rstrip()}\n"


_ALL: Final = "all"
_TIMES: Final = {"SQLite": 2.0, "PostgreSQL": 1.5}
_HEAD: Final = """# What the engine costs

Printed scans put into the scan folder of a running `ebok up` at once, beside `ebok read` of the same files on both cores in the same run; single letters, dropped at any moment into a system that does nothing else; and what it takes to stand idle. Processor time is that of all processes of the installation, PostgreSQL's included, and for the batch until the engine shows every document as it stands. How it is built: [decision 33](decisions/0033-what-the-engine-shows-of-a-document.md).
"""  # noqa: E501  a paragraph of the page is one line


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("scans", type=int, nargs="?", default=SCANS)
    options.add_argument("databases", nargs="*", choices=("sqlite", "postgresql"), default=("sqlite", "postgresql"))
    options.add_argument("--pages", type=Path)
    options.add_argument("--letters", type=int, default=LETTERS)
    options.add_argument("--rows", type=int, default=ROWS)
    options.add_argument("--idle", type=float, default=IDLE)
    chosen = options.parse_args()
    main(Extent(chosen.scans, chosen.letters, chosen.idle, chosen.rows), chosen.databases, chosen.pages)
