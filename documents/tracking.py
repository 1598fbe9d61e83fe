"""Tracking numbers: short, easy to read aloud in Polish, guarded by a check character.

Eight characters in two groups, ``K7M4-PX9A``. The alphabet leaves out what looks alike (0 O, 1 I L, 5 S, 2 Z, 8 B,
6 G, U V) and most of what sounds alike in Polish (M N, P B, T D, W V). Its 22 characters make
ISO 7064 MOD 23,22 from python-stdnum catch every single wrong character and nearly every swap of neighbours.
"""

from __future__ import annotations

import secrets
import unicodedata
from typing import Final

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_37_36

ALPHABET: Final = "23456789ACEFHJKMPRTWXY"
LENGTH: Final = 8
_SEPARATORS: Final = frozenset(" \t\r\n-_.,/–—−")
# Signs that are not in the alphabet and can only mean one that is.
_MEANT: Final = str.maketrans({"S": "5", "Z": "2", "B": "8", "G": "6", "N": "M"})


class TrackingError(ValueError):
    """The text is no tracking number; the message tells a customer in Polish what to do."""


def new_tracking() -> str:
    """A new random tracking number; the unique key of the register guards against a repetition."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return _grouped(body + str(mod_37_36.calc_check_digit(body, alphabet=ALPHABET)))


def normalise_tracking(text: str) -> str:
    """The tracking number that a person typed, in its one written form.

    Forgives case, spaces, missing or foreign dashes, accents, and signs that can mean only one of ours;
    TrackingError (Polish) otherwise.
    """
    plain = unicodedata.normalize("NFKD", text[:100]).upper()
    signs = "".join(sign for sign in plain if sign not in _SEPARATORS and not unicodedata.combining(sign))
    signs = signs.translate(_MEANT)
    if len(signs) != LENGTH:
        raise TrackingError("Numer sprawy ma 8 znaków, na przykład K7M4-PX9A. Przepisz go jeszcze raz w całości.")
    if strange := sorted({sign for sign in signs if sign not in ALPHABET}):
        raise TrackingError(
            f"W numerze sprawy nie ma znaku {', '.join(strange)}. Sprawdź to miejsce i przepisz numer jeszcze raz."
        )
    try:
        mod_37_36.validate(signs, alphabet=ALPHABET)
    except ValidationError:
        raise TrackingError(
            "W numerze sprawy jest pomyłka: znak kontrolny się nie zgadza. Porównaj go z potwierdzeniem znak po znaku."
        ) from None
    return _grouped(signs)


def _grouped(signs: str) -> str:
    return f"{signs[:4]}-{signs[4:]}"
