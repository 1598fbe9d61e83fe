"""What the register costs when it is large: an import, the first page after a start, and each question of the desk.

``python -m benchmarks.register [CUSTOMERS] [sqlite|postgresql|HOME] [once]`` imports so many invented customers, gives
each a document, and asks as the desk and the sweep ask, with the plan by which the database answers. With ``once`` the
list is not imported a second time. A home with a register of that many (on SQLite) is asked only. It writes
``docs/benchmarks-register.md``, where parts that were not measured stay as they are.
"""

from __future__ import annotations

import json
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import event, select, text

from benchmarks.first_page import MARK
from benchmarks.importing import Import, csv_file, imports
from benchmarks.live import throw_away_home
from benchmarks.scoring import table
from customers.knowledge import register_knowledge
from customers.matching import match
from customers.records import COLUMNS, RegisterLookup
from customers.tables import Customer
from database.engine import Session, get_engine, passing_transaction, reading, transaction
from documents import leases
from documents.states import State
from environment import clock
from environment.settings import get_settings
from forms.catalogue import form_by_code
from forms.submission import FieldValue, Source, Submission
from review.candidates import candidates
from review.queue import Clerk, QueueFilter, waiting
from review.search import Query, customers_named, find
from specimens.files import image_pdf
from specimens.paper import handwrite_form
from specimens.people import CustomerRow, invented_customers, values_for
from specimens.scanner import scan
from tests.postgres import running_cluster

CUSTOMERS: Final = 1_000_000
SMALL: Final = 1_000
DOCUMENT: Final = Path("docs/benchmarks-register.md")
_ONCE: Final = "once"
_ASKED: Final = 200
"""Questions of each kind."""
_FORM: Final = form_by_code("einvoice_acceptance")
_SECONDS: Final = 30
"""Between the arrivals of two documents."""
_DOCUMENTS: Final = """
INSERT INTO documents (tracking, channel, state, reason_code, form, version, paper, customer_no, part, received_at,
                       attempts, desk_level, updated_at)
SELECT 'T' || customer_no, CASE n % 3 WHEN 0 THEN 'folder' WHEN 1 THEN 'api' ELSE 'online' END,
       CASE WHEN n % 50 = 0 THEN 'in_review' WHEN n % 1000 = 1 THEN 'ready' ELSE 'confirmed' END,
       CASE WHEN n % 50 = 0 THEN 'doubtful_field' END,
       CASE n % 2 WHEN 0 THEN 'einvoice_acceptance' ELSE 'ebok_signup' END, '1', {false}, customer_no, 1, {at}, 0,
       'clerk', {at}
FROM (SELECT customer_no, row_number() OVER (ORDER BY customer_no) AS n FROM customers) AS numbered
"""
_AT: Final = {
    "sqlite": f"strftime('%Y-%m-%d %H:%M:%S.000000', 1700000000 + n * {_SECONDS}, 'unixepoch')",
    "postgresql": f"to_timestamp(1700000000 + n * {_SECONDS})",
}


@dataclass(frozen=True)
class FirstPage:
    """The first page after a start: its length, processor time of all, most memory of who knows and of the reader."""

    wall: float
    cpu: float
    knows: float
    reader: float


@dataclass(frozen=True)
class Question:
    """One kind of question: milliseconds at the median, processor time of it, the slowest, and the plans."""

    name: str
    median: float
    cpu: float
    slow: float
    goal: float | None
    plans: tuple[str, ...]


