"""Kinds that are marked rather than written: ticks and the signature."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final, Literal

from forms.kinds.base import Fault, FieldKind, Parsed, Told, Value, Writing

_TRUE_WORDS: Final = frozenset({"true", "1", "on", "yes", "tak", "t", "x"})
_FALSE_WORDS: Final = frozenset({"", "false", "0", "off", "no", "nie", "n"})


@dataclass(frozen=True)
class Tick(FieldKind):
    """A box to tick."""

    name: ClassVar[str] = "tick"
    hint: ClassVar[str] = ""
    alphabet: ClassVar[str] = ""
    language: ClassVar[str] = "pol"
    widget: ClassVar[Literal["comb", "tick", "signature"]] = "tick"
    writing: ClassVar[Writing] = Writing.MARK
    told: ClassVar[Told] = Told.AT_LABEL
    sensitive: ClassVar[bool] = False
    names_nobody: ClassVar[bool] = True
    open_line: ClassVar[bool] = False
    input_type: ClassVar[str] = "checkbox"

    def example(self) -> Value:
        """A right value of nobody."""
        return True

    def parse(self, raw: object, today: date | None = None) -> Parsed:
        """Take booleans and the words that HTML forms and PDF check boxes send."""
        if raw is None or isinstance(raw, bool):
            return Parsed(raw)
        if not isinstance(raw, str):
            return Parsed(None, Fault("wrong_type", "Zaznacz pole albo pozostaw je puste."))
        word = raw.strip().lower().lstrip("/")
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
    widget: ClassVar[Literal["comb", "tick", "signature"]] = "signature"
