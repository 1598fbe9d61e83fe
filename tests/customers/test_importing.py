"""The customer file: whole or not at all, faults told by line and without anybody's data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select, text, update

from customers import importing
from customers.customer_list import read_customers
from customers.importing import ImportCounts, import_customers, load_customers
from customers.keys import lookup_keys
from customers.list_files import CustomerFileError
from customers.records import COLUMNS, CustomerRecord, RegisterLookup
from customers.tables import Customer
from database import pace
from database.engine import Session, transaction
from tests.customers.samples import FIRM, JAN, acceptance, applied, proven, register
from tests.registered import register_row

HEADING = ",".join(COLUMNS)
JAN_LINE = (
    "10000001,Żaneta Wójcik,44051401359,,ul. Adama Mickiewicza,12,3,66-470,Kostrzyn nad Odrą,600700800,"
    "zaneta@example.com"
)
FIRM_LINE = "10000002,Instal-Bud Sp. z o.o.,,123-456-32-18,Wodna,5a,,66470,Kostrzyn nad Odrą,,"


def write(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "klienci.csv"
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def problems(path: Path, *, strict: bool = False) -> list[tuple[int, str]]:
    with pytest.raises(CustomerFileError) as caught:
        read_customers(path, strict=strict)
    return caught.value.problems


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_a_csv_file_is_read_with_comma_or_semicolon_with_or_without_mark(
    tmp_path: Path, home: Path, encoding: str, separator: str
) -> None:
    lines = (line.replace(",", separator) for line in (HEADING, JAN_LINE, FIRM_LINE))
    first, second = read_customers(write(tmp_path, *lines, encoding=encoding)).records
    assert first == JAN
    assert (second.nip, second.house, second.postcode, second.email) == ("1234563218", "5a", "66-470", None)


def test_leading_zeros_stay_and_numbers_of_spreadsheets_are_understood(tmp_path: Path, home: Path) -> None:
    line = "00000007.0,Jan Lis,02070803628.0,,,7.0,,66470.0,Drzewice,600700800.0,"
    (record,) = read_customers(write(tmp_path, HEADING, "00000007" + line[10:])).records
    assert record == CustomerRecord(
        "00000007", "Jan Lis", "02070803628", None, None, "7", None, "66-470", "Drzewice", "600700800"
    )


def test_an_excel_file_is_read_as_text_and_its_numbers_too(tmp_path: Path, home: Path) -> None:
    numbers = [10000002, FIRM.name, None, 1234563218.0, "Wodna", 5, None, "66-470", FIRM.town, 600700800.0, ""]
    frame = pd.DataFrame([JAN_LINE.split(","), numbers], columns=list(COLUMNS), dtype=object)
    path = tmp_path / "klienci.xlsx"
    frame.to_excel(path, index=False)
    first, second = read_customers(path).records
    assert first == JAN
    assert (second.customer_no, second.nip, second.house, second.phone, second.pesel) == (
        "10000002", "1234563218", "5", "600700800", None,
    )  # fmt: skip


def test_when_asked_for_all_faults_refuse_the_file_and_are_told_at_once_by_line_and_without_the_value(
    tmp_path: Path, home: Path
) -> None:
    path = write(
        tmp_path,
        HEADING,
        JAN_LINE,
        "10000003,Jan Lis,44051401358,1234563219,,1,,66-47,Drzewice,123,lis.example.com",
        "",
        "1000004,,,,,,,,,,",
        FIRM_LINE.replace("10000002", "10000001"),
    )
    found = problems(path, strict=True)
    told = [(line, message.split(" ", 1)[0]) for line, message in found]
    assert told == [
        (3, "pesel"), (3, "nip"), (3, "postcode"), (3, "phone"), (3, "email"), (5, "customer_no"), (5, "name"),
        (6, "Ten"),
    ]  # fmt: skip
    assert found[-1][1] == "Ten numer klienta jest już w wierszu 2."
    everything = " ".join(message for _, message in found)
    assert not any(value in everything for value in ("44051401358", "1234563219", "lis.example.com", "1000004"))


def test_lines_are_counted_right_after_a_cell_of_two_lines(tmp_path: Path, home: Path) -> None:
    name = JAN_LINE.replace("Żaneta Wójcik", '"Żaneta\nWójcik"')
    path = write(tmp_path, HEADING, name, FIRM_LINE.replace("66470", "66"))
    assert [doubt.line for doubt in read_customers(path).doubts] == [4]


@pytest.mark.parametrize("line", [JAN_LINE + ",za dużo", "10000003,Jan Lis", JAN_LINE + ",x" * 30])
def test_a_row_with_too_many_or_too_few_cells_is_told_by_line(tmp_path: Path, home: Path, line: str) -> None:
    assert [number for number, _ in problems(write(tmp_path, HEADING, FIRM_LINE, line))] == [3]


def test_a_missing_column_is_an_error_and_an_extra_one_a_notice(tmp_path: Path, home: Path) -> None:
    short = write(tmp_path, HEADING.removesuffix(",email"), JAN_LINE.rsplit(",", 1)[0])
    assert problems(short) == [(1, "Brakuje kolumny email. Dodaj ją albo nazwij tak tę, w której są te dane.")]
    notices: list[str] = []
    wide = write(tmp_path, "Uwagi," + HEADING.upper(), "pies," + JAN_LINE)
    assert read_customers(wide, notice=notices.append).records == [JAN]
    assert notices == ["Pominięto kolumny: uwagi."]


def test_files_that_cannot_be_read_say_what_to_do(tmp_path: Path, home: Path) -> None:
    torn = tmp_path / "torn.csv"
    torn.write_bytes(f"{HEADING}\n{JAN_LINE}\n".encode().replace("Ż".encode(), b"\xff\xfe"))
    assert "CSV UTF-8" in problems(torn)[0][1]
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"no zip")
    assert ".xlsx" in problems(broken)[0][1]
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    assert "pusty" in problems(empty)[0][1]
    quoted = write(tmp_path, HEADING, JAN_LINE, '10000003,"Jan')
    assert "cudzysłów" in problems(quoted)[0][1]
    assert "Podaj plik" in problems(tmp_path / "klienci.ods")[0][1]
    assert "Nie można otworzyć" in problems(tmp_path / "none.csv")[0][1]


@pytest.mark.usefixtures("database")
def test_importing_again_updates_changed_rows_only_and_keeps_delivery_and_consents() -> None:
    register()
    proven(applied(acceptance(), "T1"))
    moved = CustomerRecord(**{name: getattr(JAN, name) for name in COLUMNS} | {"house": "14", "email": None})
    new = CustomerRecord("10000003", "Jan Lis")
    with transaction() as session:
        assert import_customers(session, [moved, FIRM, new]) == ImportCounts(added=1, changed=1, unchanged=1)
        row = register_row(session, JAN.customer_no)
        assert row is not None
        assert (row["house"], row["email"], row["invoice_delivery"]) == ("14", None, "email")
        assert (row["invoice_email"], len(row["consents"])) == ("nowa@example.com", 1)
        found = RegisterLookup(session).find(JAN.customer_no)
    assert found is not None
    assert found.invoice_email == "nowa@example.com"


def loaded(*records: CustomerRecord) -> ImportCounts:
    return load_customers(records)


def stored(number: str = JAN.customer_no) -> CustomerRecord:
    with transaction() as session:
        found = RegisterLookup(session).find(number)
    assert found is not None
    return found


@pytest.mark.usefixtures("database")
def test_a_list_longer_than_a_bundle_is_written_whole_and_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "_BUNDLE", 2)
    people = [replace(JAN, customer_no=f"1000000{number}") for number in (5, 3, 1, 4, 2)]
    bundles: list[int] = []
    assert load_customers(people, done=bundles.append) == ImportCounts(added=5, changed=0, unchanged=0)
    assert bundles == [2, 2, 1]
    writes: list[object] = []
    for written in ("_update", "_upsert"):
        monkeypatch.setattr(importing, written, lambda *rows: writes.append(rows))
    assert loaded(*people) == ImportCounts(added=0, changed=0, unchanged=5)
    assert writes == []


@pytest.mark.usefixtures("sqlite_database")
def test_where_a_transaction_lasts_too_long_the_next_ones_have_fewer_customers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "_BUNDLE", 8)
    monkeypatch.setattr(importing, "_LEAST", 3)
    people = [replace(JAN, customer_no=f"100000{number:02}") for number in range(20)]
    bundles: list[int] = []
    monkeypatch.setattr(pace, "LONGEST", 0.0)
    load_customers(people, done=bundles.append)
    assert bundles == [8, 3, 3, 3, 3]
    monkeypatch.setattr(pace, "LONGEST", 60.0)
    bundles.clear()
    load_customers(people, done=bundles.append)
    assert bundles == [8, 8, 4]


@pytest.mark.parametrize("whole", [True, False], ids=["one transaction", "bundles"])
@pytest.mark.usefixtures("sqlite_database")
def test_counts_of_all_bundles_come_together_and_others_stay(monkeypatch: pytest.MonkeyPatch, whole: bool) -> None:
    def brought(*records: CustomerRecord) -> ImportCounts:
        if not whole:
            return load_customers(records)
        with transaction() as session:
            return import_customers(session, records)

    monkeypatch.setattr(importing, "_BUNDLE", 2)
    people = [replace(JAN, customer_no=f"1000000{number}") for number in range(1, 8)]
    assert brought() == ImportCounts(added=0, changed=0, unchanged=0)
    assert brought(*people[:5]) == ImportCounts(added=5, changed=0, unchanged=0)
    changed = [replace(one, phone=None, unusable={"phone": "1"}) for one in people[:2]]
    assert brought(*changed, *people[3:]) == ImportCounts(added=2, changed=2, unchanged=2)
    with transaction() as session:
        assert len(session.scalars(select(Customer.customer_no)).all()) == 7


@pytest.mark.usefixtures("sqlite_database")
def test_a_customer_held_by_the_session_shows_what_the_import_brought() -> None:
    register()
    with transaction() as session:
        assert RegisterLookup(session).find(JAN.customer_no) == JAN
        import_customers(session, [replace(JAN, house="14")])
        assert RegisterLookup(session).find(JAN.customer_no) == replace(JAN, house="14")


@pytest.mark.usefixtures("sqlite_database")
def test_a_row_without_keys_counts_as_changed_once_and_has_them_then() -> None:
    register()
    with transaction() as session:
        before = session.scalars(select(Customer.name_key).order_by(Customer.customer_no)).all()
        session.execute(update(Customer).values(name_key=None))
    assert loaded(JAN, FIRM) == ImportCounts(added=0, changed=2, unchanged=0)
    assert loaded(JAN, FIRM) == ImportCounts(added=0, changed=0, unchanged=2)
    with transaction() as session:
        assert session.scalars(select(Customer.name_key).order_by(Customer.customer_no)).all() == before


@pytest.mark.parametrize(
    ("other", "reckoned"),
    [
        (replace(JAN, phone=None), 1), (replace(JAN, phone=None, unusable={"phone": "1"}), 1),
        (replace(JAN, unusable={"phone": "1"}), 1), (replace(JAN, invoice_email="x@example.com"), 0),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("sqlite_database")
def test_whatever_the_list_tells_otherwise_is_a_change(other: CustomerRecord, reckoned: int) -> None:
    loaded(JAN)
    assert loaded(other).changed == reckoned
    assert loaded(replace(other, unusable={**other.unusable, "email": "x"})).changed == 1


@pytest.mark.usefixtures("sqlite_database")
def test_a_new_customer_has_his_invoices_on_paper_and_keys_from_what_is_known() -> None:
    loaded(
        JAN, replace(FIRM, flat=None, unusable={"flat": "01:02:00"}), replace(JAN, customer_no="10000003", flat=None)
    )
    with transaction() as session:
        people = session.scalars(select(Customer).order_by(Customer.customer_no)).all()
        assert [one.invoice_delivery for one in people] == ["paper"] * 3
        assert [one.address_key is None for one in people] == [False, True, False]
        assert [one.pesel_key is None for one in people] == [False, True, False]
        assert [one.unusable for one in people] == [None, {"flat": "01:02:00"}, None]


@pytest.mark.usefixtures("sqlite_database")
def test_damaged_parts_of_one_address_come_from_the_earlier_list_only_where_its_rest_is_the_same() -> None:
    loaded(JAN)
    loaded(replace(JAN, house=None, flat=None, phone="600700801", unusable={"house": "1", "flat": "2"}))
    assert (stored().house, stored().flat, stored().phone) == (JAN.house, JAN.flat, "600700801")
    loaded(replace(JAN, postcode="66-400", house=None, email=None, unusable={"house": "1", "email": "2"}))
    assert (stored().house, stored().email, stored().unknown) == (None, JAN.email, {"house"})


@pytest.mark.usefixtures("database")
def test_each_bundle_has_a_moment_of_its_own_so_that_whoever_reads_meanwhile_sees_that_there_is_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "_BUNDLE", 1)
    loaded(JAN, FIRM)
    with transaction() as session:
        assert len(set(session.scalars(select(Customer.updated_at)))) == 2


def another_writes_once_known(monkeypatch: pytest.MonkeyPatch, *others: CustomerRecord) -> None:
    """Between the look at what the register has and the writing of a bundle."""
    looked = importing._known

    def look(session: Session, records: Sequence[CustomerRecord]) -> dict[str, importing._Known]:
        known = looked(session, records)
        with transaction() as another:
            importing._write(another, others, importing._rows(others, {})[0], {})
        return known

    monkeypatch.setattr(importing, "_known", look)


@pytest.mark.usefixtures("database")
def test_a_customer_whom_another_import_adds_meanwhile_is_updated_and_no_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    another_writes_once_known(monkeypatch, replace(JAN, name="Kto Inny"))
    loaded(JAN)
    assert stored() == JAN


@pytest.mark.usefixtures("database")
def test_a_customer_whom_another_import_renames_meanwhile_is_after_the_last_list_and_found_by_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded(JAN, FIRM)
    other = replace(JAN, name="Kto Inny", pesel="02070803628", street="Wodna")
    another_writes_once_known(monkeypatch, other)
    assert loaded(replace(JAN, phone=None), replace(FIRM, phone="600700801")) == ImportCounts(0, 2, 0)
    assert stored() == replace(JAN, phone=None)
    assert stored(FIRM.customer_no) == replace(FIRM, phone="600700801")
    with transaction() as session:
        (key,) = session.scalars(select(Customer.name_key).where(Customer.customer_no == JAN.customer_no))
    assert key == "wojcik zaneta"


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("changed", [*COLUMNS[1:]])
def test_whichever_column_a_later_list_changes_is_written_with_what_finds_the_customer(changed: str) -> None:
    other = {"name": "Jan Lis", "pesel": "02070803628", "nip": "1234563218", "postcode": "69-113", "phone": "600700801"}
    later = replace(JAN, **{changed: other.get(changed, "inna")})  # type: ignore[arg-type]  # each is a text
    loaded(JAN)
    assert loaded(later) == ImportCounts(0, 1, 0)
    assert stored() == later
    with transaction() as session:
        row = session.scalars(select(Customer)).one()
        found_by = {name: getattr(row, name) for name in ("name_key", "address_key", "pesel_key")}
        assert row.listed_at is not None
    assert found_by == lookup_keys({name: getattr(later, name) for name in COLUMNS})


@pytest.mark.usefixtures("database")
def test_what_the_list_has_damaged_is_kept_encrypted_and_seen_in_the_record() -> None:
    loaded(replace(JAN, house=None, unusable={"house": "05.lip"}))
    assert (stored().house, dict(stored().unusable), stored().unknown) == (None, {"house": "05.lip"}, {"house"})
    with transaction() as session:
        kept = session.execute(text("SELECT unusable FROM customers")).scalar_one()
    assert b"05.lip" not in bytes(kept)
    loaded(JAN)
    assert stored() == JAN


@pytest.mark.parametrize("column", ["pesel", "house", "flat", "street", "postcode", "town", "phone", "email"])
@pytest.mark.usefixtures("database")
def test_damage_in_a_later_list_wipes_no_good_value_of_the_same_customer(column: str) -> None:
    loaded(JAN)
    damaged = replace(JAN, **{column: None}, unusable={column: "#ARG!"})
    assert loaded(damaged) == ImportCounts(added=0, changed=1, unchanged=0)
    assert getattr(stored(), column) == getattr(JAN, column)
    assert (dict(stored().unusable), stored().unknown) == ({column: "#ARG!"}, frozenset())
    assert loaded(damaged) == ImportCounts(added=0, changed=0, unchanged=1)


@pytest.mark.usefixtures("database")
def test_an_empty_cell_in_a_later_list_empties_the_value() -> None:
    loaded(JAN)
    loaded(replace(JAN, phone=None, flat=None))
    assert (stored().phone, stored().flat) == (None, None)


@pytest.mark.usefixtures("database")
def test_a_house_of_an_earlier_list_is_not_put_beside_another_street() -> None:
    loaded(JAN)
    loaded(replace(JAN, street="Wodna", house=None, unusable={"house": "05.lip"}))
    assert (stored().street, stored().house, stored().unknown) == ("Wodna", None, {"house"})


@pytest.mark.usefixtures("database")
def test_nothing_of_an_earlier_customer_is_given_to_another_who_has_his_number_now() -> None:
    loaded(JAN)
    loaded(replace(JAN, name="Jan Lis", phone=None, pesel=None, unusable={"phone": "1", "pesel": "2"}))
    assert (stored().phone, stored().pesel, stored().unknown) == (None, None, {"phone", "pesel"})


@pytest.mark.usefixtures("database")
def test_a_flat_that_never_was_known_stays_unknown_after_damage() -> None:
    loaded(FIRM)
    loaded(replace(FIRM, flat=None, unusable={"flat": "01:02:00"}))
    assert stored(FIRM.customer_no).unknown == {"flat"}


@pytest.mark.usefixtures("database")
def test_the_pesel_is_encrypted_in_the_database() -> None:
    register()
    with transaction() as session:
        stored = session.execute(text("SELECT pesel FROM customers WHERE customer_no = '10000001'")).scalar_one()
        assert session.scalars(select(Customer.pesel).where(Customer.customer_no == JAN.customer_no)).one() == JAN.pesel
    assert (JAN.pesel or "").encode() not in bytes(stored)


def test_the_text_of_a_record_names_nobody() -> None:
    assert repr(JAN) == "CustomerRecord(…)"


@pytest.mark.parametrize("rows", [(), ("",), (",,,,,,,,,,", "")])
def test_a_file_without_any_customer_is_refused(tmp_path: Path, home: Path, rows: tuple[str, ...]) -> None:
    ((line, message),) = problems(write(tmp_path, HEADING, *rows))
    assert line == 0
    assert "Plik nie zawiera żadnego klienta" in message