def main(count: int, only: Sequence[str], home: Path | None) -> None:
    """Measure on each database and write the page; with a ``home`` only its register is asked, on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        if home is not None:
            with _small(scratch, None) as small, _in(home):
                _ask("SQLite", count, scratch, small)
            return
        listed = csv_file(scratch / "customers.csv", invented_customers(count, 7, consecutive=True))
        if "sqlite" in only:
            with _small(scratch, None) as small, throw_away_home():
                _all("SQLite", count, listed, scratch, small)
        if "postgresql" in only:
            with (
                running_cluster() as cluster,
                _small(scratch, cluster.create("few")) as small,
                throw_away_home(cluster.create("ebok")),
            ):
                _all("PostgreSQL", count, listed, scratch, small)


def _page_by_hand(folder: Path, person: CustomerRow) -> Path:
    """A form filled in by hand, or as near to it as there are drawings: all that is asked of a register is asked."""
    path = folder / "page.pdf"
    paper = handwrite_form(_FORM, values_for(_FORM, person, 3, clock.today()), 3)
    path.write_bytes(image_pdf(scan(paper, "gray200", 3)))
    return path


@contextmanager
def _small(folder: Path, url: str | None) -> Iterator[FirstPage]:
    """The first page with few customers."""
    people = invented_customers(SMALL, 7, consecutive=True)
    with throw_away_home(url):
        list(imports("", {"few": csv_file(folder / "few.csv", people)}))
        found = _first_page(_page_by_hand(folder, people[0]))
    yield found


@contextmanager
def _in(home: Path) -> Iterator[None]:
    before = os.environ.get("EBOK_HOME")
    os.environ["EBOK_HOME"] = str(home)
    get_settings.cache_clear()
    try:
        yield
    finally:
        os.environ.pop("EBOK_HOME") if before is None else os.environ.update(EBOK_HOME=before)
        get_settings.cache_clear()


def _all(database: str, count: int, listed: Path, folder: Path, small: FirstPage) -> None:
    again = {} if _ONCE in sys.argv else {"the same again, nothing changed": listed}
    done = list(imports(database, {"all new": listed, **again}))
    write_imports(database, count, done)
    _ask(database, count, folder, small)


def _ask(database: str, count: int, folder: Path, small: FirstPage) -> None:
    people = _some_of_the_register()
    large = _first_page(_page_by_hand(folder, people[0]))
    dialect = get_engine().dialect.name
    with transaction() as session:
        if session.scalar(text("SELECT count(*) FROM documents")) == 0:
            false = "0" if dialect == "sqlite" else "false"
            session.execute(text(_DOCUMENTS.format(false=false, at=_AT[dialect])))
    if dialect == "postgresql":
        with get_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as alone:
            alone.execute(text("VACUUM ANALYZE"))
    _write_answers(database, count, small, large, list(_questions(people)))


def _some_of_the_register() -> list[CustomerRow]:
    """Customers from everywhere in it."""
    with reading() as session:
        numbers = list(session.scalars(select(Customer.customer_no)))
        chosen = random.Random(3).sample(numbers, _ASKED)
        records = [RegisterLookup(session).find(number) for number in chosen]
    return [CustomerRow(**{name: getattr(one, name) or "" for name in COLUMNS}) for one in records]  # type: ignore[typeddict-item]


def _first_page(page: Path) -> FirstPage:
    environment = {**os.environ, MARK: str(time.monotonic_ns()), "OMP_THREAD_LIMIT": "1"}
    command = [sys.executable, "-m", "benchmarks.first_page", str(page)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return FirstPage(*json.loads(done.stdout.splitlines()[-1]))


def _questions(asked: Sequence[CustomerRow]) -> Iterator[Question]:
    clerk = Clerk("benchmark")
    middle = f"T{sorted(row['customer_no'] for row in asked)[len(asked) // 2]}"
    knows = register_knowledge()

    def by_numbers(row: CustomerRow) -> None:
        knows.customers({name: [row[name] or "0"] for name in ("customer_no", "pesel", "nip", "phone")})

    def claimed(session: Session, row: CustomerRow) -> None:
        for tracking in leases.claim_open(session, row["customer_no"], 1):
            leases.release(session, tracking, row["customer_no"])

    def match_(session: Session, row: CustomerRow) -> None:
        match(_submission(row), RegisterLookup(session))

    def candidates_(session: Session, row: CustomerRow) -> None:
        wrong = {**row, "customer_no": row["customer_no"][:-2] + row["customer_no"][:-3:-1], "house": "1"}
        candidates(session, _submission(wrong))

    def named(session: Session, row: CustomerRow) -> None:
        customers_named(session, _beginnings(row["name"]))

    def two_letters(session: Session, row: CustomerRow) -> None:
        customers_named(session, row["name"][:2])

    yield _asked("match", 5, asked, _reading(match_))
    yield _asked("customers who may have written a page", None, asked, by_numbers)
    yield _asked("candidates", 10, asked, _reading(candidates_))
    yield _asked("claim", 5, asked, _claiming(claimed))
    yield _asked("search by name", 50, asked, _reading(named))
    yield _asked("search by two letters", 50, asked, _reading(two_letters))
    yield _asked("queue", 20, asked, _reading(lambda session, _: waiting(session, QueueFilter(), clerk)))
    for name, query in {
        "documents, all": Query(),
        "documents of a state": Query(state=State.CONFIRMED),
        "documents of a form": Query(form="ebok_signup"),
    }.items():
        yield _asked(f"{name}, first page", None, asked, _reading(lambda session, _, query=query: find(session, query)))  # type: ignore[misc]
        yield _asked(
            f"{name}, a page in the middle",
            None,
            asked,
            _reading(lambda session, _, query=query: find(session, query, before=middle)),  # type: ignore[misc]
        )


def _beginnings(name: str) -> str:
    """As a clerk types: the beginning of the longest word, and two letters of another, without Polish marks."""
    words = sorted(re.findall(r"\w{2,}", name), key=len, reverse=True)
    return " ".join([words[0][:5], *(word[:2] for word in words[1:2])])


def _submission(row: Mapping[str, Any]) -> Submission:
    values = {name: FieldValue(row[name] or None, source=Source.ONLINE) for name in row if name in _FORM}
    return Submission(_FORM, values, paper=False)


def _reading(ask: Callable[[Session, CustomerRow], object]) -> Callable[[CustomerRow], None]:
    def run(row: CustomerRow) -> None:
        with reading() as session:
            ask(session, row)

    return run


def _claiming(ask: Callable[[Session, CustomerRow], object]) -> Callable[[CustomerRow], None]:
    def run(row: CustomerRow) -> None:
        with passing_transaction() as session:
            ask(session, row)

    return run


def _asked(name: str, goal: float | None, asked: Sequence[CustomerRow], ask: Callable[[CustomerRow], None]) -> Question:
    with _statements() as seen:
        ask(asked[0])
    took, used = [], []
    for row in asked:
        began, at_work = time.perf_counter(), time.process_time()
        ask(row)
        took.append((time.perf_counter() - began) * 1000)
        used.append((time.process_time() - at_work) * 1000)
    slow = sorted(took)[int(0.99 * len(took))]
    return Question(name, statistics.median(took), statistics.median(used), slow, goal, tuple(_plans(seen)))


@contextmanager
def _statements() -> Iterator[list[tuple[str, Any]]]:
    """The questions that the program asks of the database meanwhile, with what was given."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, given: Any, _context: Any, many: bool) -> None:
        if not many and statement.lstrip()[:6] in ("SELECT", "UPDATE", "DELETE"):
            seen.append((statement, given))

    with reading() as looking, passing_transaction() as passing:
        engines = {get_engine(), looking.get_bind().engine, passing.get_bind().engine}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def _plans(seen: Sequence[tuple[str, Any]]) -> Iterator[str]:
    """How the database finds the rows of each statement: the tables with the index, or that it reads all of one."""
    sqlite = get_engine().dialect.name == "sqlite"
    told = set[str]()
    with get_engine().connect() as connection:
        for statement, given in seen:
            plan = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
            lines = [str(row[-1]).strip(" ->") for row in connection.exec_driver_sql(plan + statement, given)]
            steps = [line.split("  (")[0] for line in lines if re.match(r"SEARCH|SCAN|.*Scan", line)]
            found = "; ".join(dict.fromkeys(steps))
            if found and found not in told:
                told.add(found)
                yield found


