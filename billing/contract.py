"""The contract with billing: which tables it delivers, their columns, and what must be true of them.

All else is made of this literal: the parser, the tables of the register, the JSON schema, the documentation, the
samples. Labels are Polish, as messages use them; notes are those of the documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from billing.column_types import (
    CUSTOMER_NO,
    DAY,
    FILE,
    KSEF_LINK,
    KSEF_NO,
    MONEY,
    POSTCODE,
    PRICE,
    QUANTITY,
    SHA256,
    VOLUME,
    BankAccount,
    Choice,
    ColumnType,
    Identifier,
    Text,
    WholeNumber,
)

if TYPE_CHECKING:  # every process knows these tables, and few look at a delivery
    import numpy as np
    import pandas as pd

FORMAT: Final = "ebok-billing"
VERSION: Final = 1
Mask: TypeAlias = "np.ndarray[Any, np.dtype[np.bool_]]"

SERVICES: Final[Mapping[str, str]] = {
    "water": "woda",
    "sewage": "ścieki",
    "waste": "nieczystości",
    "other": "inne opłaty",
}
SERVICE: Final = Choice(SERVICES)
INVOICE, CORRECTION = "invoice", "correction"
_INVOICE_KIND: Final = Choice({INVOICE: "faktura", CORRECTION: "korekta"})
_READING_SOURCE: Final = Choice(
    {"visit": "odczyt inkasenta", "remote": "odczyt zdalny", "customer": "podany przez klienta", "estimate": "szacunek"}
)
_VAT_RATE: Final = Choice({"23": "23%", "8": "8%", "5": "5%", "0": "0%", "zw": "zwolnione", "np": "nie podlega"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; what is not ``required`` may be empty. What is not ``kept`` does not go to the register."""

    name: str
    kind: ColumnType
    label: str
    note: str
    required: bool = True
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Reference:
    """What stands in ``column`` must stand in the ``target`` column of ``table``, of this delivery or the register."""

    column: str
    table: str
    target: str
    told: str


@dataclass(frozen=True, slots=True)
class TableRule:
    """What must be true of each row: ``broken`` tells the rows of which it is not; ``note`` documents it."""

    note: str
    told: str
    broken: Callable[[pd.DataFrame], Mask]


@dataclass(frozen=True)
class BillingTable:
    """A table of a delivery.

    ``of_period``: a delivery has all rows of its period, by this column; where None it has all rows that there are, or,
    with ``part_of``, all rows of what it has of that table. ``found_by`` are the columns by which rows are asked for.
    """

    name: str
    label: str
    note: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    references: tuple[Reference, ...] = ()
    rules: tuple[TableRule, ...] = ()
    of_period: str | None = None
    part_of: str | None = None
    found_by: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def kept(self) -> tuple[str, ...]:
        """The names of the columns that the register has."""
        return tuple(column.name for column in self.columns if column.kept)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)


def _given(frame: pd.DataFrame, name: str) -> Mask:
    return frame[name].notna().to_numpy(bool)


def _after(first: str, second: str) -> Callable[[pd.DataFrame], Mask]:
    """Rows whose second day comes before the first; one that is not given comes before none."""

    def broken(frame: pd.DataFrame) -> Mask:
        mask = _given(frame, first) & _given(frame, second)
        both = frame.loc[mask]
        mask[mask] = [b < a for a, b in zip(both[first], both[second], strict=True)]
        return mask

    return broken


def _order(first: str, second: str, told: str) -> TableRule:
    return TableRule(f"`{second}` is not before `{first}`", told, _after(first, second))


def _sum_differs(frame: pd.DataFrame) -> Mask:
    return (frame["gross"] != frame["net"] + frame["vat"]).to_numpy(bool)


_GROSS: Final = TableRule("`gross` is the sum of `net` and `vat`", "Brutto nie jest sumą netto i VAT.", _sum_differs)
_TO_NOBODY: Final = "Takiego klienta nie ma w rejestrze. Wczytaj najpierw aktualną listę: ebok customers import."
CUSTOMER: Final = Reference("customer_no", "customers", "customer_no", _TO_NOBODY)
"""Whose it is: customers come from their own list."""

