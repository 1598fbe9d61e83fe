"""What every kind of field can do."""

from __future__ import annotations

import re
import unicodedata
from abc import abstractmethod
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Final, Literal

from environment import clock
from forms.stated import Stated

Value = str | bool | None

DIGITS: Final = "0123456789"
POLISH_CAPITALS: Final = "AĄBCĆDEĘFGHIJKLŁMNŃOÓPQRSŚTUVWXYZŹŻ"
TEXT_SIGNS: Final = " .,-/&'\"()+"
_UNSEEN: Final = re.compile(
    "[\\u034f\\u17b4\\u17b5\\u180b-\\u180f\\u2065\\ufe00-\\ufe0f\\ufff0-\\ufff8\\U000e0000-\\U000e0fff]"
)
"""What of Unicode's Default_Ignorable_Code_Point is no format character: joiners and selectors of variants."""
_FILLERS: Final = re.compile("[\\u115f\\u1160\\u2800\\u3164\\uffa0]")
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


class Writing(StrEnum):
    """What a value is made of, which tells how it is written, read, and how sure a reading of it is."""

    TEXT = "text"
    """Words: names, places, remarks."""
    HOUSE = "house"
    """A number that may have a letter or a slash."""
    EMAIL = "email"
    DIGITS = "digits"
    """Digits of which nothing tells that one was misread."""
    CHECKED = "checked"
    """Digits with a check digit."""
    SHORT = "short"
    """A few digits in a strict shape: days, post codes."""
    MARK = "mark"
    """Nothing is written: a mark is made or not."""


class Told(StrEnum):
    """How the sentences of a letter tell a value."""

    EMAIL = "email"
    DAY = "day"
    PHONE = "phone"
    NUMBER = "number"
    NAMED_NUMBER = "named number"
    """A number that counts only where it is called by its name."""
    AT_LABEL = "at a label"
    """Only behind a label, never in a sentence."""


_NAMES: Final[dict[str, str]] = {}
"""The class of each name of a kind."""


@dataclass(frozen=True)
class FieldKind(Stated):
    """Base of all kinds: text of up to ``length`` characters in a comb of ``rows`` rows.

    ``groups`` splits one row of the comb visually, for example ``(2, 3)`` with ``separator`` printed between.
    """

    length: int = 1
    rows: int = 1
    groups: tuple[int, ...] = ()
    separator: str = ""

    stated_anew: ClassVar[frozenset[str]] = frozenset({"name"})

    name: ClassVar[str]
    """What the kind is called where forms are described; each class has its own."""
    alphabet: ClassVar[str]
    """The characters of the comb."""
    language: ClassVar[str]
    """In which print is read: 'pol', or 'eng' where no word can stand."""
    widget: ClassVar[Literal["comb", "tick", "signature"]]
    """How it is written on paper."""
    writing: ClassVar[Writing]
    told: ClassVar[Told]
    input_type: ClassVar[str]
    input_mode: ClassVar[str | None] = None
    sensitive: ClassVar[bool]
    """Whether it is masked wherever its owner or a clerk at work does not look at it."""
    names_nobody: ClassVar[bool]
    """Whether everybody who may see the case may see the value."""
    open_line: ClassVar[bool]
    """Whether it is typed as running text on one open line, where paper has cells."""
    hint: ClassVar[str]
    """How to write it, in a few Polish words."""

    def __init_subclass__(cls) -> None:
        """Refuse a kind that leaves something out, or bears the name of another."""
        super().__init_subclass__()
        called = f"{cls.__module__}.{cls.__qualname__}"
        if _NAMES.setdefault(cls.name, called) != called:
            raise TypeError(f"{called}: the name {cls.name!r} is that of {_NAMES[cls.name]} already")

    def __post_init__(self) -> None:
        """Refuse groups that do not fill the row."""
        if self.groups and sum(self.groups) != self.row_length:
            raise ValueError(f"{type(self).__name__}: groups {self.groups} do not fill a row of {self.row_length}")

    @abstractmethod
    def example(self) -> Value:
        """A right value of nobody, for descriptions and specimens."""

    @property
    def marked(self) -> bool:
        """Whether it is marked instead of written."""
        return self.writing is Writing.MARK

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

    def untimely(self, value: str, today: date) -> Fault | None:
        """What else is wrong for whoever types a right value today; on paper it is taken, and answered by a human."""
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
    """The text in NFC without the invisible marks that pasting brings along (zero width, direction, soft hyphen).

    Letters that are drawn as nothing but room are a space.
    """
    if raw.isascii():
        return raw
    text = _UNSEEN.sub("", _FILLERS.sub(" ", raw))
    seen = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return unicodedata.normalize("NFC", seen)  # last: what stood between a letter and its mark is gone
