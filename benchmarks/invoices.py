"""Deliver many e-invoices to a recording mail server while the sender is killed again and again; then print them.

``python -m benchmarks.invoices [INVOICES [KILLS]]``. Each customer has an address of his own, so what the server took
is counted by recipient. Whoever decides, sends or prints is a process that is killed (SIGKILL): twice while it decides,
then whenever the server has taken as many as chance says, and followed by another. At the end each invoice has arrived
exactly once, or at most once and is shown as uncertain.
"""

from __future__ import annotations

import os
import random
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import insert, select, update

from benchmarks.live import throw_away_home
from billing.dispatch_tables import DeliveredInvoice
from billing.dispatched import DeliveryState, Went, how_went
from billing.dispatching import decide
from billing.importing import import_delivery
from billing.printing import print_due
from billing.sample import CUSTOMERS, write_sample
from billing.sources import FolderSource
from billing.tables import INVOICES
from confirmations import outbox
from customers.customer_list import read_customers
from customers.importing import load_customers
from customers.tables import Consent, Proof
from database.engine import reading, transaction
from database.holders import enter
from documents import claims
from documents.originals import store_bytes
from environment.settings import get_settings
from notices.judging import judge

_LONG_AGO: Final = datetime(2026, 1, 1, tzinfo=UTC)
_BUNDLE: Final = 100
_SEED: Final = 1
_GLANCE: Final = 0.002
_WHILE_DECIDING: Final = 2


@dataclass
class _Recorder:
    """A mail server that remembers whom it took an e-mail for."""

    taken: Counter[str] = field(default_factory=Counter)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taken.update(envelope.rcpt_tos)
        return "250 OK"


def main(invoices: int, kills: int) -> None:
    """Fill a register, deliver with kills, and tell what came of each invoice."""
    recorder = _Recorder()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(recorder, hostname="127.0.0.1", port=port)
    server.start()
    settings = {
        "EBOK_SMTP_HOST": "127.0.0.1",
        "EBOK_SMTP_PORT": str(port),
        "EBOK_SMTP_TLS": "false",
        "EBOK_INVOICE_DELIVERY_FROM": "2026-10-01",
    }
    try:
        with throw_away_home():
            os.environ.update(settings)
            get_settings.cache_clear()
            _fill(invoices)
            chance = random.Random(_SEED)
            numbers = sorted(chance.sample(range(1, invoices), kills))
            deciding = [_in(chance.uniform(2.0, 5.0)) for _ in range(_WHILE_DECIDING)]
            sending = [_after(recorder.taken.total, number) for number in numbers]
            took = _killed_often("email", [*deciding, *sending])
            print(f"e-mails: {invoices} invoices, {_WHILE_DECIDING + kills} kills, {took:.0f} s")
            _judge(recorder.taken)
            with transaction() as session:  # the same invoices once more, now all on paper
                session.execute(update(DeliveredInvoice).values(message_key=None))
            took = _killed_often("print", [_in(chance.uniform(2.0, 9.0)) for _ in range(_WHILE_DECIDING)])
            print(f"printed: {invoices} invoices, {_WHILE_DECIDING} kills, {took:.0f} s")
            _judge_paper()
    finally:
        server.stop()


