"""What may stand in a column of a billing table: how a text becomes a value, and how that is described.

Amounts are whole numbers of their smallest part (grosze, litres): sums are exact, and a column of them is one array.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from stdnum import iban
from stdnum.exceptions import ValidationError

from customers.damage import damage, mended
from environment.clock import today
from environment.settings import get_settings
from forms.kinds import Digits, FieldKind, Postcode
from forms.kinds import Text as Words

_BLANKS: Final = re.compile(r"[\s\u00a0\u202f]+")
_SLASHED: Final = re.compile(r"[0-9]{1,4}/[0-9]{1,2}/[0-9]{4}")
"""Number, month and year: as many companies number their invoices, and as no sheet writes a day that it has made."""
_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]00:00(?::00(?:\.0+)?)?)?")
_POLISH_DAY: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_YEARS: Final = range(1990, 2100)
_NUMBER: Final = re.compile(
    r"(?P<sign>[-+]?)(?:"
    r"(?P<plain>[0-9]+|[0-9]{1,3}(?:[ '][0-9]{3})+)(?:[.,](?P<part>[0-9]+))?"
    r"|(?P<dots>[0-9]{1,3}(?:\.[0-9]{3})+),(?P<after>[0-9]+)"
    r")"
)
_GROUP: Final = 3
_THOUSANDS: Final = re.compile(rf"[-+]?[1-9][0-9]{{0,2}}[.,][0-9]{{{_GROUP}}}")
"""One thousand or one and three zeros: of '1.000' nobody can tell, and the second is a thousandth of the first."""
_CURRENCY: Final = re.compile(r" ?(?:zł|PLN)$", re.IGNORECASE)
_MINUS: Final = str.maketrans("\u2212\u2013", "--")
_NOISE: Final = 10
"""So many digits after the point are no person's: a sheet counts in binary fractions."""
_MOST: Final = 10**14
_BAD_SIGN: Final = "bad_character"
_CHECKED: Final = 32
_CRC8, _TOP = 0x07, 0x80
_HALVED: Final = "Za dużo cyfr po przecinku: najwyżej {}. Jeśli kropka albo przecinek oddziela tysiące, usuń ten znak."


class ColumnType(ABC):
    """A kind of column."""

    name: str
    """As the documentation calls it."""

    @abstractmethod
    def parse(self, text: str) -> Any:
        """The value of a text that is not empty; ValueError with what is wrong with it, in Polish."""

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """JSON schema of a value as it stands in a file."""


@dataclass(frozen=True, slots=True)
class Text(ColumnType):
    """Words; ``column`` of the customer list is the one that is damaged in the same ways."""

    length: int
    column: str = "street"
    name: str = field(default="text", init=False)

    def parse(self, text: str) -> str:
        """Blanks are made one, damage of sheets is refused, and what no text has: PostgreSQL keeps no NUL."""
        value = mended(self.column, text)
        if found := damage(self.column, value):
            raise ValueError(found)
        seen = Words(self.length).parse(value, today()).fault
        if seen is not None and seen.code == _BAD_SIGN:
            raise ValueError(seen.message)
        if len(value) > self.length:
            raise ValueError(f"Za długie: najwyżej {self.length} znaków.")
        return value

    def schema(self) -> dict[str, Any]:
        """As long as there is room."""
        return {"type": "string", "maxLength": self.length}


@dataclass(frozen=True, slots=True)
class Identifier(ColumnType):
    """A number or code by which something is known, as it is written."""

    length: int = 40
    name: str = field(default="identifier", init=False)

    def parse(self, text: str) -> str:
        """As it stands; what a sheet has made a day or a power of ten is refused."""
        value = mended("customer_no", text)
        if not _SLASHED.fullmatch(value) and (found := damage("customer_no", value)):
            raise ValueError(found)
        if len(value) > self.length or not value.isprintable():
            raise ValueError(f"To nie jest numer: najwyżej {self.length} znaków w jednym wierszu.")
        return value

    def schema(self) -> dict[str, Any]:
        """As long as there is room."""
        return {"type": "string", "minLength": 1, "maxLength": self.length}


