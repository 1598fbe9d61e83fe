"""Keys for looking up a customer whose number is not known: one indexed column each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from customers.comparison import plain
from database.encryption import digest

_STREET_KINDS = frozenset({"ul", "ulica", "os", "osiedle", "al", "aleja", "aleje", "pl", "plac"})


def lookup_keys(
    values: Mapping[str, str | None],
    unknown: frozenset[str] = frozenset(),
    digested: Callable[..., str] = digest,
) -> dict[str, str | None]:
    """``name_key``, ``address_key`` and ``pesel_key`` of what is given by column; None where it says too little.

    ``unknown`` names columns that are empty only because nobody can tell what stands there. ``digested`` is a
    ``digester`` where keys are made for many.
    """
    pesel = values.get("pesel")
    return {
        "name_key": name_key(values.get("name")),
        "address_key": None if unknown & {"street", "flat"} else address_key(values),
        "pesel_key": pesel_key(pesel, digested) if pesel else None,
    }


def pesel_key(pesel: str, digested: Callable[..., str] = digest) -> str:
    """The keyed digest of a PESEL, which is encrypted in the register: it finds the owner and tells nothing."""
    return digested("pesel", pesel)


def name_key(name: str | None) -> str | None:
    """The words of a name in order of the alphabet, without diacritics: 'Nowak Jan' is 'Jan Nowak'."""
    return " ".join(sorted(plain(name or "").split()))[:200] or None


def address_key(values: Mapping[str, str | None]) -> str | None:
    """Last word of the street (the town where there are no streets), house with flat, digits of the post code."""
    named = plain(values.get("street") or values.get("town") or "").split()
    words = [word for word in named if word not in _STREET_KINDS]
    house = "/".join(part for name in ("house", "flat") if (part := (values.get(name) or "").replace(" ", "").upper()))
    if not words or not house:
        return None
    return f"{words[-1]} {house.replace('M.', '/')} {values.get('postcode') or ''}".strip()[:200]
