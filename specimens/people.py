"""Invented customers with valid PESEL, NIP, telephone and e-mail, and the values they would write on a form.

Everything is drawn from a seed, so that the same call gives the same people. Any likeness is chance.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Final, TypedDict

from stdnum.pl import nip as stdnum_nip
from stdnum.pl import pesel as stdnum_pesel

from environment.working_days import working_day_after
from forms.fields import CUSTOMER_NO
from forms.form import Field, Form, Needs, OneOf
from forms.kinds import (
    CubicMetres,
    Date,
    Digits,
    Email,
    FieldKind,
    HouseNumber,
    Nip,
    Pesel,
    Phone,
    Postcode,
    Text,
    Value,
    WishedDay,
)
from specimens import names
from specimens.chance import dice

CUSTOMER_COLUMNS: Final = (
    "customer_no",
    "name",
    "pesel",
    "nip",
    "street",
    "house",
    "flat",
    "postcode",
    "town",
    "phone",
    "email",
)
_MOBILE_STARTS: Final = ("50", "51", "53", "60", "66", "69", "72", "78", "79", "88")


class CustomerRow(TypedDict):
    """One row of the customer list; empty text where unknown."""

    customer_no: str
    name: str
    pesel: str
    nip: str
    street: str
    house: str
    flat: str
    postcode: str
    town: str
    phone: str
    email: str


def invented_customers(
    count: int, seed: int = 1, *, consecutive: bool = False, domains: tuple[str, ...] = names.FREQUENT_DOMAINS
) -> list[CustomerRow]:
    """Draw customers: about one in six is a company, some have no telephone or no e-mail.

    The same ``seed`` gives the same customers. ``consecutive`` makes customer numbers follow each other (the hard case
    for reading) instead of lying far apart. ``domains`` are those of the e-mail addresses: ``names.SAFE_DOMAINS`` where
    a message might really be sent.
    """
    rng = dice(seed)
    numbers = _customer_numbers(count, rng, consecutive)
    return [_customer(number, rng, domains) for number in numbers]


def write_customers(rows: Iterable[CustomerRow], path: Path, delimiter: str = ",") -> Path:
    """Write the customer list as UTF-8 CSV with the columns of the contract."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, CUSTOMER_COLUMNS, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def values_for(
    form: Form, customer: CustomerRow, seed: int, today: date, *, domains: tuple[str, ...] = names.FREQUENT_DOMAINS
) -> dict[str, Value]:
    """Values with which this customer fills in the form rightly: no problems, signed, optional ticks mostly set.

    A field that the customer list does not know (a new e-mail address, the field of a new form) is invented by its
    kind. Dates lie at most three weeks before ``today``, days wished for after it.
    """
    rng = dice(f"{seed}:{form.code}:{customer['customer_no']}")
    answers = _Answers(customer, rng, today, domains)
    for item in form.fields:
        answers.given[item.name] = answers.to(item)
    for rule in form.rules:
        if isinstance(rule, Needs) and answers.given[rule.name] and not answers.given[rule.needed]:
            answers.given[rule.name] = False if form[rule.name].kind.marked else None
        if isinstance(rule, OneOf) and not any(answers.given[name] for name in rule.names):
            answers.given[rule.names[0]] = True  # only of ticks may none be chosen
    return answers.given


@dataclass
class _Answers:
    """One customer over one form, giving answers field by field."""

    customer: CustomerRow
    rng: Random
    today: date
    domains: tuple[str, ...]
    given: dict[str, Value] = field(default_factory=dict)

    def to(self, item: Field) -> Value:
        """What the customer list says where it is right for this field, else something invented."""
        if item.kind.widget == "signature":
            return True
        if item.kind.marked:
            return item.required or self.rng.random() < 0.7
        known = self.customer.get("email" if item.name == "email_current" else item.name)
        parsed = item.kind.parse(known, self.today)
        if known is not None and parsed.fault is None and (parsed.value or not item.required):
            return parsed.value
        return self._invented(item.kind)

    def _invented(self, kind: FieldKind) -> Value:
        rng = self.rng
        makers: dict[type[FieldKind], Callable[[], Value]] = {
            Text: lambda: self._street(kind.length),
            Date: self._recent_day,
            WishedDay: lambda: working_day_after(self.today, 3 + rng.randrange(10)).isoformat(),
            CubicMetres: lambda: str(rng.randint(4, 12)),
            Email: self._new_email,
            Phone: lambda: _mobile(rng),
            Pesel: lambda: _pesel(rng, woman=rng.random() < 0.5),
            Nip: lambda: _nip(rng),
            Postcode: lambda: rng.choice(names.TOWNS)[1],
            HouseNumber: lambda: _house(rng),
            Digits: lambda: "".join(rng.choices("0123456789", k=kind.length)),
        }
        return makers.get(type(kind), kind.example)()

    def _street(self, length: int) -> str:
        return self.rng.choice(names.STREETS)[:length].strip()

    def _recent_day(self) -> str:
        return (self.today - timedelta(days=self.rng.randrange(21))).isoformat()

    def _new_email(self) -> str:
        while True:
            address = _email(self.customer["name"], self.rng, self.domains)
            if address not in self.given.values():
                return address


