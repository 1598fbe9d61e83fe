"""How long a signed-in customer waits for the pages of his account, with many customers and months of invoices.

``python -m benchmarks.account [CUSTOMERS] [MONTHS] [sqlite] [postgresql]`` writes its part of
``docs/benchmarks-account.md``. Some customers' months come from the generator through the real import; all others get
the same months under numbers of their own, copied within the database. A server process of its own answers two clients
at a time, one a core, each asking for customers drawn by chance.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import httpx
from sqlalchemy import Column, Integer, MetaData, Select, String, Table, func, insert, literal, select

from api.portal.access import COOKIE
from api.portal.addresses import BILL, BILLS, HOME, PAY, USAGE
from benchmarks import office
from benchmarks.live import throw_away_home
from benchmarks.scoring import table
from benchmarks.sections import put_section
from billing.importing import import_delivery
from billing.sample import CUSTOMERS, write_sample
from billing.sources import FolderSource
from billing.tables import CHARGES, INVOICES, METERS, PAYMENTS, POINTS, READINGS, SETTLEMENTS
from customers.customer_list import read_customers
from customers.importing import load_customers
from database.engine import get_engine, reading
from environment import clock
from specimens.people import invented_customers, write_customers
from tests.postgres import running_cluster

GOAL_MS: Final = 200.0
MODELS: Final = 1_000
"""Customers whose months are drawn and imported."""
ASKED: Final = 200
"""Customers who sign in."""
ROUNDS: Final = 400
"""Times that each page is asked for, by all together."""
DOCUMENT: Final = Path("docs/benchmarks-account.md")
_PAGES: Final = (HOME, BILLS, f"{BILLS}?rok=", BILL, PAY, USAGE)
_AT_ONCE: Final = 2
_PATIENCE: Final = 120.0
_OWN: Final = ("point_no", "meter_no", "invoice_no", "corrects", "payment_no")
"""Columns that tell something of one customer apart from another's."""
_COPIED: Final = (POINTS, METERS, READINGS, INVOICES, CHARGES, PAYMENTS, SETTLEMENTS)
_COPIES: Final = Table(
    "benchmark_copies",
    MetaData(),
    Column("copy", Integer, primary_key=True),
    Column("model", String(20), primary_key=True),
    Column("customer_no", String(20)),
)


