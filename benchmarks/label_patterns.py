"""What can be had from the text of a whole page: labels, and after them what looks like a value of that kind.

This is how forms are read with a general OCR engine. Ticks and signatures are not in the text: they stay unread.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from rapidfuzz import fuzz

from forms.form import Field, Form
from forms.kinds import Date, Digits, Email, HouseNumber, Kind, Phone, Postcode, Value

_LIKE_A_LABEL: Final = 82
_LINES_BELOW: Final = 3


def values_in(text: str, form: Form) -> dict[str, Value]:
    """Values of the form's combs as far as patterns find them in the lines below and beside their labels."""
    lines = [line for line in (_clean(line) for line in text.splitlines()) if line]
    found: dict[str, Value] = {}
    for item in form.fields:
        if item.kind.widget != "comb":
            continue
        at = _line_of(item, lines)
        if at is None:
            continue
        beside = lines[at][_end_of_label(item, lines[at]) :]
        for candidate in (beside, *lines[at + 1 : at + 1 + _LINES_BELOW]):
            value = _value(item, candidate, lines)
            if value is not None and value not in found.values():
                found[item.name] = value
                break
    return found


def _clean(line: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[|\[\]{}¦]", " ", line)).strip()


def _line_of(item: Field, lines: list[str]) -> int | None:
    scores = [fuzz.partial_ratio(item.label.lower(), line.lower()) for line in lines]
    best = max(scores, default=0.0)
    return scores.index(best) if best >= _LIKE_A_LABEL else None


def _end_of_label(item: Field, line: str) -> int:
    place = fuzz.partial_ratio_alignment(item.label.lower(), line.lower())
    end = place.dest_end if place is not None else len(line)
    return end + len(item.help) + 1 if item.help and item.help[:8] in line[end:] else end


def _value(item: Field, candidate: str, lines: list[str]) -> Value:
    raw = next((find(candidate, item.kind) for kinds, find in _PATTERNS if isinstance(item.kind, kinds)), None)
    if raw is None and not isinstance(item.kind, _NUMBERLIKE):
        raw = _words(candidate, lines)
    if not raw:
        return None
    parsed = item.kind.parse(raw)
    return parsed.value if parsed.fault is None else None


def _digits(text: str, kind: Kind) -> str | None:
    run = re.search(r"(?<!\d)" + r"[ .]?".join([r"\d"] * kind.length) + r"(?!\d)", text)
    return re.sub(r"\D", "", run[0]) if run else None


def _date(text: str, kind: Kind) -> str | None:
    run = re.search(r"(\d ?\d) ?[. ] ?(\d ?\d) ?[. ] ?(\d ?\d ?\d ?\d)", text)
    return ".".join(part.replace(" ", "") for part in run.groups()) if run else None


def _postcode(text: str, kind: Kind) -> str | None:
    run = re.search(r"(\d ?\d) ?[-–—] ?(\d ?\d ?\d)", text)
    return "-".join(part.replace(" ", "") for part in run.groups()) if run else None


def _email(text: str, kind: Kind) -> str | None:
    run = re.search(r"[\w.+\-]+@[\w\-]+(\.[\w\-]+)+", text) or re.search(
        r"[\w.+\-]+@[\w\-]+(\.[\w\-]+)+", text.replace(" ", "")
    )
    return run[0] if run else None


def _house(text: str, kind: Kind) -> str | None:
    run = re.search(r"\b\d{1,3} ?[A-Z]?(/\d{1,3})?\b", text)
    return run[0] if run else None


def _words(text: str, lines: list[str]) -> str | None:
    """The words at the beginning of the line, before any number that stands beside them."""
    run = re.match(r"[^\d@:]*[^\W\d_][^\d@:]*", text)
    return run[0].strip(" .,-_—") if run else None


_NUMBERLIKE: Final = (Digits, Date, Postcode, Phone, Email, HouseNumber)
_PATTERNS: Final[tuple[tuple[type[Kind], Callable[[str, Kind], str | None]], ...]] = (
    (Date, _date),
    (Postcode, _postcode),
    (Email, _email),
    (HouseNumber, _house),
    (Phone, _digits),
    (Digits, _digits),
)
