"""A whole installation for journeys in a browser: `ebok up` with its workflow engine, customers, and bills of some."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from benchmarks import office
from billing.importing import import_delivery
from billing.sources import FolderSource
from customers.customer_list import read_customers
from customers.importing import load_customers
from database.engine import engine_for
from database.upgrading import upgrade
from environment import clock
from environment.settings import get_settings
from specimens.demo import demo_customers
from specimens.people import CustomerRow
from tests.billing.deliveries import Rows, delivery, edited, manifest, rows_of
from tests.cli.running_up import Up
from tests.waiting import pause

_BILLED = 10
PEOPLE = [row for row in demo_customers()[:_BILLED] if row["pesel"]]
"""Persons of whom billing tells; all but the first two have an account with ``office.PASSWORD``."""


@dataclass
class Place:
    """The installation, the address of its pages, and what billing delivered."""

    up: Up
    site: str
    bills: Path

    def until(self, reached: Callable[[], bool]) -> None:
        """Wait until that is so."""
        while not reached():
            assert self.up.process.poll() is None, self.up.said
            pause()

    def link_to(self, address: str, number: int = 1, path: str = "/(?:potwierdzenie|haslo)/") -> str:
        """The path of a link that comes to that e-mail address, the first or a later one."""
        self.until(lambda: len(_links(address, path)) >= number)
        return _links(address, path)[number - 1]

    def run(self, name: str) -> None:
        """Have the engine run one of its deployments to the end."""
        with self.up.engine() as engine:
            wanted = {"deployments": {"name": {"any_": [name]}}}
            (found,) = engine.post("deployments/filter", json=wanted).json()
            made = engine.post(f"deployments/{found['id']}/create_flow_run", json={}).raise_for_status().json()

            def ended() -> bool:
                state = engine.get(f"flow_runs/{made['id']}").json()["state"]
                assert state["type"] not in {"FAILED", "CRASHED", "CANCELLED"}, state
                return bool(state["type"] == "COMPLETED")

            self.until(ended)

    def newest_bill(self, row: CustomerRow) -> dict[str, str]:
        """Of that customer."""
        return _newest(rows_of(self.bills, "invoices"), row)

    def meter_of(self, row: CustomerRow) -> tuple[str, int]:
        """That customer's meter, and what it showed last."""
        points = [one["point_no"] for one in rows_of(self.bills, "points") if one["customer_no"] == row["customer_no"]]
        (meter,) = [one["meter_no"] for one in rows_of(self.bills, "meters") if one["point_no"] in points]
        shown = [one["value"] for one in rows_of(self.bills, "readings") if one["meter_no"] == meter]
        return meter, max(int(value.partition(",")[0]) for value in shown)


@contextmanager
def installed(folder: Path) -> Iterator[Place]:
    """The installation at work, with notices at any hour of the day; e-mails that leave are files."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("EBOK_")]:
            patch.delenv(name)
        for name, value in {
            "EBOK_HOME": str(folder / "home"),
            "EBOK_API_PORT": "0",
            "EBOK_PREFECT_PORT": "0",
            "EBOK_SWEEP_INTERVAL_SECONDS": "0.5",
            "EBOK_SUBMISSIONS_PER_HOUR": "1000",
            "EBOK_NOTICES_FROM": "2026-01-01",
            "EBOK_NOTICES_NOT_BEFORE": "0",
            "EBOK_NOTICES_NOT_AFTER": "24",
        }.items():
            patch.setenv(name, value)
        get_settings.cache_clear()
        upgrade()
        office.fill_register()
        bills = _told(folder / "delivery")
        for row in PEOPLE[2:]:
            office.open_account(row["customer_no"], login_of(row))
        up = Up(folder / "home")
        try:
            up.until("Działa")
            yield Place(up, up.noted()["addresses"]["Strony dla klientów"].rstrip("/"), bills)
        finally:
            if up.process.poll() is None:
                up.stop(signal.SIGTERM)
            engine_for(get_settings().url).dispose()
            get_settings.cache_clear()


def login_of(row: CustomerRow) -> str:
    """The address with which that customer signs in."""
    return f"konto{row['customer_no']}@example.com"


def text_of(mail: EmailMessage) -> str:
    """The words of an e-mail."""
    body = mail.get_body(("plain",))
    return "" if body is None else str(body.get_content())


def _links(address: str, path: str) -> list[str]:
    found = (re.search(rf"https?://[^/\s]+({path}[^\s<>]+)", text_of(mail)) for mail in office.mails_to(address))
    return [one[1] for one in found if one]


def _told(folder: Path) -> Path:
    """A delivery that is taken in: bills with pictures, of which the newest is of today and not paid."""
    today = clock.today()
    delivery(folder, _BILLED, pdfs=True, until=today)

    def renewed(rows: Rows) -> None:
        for row in demo_customers()[:_BILLED]:
            _newest(rows, row).update(issued_on=f"{today}", due_on=f"{today + timedelta(days=14)}")

    def unpaid(rows: Rows) -> None:
        rows[:] = [one for one in rows if one["invoice_no"] not in fresh]

    edited(folder, "invoices", renewed)
    fresh = {one["invoice_no"] for one in rows_of(folder, "invoices") if one["issued_on"] == f"{today}"}
    edited(folder, "payments", unpaid)
    manifest(folder, lambda told: told["period"].update(to=f"{today}"))
    load_customers(read_customers(folder / "customers.csv"))
    import_delivery(FolderSource(folder), "machine")
    return folder


def _newest(rows: Rows, row: CustomerRow) -> dict[str, str]:
    of_him = [one for one in rows if one["customer_no"] == row["customer_no"] and one["kind"] == "invoice"]
    return max(of_him, key=lambda one: one["issued_on"])