def _fill(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_sample(Path(folder), count, months=1, until=date(2026, 11, 1), pdfs=False)
        load_customers(read_customers(Path(folder) / CUSTOMERS))
        import_delivery(FolderSource(Path(folder)), "machine")
        write_sample(Path(folder) / "one", 1, months=1, until=date(2026, 11, 1))
        picture = store_bytes(next((Path(folder) / "one").rglob("*.pdf")).read_bytes())
    with transaction() as session:
        claims.keep(session, [picture], claims.INVOICES)
        session.execute(update(INVOICES).values(pdf_sha256=picture.sha256))
        numbers = sorted(set(session.scalars(select(INVOICES.c.customer_no))))
        given = {"form": "einvoice_acceptance", "form_version": "1", "subject": "einvoice", "withdrawn": False}
        held = {"received_on": _LONG_AGO.date(), "effective_from": _LONG_AGO.date(), "email_proven_at": _LONG_AGO}
        consents = [
            {**given, **held, "id": at, "customer_no": number, "email": _address(number), "tracking": f"B{at}"}
            for at, number in enumerate(numbers, 1)
        ]
        session.execute(insert(Consent), consents)
        link = {"purpose": "einvoice", "created_at": _LONG_AGO, "expires_at": _LONG_AGO, "used_at": _LONG_AGO}
        session.execute(
            insert(Proof),
            [
                {**link, **{name: one[name] for name in ("customer_no", "email", "tracking")}}
                | {"token_digest": f"{one['id']}", "nonce": f"{one['id']}", "consent_id": one["id"]}
                for one in consents
            ],
        )


def _address(number: str) -> str:
    return f"k{number}@example.com"


def _killed_often(what: str, moments: Sequence[Callable[[], bool]]) -> float:
    """Have it done by processes of which each is killed when its moment has come, but the last; how long it took."""
    begun = time.monotonic()
    for moment in (*moments, _never):
        command = [sys.executable, "-m", "benchmarks.invoices", "--worker", what]
        worker = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while worker.poll() is None and not moment():
            time.sleep(_GLANCE)
        if worker.poll() is None:
            worker.kill()
        worker.wait()
    assert worker.returncode == 0, "the last one was not to be killed"
    return time.monotonic() - begun


def _never() -> bool:
    return False


def _after(taken: Callable[[], int], number: int) -> Callable[[], bool]:
    return lambda: taken() >= number


def _in(seconds: float) -> Callable[[], bool]:
    """When that time has passed since it was first asked."""
    begun: list[float] = []

    def come() -> bool:
        begun.append(time.monotonic())
        return begun[-1] - begun[0] >= seconds

    return come


def _work(what: str) -> None:
    """What the runs of the workflow engine do, in a process that may be killed."""
    owner = f"benchmark-{secrets.token_hex(4)}"
    with transaction() as session:
        enter(session, owner, "benchmark")
    if what == "print":
        print_due("benchmark")
        return
    decide()
    while outbox.deliver(transaction, limit=_BUNDLE, owner=owner, judge=judge):
        pass


def _all() -> dict[str, tuple[str, Went]]:
    with reading() as session:
        numbers = dict(session.execute(select(INVOICES.c.invoice_no, INVOICES.c.customer_no)).tuples().all())
        return {number: (numbers[number], went) for number, went in how_went(session, numbers).items()}


def _judge(taken: Counter[str]) -> None:
    of_customer = Counter(number for number, _ in _all().values())
    states = Counter(went.state for _, went in _all().values())
    uncertain = Counter(number for number, went in _all().values() if went.state is DeliveryState.UNCERTAIN)
    lost = [one for one, owed in of_customer.items() if taken[_address(one)] < owed - uncertain[one]]
    twice = [one for one, owed in of_customer.items() if taken[_address(one)] > owed]
    print(f"  taken by the server: {taken.total()}; states: {dict(states)}; lost: {len(lost)}; twice: {len(twice)}")
    assert not lost and not twice and set(states) <= {DeliveryState.SENT, DeliveryState.UNCERTAIN}


def _judge_paper() -> None:
    runs = Counter(went.run for _, went in _all().values())
    folder = get_settings().outgoing / "invoices"
    lines = sum(len(path.read_text("utf-8-sig").splitlines()) - 1 for path in folder.glob("*.csv"))
    size = sum(path.stat().st_size for path in folder.glob("*.pdf")) / 1e6
    print(f"  runs of the printer: {dict(runs)}; lines in the lists: {lines}; PDF: {size:.0f} MB")
    assert lines == runs.total() and None not in runs


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        _work(sys.argv[2])
    else:
        main(*(int(one) for one in (*sys.argv[1:], *("10000", "10")[len(sys.argv) - 1 :])))