@dataclass(frozen=True, slots=True)
class OfForms(ColumnType):
    """A kind that forms have, too; of ``customer_no`` the length is a setting."""

    name: str
    column: str

    def parse(self, text: str) -> str:
        """As the kind of the forms."""
        value = mended(self.column, text)
        parsed = self._kind().parse(value, today())
        if isinstance(parsed.value, str) and parsed.fault is None:
            return parsed.value
        raise ValueError(damage(self.column, value) or (parsed.fault.message if parsed.fault else "Uzupełnij."))

    def schema(self) -> dict[str, Any]:
        """As a text."""
        return {"type": "string"}

    def _kind(self) -> FieldKind:
        return Postcode() if self.column == "postcode" else Digits(get_settings().customer_no_length)


@dataclass(frozen=True, slots=True)
class Day(ColumnType):
    """A day."""

    name: str = field(default="date", init=False)

    def parse(self, text: str) -> date:
        """``RRRR-MM-DD``, as sheets write days, or ``DD.MM.RRRR``."""
        if found := _DAY.fullmatch(text):
            year, month, day = map(int, found.groups())
        elif found := _POLISH_DAY.fullmatch(text):
            day, month, year = map(int, found.groups())
        else:
            raise ValueError(damage("postcode", text) or "Wpisz datę jako RRRR-MM-DD albo DD.MM.RRRR.")
        if year not in _YEARS:
            raise ValueError("Rok jest poza zakresem 1990–2099.")
        try:
            return date(year, month, day)
        except ValueError:
            raise ValueError("Nie ma takiego dnia.") from None

    def schema(self) -> dict[str, Any]:
        """ISO 8601; the Polish way is read, too."""
        return {"type": "string", "format": "date"}


@dataclass(frozen=True, slots=True)
class Amount(ColumnType):
    """A decimal number, kept as a whole number of its last place."""

    name: str
    places: int
    signed: bool = True

    def parse(self, text: str) -> int:
        """``1 234,50``, ``1.234,50`` and ``-1234.5`` alike; more places than there are, are refused."""
        plain = _CURRENCY.sub("", _BLANKS.sub(" ", text.translate(_MINUS)).strip())
        found = _NUMBER.fullmatch(plain)
        if found is None:
            raise ValueError(damage("customer_no", plain) or "To nie jest liczba. Wpisz ją na przykład tak: 1234,50.")
        whole = re.sub(r"[^0-9]", "", found["plain"] or found["dots"])
        if self.places < _GROUP and _THOUSANDS.fullmatch(plain):
            raise ValueError(_HALVED.format(self.places))
        part = (found["part"] or found["after"] or "").rstrip("0")
        if len(part) > self.places:
            part = self._without_noise(whole, part)
            whole, _, part = part.partition(".")
        value = int(whole + part.ljust(self.places, "0"))
        if value >= _MOST:
            raise ValueError("Za duża liczba.")
        value = -value if found["sign"] == "-" else value
        if value < 0 and not self.signed:
            raise ValueError("Liczba nie może być ujemna.")
        return value

    def schema(self) -> dict[str, Any]:
        """With comma or point."""
        sign = "-?" if self.signed else ""
        return {"type": "string", "pattern": rf"^{sign}[0-9]+([.,][0-9]{{1,{self.places}}})?$"}

    def _without_noise(self, whole: str, part: str) -> str:
        try:
            exact = Decimal(f"{whole}.{part}")
            near = round(exact, self.places)
        except InvalidOperation:
            near = exact = Decimal(0)
        if len(part) < _NOISE or not exact or abs(exact - near) > Decimal("1e-7"):
            raise ValueError(_HALVED.format(self.places))
        return f"{near:f}"


@dataclass(frozen=True, slots=True)
class WholeNumber(ColumnType):
    """A whole number from 1 on."""

    name: str = field(default="number", init=False)

    def parse(self, text: str) -> int:
        """Digits alone."""
        value = mended("house", text)
        if not re.fullmatch("[0-9]{1,6}", value) or not int(value):
            raise ValueError("Wpisz liczbę całkowitą od 1.")
        return int(value)

    def schema(self) -> dict[str, Any]:
        """Digits alone."""
        return {"type": "string", "pattern": "^[0-9]{1,6}$"}


