"""What every kind of field can do."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from database import clock

Value = str | bool | None

DIGITS: Final = "0123456789"
POLISH_CAPITALS: Final = "AĄBCĆDEĘFGHIJKLŁMNŃOÓPQRSŚTUVWXYZŹŻ"
TEXT_SIGNS: Final = " .,-/&'\"()+"
_EMPTY_MARKS: Final = " -–—_./"
"""Signs that people put into a field to say that it stays empty."""


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
    sensitive: ClassVar[bool] = False
    open_line: ClassVar[bool] = False
    """Whether it is typed as running text on one open line, where paper has cells."""
    hint: ClassVar[str] = ""
    """How to write it, in a few Polish words."""
    checked: ClassVar[bool] = False
    """Whether a check digit or a strict grammar tells most misreadings."""

    def __post_init__(self) -> None:
        """Refuse groups that do not fill the row."""
        if self.groups and sum(self.groups) != self.row_length:
            raise ValueError(f"{type(self).__name__}: groups {self.groups} do not fill a row of {self.row_length}")

    @property
    def row_length(self) -> int:
        """Comb cells in one row."""
        return -(-self.length // self.rows)

    @property
    def max_length(self) -> int:
        """Most characters of a value that is typed; paper has room for ``length`` only."""
        return self.length

    def clean(self, raw: str) -> str:
        """Normalise a raw text, NFC and not empty, into one that ``fault`` judges."""
        return " ".join(raw.split())

    def fault(self, value: str, today: date) -> Fault | None:
        """Judge a cleaned value; ``today`` is the Polish local date."""
        if len(value) > self.max_length:
            return Fault("too_long", f"Wpisz najwyżej {self.max_length} znaków.")
        if not value.isprintable():
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
        if len(raw) > self._most_raw:
            return Parsed(None, Fault("too_long", f"Wpisz najwyżej {self.max_length} znaków."))
        text = _visible(raw)
        if not text.strip().strip(_EMPTY_MARKS):
            return Parsed(None)
        value = self.clean(text) or text.strip()  # what nothing is left of ('PL', 'r.') is shown as it came
        return Parsed(value, self.fault(value, today or clock.today()))

    @property
    def _most_raw(self) -> int:
        """Longer inputs are refused before they are looked at."""
        return max(200, 4 * self.max_length)

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
        return {"type": ["string", "null"], "maxLength": self._most_raw}


def _visible(raw: str) -> str:
    """The text in NFC without the invisible marks that pasting brings along (zero width, direction, soft hyphen)."""
    if raw.isascii():
        return raw
    return "".join(sign for sign in unicodedata.normalize("NFC", raw) if unicodedata.category(sign) != "Cf")
