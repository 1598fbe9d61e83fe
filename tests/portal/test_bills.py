"""What was paid for which invoice: named payments first, all else for the oldest debt, and the sum is the balance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from billing.importing import import_delivery
from billing.sources import FolderSource
from customers.customer_list import read_customers
from customers.importing import load_customers
from database.engine import reading
from portal.bills import Bills, BillState, bills_of
from tests.billing.deliveries import Rows, delivery, edited, rows_of

TODAY = date(2026, 11, 5)
PAYMENT = {"customer_no": "", "paid_on": "2026-10-20", "invoice_no": ""}


def of(number: str, day: date = TODAY) -> Bills:
    with reading() as session:
        return bills_of(session, number, day)


def states(bills: Bills) -> list[str]:
    return [bill.state.value for bill in reversed(bills.newest_first)]


def test_what_is_open_less_what_was_paid_too_much_is_the_balance_of_everybody_on_any_day(told: list[str]) -> None:
    owing = 0
    days = (date(2025, 12, 20), date(2026, 5, 31), TODAY, date(2027, 2, 1))
    for number, day in product(told, days):
        bills = of(number, day)
        left = sum((bill.left for bill in bills.newest_first if bill.left is not None), Decimal(0))
        late = sum((bill.left for bill in bills.to_pay if bill.left and bill.row["due_on"] < day), Decimal(0))
        before = bills.overdue - late
        assert bills.balance is not None
        assert before >= 0
        assert max(bills.balance, Decimal(0)) == left + before
        assert bills.due_on is None or bills.due_on >= day
        owing += bills.balance > 0
    assert owing


@pytest.fixture
def written(tmp_path: Path, sqlite_database: str) -> Callable[[str, Rows, str], Bills]:
    """A customer with two invoices, of 100 and 50 złote, with these payments; what he owed before; gives his bills."""

    def bills(opening: str, payments: Rows, kind: str = "invoice") -> Bills:
        folder = delivery(tmp_path / "delivery", 1)
        number = rows_of(folder, "settlements")[0]["customer_no"]

        def money(rows: Rows) -> None:
            for row, gross in zip(rows, ("100,00", "50,00"), strict=True):
                row.update(net=gross, vat="0,00", gross=gross)
            if kind == "correction":
                rows[1].update(kind=kind, corrects=rows[0]["invoice_no"], net="-30,00", gross="-30,00")

        edited(folder, "charges", lambda rows: rows.clear())
        edited(folder, "invoices", money)
        edited(folder, "settlements", lambda rows: rows[0].update(opening_balance=opening))
        first, second = (row["invoice_no"] for row in rows_of(folder, "invoices"))
        made = [
            {**PAYMENT, "payment_no": f"W{place}", **row, "customer_no": number} for place, row in enumerate(payments)
        ]
        for row in made:
            row["invoice_no"] = row["invoice_no"].replace("FIRST", first).replace("SECOND", second)
        edited(folder, "payments", lambda rows: rows.__setitem__(slice(None), made))
        load_customers(read_customers(folder / "customers.csv"))
        import_delivery(FolderSource(folder), "machine")
        return of(number)

    return bills


def test_a_payment_counts_for_the_invoice_that_it_names_and_its_rest_for_the_oldest_debt(
    written: Callable[..., Bills],
) -> None:
    second_first = written("0,00", [{"amount": "120,00", "invoice_no": "FIRST"}])
    assert states(second_first) == ["paid", "due"]
    assert [bill.left for bill in second_first.to_pay] == [Decimal("30.00")]
    assert second_first.to_pay[0].partly_paid


def test_what_names_nothing_pays_the_debt_from_before_and_then_what_is_due_first(
    written: Callable[..., Bills],
) -> None:
    bills = written("40,00", [{"amount": "100,00"}])
    assert states(bills) == ["overdue", "due"]
    assert [bill.left for bill in bills.to_pay] == [Decimal("40.00"), Decimal("50.00")]
    assert (bills.balance, bills.overdue) == (Decimal("90.00"), Decimal("40.00"))


def test_a_debt_from_before_is_paid_first_by_what_names_nothing(written: Callable[..., Bills]) -> None:
    bills = written("25,00", [{"amount": "10,00"}, {"amount": "100,00", "invoice_no": "FIRST"}])
    assert states(bills) == ["paid", "due"]
    assert (bills.balance, bills.overdue) == (Decimal("65.00"), Decimal("15.00"))


def test_a_correction_lessens_what_it_corrects_and_is_nothing_to_pay(written: Callable[..., Bills]) -> None:
    bills = written("0,00", [{"amount": "70,00"}], "correction")
    assert states(bills) == ["paid", "correction"]
    assert (bills.balance, bills.to_pay) == (Decimal("0.00"), ())


def corrected(folder: Path, corrections: list[tuple[str, str, str, str]], opening_on: str = "2026-09-01") -> Bills:
    """Bills of a customer with an invoice FV of 100 złote of September; corrections: number, of what, gross, due."""
    delivery(folder, 1)
    number = rows_of(folder, "settlements")[0]["customer_no"]

    def written(rows: Rows) -> None:
        first = rows[0] | {"issued_on": "2026-09-30", "due_on": "2026-10-14", "period_from": "", "period_to": ""}
        first |= {"invoice_no": "FV", "kind": "invoice", "corrects": ""}
        rows[:] = [first | {"net": "100,00", "vat": "0,00", "gross": "100,00"}]
        for no, of_what, gross, due in corrections:
            told = {"invoice_no": no, "kind": "correction", "corrects": of_what, "issued_on": "2026-10-30"}
            rows.append(first | told | {"due_on": due, "net": gross, "vat": "0,00", "gross": gross})

    edited(folder, "charges", lambda rows: rows.clear())
    edited(folder, "payments", lambda rows: rows.clear())
    edited(folder, "invoices", written)
    edited(folder, "settlements", lambda rows: rows[0].update(opening_balance="0,00", opening_on=opening_on))
    load_customers(read_customers(folder / "customers.csv"))
    import_delivery(FolderSource(folder), "machine")
    return of(number)


@pytest.mark.usefixtures("sqlite_database")
def test_a_correction_that_asks_for_more_is_a_debt_of_its_own_with_its_own_date(tmp_path: Path) -> None:
    bills = corrected(tmp_path / "delivery", [("K1", "FV", "20,00", "2026-11-14")])
    assert {bill.row["invoice_no"]: (bill.state.value, bill.left) for bill in bills.newest_first} == {
        "FV": ("overdue", Decimal("100.00")),
        "K1": ("due", Decimal("20.00")),
    }
    assert (bills.overdue, bills.due_on, bills.balance) == (Decimal("100.00"), date(2026, 11, 14), Decimal("120.00"))


@pytest.mark.usefixtures("sqlite_database")
def test_a_correction_of_a_correction_is_no_debt_from_before(tmp_path: Path) -> None:
    chain = [("K1", "FV", "-30,00", "2026-11-14"), ("K2", "K1", "-10,00", "2026-11-14")]
    bills = corrected(tmp_path / "delivery", [*chain, ("K3", "K2", "5,00", "2026-11-14")])
    assert {bill.row["invoice_no"]: (bill.state.value, bill.left) for bill in bills.newest_first} == {
        "FV": ("overdue", Decimal("60.00")),
        "K1": ("correction", None),
        "K2": ("correction", None),
        "K3": ("due", Decimal("5.00")),
    }
    assert (bills.overdue, bills.balance) == (Decimal("60.00"), Decimal("65.00"))


@pytest.mark.usefixtures("sqlite_database")
def test_more_for_an_invoice_from_before_our_figures_is_due_when_its_correction_says(tmp_path: Path) -> None:
    bills = corrected(tmp_path / "delivery", [("K1", "FV", "20,00", "2026-11-14")], opening_on="2026-10-01")
    assert [(bill.row["invoice_no"], bill.left) for bill in bills.to_pay] == [("K1", Decimal("20.00"))]
    assert (bills.overdue, bills.due_on) == (Decimal(0), date(2026, 11, 14))


@pytest.mark.usefixtures("sqlite_database")
def test_corrections_that_correct_each_other_end(tmp_path: Path) -> None:
    round_about = [("K1", "K2", "-30,00", "2026-11-14"), ("K2", "K1", "-10,00", "2026-11-14")]
    bills = corrected(tmp_path / "delivery", round_about)
    assert [(bill.row["invoice_no"], bill.left) for bill in bills.to_pay] == [("FV", Decimal("60.00"))]


def test_who_paid_too_much_owes_nothing_and_all_is_paid(written: Callable[..., Bills]) -> None:
    bills = written("-10,00", [{"amount": "150,00"}])
    assert states(bills) == ["paid", "paid"]
    assert (bills.balance, bills.overdue, bills.due_on) == (Decimal("-10.00"), Decimal(0), None)


@pytest.mark.parametrize(
    ("payments", "left"),
    [
        ([("100,00", "FIRST"), ("-100,00", "")], ["100.00", "50.00"]),
        ([("100,00", ""), ("-100,00", "FIRST")], ["100.00", "50.00"]),
        ([("150,00", ""), ("-150,00", "")], ["100.00", "50.00"]),
        ([("100,00", "FIRST"), ("50,00", "SECOND"), ("-50,00", "")], ["50.00"]),
        ([("100,00", "FIRST"), ("50,00", "SECOND"), ("-120,00", "")], ["70.00", "50.00"]),
        ([("130,00", "FIRST"), ("-30,00", "")], ["50.00"]),
        ([("100,00", "FIRST"), ("-130,00", "FIRST")], ["100.00", "50.00"]),
    ],
)
def test_an_invoice_whose_payment_was_paid_back_is_open_again_and_no_debt_from_before(
    written: Callable[..., Bills], payments: list[tuple[str, str]], left: list[str]
) -> None:
    bills = written("0,00", [{"amount": amount, "invoice_no": of_what} for amount, of_what in payments])
    assert [f"{bill.left}" for bill in bills.to_pay] == left
    late = sum(bill.left or Decimal(0) for bill in bills.to_pay if bill.state is BillState.OVERDUE)
    before = Decimal("30.00") if payments[-1] == ("-130,00", "FIRST") else Decimal(0)
    assert bills.overdue == late + before, "what was paid back beyond all payments is a debt of before"


def test_what_was_paid_too_much_before_our_figures_and_is_paid_back_opens_nothing(
    written: Callable[..., Bills],
) -> None:
    bills = written("-200,00", [{"amount": "100,00", "invoice_no": "FIRST"}, {"amount": "-200,00"}])
    assert states(bills) == ["paid", "due"]
    assert bills.balance == Decimal("50.00")


def test_of_the_time_before_our_figures_nothing_is_claimed(told: list[str]) -> None:
    bills = of(told[0], date(2020, 1, 1))
    assert (bills.balance, bills.newest_first) == (None, ())
    assert of("99999999").balance is None
    assert BillState.EARLIER not in states(of(told[0]))
