"""What spreadsheets do to the cells of a customer list, and what of it can be undone for certain.

Excel takes '5/7' for a day, '1:2' for a time, a long number for a power of ten; exports write words for nothing. A cell
is *mended* only when there is one thing that it can have been: '12345678.0', '="007"', 'tel. 600 700 800'. What may
have been this or that (the 5th of July: '5/7' or '7/5'?) is named and left to a human.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from customers.sheet_faults import FORMULA_WITHOUT_RESULT

NUMBERS: Final = frozenset({"customer_no", "pesel", "nip", "postcode", "phone"})
"""Columns of digits alone, but for signs between them."""
_PLACES: Final = frozenset({"house", "flat"})
_WORDS: Final = frozenset({"name", "street", "town"})

_MONTH: Final = (
    "sty|lut|mar|kwi|maj|cze|lip|sie|wrz|paź|paz|lis|gru|"
    "jan|feb|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|mrz|mai|okt|dez"
)
_NOTHING: Final = re.compile(
    r"\(?(?:null|none|nan|nil|n/?a|n/?d|n\.d\.?|b/?d|b\.d\.?|brak(?: danych| numeru| adresu| maila| e-?mail(?:a|u)?)?|"
    r"nie ma|nie dotyczy|nie podano|nieznan[ey]|undefined|empty|puste)\)?\.?",
    re.IGNORECASE,
)
_ERROR: Final = re.compile(r"#+|#[A-ZĄĆĘŁŃÓŚŹŻ0-9/_ ]+[!?]?|Err:[0-9]+", re.IGNORECASE)
_POWER: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)?E\+[0-9]+|[0-9]+[.,][0-9]+E-?[0-9]+", re.IGNORECASE)
"""As programs write it; '12E3' may be a house with its entrance and flat."""
_DAY: Final = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[T ][0-9:.]+)?|"
    r"[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}(?: [0-9:.]+)?|"
    r"[0-9]{1,2}[./-][0-9]{1,2}[./-](?:19|20)[0-9]{2}r?\.?(?: [0-9:.]+)?"
)
_NAMED_DAY: Final = re.compile(
    rf"[0-9]{{1,4}}[.\-/](?:{_MONTH})[a-z]{{0,6}}\.?(?:[.\-/ ][0-9]{{2,4}})?|"
    rf"(?:{_MONTH})[a-z]{{0,6}}[.\-/] ?[0-9]{{1,4}}",
    re.IGNORECASE,
)
_SPELT_DAY: Final = re.compile(
    rf"[0-9]{{1,2}} (?:{_MONTH})\w*(?: [0-9]{{2,4}})?|(?:{_MONTH})\w* [0-9]{{1,4}}|"
    r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{2}|[0-9]{1,2}[./-](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}-[0-9]{2}",
    re.IGNORECASE,
)
"""In a house number only: as a street '3 Maja' and '11 Listopada' are right."""
_TIME: Final = re.compile(
    r"(?:[0-9]+ days?, ?)?[0-9]{1,3}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?[AP]M)?", re.IGNORECASE
)
_FRACTION: Final = re.compile(r"[0-9]*[.,][0-9]+")
_TRUTH: Final = re.compile("true|false|prawda|fałsz", re.IGNORECASE)
_TO_DAY: Final = "Arkusz zamienił wartość na datę."
_FIRST_DAY: Final = date(1899, 12, 30)
_LAST_SERIAL: Final = 73_050
"""The end of the year 2099, as Excel counts days."""
_SIGNS: Final = {
    _ERROR: "Błąd arkusza w miejscu wartości.",
    re.compile(r".*\ufffd.*"): "Litery zgubione przy zmianie kodowania.",
    re.compile(r"=.*"): "Formuła w miejscu wartości.",
    _DAY: _TO_DAY,
    _NAMED_DAY: _TO_DAY,
    _TIME: "Arkusz zamienił wartość na godzinę.",
}
_SIGNS_OF_NUMBERS: Final = {_POWER: "Arkusz skrócił liczbę do potęgi dziesięciu i zgubił cyfry."}
_SIGNS_OF_PLACES: Final = {
    _SPELT_DAY: _TO_DAY,
    _FRACTION: "Ułamek: arkusz zamienił wartość na liczbę albo na datę.",
    _TRUTH: "Wartość logiczna w miejscu numeru.",
}


def mended(column: str, text: str) -> str:
    """The cell without what a spreadsheet or an export has put around its value; it may still be damaged or wrong."""
    text = " ".join(text.split())
    if quoted := re.fullmatch(r'="([^"]*)"', text):
        text = quoted[1].strip()
    if re.fullmatch(r"'[0-9+].*", text):
        text = text[1:]
    if column in NUMBERS | _PLACES and (whole := re.fullmatch(r"([0-9]+)[.,]0+", text)):
        return whole[1]
    if column == "phone":
        return re.sub(r"^(?:telefon|tel|kom(?:órka|orka)?|gsm|mobile)\b[.:]*(?: ?kom\b[.:]*)? *", "", text, flags=re.I)
    if column == "email":
        return re.sub(r"^(?:mailto|e-?mail) ?: *|[;,.]+$", "", text, flags=re.I)
    return text


def says_nothing(text: str) -> bool:
    """Whether a word stands where a cell should be empty."""
    return _NOTHING.fullmatch(text) is not None


def damage(column: str, text: str) -> str | None:
    """What has happened to a mended cell, in Polish; None when nothing of the kind."""
    if text == FORMULA_WITHOUT_RESULT:
        return "Formuła, której wyniku nie ma w pliku."
    signs = _SIGNS if column in _WORDS else {**_SIGNS, **_SIGNS_OF_NUMBERS}
    if column in _PLACES:
        signs = {**signs, **_SIGNS_OF_PLACES}
    found = next((told for pattern, told in signs.items() if pattern.fullmatch(text)), None)
    return _long_number(text) if found is None and column in _PLACES else found


def _long_number(text: str) -> str | None:
    if not re.fullmatch(r"[0-9]{5,}", text):
        return None
    days = int(text)
    day = f" (dzień {_FIRST_DAY + timedelta(days=days)} jako liczba)" if days <= _LAST_SERIAL else ""
    return f"Za długi numer{day}."
