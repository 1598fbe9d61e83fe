"""The kind written as a day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final, Literal

from forms.kinds.base import DIGITS, Fault, FieldKind, Told, Value, Writing

_ROMAN_MONTHS: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


@dataclass(frozen=True)
class Date(FieldKind):
    """A day, not in the future: DD.MM.RRRR on paper, ISO in the API; roman months are understood."""

    length: int = 8
    groups: tuple[int, ...] = (2, 2, 4)
    separator: str = "."
    name: ClassVar[str] = "date"
    hint: ClassVar[str] = "DD.MM.RRRR"
    widget: ClassVar[Literal["comb", "tick", "signature"]] = "comb"
    writing: ClassVar[Writing] = Writing.SHORT
    told: ClassVar[Told] = Told.DAY
    sensitive: ClassVar[bool] = False
    names_nobody: ClassVar[bool] = True
    open_line: ClassVar[bool] = False
    alphabet: ClassVar[str] = DIGITS
    language: ClassVar[str] = "eng"
    input_type: ClassVar[str] = "date"

    def example(self) -> Value:
        """A right value of nobody."""
        return "2026-01-15"

    def clean(self, raw: str) -> str:
        """Write an ISO date when the text has one of the known forms and the day exists."""
        text = re.sub(r"\s*(r\.?|roku)$", "", raw.strip(), flags=re.IGNORECASE)
        if found := re.fullmatch(r"([0-9]{4})[-./]([0-9]{1,2})[-./]([0-9]{1,2})", text):
            year, month, day = found.groups()
        elif found := re.fullmatch(r"([0-9]{1,2})\s*[.\-/]?\s*([IVX]{1,4})\s*[.\-/]?\s*([0-9]{4})", text.upper()):
            day, roman, year = found.groups()
            month = str(_ROMAN_MONTHS.index(roman) + 1) if roman in _ROMAN_MONTHS else "0"
        elif found := re.fullmatch(
            r"([0-9]{2})\s*\.?\s*([0-9]{2})\s*\.?\s*([0-9]{4})|"
            r"([0-9]{1,2})\s*[-./]\s*([0-9]{1,2})\s*[-./]\s*([0-9]{4})",
            text,
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
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return Fault("bad_date", "Nie ma takiego dnia. Wpisz go jako DD.MM.RRRR.")
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
