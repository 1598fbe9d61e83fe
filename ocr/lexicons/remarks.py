"""Remarks written beside a value in its own field: 'dawniej', '(nie ja)'.

Such a word may take the value back or belong to another one. It is told by what no name, street or place has:
brackets, signs of a question, words of remark, and behind a town a word in small letters that joins nothing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from forms.form import Field
from forms.kinds import Writing
from ocr.lexicons import remark_words, streets, towns_by_postcode

DOUBT_REMARK: Final = "Obok wartości jest w tym polu coś jeszcze, może uwaga. Sprawdź z obrazem, co do niej należy."

_SIGNS: Final = re.compile(r"[()\[\]{}<>?!*=:;~|→#%]")
_WORD: Final = re.compile(r"[^\W\d_]+\.?")
_OLD_OR_NEW: Final = frozenset({"stary", "stara", "stare", "nowy", "nowa", "nowe", "inny", "inna", "inne"})
"""Remarks only behind a value: names of places begin with them, and some streets are one of them."""
_JOINING: Final = frozenset(
    {
        *("a", "d", "do", "gm", "i", "k", "koło", "kolo", "m", "n", "na", "nad", "o", "od", "os", "pod", "pow", "przy"),
        *("św", "sw", "u", "w", "we", "wlkp", "woj", "z", "za", "ze"),
    }
)
"""Words of names of towns that are written small, and what stands before one."""
_PLACES: Final = frozenset({"street", "town"})
_SEVERAL: Final = 2


def has_remark(item: Field, value: str) -> bool:
    """Whether there is more in a field of text than its value."""
    if item.kind.writing is not Writing.TEXT:
        return False
    if _SIGNS.search(value):
        return True
    words = [found.rstrip(".") for found in _WORD.findall(value)]
    small = [word.lower() for word in words]
    if len(words) < _SEVERAL or _is_known(value):
        return False
    if not _remarks().isdisjoint(small) or (item.name in _PLACES and small[-1] in _OLD_OR_NEW):
        return True
    return item.name == "town" and words[0][:1].isupper() and any(map(_joins_nothing, words[1:]))


def has_remark_word(text: str) -> bool:
    """Whether there is a word of remark in a text, also in one that was written without the marks of Polish letters."""
    return not _plain_remarks().isdisjoint(_plain(found.rstrip(".")) for found in _WORD.findall(text))


@cache
def _plain_remarks() -> frozenset[str]:
    return frozenset(map(_plain, remark_words()))


def _plain(word: str) -> str:
    """A word in small letters without their marks."""
    apart = unicodedata.normalize("NFD", word.lower().replace("ł", "l"))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


@cache
def _remarks() -> frozenset[str]:
    return frozenset(remark_words())


def _joins_nothing(word: str) -> bool:
    return word.islower() and word not in _JOINING


def _is_known(value: str) -> bool:
    upper = value.upper()
    return upper in streets() or any(upper in towns for towns in towns_by_postcode().values())
