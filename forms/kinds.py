"""Kinds of fields: one class per kind holds all there is to know of it.

A kind knows its alphabet, its length in comb cells, how a raw text becomes a normalised value, what makes
a value wrong, how it is printed, and which HTML attributes and JSON schema it has. Paper, PDF, web form and API
all go through the same ``parse``.

Check digits, addresses and telephone numbers are judged by python-stdnum, email-validator and phonenumbers.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.pl import nip as stdnum_nip
from stdnum.pl import pesel as stdnum_pesel

from database import clock

Value = str | bool | None

DIGITS: Final = "0123456789"
POLISH_CAPITALS: Final = "AĄBCĆDEĘFGHIJKLŁMNŃOÓPQRSŚTUVWXYZŹŻ"
TEXT_SIGNS: Final = " .,-/&'\"()+"
EMAIL_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz0123456789@._-+"
_ROMAN_MONTHS: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_TRUE_WORDS: Final = frozenset({"true", "1", "on", "yes", "tak", "t", "x"})
_FALSE_WORDS: Final = frozenset({"", "false", "0", "off", "no", "nie", "n"})


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value is wrong: a stable code and a sentence in Polish that says what to do."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """A raw text after normalisation; ``fault`` is None when the value is right or empty."""

    value: Value
    fault: Fault | None = None


@dataclass(frozen=True)
class Kind:
    """Base of all kinds: text of up to ``length`` characters in a comb of ``rows`` rows.

    ``groups`` splits one row of the comb visually, for example ``(2, 3)`` with ``separator`` printed between.
    """

    length: int = 1
    rows: int = 1
    groups: tuple[int, ...] = ()
    separator: str = ""

    name: ClassVar[str] = "text"
    alphabet: ClassVar[str] = POLISH_CAPITALS + DIGITS + TEXT_SIGNS
    language: ClassVar[str] = "pol"
    widget: ClassVar[str] = "comb"
    """How it is written on paper: 'comb', 'tick' or 'signature'."""
    input_type: ClassVar[str] = "text"
    input_mode: ClassVar[str | None] = None
    schema_pattern: ClassVar[str | None] = None
    sensitive: ClassVar[bool] = False
    open_line: ClassVar[bool] = False
    """Whether it is typed as running text on one open line, where paper has cells."""
    hint: ClassVar[str] = ""
    """How to write it, in a few Polish words."""
    checked: ClassVar[bool] = False
    """Whether a check digit or a strict grammar tells most misreadings."""

    @property
    def row_length(self) -> int:
        """Comb cells in one row."""
        return -(-self.length // self.rows)

    @property
    def max_length(self) -> int:
        """Most characters of a value that is typed; paper has room for ``length`` only."""
        return self.length

    def clean(self, raw: str) -> str:
        """Normalise a raw text that is not empty; may return a text that ``fault`` rejects."""
        return " ".join(unicodedata.normalize("NFC", raw).split())

    def fault(self, value: str, today: date) -> Fault | None:
        """Judge a cleaned value; ``today`` is the Polish local date."""
        if len(value) > self.max_length:
            return Fault("too_long", f"Wpisz najwyżej {self.max_length} znaków.")
        if any(unicodedata.category(sign).startswith("C") for sign in value):
            return Fault("bad_character", "Usuń niewidoczne znaki sterujące.")
        return None

    def parse(self, raw: object, today: date | None = None) -> Parsed:
        """Turn what was read or typed into a normalised value.

        Empty input gives ``Parsed(None)``; a wrong input keeps its cleaned text beside the fault, so that a
        clerk or a customer sees what was understood.
        """
        if raw is None:
            return Parsed(None)
        if not isinstance(raw, str):
            return Parsed(None, Fault("wrong_type", "Podaj tekst."))
        if len(raw) > 10 * max(self.length, 20):
            return Parsed(None, Fault("too_long", f"Wpisz najwyżej {self.length} znaków."))
        if not raw.strip():
            return Parsed(None)
        value = self.clean(raw)
        if not value:
            return Parsed(raw.strip(), Fault("bad_character", "Wpisz wartość zgodną z opisem pola."))
        return Parsed(value, self.fault(value, today or clock.today()))

    def display(self, value: Value) -> str:
        """The value as a person reads it."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "tak" if value else "nie"
        return value

    def masked(self, value: Value) -> str:
        """The value as managers and logs may see it: enough to tell it is there, not whose it is."""
        if value is None:
            return "(puste)"
        if isinstance(value, bool):
            return self.display(value)
        return value[0] + "•" * (len(value) - 1)

    def to_comb(self, value: Value) -> str:
        """The characters to be written in the comb cells, in reading order."""
        return self.display(value)

    def html_attributes(self) -> dict[str, str]:
        """Attributes of the HTML input, from the same facts as the check."""
        attributes = {"type": self.input_type, "maxlength": str(self.max_length)}
        if self.input_mode:
            attributes["inputmode"] = self.input_mode
        return attributes

    def json_schema(self) -> dict[str, object]:
        """JSON schema of the value in the API; lenient in form, as ``parse`` is."""
        return {"type": ["string", "null"], "maxLength": 10 * max(self.length, 20)}


