"""Readings of customers: judged in words, each kept once, decided on, and handed to billing once."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import delete, func, select, update

from benchmarks import office
from benchmarks.metered import add_meter
from billing.metering import erasing, exporting, plausibility, taking
from billing.metering.deciding import DecidedError, accept, readings_at_desk, reject
from billing.metering.exporting import UnknownExportError, export_again, export_readings
from billing.metering.history import Meter, meters_of
from billing.metering.leaks import FoundLeak, leaks_of
from billing.metering.plausibility import Judged
from billing.metering.reported import reported_by
from billing.metering.tables import Doubt, ReadingSource, ReadingState, ReportedReading
from billing.metering.taking import GivenReading, TakenReading, take, wrong_day
from billing.metering.usual import Leak, Period
from billing.schema import schemas
from billing.statement import everything_of
from billing.tables import CHARGES, INVOICES, POINTS, READINGS
from confirmations.tables import Message
from database.engine import reading, transaction
from environment import clock
from tests.cli.samples import run

METER = "W1234567-1"


@pytest.fixture
def meter(database: str) -> Meter:
    """The meter of a customer of the register who uses ten cubic metres a month; it showed 240 ten days ago."""
    return sample_meter()


@pytest.fixture
def meter_here(sqlite_database: str) -> Meter:
    """The same, where the kind of database does not matter."""
    return sample_meter()


def sample_meter() -> Meter:
    office.fill_register()
    number = str(office.people()[0]["customer_no"])
    assert add_meter(number, METER) == 240
    with reading() as session:
        (found,) = meters_of(session, [number], clock.today())
    return found


def give(meter: Meter, value: int, *, day: date | None = None, mark: str | None = None, confirmed: bool = False) -> Any:
    given = GivenReading(
        meter, value, day or clock.today(), ReadingSource.ACCOUNT, mark or f"{value} {day} {confirmed}", confirmed
    )
    with transaction() as session:
        return take(session, given)


def kept() -> list[ReportedReading]:
    with reading() as session:
        return list(session.scalars(select(ReportedReading).order_by(ReportedReading.id)))


@pytest.mark.parametrize(
    ("value", "doubt", "meant", "told"),
    [
        (239, Doubt.LOWER, None, "To mniej niż ostatnio"),
        (423, Doubt.SWAPPED, 243, "zamieniły się miejscami"),
        (243118, Doubt.RED_DIGITS, 243, "czerwone cyfry"),
        (2431, Doubt.RED_DIGITS, 243, "czerwone cyfry"),
        (300, Doubt.FAR_ABOVE, None, "To byłoby 60 m³ w 10 dni, a zwykle w tym czasie zużywasz około 3 m³."),
    ],
)
def test_what_cannot_be_right_is_said_in_words_and_the_likely_slip_is_named(
    meter_here: Meter, value: int, doubt: Doubt, meant: int | None, told: str
) -> None:
    judged = give(meter_here, value)
    assert isinstance(judged, Judged)
    assert (judged.doubt, judged.meant) == (doubt, meant)
    assert told in judged.told
    assert kept() == []


def test_a_usual_reading_is_accepted_and_one_of_a_new_meter_too(meter: Meter) -> None:
    done = give(meter, 243)
    assert (done.state, done.again) == (ReadingState.ACCEPTED, False)
    other = str(office.people()[1]["customer_no"])
    add_meter(other, "W2", ())
    with reading() as session:
        (new,) = meters_of(session, [other], clock.today())
    assert give(new, 104).state is ReadingState.ACCEPTED


def test_none_is_refused_a_doubtful_one_goes_to_a_clerk_once_it_is_confirmed(meter: Meter) -> None:
    done = give(meter, 300, confirmed=True)
    assert isinstance(done, TakenReading)
    assert done.state is ReadingState.WAITING
    with reading() as session:
        (at_desk,) = readings_at_desk(session).waiting
    assert at_desk.row.doubt == Doubt.FAR_ABOVE
    assert at_desk.before is not None and at_desk.before.value == 240
    with transaction() as session:
        accept(session, done.number, "clerk:ewa")
    with transaction() as session, pytest.raises(DecidedError):
        reject(session, done.number, "clerk:olga", "Za późno.")


def test_the_same_sent_twice_is_once_and_another_value_of_the_day_replaces_it(meter: Meter) -> None:
    first = give(meter, 243, mark="a")
    assert give(meter, 243, mark="a") == TakenReading(first.number, first.state, 243, first.day, again=True)
    assert give(meter, 243, mark="b").number == first.number
    second = give(meter, 244, mark="c")
    assert [(one.value, one.at) for one in kept()] == [(243, ReadingState.REPLACED), (244, ReadingState.ACCEPTED)]
    assert second.number != first.number


def test_a_form_that_was_gone_back_to_and_corrected_is_another_reading(meter_here: Meter) -> None:
    give(meter_here, 243, mark="form")
    corrected = give(meter_here, 244, mark="form")
    assert (corrected.value, corrected.again) == (244, False)
    assert [one.at for one in kept()] == [ReadingState.REPLACED, ReadingState.ACCEPTED]
    assert give(meter_here, 244, mark="form").number == corrected.number


def test_each_is_exported_once_in_the_documented_format_and_again_by_its_number(meter: Meter, tmp_path: Path) -> None:
    give(meter, 243)
    give(meter, 300, day=clock.today() - timedelta(days=1), confirmed=True)
    (done,) = export_readings(tmp_path, "test")
    assert (done.number, done.readings) == (1, 1)
    rows = list(csv.DictReader(done.path.read_text(encoding="utf-8").splitlines(), delimiter=";"))
    for row in rows:
        Draft202012Validator(schemas()["exports"]["customer_readings"]).validate(row)
    assert [(row["meter_no"], row["value"], row["checked"]) for row in rows] == [(METER, "243", "machine")]
    assert list(export_readings(tmp_path, "test")) == []
    before = done.path.read_bytes()
    done.path.unlink()
    assert export_again(tmp_path, 1, "test").path.read_bytes() == before
    with pytest.raises(UnknownExportError):
        export_again(tmp_path, 2, "test")
    other = give(meter, 245)
    assert isinstance(other, Judged) and other.doubt is Doubt.SECOND_VALUE
    assert give(meter, 245, confirmed=True).state is ReadingState.WAITING


def test_an_export_that_was_killed_is_finished_by_the_next_under_its_number(
    meter_here: Meter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(meter_here, 243)

    def killed(*_: object) -> None:
        raise OSError("no room")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="no room"):
        patch.setattr(exporting, "_write_whole", killed)
        list(export_readings(tmp_path, "test"))
    give(meter_here, 244, day=clock.today() - timedelta(days=1))
    assert [(one.number, one.readings) for one in export_readings(tmp_path, "test")] == [(1, 1), (2, 1)]


def test_the_command_exports_and_says_what(meter_here: Meter, tmp_path: Path) -> None:
    done = give(meter_here, 243)
    told = run("billing", "export-readings", tmp_path)
    assert told.returncode == 0, told.stderr
    assert "Eksport nr 1, odczytów: 1" in told.stdout
    assert done.number in (tmp_path / "readings-000001.csv").read_text(encoding="utf-8")
    assert "Nie ma nowych" in run("billing", "export-readings", tmp_path).stdout
    assert "Nie ma eksportu odczytów nr 7" in run("billing", "export-readings", tmp_path, "--number", "7").stderr


def test_no_reading_of_a_day_to_come_and_none_of_what_is_billed_already(meter_here: Meter) -> None:
    today = clock.today()
    with reading() as session:
        assert wrong_day(session, meter_here, today) is None
        assert wrong_day(session, meter_here, today - timedelta(days=10)) is None
        assert "nie nadszedł" in str(wrong_day(session, meter_here, today + timedelta(days=1)))
        assert "jest już rozliczone" in str(wrong_day(session, meter_here, today - timedelta(days=11)))


def test_a_rejected_reading_is_told_to_the_owner_of_the_account_with_its_reason(meter_here: Meter) -> None:
    office.open_account(meter_here.customer_no, "klient@example.com")
    done = give(meter_here, 300, confirmed=True)
    with transaction() as session:
        assert reject(session, done.number, "clerk:ewa", "Na zdjęciu jest 243.")
    with reading() as session:
        (message,) = session.scalars(select(Message))
        (mine,) = reported_by(session, meter_here.customer_no)
    assert (message.recipient, message.context["reason"]) == ("klient@example.com", "Na zdjęciu jest 243.")
    assert (mine.told, mine.reason) == ("nieprzyjęty", "Na zdjęciu jest 243.")


def test_a_leak_is_seen_in_a_reading_that_he_has_confirmed(meter_here: Meter) -> None:
    give(meter_here, 300, confirmed=True)
    with reading() as session:
        (found,) = leaks_of(session, meter_here.customer_no, clock.today())
    assert "Od " in found.sentence and "razy więcej niż zwykle" in found.sentence


def test_what_was_billed_by_estimates_and_made_good_by_a_reading_is_no_leak(meter_here: Meter) -> None:
    whose, today = meter_here.customer_no, clock.today()
    months = [(today.replace(day=1) - timedelta(days=30 * back)).replace(day=15) for back in range(12, 0, -1)]
    with transaction() as session:
        for place, day in enumerate(months):
            no, used = f"FV/{place}", Decimal(5 if day != months[-1] else 65)
            invoice = {"invoice_no": no, "customer_no": whose, "kind": "invoice", "issued_on": day, "due_on": day}
            amounts = dict.fromkeys(("net", "vat", "gross"), Decimal(0))
            kept = {"since": 0, "content": ""}
            session.execute(INVOICES.insert().values(**invoice, **amounts, **kept, period_to=day))
            charge = {
                "invoice_no": no,
                "position": 1,
                "service": "water",
                "name": "Woda",
                "unit": "m3",
                "vat_rate": "8",
            }
            session.execute(CHARGES.insert().values(**charge, **amounts, **kept, quantity=used, net_price=Decimal(5)))
        last = select(func.max(READINGS.c.read_on)).scalar_subquery()
        session.execute(update(READINGS).where(READINGS.c.read_on < last).values(source="estimate"))
    with reading() as session:
        assert leaks_of(session, whose, today) == []
    with transaction() as session:
        session.execute(delete(READINGS))
    with reading() as session:
        assert len(leaks_of(session, whose, today)) == 1, "where no readings are told, what is billed tells"


def test_what_the_meter_showed_before_it_was_his_tells_nothing_of_him(meter_here: Meter) -> None:
    moved_in = clock.today() - timedelta(days=45)
    with transaction() as session:
        session.execute(
            update(POINTS).where(POINTS.c.customer_no == meter_here.customer_no).values(valid_from=moved_in)
        )
        (now_his,) = meters_of(session, [meter_here.customer_no], clock.today())
        held = everything_of(session, meter_here.customer_no)["readings"]
    assert len(held) == 2, "of fifteen"
    assert min(row["read_on"] for row in held) >= moved_in
    done = give(now_his, 300)
    assert isinstance(done, TakenReading), "a larger family than the one before"
    with reading() as session:
        assert leaks_of(session, meter_here.customer_no, clock.today()) == []


def test_what_was_handed_to_billing_meanwhile_is_replaced_by_nothing(
    meter: Meter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = give(meter, 243)
    export = Thread(target=lambda: list(export_readings(tmp_path, "test")))

    def meanwhile(*given: Any) -> Judged | None:
        if export.ident is None:
            export.start()
            export.join(1)  # who holds the reading lets him go on only afterwards
        return plausibility.judge(*given)

    monkeypatch.setattr(taking, "judge", meanwhile)
    second = give(meter, 244)
    export.join()
    states = {one.number: one.at for one in kept()}
    assert states[first.number] is ReadingState.REPLACED
    assert states[second.number] in (ReadingState.ACCEPTED, ReadingState.EXPORTED), "as the export came before or after"
    assert first.number not in "".join(path.read_text(encoding="utf-8") for path in tmp_path.glob("readings-*"))


@pytest.mark.parametrize(
    ("used", "told"),
    [
        (40.0, "wyniosło 40 m³, a zwykle o tej porze roku jest to około 10 m³: cztery razy więcej niż zwykle."),
        (90.0, "około 9 razy więcej niż zwykle."),
        (99943.0, "wyniosło 99 943 m³, a zwykle o tej porze roku jest to około 10 m³: dużo więcej niż zwykle."),
    ],
)
def test_a_leak_is_told_in_numbers_that_somebody_can_read(used: float, told: str) -> None:
    period = Period(date(2026, 10, 31), date(2026, 11, 30), used)
    assert FoundLeak(None, Leak(period, 10.0)).sentence.endswith(told)


def test_what_is_settled_is_erased_in_time_and_what_waits_stays(meter: Meter, tmp_path: Path) -> None:
    give(meter, 243)
    list(export_readings(tmp_path, "test"))
    give(meter, 300, day=clock.today() - timedelta(days=1), confirmed=True)
    later = clock.now() + timedelta(days=1)
    with transaction() as session:
        assert erasing.erase_before(session, later, 100) == 1
    assert [one.at for one in kept()] == [ReadingState.WAITING]
    with transaction() as session:
        assert erasing.erase_readings(session, meter.customer_no) == 1
    assert kept() == []
