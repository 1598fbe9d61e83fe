"""A delivery of invented customers: months of consumption by season, corrections, late payments, a leak now and then.

The same seed and months give the same files. The first customers are those of `ebok demo`; their list is written
beside the tables, to be imported first.
"""

from __future__ import annotations

import csv
import hashlib
import json
from base64 import urlsafe_b64encode
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from stdnum import iban

from billing.column_types import ksef_check
from billing.contract import CORRECTION, FORMAT, INVOICE, TABLES, VERSION
from billing.manifest import NAME
from billing.sample_invoice import draw_invoice
from environment.settings import get_settings
from specimens.chance import dice
from specimens.demo import demo_customers
from specimens.people import CustomerRow, invented_customers, write_customers

CUSTOMERS: Final = "customers.csv"
_SEASON: Final = (0.93, 0.92, 0.95, 1.0, 1.08, 1.18, 1.22, 1.16, 1.02, 0.97, 0.95, 0.97)
_GARDEN: Final = (0, 0, 0, 1.5, 4.0, 7.0, 9.0, 7.0, 2.0, 0, 0, 0)
"""Cubic metres a month, for a house."""
_PRICES: Final = {  # net, in ten-thousandths of a złoty
    "water": ("WODA", "Woda", "m3", 55_900),
    "sewage": ("SCIEKI", "Ścieki", "m3", 98_700),
    "other": ("ABON", "Opłata abonamentowa", "mies.", 71_200),
    "waste": ("WYWOZ", "Wywóz nieczystości płynnych", "m3", 312_000),
}
_VAT: Final = 8
_BANK: Final = "10901014"
_PAY_DAYS: Final = 14
_LEAKS: Final = 0.004
_CORRECTED: Final = 0.01
_COMPANY: Final = 3.0
_SELLER: Final = "1234563218"
"""An invented NIP, where the settings have none."""


@dataclass
class _Written:
    """The rows so far, by table, as texts."""

    folder: Path
    until: date
    pdfs: bool
    leaks: float
    rows: dict[str, list[dict[str, str]]] = field(default_factory=lambda: {table.name: [] for table in TABLES})

    def add(self, table: str, **values: Any) -> dict[str, str]:
        """A row of a table; what is not named stays empty."""
        names = next(one.names for one in TABLES if one.name == table)
        row = {name: "" if values.get(name) is None else str(values[name]) for name in names}
        self.rows[table].append(row)
        return row


@dataclass(frozen=True)
class _Home:
    """A customer as consumption sees him."""

    customer: CustomerRow
    base: float
    garden: bool
    sewer: bool
    payer: float
    account: str
    start: int

    @property
    def number(self) -> str:
        return self.customer["customer_no"]


def write_sample(
    folder: Path,
    customers: int,
    *,
    seed: int = 1,
    months: int = 12,
    until: date,
    pdfs: bool = True,
    leaks: float = _LEAKS,
) -> dict[str, int]:
    """Write a delivery into an empty folder, ``months`` whole ones before ``until``; gives rows by table.

    ``leaks`` is the chance of one a month. FileExistsError where the folder holds something.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(folder)
    people = _people(customers, seed)
    write_customers(people, folder / CUSTOMERS)
    first = _month(until, -months)
    done = _Written(folder, _month(until, 0), pdfs, leaks)
    for service, (tariff, name, unit, price) in _PRICES.items():
        done.add(
            "tariffs",
            tariff=tariff,
            service=service,
            name=name,
            unit=unit,
            net_price=_text(price, 4),
            vat_rate=_VAT,
            valid_from=first,
        )
    for at, customer in enumerate(people, 1):
        rng = dice(f"{seed}:{customer['customer_no']}")
        _Year(done, _home(customer, rng), at, rng).write(first, months)
    return _save(done, first)


def _people(count: int, seed: int) -> list[CustomerRow]:
    """Those of the demo first; a number is nobody else's then."""
    known = list(demo_customers())[:count]
    taken = {row["customer_no"] for row in known}
    others = (row for row in invented_customers(count + len(known), seed) if row["customer_no"] not in taken)
    return [*known, *(next(others) for _ in range(count - len(known)))]