@dataclass(frozen=True)
class Text(Kind):
    """Free text: names, streets, towns. Typed, it may be longer than the comb on paper."""

    open_line: ClassVar[bool] = True

    @property
    def max_length(self) -> int:
        """Room for long company names and streets."""
        return max(100, 2 * self.length)


@dataclass(frozen=True)
class HouseNumber(Kind):
    """House or flat number: digits, letters, slash."""

    length: int = 5
    name: ClassVar[str] = "house_number"
    hint: ClassVar[str] = "na przykład 12A albo 12/3"
    alphabet: ClassVar[str] = DIGITS + POLISH_CAPITALS + "/-"

    def clean(self, raw: str) -> str:
        """Join the parts and write letters as capitals."""
        return re.sub(r"\s+", "", unicodedata.normalize("NFC", raw)).upper()

    def fault(self, value: str, today: date) -> Fault | None:
        """Demand a plain number, perhaps with a letter or a slash."""
        if not re.fullmatch(r"[0-9A-ZĄĆĘŁŃÓŚŹŻ]+([/-][0-9A-ZĄĆĘŁŃÓŚŹŻ]+)?", value):
            return Fault("bad_format", "Wpisz numer, na przykład 12, 12A albo 12/3.")
        return super().fault(value, today)


@dataclass(frozen=True)
class Digits(Kind):
    """A number of exactly ``length`` digits, for example the customer number."""

    name: ClassVar[str] = "digits"
    alphabet: ClassVar[str] = DIGITS
    language: ClassVar[str] = "eng"
    input_mode: ClassVar[str | None] = "numeric"

    def clean(self, raw: str) -> str:
        """Drop spaces, dots and dashes between the digits."""
        return re.sub(r"[\s.\-–]", "", raw)

    def fault(self, value: str, today: date) -> Fault | None:
        """Demand the exact number of ASCII digits."""
        if not re.fullmatch(r"[0-9]+", value):
            return Fault("not_digits", "Wpisz same cyfry.")
        if len(value) != self.length:
            return Fault("wrong_length", f"Wpisz dokładnie {self.length} cyfr.")
        return None

    def masked(self, value: Value) -> str:
        """Only the last two digits."""
        return "•" * (len(value) - 2) + value[-2:] if isinstance(value, str) else super().masked(value)

    def html_attributes(self) -> dict[str, str]:
        """Room for the spaces people type."""
        return {**super().html_attributes(), "maxlength": str(2 * self.length)}


@dataclass(frozen=True)
class Pesel(Digits):
    """Polish personal number; sensitive."""

    length: int = 11
    hint: ClassVar[str] = "11 cyfr"
    name: ClassVar[str] = "pesel"
    sensitive: ClassVar[bool] = True
    checked: ClassVar[bool] = True

    def fault(self, value: str, today: date) -> Fault | None:
        """Check the length, the check digit and the birth date."""
        if fault := super().fault(value, today):
            return fault
        try:
            stdnum_pesel.validate(value)
        except StdnumError:
            return Fault("bad_checksum", "Numer PESEL jest błędny. Sprawdź, czy nie ma w nim pomyłki.")
        return None

    def masked(self, value: Value) -> str:
        """Nothing of it."""
        return "•" * 11 if isinstance(value, str) else super().masked(value)


@dataclass(frozen=True)
class Nip(Digits):
    """Polish tax number, often written NNN-NNN-NN-NN or with PL."""

    length: int = 10
    hint: ClassVar[str] = "10 cyfr bez kresek"
    name: ClassVar[str] = "nip"
    checked: ClassVar[bool] = True

    def clean(self, raw: str) -> str:
        """Drop the country prefix and separators."""
        return re.sub(r"^PL", "", super().clean(raw).upper())

    def fault(self, value: str, today: date) -> Fault | None:
        """Check the length and the check digit."""
        if fault := super().fault(value, today):
            return fault
        if not stdnum_nip.is_valid(value) or value == "0000000000":
            return Fault("bad_checksum", "Numer NIP jest błędny. Sprawdź, czy nie ma w nim pomyłki.")
        return None


