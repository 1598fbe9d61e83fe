"""What two agreeing readings can still both get wrong, and what gives it away: such values are shown, not trusted."""

from __future__ import annotations

import re
from typing import Final

from rapidfuzz.distance import Levenshtein

from forms.kinds import Email, HouseNumber, Kind, Text

FREQUENT_DOMAINS: Final = (
    "gmail.com",
    "wp.pl",
    "o2.pl",
    "onet.pl",
    "op.pl",
    "interia.pl",
    "interia.eu",
    "poczta.onet.pl",
    "poczta.fm",
    "vp.pl",
    "tlen.pl",
    "gazeta.pl",
    "icloud.com",
    "outlook.com",
    "hotmail.com",
    "yahoo.com",
)
_LOOK_ALIKE: Final = re.compile(r"l(?=[0-9])|(?<=[0-9])l|(?<=[0-9])o|0(?=[a-z])|o0|ii|1[il]|(?<![0-9])1(?![0-9])")
"""Places of an address where print tells l from 1 or o from 0 badly."""
_STRAY: Final = re.compile(r"[^\w\s.,\-/&\"()+]|_|\s-$|^-|[.,-]{2}|[\"(]$")
_LETTER_AMONG_LETTERS: Final = re.compile(r"[^\W\d_][0-9][^\W\d_]")

DOUBT_DOMAIN: Final = "Adres e-mail wygląda na błędnie odczytany (po znaku @). Sprawdź z obrazem."
DOUBT_LOOK_ALIKE: Final = "Nie wiadomo, czy to litera, czy cyfra (l i 1, o i 0). Sprawdź z obrazem."
DOUBT_SIGNS: Final = "W odczycie są nietypowe znaki. Sprawdź z obrazem."
DOUBT_NUMBER: Final = "Nietypowy numer domu lub lokalu. Sprawdź z obrazem."


def has_frequent_domain(value: str) -> bool:
    """Whether an e-mail address belongs to one of the providers that most customers use."""
    return value.rpartition("@")[2] in FREQUENT_DOMAINS


def likely_address(value: str) -> str:
    """The address with a domain one letter off a frequent provider's put right; the same address otherwise."""
    name, _, domain = value.rpartition("@")
    near = [known for known in FREQUENT_DOMAINS if Levenshtein.distance(domain, known, score_cutoff=1) <= 1]
    return f"{name}@{near[0]}" if len(near) == 1 else value


def doubt_about(kind: Kind, value: str) -> str | None:
    """Why a well-formed value may yet be misread, in Polish; None when nothing speaks against it."""
    if isinstance(kind, Email):
        if not has_frequent_domain(value) and likely_address(value) != value:
            return DOUBT_DOMAIN
        return DOUBT_LOOK_ALIKE if _LOOK_ALIKE.search(value.partition("@")[0]) else None
    if isinstance(kind, HouseNumber):
        return DOUBT_NUMBER if not value[0].isdigit() or re.search(r"[0-9]{4}", value) else None
    if isinstance(kind, Text):
        strange = len(value) < 2 or _STRAY.search(value) or _LETTER_AMONG_LETTERS.search(value)
        return DOUBT_SIGNS if strange else None
    return None
