"""How long the server takes at the review desk with 10,000 documents waiting, on SQLite and on PostgreSQL.

``python -m benchmarks.desk [WAITING] [ROUNDS]`` writes its section of ``docs/benchmarks-desk.md``. Measured is the time
from the arrival of a request at the application to the last byte of its answer; a round is what lies between pressing
'approve' and seeing the next document: the POST and the GET that it leads to.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any, Final

from fastapi.testclient import TestClient
from sqlalchemy import insert, select
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.app import create_app
from api.desk.access import COOKIE
from audit.tables import AuditEntry
from benchmarks import office
from benchmarks.desk_document import put_section
from benchmarks.live import throw_away_home
from benchmarks.office import Paper
from benchmarks.page_forms import fields_of
from benchmarks.scoring import table
from database.engine import Base, Session, transaction
from documents.tables import Document, Original, Reading, Transition
from documents.tracking import new_tracking
from environment import clock
from specimens import names
from specimens.people import invented_customers
from tests.postgres import running_cluster

WAITING: Final = 10_000
ROUNDS: Final = 300
GOAL_MS: Final = 150.0
HEADING: Final = "Under load"
_OF_EACH: Final = 6
_KINDS: Final = (
    Paper("einvoice_acceptance", 0, ("email", "date_signed")),
    Paper("ebok_signup", 0, ("email", "date_signed")),
    Paper("einvoice_email_change", _OF_EACH, ("email_new", "date_signed")),
    Paper("einvoice_withdrawal", _OF_EACH, ("email_current", "date_signed")),
)
"""Sample papers, each with its first customer."""


@dataclass
class Timed:
    """The application, and how long it took over each request: seconds by what was asked for."""

    app: ASGIApp
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    asking: str = "other"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on and look at the clock."""
        begun = time.perf_counter()

        async def sent(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self.took[self.asking].append(time.perf_counter() - begun)

        await self.app(scope, receive, sent if scope["type"] == "http" else send)


def fill(waiting: int) -> None:
    """Customers, and documents with two doubts each: some made by the real functions, the rest are copies of these."""
    office.fill_register(invented_customers(waiting, 3, domains=names.SAFE_DOMAINS))
    office.fill_register()
    for person in range(_OF_EACH, 2 * _OF_EACH):
        office.on_einvoice(person)
    originals = [
        office.waiting(replace(kind, person=kind.person + further, seed=10 * further + at))
        for at, kind in enumerate(_KINDS)
        for further in range(_OF_EACH)
    ]
    with transaction() as session:
        patterns = [_Pattern.of(session, tracking) for tracking in originals]
    copies = waiting - len(patterns)
    for begun in range(0, copies, 500):
        with transaction() as session:
            for number in range(begun, min(begun + 500, copies)):
                patterns[number % len(patterns)].copy(session, number)


def measure(rounds: int) -> dict[str, list[float]]:
    """Settle so many documents one after the other as a clerk does, then look at the other pages."""
    timed = Timed(create_app())
    with TestClient(timed, base_url="http://127.0.0.1", headers={"Accept": "text/html"}) as browser:
        browser.cookies.set(COOKIE, office.session_of("ewa"), domain="127.0.0.1", path="/biuro")
        queue = browser.get("/biuro/")
        taken = browser.post("/biuro/nastepny", data=fields_of(queue.text, "/biuro/nastepny"), follow_redirects=False)
        page = browser.get(taken.headers["location"])
        for _ in range(rounds):
            action = page.url.path
            timed.asking = "approve (POST)"
            settled = browser.post(
                action, data={**fields_of(page.text, action), "co": "zatwierdz"}, follow_redirects=False
            )
            if settled.status_code != 303 or settled.headers["location"].startswith(action):
                raise RuntimeError(f"a sample document could not be approved: {settled.status_code}")
            timed.asking = "next document (GET)"
            page = browser.get(settled.headers["location"])
        both = zip(timed.took["approve (POST)"], timed.took["next document (GET)"], strict=True)
        timed.took["next-document round (both)"] = [post + get for post, get in both]
        customer = office.people()[0]
        for asking, address in {
            "queue": "/biuro/",
            "search by customer": f"/biuro/szukaj?klient={customer['customer_no']}",
            "search by state": "/biuro/szukaj?stan=in_review",
            "story of a document": f"{page.url.path}/historia",
            "stuck and quarantined": "/biuro/do-wyjasnienia",
        }.items():
            timed.asking = asking
            for _ in range(30):
                if browser.get(address, follow_redirects=False).status_code != 200:
                    raise RuntimeError(f"{address} cannot be seen")
    timed.took.pop("other")
    return timed.took


@dataclass(frozen=True)
class _Pattern:
    """All rows of one document, to be copied."""

    document: dict[str, Any]
    original: dict[str, Any]
    rows: dict[type[Base], list[dict[str, Any]]]

    @classmethod
    def of(cls, session: Session, tracking: str) -> _Pattern:
        document = session.scalars(select(Document).where(Document.tracking == tracking)).one()
        original = session.scalars(select(Original).where(Original.sha256 == document.original_sha256)).one()
        of_document: dict[type[Base], list[dict[str, Any]]] = {
            table: [_columns(row) for row in session.scalars(select(table).where(table.document_id == document.id))]
            for table in (Reading, Transition)
        }
        audit = [_columns(row) for row in session.scalars(select(AuditEntry).where(AuditEntry.subject == tracking))]
        return cls(_columns(document), _columns(original), {**of_document, AuditEntry: audit})

    def copy(self, session: Session, number: int) -> None:
        tracking, sha256 = new_tracking(), f"{number:064x}"
        session.execute(insert(Original).values(self.original | {"sha256": sha256, "path": f"copy/{number}"}))
        # In any order, but none before its customer's consent to e-invoices.
        received_at = clock.now() - timedelta(microseconds=Random(number).randrange(1_000_000))
        document = _without_id(self.document) | {
            "tracking": tracking,
            "original_sha256": sha256,
            "received_at": received_at,
        }
        made = session.execute(insert(Document).values(document).returning(Document.id)).scalar_one()
        for kept, rows in self.rows.items():
            unsealed = {"subject": tracking, "position": None, "digest": None}
            own = unsealed if kept is AuditEntry else {"document_id": made}
            if rows:
                session.execute(insert(kept), [_without_id(row) | own for row in rows])


def _columns(row: Base) -> dict[str, Any]:
    return {attribute.key: getattr(row, attribute.key) for attribute in row.__mapper__.column_attrs}


def _without_id(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"}


def _report(found: dict[str, dict[str, list[float]]], waiting: int, rounds: int) -> str:
    rows = [
        (kind, asking, f"{len(times)}", *(f"{one * 1000:.0f}" for one in _percentiles(times)))
        for kind, by_request in found.items()
        for asking, times in by_request.items()
    ]
    worst = max(_percentiles(by["next-document round (both)"])[1] * 1000 for by in found.values())
    return "\n\n".join(
        [
            f"Server time with {waiting:,} documents waiting and as many customers, while {rounds} documents with two "
            "doubts each are settled one after the other. Measured inside the application: network, browser and the "
            "pictures come on top.",
            f"`python -m benchmarks.desk {waiting} {rounds}`, {clock.today().isoformat()}, {_machine()}.",
            f"Goal: p95 of the round from one document to the next under {GOAL_MS:.0f} ms. "
            f"**{'Met' if worst < GOAL_MS else 'Missed'}**: {worst:.0f} ms on the slower database.",
            table(("database", "request", "times", "p50 ms", "p95 ms", "p99 ms"), rows),
        ]
    )


def _percentiles(times: Sequence[float]) -> tuple[float, float, float]:
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return cuts[49], cuts[94], cuts[98]


def _machine() -> str:
    """Other work on the machine makes every time longer: the load at the end is told."""
    cores, load = os.cpu_count() or 1, os.getloadavg()[0]
    others = "; other programs had most of it, so these are upper bounds" if load > 2 * cores else ""
    return f"{cores} cores ({platform.machine()}), load {load:.1f} at the end{others}"


def main() -> None:
    """Measure on both databases and write the document."""
    waiting = int(sys.argv[1]) if len(sys.argv) > 1 else WAITING
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    warnings.simplefilter("ignore")
    found = {}
    with throw_away_home():
        fill(waiting)
        found["SQLite"] = measure(rounds)
    with running_cluster() as cluster, throw_away_home(cluster.create("ebok")):
        fill(waiting)
        found["PostgreSQL"] = measure(rounds)
    text = _report(found, waiting, rounds)
    put_section(HEADING, text)
    print(text)


if __name__ == "__main__":
    main()