POINTS: Final = BillingTable(
    "points",
    "punkty poboru",
    "Points of consumption (punkty poboru): where a customer takes water or gives sewage.",
    ("point_no",),
    (
        Column("point_no", Identifier(), "numer punktu", "its number in billing"),
        Column("customer_no", CUSTOMER_NO, "numer klienta", "whose it is now"),
        Column("street", Text(100), "ulica", "address of the point", required=False),
        Column("house", Text(20, "house"), "nr domu", "", required=False),
        Column("flat", Text(20, "house"), "nr lokalu", "", required=False),
        Column("postcode", POSTCODE, "kod pocztowy", "`NN-NNN`", required=False),
        Column("town", Text(100), "miejscowość", "", required=False),
        Column("valid_from", DAY, "od dnia", "first day for this customer"),
        Column("valid_to", DAY, "do dnia", "last day, empty while it goes on", required=False),
    ),
    (CUSTOMER,),
    (_order("valid_from", "valid_to", "Punkt kończy się, zanim się zaczął."),),
    found_by=(("customer_no",),),
)
METERS: Final = BillingTable(
    "meters",
    "wodomierze",
    "Meters (wodomierze) at the points.",
    ("meter_no",),
    (
        Column("meter_no", Identifier(), "numer wodomierza", "its serial number"),
        Column("point_no", Identifier(), "numer punktu", "where it is"),
        Column("service", SERVICE, "usługa", "what it counts"),
        Column("installed_on", DAY, "zamontowany", "day of installation"),
        Column("removed_on", DAY, "zdemontowany", "empty while it is there", required=False),
        Column("verified_until", DAY, "legalizacja do", "end of its legal verification (legalizacja)", required=False),
    ),
    (Reference("point_no", "points", "point_no", "Takiego punktu poboru nie ma w tej dostawie ani w rejestrze."),),
    (_order("installed_on", "removed_on", "Zdemontowany, zanim go zamontowano."),),
    found_by=(("point_no",),),
)
READINGS: Final = BillingTable(
    "readings",
    "odczyty",
    "What meters showed (odczyty).",
    ("meter_no", "read_on"),
    (
        Column("meter_no", Identifier(), "numer wodomierza", ""),
        Column("read_on", DAY, "dzień odczytu", "one reading a day"),
        Column("value", VOLUME, "stan", "cubic metres, up to 3 places"),
        Column("source", _READING_SOURCE, "skąd", "who read it"),
    ),
    (Reference("meter_no", "meters", "meter_no", "Takiego wodomierza nie ma w tej dostawie ani w rejestrze."),),
    of_period="read_on",
    found_by=(("read_on",),),
)
TARIFFS: Final = BillingTable(
    "tariffs",
    "taryfy",
    "Prices of the tariff (taryfa) by service and time.",
    ("tariff", "valid_from"),
    (
        Column("tariff", Identifier(), "kod taryfy", "code of the price, or of the tariff group"),
        Column("service", SERVICE, "usługa", ""),
        Column("name", Text(100), "nazwa", "as invoices call it"),
        Column("unit", Text(10), "jednostka", "`m3`, `mies.` …"),
        Column("net_price", PRICE, "cena netto", "złote, up to 4 places"),
        Column("vat_rate", _VAT_RATE, "stawka VAT", ""),
        Column("valid_from", DAY, "od dnia", ""),
        Column("valid_to", DAY, "do dnia", "empty while it is in force", required=False),
    ),
    rules=(_order("valid_from", "valid_to", "Cena przestaje obowiązywać, zanim zaczęła."),),
)
INVOICES: Final = BillingTable(
    "invoices",
    "faktury",
    "Invoices and corrections (faktury, korekty).",
    ("invoice_no",),
    (
        Column("invoice_no", Identifier(), "numer faktury", "as printed on it"),
        Column("customer_no", CUSTOMER_NO, "numer klienta", ""),
        Column("kind", _INVOICE_KIND, "rodzaj", ""),
        Column(
            "corrects", Identifier(), "koryguje", "number of the invoice that a correction corrects", required=False
        ),
        Column("issued_on", DAY, "wystawiona", "day of issue"),
        Column("due_on", DAY, "termin płatności", ""),
        Column("period_from", DAY, "okres od", "first day billed", required=False),
        Column("period_to", DAY, "okres do", "last day billed; its month is that of the consumption", required=False),
        Column("net", MONEY, "netto", "złote; of a correction the difference, so mostly negative"),
        Column("vat", MONEY, "VAT", ""),
        Column("gross", MONEY, "brutto", "what changes the balance"),
        Column("ksef_no", KSEF_NO, "numer KSeF", "where the invoice is in KSeF", required=False),
        Column("ksef_link", KSEF_LINK, "adres z kodu QR KSeF", "what its QR code of KSeF says", required=False),
        Column("pdf", FILE, "plik PDF", "its picture in the folder of the delivery", required=False, kept=False),
        Column("pdf_sha256", SHA256, "skrót pliku PDF", "digest of that file", required=False),
    ),
    (
        CUSTOMER,
        Reference("corrects", "invoices", "invoice_no", "Korygowanej faktury nie ma w tej dostawie ani w rejestrze."),
    ),
    (
        _GROSS,
        _order("issued_on", "due_on", "Termin płatności jest wcześniejszy niż dzień wystawienia."),
        _order("period_from", "period_to", "Okres kończy się, zanim się zaczął."),
        TableRule(
            "`corrects` is given for a correction and for nothing else",
            "Numer korygowanej faktury ma mieć korekta i tylko ona.",
            lambda frame: (frame["kind"] == CORRECTION).to_numpy(bool) != _given(frame, "corrects"),
        ),
        TableRule(
            "an invoice is not negative (only a correction may be)",
            "Ujemną kwotę może mieć tylko korekta.",
            lambda frame: ((frame["kind"] == INVOICE) & (frame["gross"] < 0)).to_numpy(bool),
        ),
        TableRule(
            "`pdf` and `pdf_sha256` are given both or not at all",
            "Podaj plik PDF razem z jego skrótem albo żadnego z nich.",
            lambda frame: _given(frame, "pdf") != _given(frame, "pdf_sha256"),
        ),
    ),
    of_period="issued_on",
    found_by=(("customer_no", "issued_on"), ("issued_on",), ("pdf_sha256",)),
)
CHARGES: Final = BillingTable(
    "charges",
    "pozycje faktur",
    "The positions of invoices (pozycje): what was charged for each service.",
    ("invoice_no", "position"),
    (
        Column("invoice_no", Identifier(), "numer faktury", ""),
        Column("position", WholeNumber(), "pozycja", "from 1 on"),
        Column("service", SERVICE, "usługa", ""),
        Column("name", Text(100), "nazwa", "as printed"),
        Column("tariff", Identifier(), "kod taryfy", "", required=False),
        Column("point_no", Identifier(), "numer punktu", "for which point", required=False),
        Column("quantity", QUANTITY, "ilość", "up to 3 places"),
        Column("unit", Text(10), "jednostka", "consumption is what is charged in `m3`"),
        Column("net_price", PRICE, "cena netto", ""),
        Column("vat_rate", _VAT_RATE, "stawka VAT", ""),
        Column("net", MONEY, "netto", ""),
        Column("vat", MONEY, "VAT", ""),
        Column("gross", MONEY, "brutto", ""),
    ),
    (
        Reference("invoice_no", "invoices", "invoice_no", "Takiej faktury nie ma w tej dostawie ani w rejestrze."),
        Reference("tariff", "tariffs", "tariff", "Takiej taryfy nie ma w tej dostawie ani w rejestrze."),
        Reference("point_no", "points", "point_no", "Takiego punktu poboru nie ma w tej dostawie ani w rejestrze."),
    ),
    (_GROSS,),
    part_of="invoices",
)
PAYMENTS: Final = BillingTable(
    "payments",
    "wpłaty",
    "What customers paid (wpłaty); what was paid back is negative.",
    ("payment_no",),
    (
        Column("payment_no", Identifier(), "numer wpłaty", "its number in billing"),
        Column("customer_no", CUSTOMER_NO, "numer klienta", ""),
        Column("paid_on", DAY, "dzień wpłaty", "day on which it counts"),
        Column("amount", MONEY, "kwota", ""),
        Column("invoice_no", Identifier(), "numer faktury", "for which invoice, if it is known", required=False),
    ),
    (CUSTOMER,),
    of_period="paid_on",
    found_by=(("customer_no", "paid_on"), ("paid_on",)),
)
SETTLEMENTS: Final = BillingTable(
    "settlements",
    "rozrachunki",
    "The account of each customer (rozrachunki): where he pays, and what he owed when the data begin.",
    ("customer_no",),
    (
        Column("customer_no", CUSTOMER_NO, "numer klienta", ""),
        Column("bank_account", BankAccount(), "rachunek", "his own account at our bank, to pay to", required=False),
        Column("opening_on", DAY, "stan na dzień", "invoices and payments from this day on are added"),
        Column("opening_balance", MONEY, "stan początkowy", "what he owed before that day; an overpayment is negative"),
    ),
    (CUSTOMER,),
)