def _home(customer: CustomerRow, rng: Random) -> _Home:
    house = not customer["flat"]
    number = f"{_BANK}{customer['customer_no'].zfill(16)}"
    return _Home(
        customer,
        base=rng.lognormvariate(1.9, 0.45) * (_COMPANY if customer["nip"] else 1.0),
        garden=house and rng.random() < 0.5,
        sewer=rng.random() < 0.85,
        payer=rng.random(),
        account=iban.calc_check_digits(f"PL00{number}") + number,
        start=rng.randrange(20_000, 900_000),
    )


@dataclass
class _Year:
    """The months of one customer, the ``at``-th."""

    done: _Written
    home: _Home
    at: int
    rng: Random

    @property
    def point(self) -> str:
        return f"P{self.at:06d}"

    def write(self, first: date, months: int) -> None:
        """All rows of this customer."""
        row, number, rng, add = self.home.customer, self.home.number, self.rng, self.done.add
        meter = f"W{rng.randrange(10**7):07d}-{self.at}"
        place = {name: row[name] for name in ("street", "house", "flat", "postcode", "town")}
        add("points", point_no=self.point, customer_no=number, valid_from=_month(first, -36), **place)
        built, verified = _month(first, -24), _month(first, 36)
        add(
            "meters",
            meter_no=meter,
            point_no=self.point,
            service="water",
            installed_on=built,
            verified_until=verified,
        )
        owed = _text(rng.choice((0, 0, 0, rng.randrange(2000, 15000), -rng.randrange(100, 3000))), 2)
        add(
            "settlements",
            customer_no=number,
            bank_account=self.home.account,
            opening_on=first,
            opening_balance=owed,
        )
        stand, leak = self.home.start, rng.randrange(months) if rng.random() < self.done.leaks * months else -1
        for step in range(months):
            month = _month(first, step)
            used = self._used(month, leaking=step == leak)
            stand += used
            source = "estimate" if rng.random() < 0.05 else rng.choice(("remote", "visit"))
            add("readings", meter_no=meter, read_on=_last_day(month), value=_text(stand, 3), source=source)
            self._bill(month, used)

    def _used(self, month: date, *, leaking: bool) -> int:
        """Litres of a month."""
        at = month.month - 1
        cubic = self.home.base * _SEASON[at] * self.rng.lognormvariate(0, 0.12)
        cubic += _GARDEN[at] if self.home.garden else 0
        return int(1000 * cubic * (self.rng.uniform(4, 9) if leaking else 1))

    def _bill(self, month: date, used: int) -> None:
        number, last = f"FV/{self.at:06d}/{month:%m/%Y}", _last_day(month)
        away = ("sewage", used) if self.home.sewer else ("waste", used // 1000 * 1000)
        gross = self._issue(number, last, [("water", used), away, ("other", 1000)])
        self._pay(number, last, gross)
        if self.rng.random() < _CORRECTED:  # a reading was too high
            self._issue(number.replace("FV", "KOR"), last, [("water", -(used // 4))], corrects=number)

    def _issue(self, number: str, last: date, lines: list[tuple[str, int]], *, corrects: str | None = None) -> int:
        """An invoice or correction with its positions and picture; gives its gross amount."""
        charges, net_sum, vat_sum = [], 0, 0
        for position, (service, amount) in enumerate(lines, 1):
            tariff, name, unit, price = _PRICES[service]
            net = _rounded(amount * price, 10**5)
            vat = _rounded(net * _VAT, 100)
            net_sum, vat_sum = net_sum + net, vat_sum + vat
            charges.append(
                self.done.add(
                    "charges",
                    invoice_no=number,
                    position=position,
                    service=service,
                    name=name,
                    tariff=tariff,
                    point_no=self.point,
                    quantity=_text(amount, 3),
                    unit=unit,
                    net_price=_text(price, 4),
                    vat_rate=_VAT,
                    net=_text(net, 2),
                    vat=_text(vat, 2),
                    gross=_text(net + vat, 2),
                )
            )
        invoice = self.done.add(
            "invoices",
            invoice_no=number,
            customer_no=self.home.number,
            kind=CORRECTION if corrects else INVOICE,
            corrects=corrects,
            issued_on=last,
            due_on=last + timedelta(days=_PAY_DAYS),
            period_from=last.replace(day=1),
            period_to=last,
            net=_text(net_sum, 2),
            vat=_text(vat_sum, 2),
            gross=_text(net_sum + vat_sum, 2),
            **self._ksef(last),
        )
        if self.done.pdfs:
            self._draw(invoice, charges)
        return net_sum + vat_sum

    def _ksef(self, day: date) -> dict[str, str]:
        """Number and address of an invoice in KSeF, where its buyer is a company."""
        if not self.home.customer["nip"]:
            return {}
        seller = get_settings().company_nip or _SELLER
        number = f"{seller}-{day:%Y%m%d}-{self.rng.getrandbits(48):012X}"
        content = urlsafe_b64encode(self.rng.randbytes(32)).decode().rstrip("=")
        return {
            "ksef_no": f"{number}-{ksef_check(number)}",
            "ksef_link": f"https://qr.ksef.mf.gov.pl/invoice/{seller}/{day:%d-%m-%Y}/{content}",
        }

    def _draw(self, invoice: dict[str, str], charges: list[dict[str, str]]) -> None:
        row = self.home.customer
        flat = f"/{row['flat']}" if row["flat"] else ""
        buyer = (row["name"], f"{row['street']} {row['house']}{flat}".strip(), f"{row['postcode']} {row['town']}")
        content = draw_invoice(invoice, charges, buyer, self.home.account)
        name = f"pdf/{invoice['issued_on'][:7]}/{invoice['invoice_no'].replace('/', '-')}.pdf"
        path = self.done.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        invoice.update(pdf=name, pdf_sha256=hashlib.sha256(content).hexdigest())

    def _pay(self, number: str, last: date, gross: int) -> None:
        """Most pay in time, some late, some not at all; what is paid after the last month is not known yet."""
        rng = self.rng
        if self.home.payer > 0.97 and rng.random() < 0.4:
            return
        late = self.home.payer > 0.8 and rng.random() < 0.6
        day = last + timedelta(days=rng.randrange(15, 60) if late else rng.randrange(3, 14))
        if day < self.done.until:
            self.done.add(
                "payments",
                payment_no=f"WP/{number[3:]}",
                customer_no=self.home.number,
                paid_on=day,
                amount=_text(gross, 2),
                invoice_no=number,
            )


def _save(done: _Written, first: date) -> dict[str, int]:
    files = []
    for table in TABLES:
        path = done.folder / f"{table.name}.csv"
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, table.names, delimiter=";")
            writer.writeheader()
            writer.writerows(done.rows[table.name])
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        files.append({"table": table.name, "name": path.name, "sha256": digest, "rows": len(done.rows[table.name])})
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "period": {"from": first.isoformat(), "to": (done.until - timedelta(days=1)).isoformat()},
        "source": f"ebok billing sample, {get_settings().company_name}",
        "files": files,
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=2)
    (done.folder / NAME).write_text(text, encoding="utf-8")
    return {name: len(rows) for name, rows in done.rows.items()}


def _month(day: date, more: int) -> date:
    """The first day of a month that many after that of a day."""
    at = day.year * 12 + day.month - 1 + more
    return date(at // 12, at % 12 + 1, 1)


def _last_day(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def _rounded(value: int, by: int) -> int:
    """Divided, halves away from zero, as invoices are reckoned."""
    whole = (2 * abs(value) + by) // (2 * by)
    return whole if value >= 0 else -whole


def _text(value: int, places: int) -> str:
    """A whole number of the smallest parts as it is written in Polish."""
    sign, digits = "-" if value < 0 else "", str(abs(value)).zfill(places + 1)
    return f"{sign}{digits[:-places]},{digits[-places:]}"