@dataclass(frozen=True)
class Postcode(Kind):
    """Polish post code, NN-NNN."""

    length: int = 5
    groups: tuple[int, ...] = (2, 3)
    separator: str = "-"
    name: ClassVar[str] = "postcode"
    hint: ClassVar[str] = "na przykład 66-470"
    alphabet: ClassVar[str] = DIGITS
    language: ClassVar[str] = "eng"
    input_mode: ClassVar[str | None] = "numeric"

    def clean(self, raw: str) -> str:
        """Write NN-NNN whatever stood between the digits."""
        digits = re.sub(r"[\s.\-–—]", "", raw)
        return f"{digits[:2]}-{digits[2:]}" if re.fullmatch(r"[0-9]{5}", digits) else raw.strip()

    def fault(self, value: str, today: date) -> Fault | None:
        """Demand the form NN-NNN."""
        if not re.fullmatch(r"[0-9]{2}-[0-9]{3}", value):
            return Fault("bad_format", "Wpisz kod pocztowy w postaci 66-470.")
        return None

    def to_comb(self, value: Value) -> str:
        """Digits only: the dash is printed."""
        return value.replace("-", "") if isinstance(value, str) else ""

    def html_attributes(self) -> dict[str, str]:
        """Room for the dash and a space."""
        return {**super().html_attributes(), "maxlength": "8", "autocomplete": "postal-code"}


@dataclass(frozen=True)
class Phone(Kind):
    """Polish telephone number, 9 digits; ``mobile`` demands a number that takes SMS."""

    length: int = 9
    groups: tuple[int, ...] = (3, 3, 3)
    mobile: bool = False
    name: ClassVar[str] = "phone"
    hint: ClassVar[str] = "9 cyfr bez +48"
    alphabet: ClassVar[str] = DIGITS
    language: ClassVar[str] = "eng"
    input_type: ClassVar[str] = "tel"

    def clean(self, raw: str) -> str:
        """Drop separators and the country prefix."""
        digits = re.sub(r"[\s.\-–()/]", "", raw)
        return re.sub(r"^(\+48|0048)(?=[0-9]{9}$)", "", digits)

    def fault(self, value: str, today: date) -> Fault | None:
        """Demand 9 digits that phonenumbers knows as a possible Polish number."""
        if not re.fullmatch(r"[0-9]{9}", value):
            return Fault("bad_format", "Wpisz 9 cyfr numeru telefonu, na przykład 600 700 800.")
        number = phonenumbers.parse(value, "PL")
        if not phonenumbers.is_valid_number(number):
            return Fault("unknown_number", "Takiego numeru telefonu nie ma. Sprawdź cyfry.")
        mobile_types = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
        if self.mobile and phonenumbers.number_type(number) not in mobile_types:
            return Fault("not_mobile", "Podaj numer telefonu komórkowego, na który można wysłać SMS.")
        return None

    def display(self, value: Value) -> str:
        """Groups of three."""
        return f"{value[:3]} {value[3:6]} {value[6:]}" if isinstance(value, str) else ""

    def to_comb(self, value: Value) -> str:
        """Digits only."""
        return value if isinstance(value, str) else ""

    def masked(self, value: Value) -> str:
        """Only the last two digits."""
        return "•" * 7 + value[-2:] if isinstance(value, str) else super().masked(value)

    def html_attributes(self) -> dict[str, str]:
        """Room for +48 and spaces."""
        return {**super().html_attributes(), "maxlength": "20", "autocomplete": "tel"}


@dataclass(frozen=True)
class Email(Kind):
    """E-mail address; people write it in capitals, so it is kept in lower case."""

    length: int = 40
    rows: int = 2
    open_line: ClassVar[bool] = True
    name: ClassVar[str] = "email"
    hint: ClassVar[str] = "na przykład jan.nowak@example.com"
    alphabet: ClassVar[str] = EMAIL_ALPHABET
    language: ClassVar[str] = "eng"
    input_type: ClassVar[str] = "email"

    def clean(self, raw: str) -> str:
        """Drop white space, write lower case."""
        return re.sub(r"\s+", "", unicodedata.normalize("NFC", raw)).lower()

    def fault(self, value: str, today: date) -> Fault | None:
        """Check the syntax; whether the address exists is proven by its owner's link only."""
        try:
            validate_email(value, check_deliverability=False, allow_smtputf8=False)
        except EmailNotValidError:
            return Fault("bad_email", "Adres e-mail jest niepełny lub błędny. Przykład: jan.nowak@example.com.")
        return None

    def masked(self, value: Value) -> str:
        """First letter and the top-level domain."""
        if not isinstance(value, str):
            return super().masked(value)
        return f"{value[0]}•••@•••.{value.rsplit('.', 1)[-1]}" if "@" in value else "•" * len(value)

    @property
    def max_length(self) -> int:
        """RFC 5321's limit: a longer address than the comb holds can be typed."""
        return 254

    def html_attributes(self) -> dict[str, str]:
        """What a browser completes by itself."""
        return {**super().html_attributes(), "autocomplete": "email"}


