"""Kinds written with letters: free text, house numbers, e-mail addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final, Literal

from forms.kinds.base import DIGITS, POLISH_CAPITALS, TEXT_SIGNS, Fault, FieldKind, Parsed, Told, Value, Writing

EMAIL_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz0123456789@._-+"
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_TURNING: Final = re.compile("[\\u202a-\\u202e\\u2066-\\u2069]")
"""Signs that embed, override and isolate a direction of writing; plain marks of direction turn no letters around."""
_TURNED: Final = "Usuń niewidoczne znaki, które odwracają tekst: wpisz go od nowa, bez kopiowania."
_WORDS_OF_HOUSES: Final = frozenset({"BIS", "LOK"})
"""Of three letters and more no other stands in the number of a house: '33/1 stary' is a number with a remark."""


@dataclass(frozen=True)
class Text(FieldKind):
    """Free text: names, streets, towns. Typed, it may be longer than the comb on paper."""

    name: ClassVar[str] = "text"
    hint: ClassVar[str] = ""
    alphabet: ClassVar[str] = POLISH_CAPITALS + DIGITS + TEXT_SIGNS
    language: ClassVar[str] = "pol"
    widget: ClassVar[Literal["comb", "tick", "signature"]] = "comb"
    writing: ClassVar[Writing] = Writing.TEXT
    told: ClassVar[Told] = Told.AT_LABEL
    sensitive: ClassVar[bool] = False
    names_nobody: ClassVar[bool] = False
    open_line: ClassVar[bool] = True
    input_type: ClassVar[str] = "text"

    def example(self) -> Value:
        """A right value of nobody."""
        return "Przykład"[: self.length]

    def parse(self, raw: object, today: date | None = None) -> Parsed:
        """Refuse what turns text around: what would be kept is not what the writer saw."""
        parsed = super().parse(raw, today)
        if parsed.fault is None and isinstance(raw, str) and _TURNING.search(raw):
            return Parsed(parsed.value, Fault("bad_character", _TURNED))
        return parsed

    @property
    def max_length(self) -> int:
        """Room for long company names and streets."""
        return max(100, 2 * self.length)


@dataclass(frozen=True)
class HouseNumber(FieldKind):
    """House or flat number: digits, letters, slash."""

    length: int = 5
    name: ClassVar[str] = "house_number"
    hint: ClassVar[str] = "na przykład 12A albo 12/3"
    alphabet: ClassVar[str] = DIGITS + POLISH_CAPITALS + "/-"
    language: ClassVar[str] = "pol"
    widget: ClassVar[Literal["comb", "tick", "signature"]] = "comb"
    writing: ClassVar[Writing] = Writing.HOUSE
    told: ClassVar[Told] = Told.AT_LABEL
    sensitive: ClassVar[bool] = False
    names_nobody: ClassVar[bool] = False
    open_line: ClassVar[bool] = True
    input_type: ClassVar[str] = "text"

    def example(self) -> Value:
        """A right value of nobody."""
        return "12A"

    @property
    def max_length(self) -> int:
        """Room for 12-14A and the like."""
        return max(10, self.length)

    def clean(self, raw: str) -> str:
        """Join the parts and write letters as capitals."""
        return re.sub(r"\s+", "", raw).upper()

    def fault(self, value: str, today: date) -> Fault | None:
        """Demand a plain number, perhaps with a letter or two or a slash; words are no part of it."""
        plain = re.fullmatch(r"[0-9A-ZĄĆĘŁŃÓŚŹŻ]+([/-][0-9A-ZĄĆĘŁŃÓŚŹŻ]+)?", value)
        if not plain or not _WORDS_OF_HOUSES.issuperset(_WORD.findall(value)):
            return Fault("bad_format", "Wpisz numer, na przykład 12, 12A albo 12/3.")
        return super().fault(value, today)


@dataclass(frozen=True)
class Email(FieldKind):
    """E-mail address; people write it in capitals, so it is kept in lower case."""

    length: int = 40
    rows: int = 2
    name: ClassVar[str] = "email"
    hint: ClassVar[str] = "na przykład jan.nowak@example.com"
    alphabet: ClassVar[str] = EMAIL_ALPHABET
    language: ClassVar[str] = "eng"
    widget: ClassVar[Literal["comb", "tick", "signature"]] = "comb"
    writing: ClassVar[Writing] = Writing.EMAIL
    told: ClassVar[Told] = Told.EMAIL
    sensitive: ClassVar[bool] = False
    names_nobody: ClassVar[bool] = False
    open_line: ClassVar[bool] = True
    input_type: ClassVar[str] = "email"

    def example(self) -> Value:
        """A right value of nobody."""
        return "jan.nowak@example.com"

    def clean(self, raw: str) -> str:
        """Drop white space, write lower case."""
        return re.sub(r"\s+", "", raw).lower()

    def fault(self, value: str, today: date) -> Fault | None:
        """Check the syntax; whether the address exists is proven by its owner's link only."""
        from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415  slow to import

        if not value.isascii():
            return Fault("bad_email", "Wpisz adres e-mail bez polskich liter.")
        try:
            validate_email(value, check_deliverability=False, strict=True)
        except EmailNotValidError:
            return Fault("bad_email", "Wpisz cały adres, na przykład jan@example.com.")
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
