"""The kind for how much a tank holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from forms.kinds.base import Fault, Told, Value
from forms.kinds.numbers import Digits

_UNIT: Final = re.compile(r"\s*(m\s*(3|³|sze[sś][cć]\.?)|metr\w*(\s+sze[sś]cien\w*)?)\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class CubicMetres(Digits):
    """Whole cubic metres, up to ``length`` digits."""

    length: int = 2
    name: ClassVar[str] = "cubic_metres"
    hint: ClassVar[str] = "w pełnych metrach sześciennych"
    told: ClassVar[Told] = Told.AT_LABEL
    names_nobody: ClassVar[bool] = True

    def example(self) -> Value:
        """A right value of nobody."""
        return "8"

    def clean(self, raw: str) -> str:
        """Drop the unit and leading zeros."""
        return super().clean(_UNIT.sub("", raw)).lstrip("0")

    def fault(self, value: str, today: date) -> Fault | None:
        """Demand a number that fills no more than the cells."""
        if not re.fullmatch(rf"[1-9][0-9]{{0,{self.length - 1}}}", value):
            return Fault("bad_volume", f"Wpisz pełne metry sześcienne, od 1 do {10**self.length - 1}.")
        return None

    def masked(self, value: Value) -> str:
        """As it is: it tells of nobody."""
        return value if isinstance(value, str) else super().masked(value)

    def html_attributes(self) -> dict[str, str]:
        """Room for the unit that people type."""
        return {**super().html_attributes(), "maxlength": "12"}