def fill(customers: int, months: int) -> list[str]:
    """So many customers with so many months; gives their numbers."""
    models = min(MODELS, customers)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "delivery"
        write_sample(folder, models, months=months, until=clock.today(), pdfs=False)
        first = [record.customer_no for record in read_customers(folder / CUSTOMERS).records]
        load_customers(read_customers(folder / CUSTOMERS).records)
        import_delivery(FolderSource(folder), "machine")
        known = set(first)
        drawn = invented_customers(customers + models, 3)
        others = [row for row in drawn if row["customer_no"] not in known][: customers - models]
        load_customers(read_customers(write_customers(others, Path(name) / "others.csv")).records)
    numbers = [row["customer_no"] for row in others]
    _COPIES.metadata.create_all(get_engine())
    for copy in range(-(-len(numbers) // models)):
        _copy(copy + 1, dict(zip(first, numbers[copy * models :], strict=False)))
    _COPIES.metadata.drop_all(get_engine())
    if get_engine().dialect.name == "postgresql":  # what its own service does when it is idle
        with get_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    return [*first, *numbers]


def _copy(copy: int, numbers: Mapping[str, str]) -> None:
    """The months of the models once more, for the customers of these numbers."""
    with get_engine().begin() as connection:
        connection.execute(_COPIES.delete())
        rows = [{"copy": copy, "model": model, "customer_no": number} for model, number in numbers.items()]
        connection.execute(insert(_COPIES), rows)
        for each in _COPIED:
            connection.execute(insert(each).from_select([column.name for column in each.c], _anew(each, copy)))


def _anew(each: Table, copy: int) -> Select[tuple[object, ...]]:
    """The rows of the models in a table, as those of a copy; what is only reached by others is taken by their keys."""
    columns = [
        (column + literal(f"-{copy}")).label(column.name) if column.name in _OWN else column
        for column in each.c
        if column.name != "customer_no"
    ]
    named = {column.name: column for column in columns}
    named["customer_no"] = _COPIES.c.customer_no
    wanted = select(*(named[column.name] for column in each.c))
    points = select(POINTS.c.point_no).join(_COPIES, _COPIES.c.model == POINTS.c.customer_no)
    if each is METERS:
        return wanted.where(METERS.c.point_no.in_(points))
    if each is READINGS:
        return wanted.where(READINGS.c.meter_no.in_(select(METERS.c.meter_no).where(METERS.c.point_no.in_(points))))
    if each is CHARGES:
        invoices = select(INVOICES.c.invoice_no).join(_COPIES, _COPIES.c.model == INVOICES.c.customer_no)
        return wanted.where(CHARGES.c.invoice_no.in_(invoices))
    return wanted.join(_COPIES, _COPIES.c.model == each.c.customer_no)


@contextmanager
def _served() -> Iterator[str]:
    """A server process with the settings in force; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "EBOK_PUBLIC_URL": f"http://127.0.0.1:{port}", "EBOK_ALLOWED_HOSTS": "127.0.0.1"}
    with subprocess.Popen(
        [sys.executable, "-m", "api", str(port)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            site, began = f"http://127.0.0.1:{port}", time.monotonic()
            while time.monotonic() - began < _PATIENCE:
                try:
                    httpx.get(f"{site}/healthz").raise_for_status()
                    break
                except httpx.HTTPError:
                    time.sleep(0.2)
            yield site
        finally:
            server.terminate()


def ask(numbers: Sequence[str]) -> dict[str, list[float]]:
    """Milliseconds of each answer, by page."""
    chosen = random.Random(1).sample(list(numbers), min(ASKED, len(numbers)))
    for number in chosen:
        office.open_account(number, f"klient{number}@example.com")
    with reading() as session:
        of_them = select(INVOICES.c.customer_no, func.max(INVOICES.c.invoice_no)).group_by(INVOICES.c.customer_no)
        last = {row[0]: row[1] for row in session.execute(of_them.where(INVOICES.c.customer_no.in_(chosen)))}
    tokens = {number: office.account_session(number) for number in chosen}
    took: dict[str, list[float]] = defaultdict(list)

    def client(seed: int) -> None:
        chance = random.Random(seed)
        with httpx.Client(base_url=site, timeout=_PATIENCE) as asking:
            for _ in range(ROUNDS // _AT_ONCE):
                number = chance.choice(chosen)
                for page in chance.sample(_PAGES, len(_PAGES)):
                    asked = {"nr": last[number]} if page == BILL else {}
                    address = page + str(clock.today().year) if page.endswith("=") else page
                    began = time.perf_counter()
                    cookie = {"Cookie": f"{COOKIE}={tokens[number]}"}
                    answer = asking.get(address, params=asked or None, headers=cookie)
                    took[page].append(1000 * (time.perf_counter() - began))
                    if answer.status_code != httpx.codes.OK:
                        raise RuntimeError(f"{page}: {answer.status_code}")

    with _served() as site:
        httpx.get(site)
        with ThreadPoolExecutor(_AT_ONCE) as clients:
            list(clients.map(client, range(_AT_ONCE)))
    return took


def _told(customers: int, months: int, took: Mapping[str, Sequence[float]], invoices: int) -> str:
    rows = [
        (page, str(len(each)), f"{statistics.median(each):.0f}", f"{_late(each):.0f}", f"{max(each):.0f}")
        for page, each in took.items()
    ]
    every = [one for each in took.values() for one in each]
    load, version = os.getloadavg()[0], platform.python_version()
    return "\n\n".join(
        [
            f"{clock.today()}, {customers:,} customers, {months} months, {invoices:,} invoices and corrections; "
            f"{os.cpu_count()} cores ({platform.machine()}), Python {version}, load {load:.1f} at the end.",
            table(("page", "asked", "median ms", "95 % ms", "longest ms"), sorted(rows)),
            f"Goal: 95 % under {GOAL_MS:.0f} ms: {'met' if _late(every) < GOAL_MS else 'missed'} "
            f"({_late(every):.0f} ms over all pages; the slowest page {max(map(_late, took.values())):.0f} ms).",
        ]
    )


def _late(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


_HEAD: Final = (
    "# The account, measured with many customers\n\n"
    "`python -m benchmarks.account`: what a signed-in customer waits for each page, from the request to the last byte, "
    f"by HTTP over the loopback. {MODELS:,} customers' months are drawn by the generator and imported; all others have "
    f"the same months under their own numbers, copied within the database. {ASKED} customers drawn by chance are "
    "signed in; two clients ask at a time."
)


def main(customers: int, months: int, databases: Sequence[str]) -> None:
    """Fill, ask, and write the page."""
    for database in databases:
        with ExitStack() as open_:
            cluster = open_.enter_context(running_cluster()) if database == "postgresql" else None
            open_.enter_context(throw_away_home(None if cluster is None else cluster.create("ebok")))
            began = time.monotonic()
            numbers = fill(customers, months)
            with reading() as session:
                invoices = session.scalar(select(func.count()).select_from(INVOICES)) or 0
            print(f"{database}: filled in {time.monotonic() - began:.0f} s", flush=True)
            text = _told(customers, months, ask(numbers), invoices)
        put_section(DOCUMENT, _HEAD, database, text)
        print(text)


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("customers", type=int, nargs="?", default=100_000)
    options.add_argument("months", type=int, nargs="?", default=24)
    options.add_argument("databases", nargs="*", default=("sqlite", "postgresql"))
    given = options.parse_args()
    main(given.customers, given.months, given.databases)
