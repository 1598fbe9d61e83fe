"""What can be had from the text of a whole page: labels, and after them what looks like a value of that kind.

This is how forms are read with a general OCR engine. Ticks and signatures are not in the text: they stay unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from rapidfuzz import fuzz

from forms.form import Field, Form
from forms.kinds import Told, Value, Writing

_LIKE_A_LABEL: Final = 85
_LINES_BELOW: Final = 3
_REST: Final = 12
"""Characters of a line that may be the end of an address which did not fit into the row above."""
_ADDRESS: Final = r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+"


def values_in(text: str, form: Form) -> dict[str, Value]:
    """Values of the form's combs as far as patterns find them in the lines below and beside their labels."""
    lines = [line for line in (_clean(line) for line in text.splitlines()) if line]
    combs = [item for item in form.fields if item.kind.widget == "comb"]
    found: dict[str, Value] = {}
    for item in combs:
        at = _line_of(item, lines)
        if at is None:
            continue
        before = sum(type(other.kind) is type(item.kind) for other in _left_of(item, form))
        beside = lines[at][_end_of_label(item, lines[at]) :]
        near = [line for line in (beside, *lines[at + 1 : at + 1 + _LINES_BELOW]) if not _is_label(line, combs)]
        for raw in _candidates(item, near, before):
            parsed = item.kind.parse(raw)
            if parsed.value is not None and parsed.fault is None:
                found[item.name] = parsed.value
                break
    return found


def _clean(line: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[|\[\]{}¦]", " ", line)).strip()


def _left_of(item: Field, form: Form) -> list[Field]:
    """The fields that stand in the same row of the form before this one."""
    for section in form.sections:
        for row in section.rows:
            if item.name in row:
                return [form[name] for name in row[: row.index(item.name)]]
    return []


def _line_of(item: Field, lines: Sequence[str]) -> int | None:
    scores = [fuzz.partial_ratio(item.label, line) for line in lines]
    best = max(scores, default=0.0)
    return scores.index(best) if best >= _LIKE_A_LABEL else None


def _is_label(line: str, combs: Sequence[Field]) -> bool:
    return any(
        fuzz.partial_ratio(text, line) >= _LIKE_A_LABEL for one in combs for text in (one.label, one.help) if text
    )


def _end_of_label(item: Field, line: str) -> int:
    place = fuzz.partial_ratio_alignment(item.label, line)
    rest = "" if place is None else line[place.dest_end :]
    beside = fuzz.partial_ratio_alignment(item.help, rest, score_cutoff=_LIKE_A_LABEL) if item.help else None
    return len(line) - len(rest) + (beside.dest_end if beside is not None else 0)


def _candidates(item: Field, lines: Sequence[str], before: int) -> Iterator[str]:
    """Texts of these lines that look like the kind; ``before`` fields of the same kind stand left of this one."""
    for line, following in zip(lines, (*lines[1:], ""), strict=True):
        match item.kind.writing:
            case Writing.EMAIL:
                rest = following if len(following) <= _REST else ""
                yield from re.findall(_ADDRESS, line + rest)
                yield from re.findall(_ADDRESS, re.sub(r"\s", "", line + rest))
            case Writing.SHORT if item.kind.told is Told.DAY:
                yield from (
                    re.sub(r"\s", "", run) for run in re.findall(r"\d ?\d ?[. ] ?\d ?\d ?[. ] ?(?:\d ?){4}", line)
                )
            case Writing.SHORT:
                yield from (re.sub(r"\s", "", run) for run in re.findall(r"\d ?\d ?[-–—] ?\d ?\d ?\d", line))
            case Writing.HOUSE:
                yield from re.findall(r"\b\d{1,3} ?[A-Z]?(?:/\d{1,3})?\b", line)[before:]
            case Writing.DIGITS | Writing.CHECKED:
                yield from _runs_of_digits(line, item.kind.length)
            case _:
                words = re.match(r"[^\d@:]*[^\W\d_][^\d@:]*", line)
                if words:
                    yield words[0].strip(" .,-_—")


def _runs_of_digits(line: str, length: int) -> list[str]:
    """Beginning at any digit: engines part digits of one number and join those of two."""
    pattern = r"(?=(?<!\d)(" + r"[ .]?".join([r"\d"] * length) + r")(?!\d))"
    return [re.sub(r"\D", "", run) for run in re.findall(pattern, line)]