def write_imports(database: str, count: int, done: Sequence[Import]) -> None:
    """The part of the page on imports into one database."""
    rows = [
        (
            *(one.what, f"{one.cpu:.0f}", f"{one.wall:.0f}", f"{one.megabytes:.0f}"),
            *(f"{one.longest * 1000:.0f}", str(one.writes)),
        )
        for one in done
    ]
    heads = ("import", "CPU s", "elapsed s", "memory MB", "longest wait of another writer, ms", "its writes")
    _write(f"{database}: the import", f"{_command(count, database)}\n\n{table(heads, rows)}\n")


def _write_answers(
    database: str, count: int, small: FirstPage, large: FirstPage, questions: Sequence[Question]
) -> None:
    pages = [
        (f"{number:,}", f"{one.cpu:.1f}", f"{one.wall:.1f}", f"{one.knows:.0f}", f"{one.reader:.0f}")
        for number, one in ((SMALL, small), (count, large))
    ]
    answers = [
        (
            *(one.name, f"{one.median:.1f}", f"{one.cpu:.1f}", f"{one.slow:.1f}"),
            *(f"{one.goal:.0f}" if one.goal else "", "<br>".join(one.plans)),
        )
        for one in questions
    ]
    started = table(("customers", "CPU s", "elapsed s", "memory of who knows, MB", "of the reader, MB"), pages)
    heads = ("question", "median ms", "of it CPU of the program", "99 of 100 ms", "goal ms", "by which index")
    _write(
        f"{database}: questions",
        f"{_command(count, database)}\n\nThe first page after a start, written by hand:\n\n{started}\n\n"
        f"{_ASKED} questions of each kind, one after the other:\n\n{table(heads, answers)}\n",
    )


def _command(count: int, database: str) -> str:
    machine = f"{os.cpu_count()} cores ({platform.machine()}), load {os.getloadavg()[0]:.1f} at the end"
    once = f" {_ONCE}" if _ONCE in sys.argv else ""
    return f"`python -m benchmarks.register {count} {database.lower()}{once}`, {clock.today()}, {machine}."


def _write(name: str, part: str) -> None:
    parts = dict(_parts()) | {name: f"## {name}\n\n{part}"}
    DOCUMENT.write_text(_HEAD + "\n" + "\n".join(parts[each] for each in sorted(parts)), encoding="utf-8")


def _parts() -> Iterator[tuple[str, str]]:
    """The parts of the page as it is, by title."""
    if DOCUMENT.exists():
        for part in DOCUMENT.read_text(encoding="utf-8").split("\n## ")[1:]:
            yield part.partition("\n")[0], f"## {part.rstrip()}\n"


_HEAD: Final = """# A large register

Invented customers with numbers that follow each other, each with a document; two documents in a hundred wait for a clerk. While a list is imported somebody else writes all the time, as in [benchmarks-import.md](benchmarks-import.md); processor time is of the command alone, PostgreSQL's server comes on top. How it is built: [decision 25](decisions/0025-the-register-is-asked-by-index.md).

Goals for a million: import 150 s CPU, 400 MB, nobody waits longer than 1 s; the first page 3 s CPU more than with a thousand customers, a reader under 700 MB; the questions as told, at the median.
"""  # noqa: E501  a paragraph of the page is one line


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS
    existing = next((Path(one) for one in sys.argv[2:] if Path(one).is_dir()), None)
    chosen = [one for one in sys.argv[2:] if one != _ONCE]
    main(number, chosen or ("sqlite", "postgresql"), existing)