def _customer_numbers(count: int, rng: Random, consecutive: bool) -> list[str]:
    length = CUSTOMER_NO.kind.length
    low, high = 10 ** (length - 1), 10**length
    if consecutive:
        first = rng.randrange(low, high - count)
        return [str(first + at) for at in range(count)]
    return [str(number) for number in rng.sample(range(low, high), count)]


def _customer(number: str, rng: Random, domains: tuple[str, ...]) -> CustomerRow:
    company, woman = rng.random() < 1 / 6, rng.random() < 0.5
    name = _company(rng) if company else _person(rng, woman)
    town, postcode, has_streets = rng.choice(names.TOWNS)
    return CustomerRow(
        customer_no=number,
        name=name,
        pesel="" if company else _pesel(rng, woman),
        nip=_nip(rng) if company else "",
        street=rng.choice(names.STREETS) if has_streets else "",
        house=_house(rng),
        flat="" if company or not has_streets or rng.random() < 0.4 else str(rng.randint(1, 60)),
        postcode=postcode,
        town=town,
        phone="" if rng.random() < 0.1 else _landline(rng) if rng.random() < 0.12 else _mobile(rng),
        email="" if rng.random() < 0.15 else _email(name, rng, domains),
    )


def _person(rng: Random, woman: bool) -> str:
    first = [rng.choice(names.WOMEN if woman else names.MEN)]
    if rng.random() < 0.15:
        first.append(rng.choice(names.WOMEN if woman else names.MEN))
    surnames = [rng.choice(names.SURNAMES)]
    if rng.random() < (0.3 if woman else 0.08):
        surnames.append(rng.choice(names.SURNAMES))
    if woman:
        surnames = [_feminine(surname) for surname in surnames]
    return " ".join([*first, "-".join(surnames)])


def _feminine(surname: str) -> str:
    return surname[:-1] + "a" if surname.endswith(("ski", "cki", "dzki", "ny")) else surname


def _company(rng: Random) -> str:
    if rng.random() < 0.5:
        owner = rng.choice(names.SURNAMES)
        return f"{rng.choice(names.TRADES)} {rng.choice(names.WOMEN + names.MEN)[0]}. {owner}"
    return f"{rng.choice(names.COMPANY_WORDS)}{rng.choice(names.COMPANY_ENDS)} {rng.choice(names.COMPANY_FORMS)}"


def _pesel(rng: Random, woman: bool) -> str:
    born = date(1936, 1, 1) + timedelta(days=rng.randrange((date(2006, 12, 31) - date(1936, 1, 1)).days))
    month = born.month + (20 if born.year >= 2000 else 0)
    sex = rng.choice("02468" if woman else "13579")
    digits = f"{born.year % 100:02}{month:02}{born.day:02}{rng.randrange(1000):03}{sex}"
    return digits + str(stdnum_pesel.calc_check_digit(digits))


def _nip(rng: Random) -> str:
    while True:
        digits = f"{rng.choice(('599', '598', '927', '596'))}{rng.randrange(10**6):06}"
        for check in "0123456789":  # none fits when the weighted sum leaves 10
            if stdnum_nip.is_valid(digits + check):
                return digits + check


def _mobile(rng: Random) -> str:
    kind = Phone(mobile=True)
    while True:
        number = rng.choice(_MOBILE_STARTS) + f"{rng.randrange(10**7):07}"
        if kind.parse(number).fault is None:
            return number


def _landline(rng: Random) -> str:
    return f"957{rng.randrange(20, 59)}{rng.randrange(10**4):04}"


def _house(rng: Random) -> str:
    number = str(rng.randint(1, 140))
    return number + rng.choice(("", "", "", "", "", "A", "B", "C", "/1", "/2"))


def _email(name: str, rng: Random, domains: tuple[str, ...]) -> str:
    words = [_ascii(word) for word in name.replace("-", " ").split()]
    words = [word for word in words if word] or ["biuro"]
    first, last = words[0], words[-1] if len(words[-1]) > 2 else words[0]
    year = rng.randrange(50, 100)
    local = rng.choice(
        (
            f"{first}.{last}",
            f"{first[0]}.{last}",
            f"{last}{year}",
            f"{first}_{last}",
            f"{first}-{last}",
            f"{last}.{first}{year}",
            f"{first}{rng.randrange(1000)}",
        )
    )
    domain = rng.choice(domains)
    address = f"{local}@{domain}"
    return address if len(address) <= Email().length else f"{last[:12]}{year}@{domain}"


def _ascii(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.lower().replace("ł", "l"))
    return "".join(sign for sign in plain if sign.isascii() and sign.isalnum())
