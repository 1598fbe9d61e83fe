"""Kinds written with digits: customer number, PESEL, NIP, post code, telephone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final, Literal

from stdnum.exceptions import ValidationError as StdnumError
from stdnum.pl import nip as stdnum_nip
from stdnum.pl import pesel as stdnum_pesel

from environment.settings import get_settings
from forms.kinds.base import DIGITS, Fault, FieldKind, Told, Value, Writing

_LIKE_A_PESEL: Final = re.compile(r"(?<![0-9])[0-9](?:[\s.\-–]?[0-9]){9,11}(?![0-9])")
"""Ten to twelve digits, also in groups."""
_MARK: Final = "\0"
_NAMED: Final = re.compile(rf"[\s,;:/(\[–-]*(?:\b(?:nr|numer)?\s*pesel\b[\s.:]*)?{_MARK}[)\]]*", re.IGNORECASE)
"""Such a number with what names it and sets it apart; the mark stands for its digits."""
_SIGNS: Final = r".\-–"
"""Signs that people write between groups of digits, beside spaces."""
_MOST_GROUPS: Final = 5
_POSTCODE: Final = get_settings().example_postcode


def _in_one(raw: str, signs: str = _SIGNS) -> str:
    """Groups of digits as one number, where each sign between them stands as people write it.

    That is one at a time, only between groups, and groups of a single digit only at an end. Many dashes are a line that
    strikes the number out; a number with those is left as it is, and is none.
    """
    groups = re.split(rf"\s*[{signs}]\s*", raw.strip())
    grouped = len(groups) <= _MOST_GROUPS and all(groups) and all(len(group) > 1 for group in groups[1:-1])
    return re.sub(r"\s", "", "".join(groups) if grouped else raw)


@dataclass(frozen=True)
class Digits(FieldKind):
    """A number of exactly ``length`` digits, for example the customer number."""

    name: ClassVar[str] = "digits"
    hint: ClassVar[str] = ""
    alphabet: ClassVar[str] = DIGITS
    language: ClassVar[str] = "eng"
    widget: ClassVar[Literal["comb", "tick", "signature"]] = "comb"
    writing: ClassVar[Writing] = Writing.DIGITS
    told: ClassVar[Told] = Told.NUMBER
    sensitive: ClassVar[bool] = False
    names_nobody: ClassVar[bool] = False
    open_line: ClassVar[bool] = False
    input_type: ClassVar[str] = "text"
    input_mode: ClassVar[str | None] = "numeric"

    def example(self) -> Value:
        """A right value of nobody."""
        return "123456789012"[: self.length].rjust(self.length, "0")

    def clean(self, raw: str) -> str:
        """Drop spaces, and the dots and dashes between groups of digits."""
        return _in_one(raw)

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
    writing: ClassVar[Writing] = Writing.CHECKED

    def example(self) -> Value:
        """A right value of nobody."""
        return "02070803628"

    def fault(self, value: str, today: date) -> Fault | None:
        """Check the length, the check digit and that the birth date is one of a living person."""
        if fault := super().fault(value, today):
            return fault
        wrong = Fault("bad_checksum", "Ten numer jest błędny. Sprawdź każdą cyfrę.")
        try:
            stdnum_pesel.validate(value)
            born: date = stdnum_pesel.get_birth_date(value)
        except StdnumError:
            return wrong
        return None if date(1900, 1, 1) <= born <= today else wrong

    def masked(self, value: Value) -> str:
        """Nothing of it."""
        return "•" * 11 if isinstance(value, str) else super().masked(value)

    def hidden_in(self, text: str) -> str:
        """A text with all that may be such a number masked, also one with a digit too few or too many."""
        return _LIKE_A_PESEL.sub(lambda found: self.masked(found[0]), text)

    def stands_in(self, text: str) -> bool:
        """Whether a right number stands in a text."""
        return any(map(self._is_right, _LIKE_A_PESEL.findall(text)))

    def taken_out_of(self, text: str) -> str:
        """A text without the right numbers that stand in it, and without the word that names them."""
        marked = _LIKE_A_PESEL.sub(lambda found: _MARK if self._is_right(found[0]) else found[0], text)
        return _NAMED.sub(" ", marked).strip() if marked != text else text

    def _is_right(self, number: str) -> bool:
        found = self.parse(re.sub(r"[^0-9]", "", number))
        return found.fault is None and found.value is not None


@dataclass(frozen=True)
class Nip(Digits):
    """Polish tax number, often written NNN-NNN-NN-NN or with PL."""

    length: int = 10
    hint: ClassVar[str] = "10 cyfr bez kresek"
    name: ClassVar[str] = "nip"
    writing: ClassVar[Writing] = Writing.CHECKED
    told: ClassVar[Told] = Told.NAMED_NUMBER

    def example(self) -> Value:
        """A right value of nobody."""
        return "1234563218"

    def clean(self, raw: str) -> str:
        """Drop the country prefix and separators."""
        return re.sub(r"^PL", "", super().clean(raw).upper())

    def fault(self, value: str, today: date) -> Fault | None:
        """Check the length and the check digit."""
        if fault := super().fault(value, today):
            return fault
        if not stdnum_nip.is_valid(value) or value == "0000000000":
            return Fault("bad_checksum", "Ten numer jest błędny. Sprawdź każdą cyfrę.")
        return None


@dataclass(frozen=True)
class Postcode(FieldKind):
    """Polish post code, NN-NNN."""

    length: int = 5
    groups: tuple[int, ...] = (2, 3)
    separator: str = "-"
    name: ClassVar[str] = "postcode"
    hint: ClassVar[str] = f"na przykład {_POSTCODE}"
    alphabet: ClassVar[str] = DIGITS
    language: ClassVar[str] = "eng"
    widget: ClassVar[Literal["comb", "tick", "signature"]] = "comb"
    writing: ClassVar[Writing] = Writing.SHORT
    told: ClassVar[Told] = Told.AT_LABEL
    sensitive: ClassVar[bool] = False
    names_nobody: ClassVar[bool] = False
    open_line: ClassVar[bool] = False
    input_type: ClassVar[str] = "text"
    input_mode: ClassVar[str | None] = "numeric"

    def example(self) -> Value:
        """A right value of nobody."""
        return _POSTCODE

    def clean(self, raw: str) -> str:
        """Write NN-NNN, whichever sign stood between both groups, or none."""
        found = re.fullmatch(r"\s*([0-9]\s*[0-9])\s*[.\-–—]?\s*((?:[0-9]\s*){3})", raw)
        return "-".join(re.sub(r"\s", "", group) for group in found.groups()) if found else raw.strip()

    def fault(self, value: str, today: date) -> Fault | None:
        """Demand the form NN-NNN."""
        if not re.fullmatch(r"[0-9]{2}-[0-9]{3}", value):
            return Fault("bad_format", f"Wpisz kod pocztowy w postaci {_POSTCODE}.")
        return None

    def to_comb(self, value: Value) -> str:
        """Digits only: the dash is printed."""
        return value.replace("-", "") if isinstance(value, str) else ""

    def html_attributes(self) -> dict[str, str]:
        """Room for the dash and a space."""
        return {**super().html_attributes(), "maxlength": "8", "autocomplete": "postal-code"}


_LIKE_A_PHONE: Final = "Wpisz 9 cyfr, a numer z zagranicy ze znakiem +."
_NO_SUCH_PHONE: Final = Fault("unknown_number", "Takiego numeru telefonu nie ma. Sprawdź cyfry.")


@dataclass(frozen=True)
class Phone(FieldKind):
    """Telephone number: 9 digits of a Polish one, or '+' with the code of another country (E.164).

    ``mobile`` demands a number that takes SMS. Paper has cells for a Polish one only.
    """

    length: int = 9
    groups: tuple[int, ...] = (3, 3, 3)
    mobile: bool = False
    name: ClassVar[str] = "phone"
    hint: ClassVar[str] = "9 cyfr bez +48"
    alphabet: ClassVar[str] = DIGITS
    language: ClassVar[str] = "eng"
    widget: ClassVar[Literal["comb", "tick", "signature"]] = "comb"
    writing: ClassVar[Writing] = Writing.DIGITS
    told: ClassVar[Told] = Told.PHONE
    sensitive: ClassVar[bool] = False
    names_nobody: ClassVar[bool] = False
    open_line: ClassVar[bool] = False
    input_type: ClassVar[str] = "tel"

    def example(self) -> Value:
        """A right value of nobody."""
        return "600700800"

    def clean(self, raw: str) -> str:
        """Drop separators, the Polish prefix and the old trunk zero; another country's prefix begins with '+'."""
        digits = _in_one(re.sub(r"^\s*\(([+0-9\s]+)\)|\(([0-9\s]+)\)", r" \1\2 ", raw, count=1), _SIGNS + "/")
        return re.sub(r"^00(?=[1-9][0-9]{7,14}$)", "+", re.sub(r"^(\+48|0048|48|0)(?=[0-9]{9}$)", "", digits))

    def fault(self, value: str, today: date) -> Fault | None:
        """Demand a number that phonenumbers knows as a possible one of its country."""
        import phonenumbers  # noqa: PLC0415  slow to import

        if not re.fullmatch(r"[0-9]{9}|\+(?!48)[0-9]{6,15}", value):
            return Fault("bad_format", _LIKE_A_PHONE)
        # With the code, or a leading 00 would be taken for another country's.
        try:
            number = phonenumbers.parse(value if value.startswith("+") else f"+48{value}")
        except phonenumbers.NumberParseException:
            return _NO_SUCH_PHONE
        if not phonenumbers.is_valid_number(number):
            return _NO_SUCH_PHONE
        mobile_types = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
        if self.mobile and phonenumbers.number_type(number) not in mobile_types:
            return Fault("not_mobile", "Podaj numer komórkowy, na który dojdzie SMS.")
        return None

    @property
    def max_length(self) -> int:
        """Room for the longest number of another country."""
        return 16

    def display(self, value: Value) -> str:
        """Groups of three; that of another country as it is written internationally."""
        if not isinstance(value, str):
            return ""
        if not value.startswith("+"):
            return f"{value[:3]} {value[3:6]} {value[6:]}"
        import phonenumbers  # noqa: PLC0415  slow to import

        try:
            number = phonenumbers.parse(value)
        except phonenumbers.NumberParseException:  # what was read or typed wrong is shown as it is
            return value
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))

    def to_comb(self, value: Value) -> str:
        """Digits only."""
        return value if isinstance(value, str) else ""

    def masked(self, value: Value) -> str:
        """Only the last two digits."""
        return "•" * 7 + value[-2:] if isinstance(value, str) else super().masked(value)

    def html_attributes(self) -> dict[str, str]:
        """Room for the code of a country and spaces."""
        return {**super().html_attributes(), "maxlength": "24", "autocomplete": "tel"}
