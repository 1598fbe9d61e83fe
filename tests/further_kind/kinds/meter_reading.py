"""A kind that the product does not have: what a water meter shows, cubic metres to a thousandth."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from forms.kinds import DIGITS, Fault, FieldKind, Told, Value, Writing


@dataclass(frozen=True)
class MeterReading(FieldKind):
    """Five digits before the comma and three behind it."""

    length: int = 8
    groups: tuple[int, ...] = (5, 3)
    separator: str = ","
    name: ClassVar[str] = "meter_reading"
    hint: ClassVar[str] = "na przykład 00123,456"
    alphabet: ClassVar[str] = DIGITS
    language: ClassVar[str] = "eng"
    widget: ClassVar[Literal["comb", "tick", "signature"]] = "comb"
    writing: ClassVar[Writing] = Writing.DIGITS
    told: ClassVar[Told] = Told.AT_LABEL
    sensitive: ClassVar[bool] = False
    names_nobody: ClassVar[bool] = True
    open_line: ClassVar[bool] = False
    input_type: ClassVar[str] = "text"
    input_mode: ClassVar[str | None] = "decimal"

    def example(self) -> Value:
        """A right value of nobody."""
        return "00123,456"

    @property
    def max_length(self) -> int:
        """With the comma."""
        return self.length + 1

    def clean(self, raw: str) -> str:
        """Write NNNNN,NNN, whichever sign stood between, with zeros before it."""
        found = re.fullmatch(r"([0-9]{1,5})\s*[.,]\s*([0-9]{3})|([0-9]{5})\s*([0-9]{3})", raw.strip())
        if found is None:
            return raw.strip()
        whole, part = (one for one in found.groups() if one is not None)
        return f"{whole.rjust(5, '0')},{part}"

    def fault(self, value: str, today: date) -> Fault | None:
        """Demand the form NNNNN,NNN."""
        if not re.fullmatch(r"[0-9]{5},[0-9]{3}", value):
            return Fault("bad_format", "Wpisz stan wodomierza w postaci 00123,456.")
        return None

    def to_comb(self, value: Value) -> str:
        """Digits only: the comma is printed."""
        return value.replace(",", "") if isinstance(value, str) else ""