@dataclass(frozen=True, slots=True)
class Choice(ColumnType):
    """One of several words, each with what it means in Polish."""

    words: Mapping[str, str]
    name: str = field(default="choice", init=False)

    def parse(self, text: str) -> str:
        """In whatever capitals."""
        value = mended("house", text).lower()
        if value not in self.words:
            raise ValueError(f"Wpisz jedno z: {', '.join(self.words)}.")
        return value

    def schema(self) -> dict[str, Any]:
        """The words."""
        return {"type": "string", "enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class BankAccount(ColumnType):
    """A Polish bank account (NRB), 26 digits with right check digits; also written as IBAN."""

    name: str = field(default="bank account", init=False)

    def parse(self, text: str) -> str:
        """26 digits."""
        digits = re.sub(r"[\s-]", "", text).upper().removeprefix("PL")
        if not re.fullmatch("[0-9]{26}", digits):
            raise ValueError(damage("nip", text) or "Numer rachunku ma 26 cyfr.")
        try:
            iban.validate(f"PL{digits}")
        except ValidationError:
            raise ValueError("Cyfry kontrolne numeru rachunku się nie zgadzają.") from None
        return digits

    def schema(self) -> dict[str, Any]:
        """Blanks are left out, and so is PL."""
        return {"type": "string", "pattern": "^(PL)?[0-9 ]{26,34}$"}


@dataclass(frozen=True, slots=True)
class Pattern(ColumnType):
    """What follows a pattern; ``told`` says in Polish what it must be."""

    name: str
    pattern: str
    told: str
    length: int = 64
    holds: Callable[[str], bool] | None = None
    """What must be true of it besides: a check digit."""

    def parse(self, text: str) -> str:
        """As it stands."""
        if not re.fullmatch(self.pattern, text) or (self.holds and not self.holds(text)):
            raise ValueError(damage("nip", text) or self.told)
        return text

    def schema(self) -> dict[str, Any]:
        """The pattern."""
        return {"type": "string", "pattern": f"^(?:{self.pattern})$"}


def ksef_check(number: str) -> str:
    """The two signs at the end of a KSeF number, of the 32 before them: CRC-8 with the polynomial 0x07.

    As the documentation of KSeF's API has it, "Numer KSeF".
    """
    rest = 0
    for byte in number[:_CHECKED].encode():
        rest ^= byte
        for _ in range(8):
            rest = (rest << 1 ^ (_CRC8 if rest & _TOP else 0)) & 0xFF
    return f"{rest:02X}"


CUSTOMER_NO: Final = OfForms("customer number", "customer_no")
POSTCODE: Final = OfForms("post code", "postcode")
DAY: Final = Day()
MONEY: Final = Amount("money", 2)
PRICE: Final = Amount("price", 4, signed=False)
QUANTITY: Final = Amount("quantity", 3)
VOLUME: Final = Amount("quantity", 3, signed=False)
SHA256: Final = Pattern("SHA-256", "[0-9a-f]{64}", "Wpisz skrót SHA-256: 64 znaki 0–9 i a–f.")
KSEF_NO: Final = Pattern(
    "KSeF number",
    "[0-9]{10}-[0-9]{8}-[0-9A-F]{12}-[0-9A-F]{2}",
    "To nie jest numer KSeF (NIP-RRRRMMDD-… i suma kontrolna).",
    holds=lambda text: text.endswith(ksef_check(text)),
)
KSEF_LINK: Final = Pattern(
    "KSeF link",
    r"https://qr(?:-demo|-test)?\.ksef\.mf\.gov\.pl/invoice/[0-9]{10}/[0-9]{2}-[0-9]{2}-[0-9]{4}/[A-Za-z0-9_-]{43}",
    "To nie jest adres z kodu QR faktury w KSeF (https://qr.ksef.mf.gov.pl/invoice/…).",
    length=120,
)
FILE: Final = Pattern(
    "file",
    r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*",
    "Wpisz nazwę pliku w folderze dostawy: litery bez polskich znaków, cyfry, . _ - oraz / dla podfolderu.",
)
