"""How people write what the register holds about them: the register's value in the characters of a comb.

Only whole, usual ways are listed. What none of them covers does not fit, and a human looks at it; whether it means the
same is judged by ``customers.comparison``.
"""

from __future__ import annotations

import re
from typing import Final

from forms.form import Field
from forms.kinds import Writing
from ocr.knowledge import Row

_STREET_KIND: Final = re.compile(r"^(UL|AL|OS|PL)\. ?|^(ULICA|ALEJA|ALEJE|OSIEDLE|PLAC) ")
_SHORT: Final = {"OSIEDLE": "OS.", "ALEJA": "AL.", "ALEJE": "AL.", "PLAC": "PL.", "ULICA": "UL."}
_LONG: Final = {"OS.": "OSIEDLE", "AL.": "ALEJA", "PL.": "PLAC"}
_ADDRESSES: Final = {"email": ("email",), "email_current": ("invoice_email", "email")}
"""Columns that tell an address field. A new address is nobody's yet."""


def writings(item: Field, row: Row) -> tuple[str, ...]:
    """The ways to write what that customer's row says of a field, the usual first; none when it says nothing."""
    if item.kind.writing is Writing.EMAIL:
        return tuple(dict.fromkeys(row[name] for name in _ADDRESSES.get(item.name, ()) if row.get(name)))
    known = row.get(item.name)
    if not known:
        return ()
    if item.kind.writing is Writing.HOUSE:
        return _houses(item.name, known.upper(), row)
    if item.kind.writing is not Writing.TEXT:
        return (known,)
    text = " ".join(known.upper().split())
    found = {"name": _names, "street": _streets, "town": _towns}.get(item.name, _as_it_is)(text)
    return tuple(dict.fromkeys(found))


def _as_it_is(text: str) -> list[str]:
    return [text]


def _names(text: str) -> list[str]:
    """Surname last or first; a second first name left out is another name."""
    words = text.split()
    found = [text]
    if 2 <= len(words) <= 3 and not any(character in text for character in '."&'):
        found.append(" ".join([words[-1], *words[:-1]]))
    if "SP. Z O.O." in text:
        found += [text.replace("SP. Z O.O.", "SP. Z O. O."), text.replace("SP. Z O.O.", "SP Z O O")]
    return found


def _streets(text: str) -> list[str]:
    """With its kind in short, in full, or left out."""
    kind = _STREET_KIND.match(text)
    if kind is None:
        return [text, f"UL. {text}", f"UL {text}"]
    name, word = text[kind.end() :], kind[0].strip()
    ways = {word, _SHORT.get(word, word), _LONG.get(word, word)}
    ways |= {way.rstrip(".") for way in ways}
    return [text, *(f"{way} {name}" for way in sorted(ways)), name]


def _towns(text: str) -> list[str]:
    """Short where everybody does it: 'Kostrzyn n. Odrą', 'Gorzów Wlkp.'."""
    found = [text]
    if " NAD " in text:
        first, _, river = text.partition(" NAD ")
        found += [f"{first} N. {river}", f"{first} N/{river}", f"{first} N.{river}", first]
    if " WIELKOPOLSK" in text:
        found += [re.sub(r" WIELKOPOLSK\w+", way, text) for way in (" WLKP.", " WLKP", "")]
    return found


def _houses(name: str, known: str, row: Row) -> tuple[str, ...]:
    """House and flat in two fields or, with a slash, in the first."""
    flat = (row.get("flat") or "").upper()
    if name == "house" and flat:
        return known, f"{known}/{flat}"
    return (known,)
