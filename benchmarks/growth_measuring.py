"""What a document costs each part of the house, measured for ``benchmarks.growth``.

``python -m benchmarks.growth_measuring [sqlite|postgresql] [DOCUMENTS]`` lets ``ebok ingest`` work off few and many
printed scans on fresh homes; the difference is what one more document costs: processor time by part and within
transactions that hold the register, bytes on the disk. ``ebok read`` of the same scans (``read``) tells how slow the
machine was just then: on one that others use as well all costs are to be taken beside it. It prints one JSON line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Final

from benchmarks.memory import MARK, marked
from environment import clock
from forms.catalogue import all_forms
from specimens.files import image_pdf
from specimens.paper import print_form, varied_style
from specimens.people import invented_customers, values_for, write_customers
from specimens.scanner import scan
from tests.postgres import running_cluster

_FEW: Final = 20
_CUSTOMERS: Final = 2000
_TICK: Final = 0.5
_PARTS: Final = {"flows server": "engine", "forkserver": "readers", "postgres": "database"}
_SECOND: Final = os.sysconf("SC_CLK_TCK")
_HELD: Final = "GROWTH_HELD"
"""File into which the command within writes how long it held the register."""


def measure(dialect: str, documents: int) -> dict[str, float]:
    """What one more document costs, and the seconds of the two runs."""
    with tempfile.TemporaryDirectory() as folder:
        customers = invented_customers(_CUSTOMERS, seed=5)
        listed = write_customers(customers, Path(folder) / "customers.csv")
        runs = []
        for count in (_FEW, documents):
            inbox = Path(folder) / f"scans-{count}"
            inbox.mkdir()
            for number in range(count):
                form = all_forms()[number % len(all_forms())]
                values = {**values_for(form, customers[number], number, clock.today()), "signature": True}
                pages = scan(print_form(form, values, varied_style(number), number), "gray200", number)
                (inbox / f"{number:04}.pdf").write_bytes(image_pdf(pages))
            with running_cluster() if dialect == "postgresql" else nullcontext() as cluster:
                url = cluster.create(f"growth_{os.getpid()}") if cluster else None
                runs.append(_ingested(inbox, listed, Path(folder) / f"home-{count}", url))
    few, many = runs
    one = {name: (many[name] - few.get(name, 0.0)) / (documents - _FEW) for name in many if name != "elapsed"}
    processors = [name for name in one if name.startswith("cpu_")]
    begins = sum(few.get(name, 0.0) - _FEW * one[name] for name in processors)
    return {**one, "begins": begins, "elapsed_few": few["elapsed"], "elapsed_many": many["elapsed"]}


def _ingested(inbox: Path, customers: Path, home: Path, url: str | None) -> dict[str, float]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EBOK_")}
    environment |= {"EBOK_HOME": str(home), "OMP_THREAD_LIMIT": "1", MARK: str(home), _HELD: str(home / "held")}
    if url:
        environment["EBOK_DATABASE_URL"] = url
    ebok = Path(sys.executable).with_name("ebok")
    subprocess.run([ebok, "customers", "import", customers], env=environment, check=True, capture_output=True)
    database = url.rpartition("/")[2] if url else ""
    begun = time.monotonic()
    with _processors(str(home), database) as used:
        command = [sys.executable, "-m", "benchmarks.growth_measuring", "within", str(inbox)]
        done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:] + done.stdout[-2000:])
    ends = [json.loads(line)["state"] for line in done.stdout.splitlines()]
    with _processors(f"{home}-read", "") as reading:
        command = [str(ebok), "read", "--json", *sorted(map(str, inbox.iterdir()))]
        subprocess.run(command, env={**environment, MARK: f"{home}-read"}, check=True, capture_output=True)
    return {
        **{f"cpu_{part}": seconds for part, seconds in used.items()},
        "read": sum(reading.values()),
        "held": float((home / "held").read_text()),
        "confirmed": ends.count("confirmed"),
        "elapsed": time.monotonic() - begun,
        "bytes_originals": _bytes(home / "originals"),
        "bytes_register": sum(_bytes(path) for path in home.glob("ebok.sqlite*")),
        "bytes_engine": _bytes(home / "prefect"),
    }


def _bytes(path: Path) -> int:
    return sum(one.stat().st_size for one in (path.rglob("*") if path.is_dir() else [path]) if one.is_file())


@contextmanager
def _processors(mark: str, database: str) -> Iterator[Mapping[str, float]]:
    """Seconds of the processor by part, of all processes that bear the mark or serve the database."""
    used: dict[str, dict[str, float]] = {}
    over = threading.Event()

    def look() -> None:
        for process in [path for _, path in marked(mark)] + (_serving(database) if database else []):
            with suppress(OSError):
                command = (process / "cmdline").read_bytes().decode(errors="replace")
                part = next((part for word, part in _PARTS.items() if word in command), "sweep")
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                used.setdefault(part, {})[process.name] = (int(fields[11]) + int(fields[12])) / _SECOND

    def watch() -> None:
        while not over.wait(_TICK):
            look()

    told: dict[str, float] = {}
    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield told
    finally:
        over.set()
        thread.join()
        told.update({part: sum(by_process.values()) for part, by_process in used.items()})


def _serving(database: str) -> list[Path]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (process / "cmdline").read_bytes()
            if command.startswith(b"postgres:") and database.encode() in command:
                found.append(process)
    return found


def _within(inbox: Path) -> None:
    """``ebok ingest`` in this process, counting how long transactions that write worked while they were open."""
    from sqlalchemy import Engine, event  # noqa: PLC0415
    from sqlalchemy.pool import Pool  # noqa: PLC0415

    from cli.main import app  # noqa: PLC0415

    held = [0.0]
    begun: dict[int, float] = {}
    wrote: set[int] = set()

    def executed(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        number = id(connection.connection.dbapi_connection)
        begun.setdefault(number, time.thread_time())
        if statement.lstrip()[:6].upper() in {"INSERT", "UPDATE", "DELETE"}:
            wrote.add(number)

    def given_back(dbapi_connection: Any, _record: Any) -> None:
        since = begun.pop(id(dbapi_connection), None)
        if since is not None and id(dbapi_connection) in wrote:
            held[0] += time.thread_time() - since
        wrote.discard(id(dbapi_connection))

    # The first statement of a transaction that writes is BEGIN IMMEDIATE: when it has been executed, the lock is ours.
    event.listen(Engine, "after_cursor_execute", executed)
    event.listen(Pool, "checkin", given_back)
    try:
        app(["ingest", str(inbox), "--json"])
    except SystemExit as end:
        if end.code not in (0, 1):  # 1: a document waits for somebody
            raise
    finally:
        Path(os.environ[_HELD]).write_text(str(held[0]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["within"]:
        _within(Path(sys.argv[2]))
    else:
        sort = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
        print(json.dumps(measure(sort, int(sys.argv[2]) if len(sys.argv) > 2 else 120)))
