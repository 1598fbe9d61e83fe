"""The flow of the night: it erases, and tells managers how many, never whose."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import pytest
import yaml
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.objects import State as RunState
from sqlalchemy import update

from benchmarks.metered import add_meter
from benchmarks.office import open_account
from billing.metering.history import meters_of
from billing.metering.tables import ReadingSource
from billing.metering.taking import GivenReading, take
from billing.tables import BillingDelivery
from customers.customer_list import read_customers
from customers.importing import load_customers
from customers.tables import Account
from database.engine import transaction
from documents import loading, transitions
from documents.states import State
from environment import clock
from environment.settings import get_settings
from flows.billing_deliveries import import_deliveries
from flows.customer_notices import tell_customers
from flows.entrypoints import our_entrypoints
from flows.invoice_dispatch import deliver_invoices
from flows.nightly import check_integrity, erase_expired
from flows.reading_exports import hand_over_readings
from flows.terms_changes import tell_of_new_terms
from tests.billing.deliveries import delivery
from tests.flows.samples import PEOPLE, online
from tests.integrity.at_once import at_once
from tests.own_terms import own_terms
from tests.stored import original_path

__all__ = ["at_once"]

ROOT = Path(__file__).parents[2]


async def artifacts(of: str = "okresy-przechowywania") -> list[str]:
    async with get_client() as client:
        key = ArtifactFilter(key=ArtifactFilterKey(any_=[of]))
        return [str(one.data) for one in await client.read_artifacts(artifact_filter=key)]


def test_the_night_erases_and_counts_without_naming_anybody(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tracking = online("einvoice_acceptance")
    with transaction() as session:
        row = loading.load(session, tracking)
        transitions.move(session, row, State.REJECTED, actor="machine", reason_code="not_ours")

    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(days=1100)

    monkeypatch.setattr(clock, "datetime", Later)
    end: RunState[Any] = asyncio.run(erase_expired(return_state=True))  # type: ignore[arg-type]
    assert end.is_completed()
    assert end.message == "Usunięto: 2, plików oryginałów: 1."
    with transaction() as session:
        assert loading.load(session, tracking).values_erased_at is not None
    (told,) = asyncio.run(artifacts())
    assert "| Formularze ze strony i z API (JSON) | 1 | 0 |" in told
    assert "Plików usuniętych z magazynu oryginałów: 1." in told
    assert tracking not in told
    assert not any(str(value) in told for value in PEOPLE[0].values() if value and not str(value).isdigit())
    again: RunState[Any] = asyncio.run(erase_expired(return_state=True))  # type: ignore[arg-type]
    assert again.message == "Niczego nie trzeba było usuwać."


def test_the_worker_may_run_it_and_its_hour_comes_once_on_every_day() -> None:
    assert "flows.nightly.erase_expired" in our_entrypoints()
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    (schedule,) = next(one for one in deployments if one["name"] == "Co noc, 3.30")["schedules"]
    minute, hour, *rest = schedule["cron"].split()
    assert rest == ["*", "*", "*"] and schedule["timezone"] == "Europe/Warsaw"
    zone = ZoneInfo(schedule["timezone"])
    for change in (datetime(2027, 3, 28, tzinfo=zone), datetime(2027, 10, 31, tzinfo=zone)):
        at = change.replace(hour=int(hour), minute=int(minute))
        assert at.replace(fold=0).utcoffset() == at.replace(fold=1).utcoffset()
        assert datetime.fromtimestamp(at.timestamp(), zone).hour == int(hour)


def test_the_check_of_the_night_counts_what_differs_and_names_nothing_of_it(office: Path, at_once: None) -> None:
    tracking = online("einvoice_acceptance")
    whole: RunState[dict[str, int]] = asyncio.run(check_integrity(return_state=True))  # type: ignore[arg-type]
    assert whole.message == "Wszystko się zgadza."
    with transaction() as session:
        original_path(loading.load(session, tracking).original_sha256 or "").unlink()
    found: RunState[dict[str, int]] = asyncio.run(check_integrity(return_state=True))  # type: ignore[arg-type]
    assert found.message == "Różnic: 1, nowych: 1."
    told = asyncio.run(artifacts("zgodnosc-danych"))
    assert "Wszystko się zgadza." in told
    (differs,) = [one for one in told if "original_missing" in one]
    assert "| 1 | 1 |" in differs and tracking not in differs


def test_a_delivery_of_billing_that_is_refused_fails_the_run_and_names_nobody(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run() -> RunState[Any]:
        get_settings.cache_clear()
        return asyncio.run(import_deliveries(return_state=True))  # type: ignore[arg-type]

    assert run().message == "Nie ustawiono folderu rozliczeń (EBOK_BILLING_DIR)."
    monkeypatch.setenv("EBOK_BILLING_DIR", str(tmp_path / "nowhere"))
    assert run().is_failed()
    monkeypatch.setenv("EBOK_BILLING_DIR", str(tmp_path))
    delivery(tmp_path / "2026-10", 2, months=1)
    refused = run()
    assert refused.is_failed()
    assert (refused.message or "").startswith("Dostawy 2026-10 nie wczytano, błędów: ")
    load_customers(read_customers(tmp_path / "2026-10" / "customers.csv"))
    assert run().message == "Wczytano dostaw: 1."
    (told,) = asyncio.run(artifacts("rozliczenia"))
    assert "- faktury: nowe 2, zmienione 0" in told
    assert run().message == "Nie ma nowych dostaw."

    def hand_over() -> RunState[Any]:
        get_settings.cache_clear()
        return asyncio.run(hand_over_readings(return_state=True))  # type: ignore[arg-type]

    assert "EBOK_READINGS_DIR" in (hand_over().message or "")
    monkeypatch.setenv("EBOK_READINGS_DIR", str(tmp_path / "readings"))
    add_meter(PEOPLE[0]["customer_no"], "W9")
    with transaction() as session:
        (meter,) = meters_of(session, [PEOPLE[0]["customer_no"]], clock.today())
        take(session, GivenReading(meter, 243, clock.today(), ReadingSource.WEB, "mark"))
    away = hand_over()
    assert away.is_failed() and not (tmp_path / "readings").exists(), "nothing is written where a share is away"
    (tmp_path / "readings").mkdir()
    assert hand_over().message == "Zapisano: readings-000001.csv (odczytów: 1)."
    assert hand_over().message == "Nie ma nowych odczytów do przekazania."
    assert [one.name for one in (tmp_path / "readings").iterdir()] == ["readings-000001.csv"]

    def go() -> RunState[Any]:
        get_settings.cache_clear()
        return asyncio.run(deliver_invoices(return_state=True))  # type: ignore[arg-type]

    assert "EBOK_INVOICE_DELIVERY_FROM" in (go().message or "")
    monkeypatch.setenv("EBOK_INVOICE_DELIVERY_FROM", "2026-10-01")
    told = go().message
    assert told == "Faktur do wysłania e-mailem: 0. Wydruki: nr 1 (faktur: 2, bez PDF: 2)."
    assert (go().message or "").endswith("Wydruki: nie ma nowych.")

    def tell() -> RunState[Any]:
        get_settings.cache_clear()
        return asyncio.run(tell_customers(return_state=True))  # type: ignore[arg-type]

    assert "EBOK_NOTICES_FROM" in (tell().message or "")
    monkeypatch.setenv("EBOK_NOTICES_FROM", "2026-10-01")

    def paid_until(day: date | None) -> None:
        with transaction() as session:
            session.execute(update(BillingDelivery).values(paid_until=day))

    paid_until(None)
    assert (tell().message or "").endswith("nie piszemy nikomu: rozliczenia nie podały jeszcze wpłat.")
    paid_until(clock.today() - timedelta(days=8))
    assert (tell().message or "").endswith(f"znamy je do {clock.today() - timedelta(days=8):%d.%m.%Y}.")
    paid_until(clock.today() - timedelta(days=1))
    assert tell().message == "Nic nowego."


def test_a_new_regulamin_is_told_and_counted_and_one_that_comes_too_soon_is_named(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tell() -> RunState[Any]:
        return asyncio.run(tell_of_new_terms(return_state=True))  # type: ignore[arg-type]

    first, soon = "2026-01-01", clock.today() + timedelta(days=3)
    before = (("ebok", "1", first), ("einvoice", "1", first))
    own_terms(tmp_path / "terms", monkeypatch, *before)
    assert tell().message == "Nie zmienia się żaden regulamin."
    own_terms(tmp_path / "newer", monkeypatch, *before, ("ebok", "2", str(soon)))
    open_account(str(PEOPLE[0]["customer_no"]), "k0@example.com")
    with transaction() as session:
        session.execute(update(Account).values(activated_at=clock.now() - timedelta(days=40)))
    which, last = f"Regulamin eBOK, wersja 2 od {soon:%d.%m.%Y}", soon - timedelta(days=14)
    late = f"Za późno, ostatnim dniem był {last:%d.%m.%Y}: {which}."
    assert tell().message == f"{which}: zawiadomiono 1. {late}"
    assert tell().message == f"{which}: zawiadomiono 0. {late}"
