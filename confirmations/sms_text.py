"""How a text becomes SMS: in which letters, and into how many parts it is cut.

In the alphabet of GSM 03.38 a part has 160 signs (153 where there are several), and a few signs count as two; any other
sign makes the whole text UCS-2, of which a part has 70 (67). Polish letters are such signs, all but ó.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from confirmations.polish import without_diacritics
from environment.settings import get_settings

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")
"""Signs of two septets."""
_GSM: Final = (160, 153)
_UCS2: Final = (70, 67)


@dataclass(frozen=True, slots=True)
class SmsSize:
    """In which alphabet a text goes, and how many SMS it is."""

    gsm: bool
    parts: int


def size_of(text: str) -> SmsSize:
    """How large that text is as it stands."""
    gsm = all(sign in _BASIC or sign in _EXTENDED for sign in text)
    alone, several = _GSM if gsm else _UCS2
    units = [_units(sign, gsm=gsm) for sign in text]
    return SmsSize(gsm, 1 if sum(units) <= alone else _cut(units, several))


def as_sms(text: str) -> str:
    """The text in the letters that the setting chooses."""
    bare, wanted = without_diacritics(text), get_settings().sms_letters
    typeset = text.translate(_TYPESET)
    if wanted == "plain" or (wanted == "one_part" and size_of(typeset).parts > 1):
        return bare
    return typeset


_TYPESET: Final = str.maketrans({"–": "-", "—": "-", "„": '"', "”": '"', "\N{NO-BREAK SPACE}": " "})
"""Signs of typography: in SMS they would only make texts longer."""


def _units(sign: str, *, gsm: bool) -> int:
    if gsm:
        return 2 if sign in _EXTENDED else 1
    return len(sign.encode("utf-16-be")) // 2


def _cut(units: list[int], room: int) -> int:
    """Parts of so many units, in which no sign is torn."""
    parts, left = 1, room
    for each in units:
        if each > left:
            parts, left = parts + 1, room
        left -= each
    return parts
