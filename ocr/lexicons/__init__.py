"""Data of the installation that reading is helped by: streets, post codes, names, words of companies, mail domains.

Each is a text file of this folder, one entry a line, UTF-8. An administrator replaces any of them by a file of the same
name in the folder ``EBOK_LEXICON_DIR``. Lines that begin with ``#`` say where the entries come from.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from environment.settings import get_settings

SHIPPED: Final = Path(__file__).parent
_ADJECTIVES: Final = ("SKI", "CKI", "ZKI", "NY")
"""Ends of surnames that have a feminine form in -A."""


def streets() -> tuple[str, ...]:
    """Streets of the town, in capitals."""
    return tuple(entry.upper() for entry in _entries("streets.txt"))


def towns_by_postcode() -> dict[str, tuple[str, ...]]:
    """Towns of each post code (NN-NNN), the seat of the post office first, in capitals."""
    found: dict[str, list[str]] = {}
    for entry in _entries("postcodes.txt"):
        code, _, town = entry.partition(" ")
        found.setdefault(code, []).append(town.strip().upper())
    return {code: tuple(towns) for code, towns in found.items()}


def first_names() -> tuple[str, ...]:
    """Polish first names, in capitals."""
    return tuple(entry.upper() for entry in _entries("first_names.txt"))


def surnames() -> tuple[str, ...]:
    """Frequent surnames in capitals; those that are adjectives in both forms."""
    found = [entry.upper() for entry in _entries("surnames.txt")]
    return tuple(
        form for name in found for form in ((name, name[:-1] + "A") if name.endswith(_ADJECTIVES) else (name,))
    )


def company_words() -> tuple[str, ...]:
    """Words that names of companies are made of, in capitals."""
    return tuple(entry.upper() for entry in _entries("company_words.txt"))


def mail_words() -> tuple[str, ...]:
    """Words of e-mail addresses that are no full names: pet forms, words of offices."""
    return _entries("mail_words.txt")


def remark_words() -> tuple[str, ...]:
    """Words that say something about a value and are part of none, in small letters."""
    return tuple(entry.lower() for entry in _entries("remark_words.txt"))


def void_words() -> tuple[str, ...]:
    """Words that void the page on which they stand, in small letters."""
    return tuple(entry.lower() for entry in _entries("void_words.txt"))


def office_words() -> tuple[str, ...]:
    """Words of the stamps that offices put on what they receive, in small letters; they void nothing."""
    return tuple(entry.lower() for entry in _entries("office_words.txt"))


def mail_domains() -> dict[str, float]:
    """Domains of e-mail addresses with how frequent they are (any unit)."""
    split = [entry.split() for entry in _entries("mail_domains.txt")]
    return {domain.lower(): float(weight) for domain, weight in split}


def _entries(name: str) -> tuple[str, ...]:
    """Lines of a file, the installation's own before the shipped one; without comments and empty lines."""
    own = get_settings().lexicon_dir
    path = own / name if own and (own / name).is_file() else SHIPPED / name
    return _lines(path)


@cache
def _lines(path: Path) -> tuple[str, ...]:
    lines = (line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))