TABLES: Final = (POINTS, METERS, READINGS, TARIFFS, INVOICES, CHARGES, PAYMENTS, SETTLEMENTS)
"""All tables; what another one refers to need not stand before it."""
CUSTOMER_READINGS: Final = BillingTable(
    "customer_readings",
    "odczyty podane przez klientów",
    "Readings that customers reported to us, for billing to take. Nothing here is estimated.",
    ("reading_no",),
    (
        Column("reading_no", Identifier(12), "numer odczytu", "what the customer has as confirmation; each comes once"),
        Column("customer_no", CUSTOMER_NO, "numer klienta", ""),
        Column("meter_no", Identifier(), "numer wodomierza", "as billing delivered it"),
        Column("read_on", DAY, "dzień odczytu", "not before the last reading that billing delivered"),
        Column("value", VOLUME, "stan", "whole cubic metres"),
        Column(
            "way",
            Choice({"account": "konto w eBOK", "web": "strona bez konta", "sms": "SMS"}),
            "jak podany",
            "",
        ),
        Column(
            "checked",
            Choice({"machine": "program", "clerk": "pracownik"}),
            "kto sprawdził",
            "a clerk looked at what the program doubted",
        ),
    ),
)
EXPORTS: Final = (CUSTOMER_READINGS,)
"""What we hand to billing, each as a CSV file with semicolons, in UTF-8."""
BY_NAME: Final[Mapping[str, BillingTable]] = {table.name: table for table in TABLES}