@dataclass(frozen=True)
class Date(Kind):
    """A day, not in the future: DD.MM.RRRR on paper, ISO in the API; roman months are understood."""

    length: int = 8
    groups: tuple[int, ...] = (2, 2, 4)
    separator: str = "."
    name: ClassVar[str] = "date"
    hint: ClassVar[str] = "DD.MM.RRRR"
    alphabet: ClassVar[str] = DIGITS
    language: ClassVar[str] = "eng"
    input_type: ClassVar[str] = "date"

    def clean(self, raw: str) -> str:
        """Write an ISO date when the text has one of the known forms and the day exists."""
        text = re.sub(r"\s*(r\.?|roku)$", "", raw.strip(), flags=re.IGNORECASE)
        if found := re.fullmatch(r"([0-9]{4})[-./]([0-9]{1,2})[-./]([0-9]{1,2})", text):
            year, month, day = found.groups()
        elif found := re.fullmatch(r"([0-9]{1,2})[\s.\-/]*([IVX]{1,4})[\s.\-/]*([0-9]{4})", text.upper()):
            day, roman, year = found.groups()
            month = str(_ROMAN_MONTHS.index(roman) + 1) if roman in _ROMAN_MONTHS else "0"
        elif found := re.fullmatch(
            r"([0-9]{2})[\s.]*([0-9]{2})[\s.]*([0-9]{4})|([0-9]{1,2})\s*[-./]\s*([0-9]{1,2})\s*[-./]\s*([0-9]{4})", text
        ):
            day, month, year = (part for part in found.groups() if part)
        else:
            return text
        try:
            return date(int(year), int(month), int(day)).isoformat()
        except ValueError:
            return text

    def fault(self, value: str, today: date) -> Fault | None:
        """Demand a day that exists and has come."""
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return Fault("bad_date", "Wpisz istniejącą datę w postaci DD.MM.RRRR.")
        day = date.fromisoformat(value)
        if day > today:
            return Fault("future_date", "Data nie może być późniejsza niż dzisiejsza.")
        if day.year < 2000:
            return Fault("bad_date", "Sprawdź rok w dacie.")
        return None

    def display(self, value: Value) -> str:
        """DD.MM.RRRR."""
        if not isinstance(value, str):
            return ""
        found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", value)
        return f"{found[3]}.{found[2]}.{found[1]}" if found else value

    def to_comb(self, value: Value) -> str:
        """DDMMRRRR."""
        return self.display(value).replace(".", "")

    def html_attributes(self) -> dict[str, str]:
        """The browser's own date picker."""
        return {"type": self.input_type}


@dataclass(frozen=True)
class Tick(Kind):
    """A box to tick."""

    name: ClassVar[str] = "tick"
    alphabet: ClassVar[str] = ""
    widget: ClassVar[str] = "tick"
    input_type: ClassVar[str] = "checkbox"

    def parse(self, raw: object, today: date | None = None) -> Parsed:
        """Take booleans and the words that HTML forms and PDF check boxes send."""
        if raw is None or isinstance(raw, bool):
            return Parsed(raw)
        word = str(raw).strip().lower().lstrip("/")
        if word in _TRUE_WORDS:
            return Parsed(True)
        if word in _FALSE_WORDS:
            return Parsed(False)
        return Parsed(None, Fault("wrong_type", "Zaznacz pole albo pozostaw je puste."))

    def html_attributes(self) -> dict[str, str]:
        """A check box that sends 'true'."""
        return {"type": self.input_type, "value": "true"}

    def json_schema(self) -> dict[str, object]:
        """A boolean."""
        return {"type": ["boolean", "null"]}


@dataclass(frozen=True)
class Signature(Tick):
    """Place for a handwritten signature; its value says whether it is there."""

    name: ClassVar[str] = "signature"
    widget: ClassVar[str] = "signature"
