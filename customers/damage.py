"""What spreadsheets do to the cells of a customer list, and which damage can be undone with certainty.

Excel takes '5/7' for a day, '1:2' for a time, a long number for a power of ten; exports write words for nothing. A cell
is *mended* only when there is one thing that it can have been: '12345678.0', '="007"', 'tel. 600 700 800'. What may
have been this or that (the 5th of July: '5/7' or '7/5'?) is named and left to a human.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from customers.broken_characters import broken_in
from customers.spreadsheet_faults import FORMULA_WITHOUT_RESULT, PART_OF_MERGED

NUMBERS: Final = frozenset({"customer_no", "pesel", "nip", "postcode", "phone"})
"""Columns of digits alone, but for signs between them."""
_PLACES: Final = frozenset({"house", "flat"})
_WORDS: Final = frozenset({"name", "street", "town"})

_BLANKS: Final = re.compile(r"[^\S\x85]+")
"""Not U+0085: it counts as blank, and is half of an 'ą' of UTF-8 that was read as Latin-1."""
_AS_TEXT: Final = re.compile(r"'(?:[0-9+].*|[^\W_a-ząćęłńóśźż][^']*)")
_AS_TEXT_OF_EMAIL: Final = re.compile(r"'[^']+")
"""The apostrophe by which Excel is told that a text follows; "'t Hart" is a name, and one in quotes has two of them."""
_MONTH: Final = (
    "sty|lut|mar|kwi|maj|cze|lip|sie|wrz|paź|paz|lis|gru|"
    "jan|feb|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|mrz|mai|okt|dez"
)
_NOTHING_OF_PROGRAMS: Final = (
    r"null|none|nan|nat|nil|undefined|\\+n|n\.?/?a\.?|(?:pd|pandas|np|numpy)\.(?:na|nat|nan)|"
    r"(?:system\.)?dbnull(?:\.value)?|\[object \w+\]|[-+]?1[.,]#(?:qnan|ind|inf)|[-+]nan|empty|\(blank\)|no data|"
    r"not (?:available|applicable|known|set)"
)
"""pandas and numpy, SQL and its dumps, JavaScript, .NET, C and Excel."""
_NOTHING_OF_PEOPLE: Final = (
    r"n/?d|n\.d\.?|b/?d|b\.d\.?|b[/.]?n\.?|b/nr|x{1,4}|puste|pust[ay]|"
    r"nie (?:ma|dotyczy|podano|ustalono)|nie ?znan[aey]|"
    r"brak(?: danych| nr| numeru| adresu| nazwy| ulicy| maila| e-?mail(?:a|u)?)?|"
    r"bez (?:danych|nr|numeru|adresu|nazwy|nazwiska|ulicy)"
)
_ONE_NOTHING: Final = rf"[(<\[{{]?(?:{_NOTHING_OF_PROGRAMS}|{_NOTHING_OF_PEOPLE})[)>\]}}]?\.?"
_NOTHING: Final = re.compile(rf"{_ONE_NOTHING}(?:[ ,;/]+{_ONE_NOTHING})*", re.IGNORECASE)
_PARTLY_NOTHING: Final = re.compile(
    r"(?<![\w.])(?:nan|NaN|NaT|null|undefined|<NA>|\(null\)|\[NULL\]|\\N|(?:pd|np)\.\w+|\[object \w+\])(?![\w.])|"
    r"^None \S+$|^\S+ None$"
)
"""Words of programs beside a value, as programs spell them: 'Null' and 'Nan' are names of people."""
_NULL: Final = re.compile(r"\bNULL\b")
"""Beside words with small letters a word of programs; where all is in capitals it may be a name."""
_ERROR: Final = re.compile(r"#+|#[A-ZĄĆĘŁŃÓŚŹŻ][A-ZĄĆĘŁŃÓŚŹŻ0-9/_ ]*[!?]?|#[A-Z][a-z]+[!?]?|[Ee]rr:[0-9]+")
"""Access spells them with small letters."""
_PARTLY_ERROR: Final = re.compile(
    r"(?:^|\s)(?:#{3,}|#(?:N/[AD]|REF|ADR|ARG|VALUE|NAME|NAZWA|NUM|LICZBA|NULL|ZERO|DIV/0|DZIEL/0|SPILL|ROZLANIE|CALC|"
    r"OBL)[!?]*|Err:[0-9]{3})(?:\s|$)"
)
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
    r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{2}|[0-9]{1,2}[./-](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}-[0-9]{2}|"
    r"0[0-9]([/-])[0-9]{1,2}\1[0-9]{2}|[0-9]{1,2}([/-])0[0-9]\2[0-9]{2}|"
    r"(?:mon|tue|wed|thu|fri|sat|sun|poniedz|wtor|środ|czwart|piąt|sobot|niedziel)[a-ząęłś]*\.?,? .*[0-9].*",
    re.IGNORECASE,
)
"""In a house number only: as a street '3 Maja' and '11 Listopada' are right."""
_TIME: Final = re.compile(
    r"(?:[0-9]+ days?, ?|[0-9]+\.)?[0-9]{1,3}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?[AP]M)?", re.IGNORECASE
)
_FRACTION: Final = re.compile(r"[0-9]*[.,][0-9]+")
_PERCENT: Final = re.compile(r"-?[0-9]+(?:[.,][0-9]+)? ?%")
_TRUTH: Final = re.compile("true|false|prawda|fałsz|tak|nie|yes|no|vrai|faux|wahr|falsch", re.IGNORECASE)
_TRUTH_IN_WORDS: Final = re.compile("TRUE|FALSE|True|False|true|false|PRAWDA|FAŁSZ")
"""As programs write it: 'Prawda' is a surname and a village."""
_POWER_IN_WORDS: Final = re.compile(
    r"[-+]?[0-9]+(?:[.,][0-9]+)?E[-+][0-9]+|[-+]?[0-9]+[.,][0-9]+E[0-9]+", re.IGNORECASE
)
_LETTER: Final = re.compile(r"[^\W\d_]")
_TO_DAY: Final = "Arkusz zamienił wartość na datę."
_FIRST_DAY: Final = date(1899, 12, 30)
_LAST_SERIAL: Final = 73_050
"""The end of the year 2099, as Excel counts days."""
_PARTLY: Final = "Obok wartości stoi błąd arkusza albo słowo programu, które znaczy „nic”."
_SHORTENED: Final = "Arkusz skrócił liczbę do potęgi dziesięciu i zgubił cyfry."
_SIGNS: Final = {
    _ERROR: "Błąd arkusza w miejscu wartości.",
    re.compile(r"=.*"): "Formuła w miejscu wartości.",
    _DAY: _TO_DAY,
    _NAMED_DAY: _TO_DAY,
    _TIME: "Arkusz zamienił wartość na godzinę.",
}
_SIGNS_OF_NUMBERS: Final = {_POWER: _SHORTENED}
_SIGNS_OF_PLACES: Final = {
    _SPELT_DAY: _TO_DAY,
    _FRACTION: "Ułamek: arkusz zamienił wartość na liczbę albo na datę.",
    _PERCENT: "Procent: arkusz zamienił wartość na ułamek.",
    _TRUTH: "Wartość logiczna w miejscu numeru.",
    re.compile(r"0+"): "Zero w miejscu numeru.",
    re.compile(r"[\W_]+"): "Same znaki w miejscu numeru.",
}
_SIGNS_OF_WORDS: Final = {
    _TRUTH_IN_WORDS: "Wartość logiczna w miejscu słowa.",
    _POWER_IN_WORDS: _SHORTENED,
}


def mended(column: str, text: str) -> str:
    """The cell without what a spreadsheet or an export has put around its value; it may still be damaged or wrong."""
    text = _BLANKS.sub(" ", text).strip(" ")
    if quoted := re.fullmatch(r'="([^"]*)"', text):
        text = quoted[1].strip()
    if (_AS_TEXT_OF_EMAIL if column == "email" else _AS_TEXT).fullmatch(text):
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
    if text == PART_OF_MERGED:
        return "Komórka scalona z inną: nie wiadomo, kogo dotyczy. Rozdziel ją i wpisz wartość w każdym wierszu."
    if column in _WORDS:
        return _told({**_SIGNS, **_SIGNS_OF_WORDS}, text) or _beside(text) or broken_in(text) or _no_word(text)
    signs = {**_SIGNS, **_SIGNS_OF_NUMBERS}
    if column not in _PLACES:
        return _told(signs, text) or ("Litery zgubione przy zmianie kodowania." if "\ufffd" in text else None)
    signs = {**signs, **_SIGNS_OF_PLACES}
    joined = text.replace(" ", "")
    return _told(signs, text) or _told(signs, joined) or _beside(text) or broken_in(text) or _long_number(joined)


def _told(signs: dict[re.Pattern[str], str], text: str) -> str | None:
    return next((told for pattern, told in signs.items() if pattern.fullmatch(text)), None)


def _beside(text: str) -> str | None:
    """The damage of a value to which a program has glued its word for nothing, or an error."""
    null = text != text.upper() and _NULL.search(text)
    return _PARTLY if null or _PARTLY_NOTHING.search(text) or _PARTLY_ERROR.search(text) else None


def _no_word(text: str) -> str | None:
    """A name of signs and digits alone; '4F' and '3 Maja' have a letter."""
    if _LETTER.search(text):
        return None
    if whole := re.fullmatch(r"([0-9]+)(?:[.,]0+)?", text):
        return f"Liczba w miejscu słowa{_day(whole[1])}."
    return "Same cyfry i znaki w miejscu słowa."


def _long_number(text: str) -> str | None:
    """More digits than a house has, or the number that a sheet has for an error."""
    return f"Za długi numer{_day(text)}." if re.fullmatch(r"-?[0-9]{5,}", text) else None


def _day(digits: str) -> str:
    """The day that a sheet means by a number, where it can be one of those written as a day."""
    days = int(digits)
    return f" (dzień {_FIRST_DAY + timedelta(days=days)} jako liczba)" if 10_000 <= days <= _LAST_SERIAL else ""
