"""The customer list: a file read, checked by columns, and every doubt told by line.

What identifies a customer (number, name) must be right in every row, or the file is refused with all its wrong rows
named at once. What only contacts him or helps to find him becomes unknown where it is wrong or damaged: it is kept as
it came, for a clerk to see, and listed with its line and reason.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from customers.damage import damage, mended, says_nothing
from customers.list_files import CustomerFileError, read_table
from customers.plain_values import plain
from customers.records import COLUMNS, CustomerRecord
from customers.tables import Customer
from environment.clock import today
from environment.settings import get_settings
from forms.kinds import Digits, Email, FieldKind, Nip, Pesel, Phone, Postcode, Text

LABELS: Final = {
    "customer_no": "numer klienta",
    "name": "nazwa",
    "pesel": "PESEL",
    "nip": "NIP",
    "street": "ulica",
    "house": "nr domu",
    "flat": "nr lokalu",
    "postcode": "kod pocztowy",
    "town": "miejscowość",
    "phone": "telefon",
    "email": "adres e-mail",
}
IDENTIFYING: Final = ("customer_no", "name")
_LONGEST: Final = 500
_NO_VALUE: Final = "Słowo zamiast pustej komórki: przyjęto, że nic tu nie ma."
_FOOTER: Final = "Jeśli ten wiersz to podsumowanie albo stopka, usuń go."
_PESEL_AMONG_WORDS: Final = "W komórce stoi numer PESEL. Usuń go stąd: jego miejsce jest w kolumnie pesel."
_WORDS: Final = ("name", "street", "house", "flat", "town")
"""Columns that stay readable to the database, so that no number of a person may stand among their words."""
_LOST_ZERO: Final = " Być może arkusz zgubił zero z przodu."


@dataclass(frozen=True, slots=True)
class Doubt:
    """A cell that is no value: where it stands, what stands there, and in Polish why it is not taken."""

    line: int
    customer_no: str
    column: str
    raw: str = field(repr=False)
    reason: str


@dataclass(frozen=True, slots=True)
class CustomerList:
    """The customers of a file, and its doubts by line; the customers are packed, for there may be a million."""

    packed: Sequence[bytes] = field(repr=False)
    count: int
    doubts: list[Doubt]

    @property
    def records(self) -> list[CustomerRecord]:
        """All customers at once."""
        return list(self)

    def __iter__(self) -> Iterator[CustomerRecord]:
        """One customer after the other, in the order of the file."""
        for piece in self.packed:
            rows, unusable = json.loads(zlib.decompress(piece))
            for at, row in enumerate(rows):
                yield CustomerRecord(*(*row, None, unusable.get(str(at), {})))


@dataclass(frozen=True, slots=True)
class _Judged:
    """What one text of a column is: its value, or why it has none; ``kept``: it may still tell a human something."""

    value: str | None
    reason: str | None = None
    kept: bool = False


def read_customers(path: Path, *, strict: bool = False, notice: Callable[[str], None] = lambda _: None) -> CustomerList:
    """Read and check a customer file; CustomerFileError lists every problem at once, ``strict`` each doubt too.

    Columns may stand in any order. What is left out ``notice`` is told in Polish.
    """
    table = read_table(path, notice)
    packed: list[bytes] = []
    doubts: list[Doubt] = []
    numbers: list[pd.Series[Any]] = []
    problems: list[tuple[int, str]] = []
    for piece in table.pieces:
        misfits = piece.misfits
        problems += [(line, f"Liczba kolumn inna niż w nagłówku ({table.width}). {_FOOTER}") for line in misfits]
        blank = (piece.cells.apply(lambda column: column.str.strip()) == "").all(axis=1).to_numpy()
        listed, doubted, faults = _listed(piece.cells[~blank & ~piece.cells.index.isin(misfits)])
        packed.append(listed.packed)
        numbers.append(listed.numbers)
        doubts += doubted
        problems += faults
    if numbers:
        problems += _twice(pd.concat(numbers))
    if strict:
        problems += [(one.line, _told(one.column, one.reason)) for one in doubts]
    if problems:
        raise CustomerFileError(sorted(problems, key=lambda problem: problem[0]))
    count = sum(map(len, numbers))
    if not count:
        raise CustomerFileError([(0, "Plik nie zawiera żadnego klienta: jest w nim tylko wiersz z nazwami kolumn.")])
    return CustomerList(packed, count, doubts)


@dataclass(frozen=True, slots=True)
class _Listed:
    """The customers of a piece, packed, and their numbers by line."""

    packed: bytes
    numbers: pd.Series[Any]


def _listed(cells: pd.DataFrame) -> tuple[_Listed, list[Doubt], list[tuple[int, str]]]:
    """Customers, their doubts by line, and what is wrong with what identifies them."""
    day, kinds, lines = today(), _kinds(), cells.index.to_numpy()
    values: dict[str, np.ndarray[Any, Any]] = {}
    doubted: list[tuple[int, str, _Judged]] = []
    problems: list[tuple[int, str]] = []
    for column in COLUMNS:
        codes, texts = pd.factorize(cells[column].to_numpy())
        short = np.fromiter(map(len, texts), int, len(texts)) <= _room(column)
        right = short & plain(kinds[column], pd.Series(texts, dtype=object), day)
        found = np.array(texts, dtype=object)
        reasons: dict[int, _Judged] = {}
        for at in map(int, np.flatnonzero(~right)):
            one = _judge(column, texts[at], kinds[column], day)
            found[at] = one.value
            if one.reason is not None:
                reasons[at] = one
        values[column] = found[codes]
        for at in map(int, np.flatnonzero(np.isin(codes, list(reasons)))):
            one = reasons[int(codes[at])]
            if column in IDENTIFYING and one.value is None:
                problems.append((int(lines[at]), _told(column, one.reason or "")))
            else:
                doubted.append((at, column, one))
    unusable: dict[int, dict[str, str]] = {}
    doubts = []
    for at, column, one in doubted:
        raw = str(cells[column].to_numpy()[at]).strip()
        doubts.append(Doubt(int(lines[at]), values["customer_no"][at], column, raw, one.reason or ""))
        if one.kept:
            unusable.setdefault(at, {})[column] = raw
    rows = list(zip(*(column.tolist() for column in values.values()), strict=True))
    # A problem names who has no number; who has none here is not among the customers of a file that is taken.
    numbers = np.array([number or "" for number in values["customer_no"]], dtype=bytes)
    packed = zlib.compress(json.dumps((rows, unusable), ensure_ascii=False).encode(), 1)
    doubts.sort(key=lambda doubt: doubt.line)
    return _Listed(packed, pd.Series(numbers, index=lines)), doubts, problems


def _twice(numbers: pd.Series[Any]) -> Iterator[tuple[int, str]]:
    twice = numbers[numbers.duplicated(keep=False) & (numbers != b"")]
    first = {number: line for line, number in zip(twice.index[::-1], twice[::-1], strict=True)}
    for line, number in twice[twice.duplicated()].items():
        yield int(str(line)), f"Ten numer klienta jest już w wierszu {first[number]}."


def _told(column: str, reason: str) -> str:
    return f"{column} ({LABELS[column]}): {reason}"


def _kinds() -> dict[str, FieldKind]:
    """Kinds as on the forms; texts may be longer, for the register is no comb."""
    return {
        "customer_no": Digits(get_settings().customer_no_length),
        "name": Text(200),
        "pesel": Pesel(),
        "nip": Nip(),
        "street": Text(100),
        "house": Text(20),
        "flat": Text(20),
        "postcode": Postcode(),
        "town": Text(100),
        "phone": Phone(),
        "email": Email(254),
    }


def _judge(column: str, cell: str, kind: FieldKind, day: date) -> _Judged:
    text = mended(column, cell)
    if column in _WORDS and Pesel().stands_in(text):
        return _without_pesel(column, text, kind, day)
    nothing = says_nothing(text)
    parsed = kind.parse(None if nothing else text, day)
    value = parsed.value if isinstance(parsed.value, str) else None
    if column in IDENTIFYING and value is None:
        return _Judged(None, f"uzupełnij. {_FOOTER}" if column == "customer_no" else "uzupełnij.")
    if nothing:
        return _Judged(None, _NO_VALUE)
    if value is None and parsed.fault is None:
        return _Judged(None)
    reason = damage(column, text) or _several(column, text)
    if reason is None and parsed.fault is not None:
        reason = parsed.fault.message + (_LOST_ZERO if _may_lack_zeros(kind, text) else "")
        if column == "customer_no" and text.isprintable() and not re.search("[0-9]", text):
            reason = f"{reason} {_FOOTER}"
    if reason is None and value is not None and len(value) > _room(column):
        reason = f"Wpisz najwyżej {_room(column)} znaków."
    return _Judged(value) if reason is None else _Judged(None, reason, kept=True)


def _without_pesel(column: str, text: str, kind: FieldKind, day: date) -> _Judged:
    """A name is what is left of the cell; of an address it is not sure what was meant, so it is kept for a clerk."""
    if column not in IDENTIFYING:
        return _Judged(None, _PESEL_AMONG_WORDS, kept=True)
    rest = _judge(column, Pesel().taken_out_of(text), kind, day)
    return rest if rest.value is None else replace(rest, reason=_PESEL_AMONG_WORDS)


def _room(column: str) -> int:
    """Signs for which the register has room."""
    length = Customer.__table__.c[column].type.length  # type: ignore[attr-defined]  # all but the PESEL, which is digits
    return int(length or _LONGEST)


def _several(column: str, text: str) -> str | None:
    """Contacts that are more than one: which of them counts is not for a program to say."""
    if column == "email" and (" " in text or text.count("@") > 1):
        return "Kilka adresów w jednej komórce albo spacja w adresie."
    if column == "phone" and re.search(r"\b(?:w|wew|wewn|wewnętrzny)\b|#", text, re.IGNORECASE):
        return "Numer z wewnętrznym: wpisz sam numer."
    if column == "phone" and len(re.sub(r"[^0-9]", "", text)) > 13:
        return "Kilka numerów w jednej komórce."
    return None


def _may_lack_zeros(kind: FieldKind, text: str) -> bool:
    return isinstance(kind, Digits | Postcode) and re.fullmatch(rf"[0-9]{{1,{kind.length - 1}}}", text) is not None
