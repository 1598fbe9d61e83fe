"""Values that are obviously right, recognised for a whole column at once.

Of 200,000 telephones and addresses nearly all are written the plain way. What is told here as plain the column's kind
takes as it is, unchanged (a test holds both against each other); everything else is left to the kind, one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
from phonenumbers import PhoneMetadata

from forms.kinds import Digits, Email, FieldKind, Nip, Parsed, Pesel, Phone, Text

Mask = np.ndarray[Any, np.dtype[np.bool_]]

_PESEL_WEIGHTS: Final = np.array([1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1])
_NIP_WEIGHTS: Final = np.array([6, 5, 7, 2, 3, 4, 5, 6, 7, -1])
_EVERY_MONTH: Final = 28
"""Days that every month has; the kind looks at those beyond."""
_WORD: Final = "[A-ZĄĆĘŁŃÓŚŹŻ][a-ząćęłńóśźż]+"
_NO_PLAIN_WORDS: Final = "Brak|Bez|Nie|Not?|Nan|Nat|Nil|Null|None|Undefined|Empty|Dbnull|Pust[aey]|Na|Nd|Bd|Bn|Xx+"
_WORDS: Final = re.compile(rf"(?!.*\b(?:{_NO_PLAIN_WORDS})\b){_WORD}(?:[ -]{_WORD})+")
"""Two words or more: none of those that stand for nothing, no short form of a month."""
_LONGEST_PLAIN: Final = 100
_LOCAL_PART: Final = re.compile(r"[a-z0-9]+(?:[._+-][a-z0-9]+)*")
_LONGEST_LOCAL: Final = 64


def plain(kind: FieldKind, texts: pd.Series[Any], day: date) -> Mask:
    """Which of the texts are a value of that kind as they stand; ``day`` is the Polish local date."""
    told = _TOLD.get(type(kind))
    return np.zeros(len(texts), bool) if told is None or not len(texts) else told(kind, texts, day)


def _digits(kind: FieldKind, texts: pd.Series[Any], _day: date) -> Mask:
    return texts.str.fullmatch(rf"[0-9]{{{kind.length}}}").to_numpy(bool, copy=True)


def _pesels(kind: FieldKind, texts: pd.Series[Any], day: date) -> Mask:
    mask = _digits(kind, texts, day)
    signs = _matrix(texts, mask, kind.length)
    year, month, born = (signs[:, at] * 10 + signs[:, at + 1] for at in (0, 2, 4))
    century, month = month // 20, month % 20
    when = (1900 + 100 * century + year) * 10_000 + month * 100 + born
    right = (signs @ _PESEL_WEIGHTS) % 10 == 0
    right &= (century <= 1) & (month >= 1) & (month <= 12) & (born >= 1) & (born <= _EVERY_MONTH)
    right &= when <= day.year * 10_000 + day.month * 100 + day.day
    mask[mask] = right
    return mask


def _nips(kind: FieldKind, texts: pd.Series[Any], day: date) -> Mask:
    mask = _digits(kind, texts, day)
    signs = _matrix(texts, mask, kind.length)
    mask[mask] = ((signs @ _NIP_WEIGHTS) % 11 == 0) & signs.any(axis=1)
    return mask


def _matrix(texts: pd.Series[Any], mask: Mask, length: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The digits of the masked texts, a row each."""
    signs = np.frombuffer("".join(texts[mask]).encode(), np.uint8)
    return signs.reshape(-1, length).astype(np.int64) - ord("0")


def _phones(kind: FieldKind, texts: pd.Series[Any], day: date) -> Mask:
    known: Any = PhoneMetadata.metadata_for_region("PL")
    usual = f"{known.mobile.national_number_pattern}|{known.fixed_line.national_number_pattern}"
    mask = _digits(kind, texts, day)
    for pattern in (known.general_desc.national_number_pattern, usual):
        mask &= texts.str.fullmatch(f"(?:{pattern})").to_numpy(bool)
    return mask


def _emails(kind: FieldKind, texts: pd.Series[Any], day: date) -> Mask:
    parts = texts.str.partition("@")
    local, domain = parts[0], parts[2]
    domains = pd.Series(domain.unique())
    taken = domains[[domain != "" and kind.parse(f"a@{domain}", day) == Parsed(f"a@{domain}") for domain in domains]]
    mask = domain.isin(taken) & local.str.fullmatch(_LOCAL_PART) & (local.str.len() <= _LONGEST_LOCAL)
    return (mask & (texts.str.len() <= kind.max_length)).to_numpy(bool)


def _words(_kind: FieldKind, texts: pd.Series[Any], _day: date) -> Mask:
    return (texts.str.fullmatch(_WORDS) & (texts.str.len() <= _LONGEST_PLAIN)).to_numpy(bool)


_TOLD: Final[dict[type[FieldKind], Callable[[FieldKind, pd.Series[Any], date], Mask]]] = {
    Digits: _digits,
    Pesel: _pesels,
    Nip: _nips,
    Phone: _phones,
    Email: _emails,
    Text: _words,
}
