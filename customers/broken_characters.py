"""Polish letters destroyed by a wrong encoding, recognised by what that encoding makes of them.

Three things happen: the bytes of UTF-8 are shown as single signs ('Ĺ‚' for 'ł'); one old encoding is read as another
('³' for 'ł'); a program that knows no 'ł' writes '?'. Each leaves signs that no name has at that place. What can be a
letter of another language ('ñ', 'š') counts only where Polish has its letter and that language has none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import product
from typing import Final

_LETTERS: Final = "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ"
_SHOWN_AS: Final = ("cp1250", "iso8859-2", "cp1252", "latin-1", "cp852", "cp437", "mac-latin2", "mac-roman")
_OLD: Final = ("cp1250", "iso8859-2", "cp852")
_NEIGHBOURS: Final = "äöüßéáíčšžřýůőÄÖÜÉČŠŽ„”“’–—…\u00a0"
"""What else stands in the lists of a Polish office: broken in the same way as its own letters."""
_USUAL: Final = frozenset("'’`´-–—.,/&+()[]{}\"„”“«»§°%*_@:;!#~=<>|\\^$€™®©†\u00a0\u00ad")
"""Signs that may touch a letter in a name, though an encoding may yield them."""


def _shown(content: bytes, encoding: str) -> str:
    """Bytes as a program of that encoding shows them; those without a sign stay what they are."""
    signs = (bytes([one]) for one in content)
    return "".join(one.decode(encoding, "ignore") or one.decode("latin-1") for one in signs)


def _of_utf8() -> Iterator[str]:
    for letter, encoding in product(_LETTERS + _NEIGHBOURS, _SHOWN_AS):
        signs = _shown(letter.encode(), encoding)
        if not set(signs) <= set(_LETTERS):
            yield signs


def _of_old_encodings() -> Iterator[str]:
    for letter, true, read in product(_LETTERS, _OLD, ("cp1250", "iso8859-2", "cp1252", "latin-1")):
        sign = _shown(letter.encode(true), read)
        if unicodedata.category(sign) not in {"Lu", "Ll"} and sign not in _USUAL:
            yield sign


def _any_of(texts: Iterator[str]) -> str:
    return "|".join(map(re.escape, sorted(set(texts))))


_A_LETTER: Final = r"[^\W\d_]"
_VOWEL: Final = "[aeiouyóAEIOUYÓ]"
_CONSONANT: Final = "[bcdfghjklmnprstwzłżśBCDFGHJKLMNPRSTWZŁŻŚ]"
_BROKEN: Final = re.compile(
    "|".join(
        (
            "[\x80-\x9f\ufffd\u2500-\u259f]",
            rf"†(?={_A_LETTER})",
            _any_of(_of_utf8()),
            rf"(?<!\bm)(?<!\b[cdkCDK]m)(?<={_A_LETTER})(?:{_any_of(_of_old_encodings())})",
            rf"(?:{_any_of(_of_old_encodings())})(?={_A_LETTER})",
            "ñ(?![aeiouáéíóúAEIOU])|Ñ(?![AEIOUÁÉÍÓÚaeiou])",  # the Spanish one stands before vowels, 'ń' never does
            "[êÊ](?:(?=[bdgkwzżBDGKWZŻ])|(?=c(?!h)|s[a-z]))|(?<=i)ê(?![nmu])|(?<=[dkstzDKSTZ])ê(?=p)",
            f"(?<={_VOWEL})[æÆ]|Æ(?=[wm])",
            f"(?<={_VOWEL})[œŒ]|[œŒ](?=[wclmprtWCLMPRT])",
            "(?i:(?<=[bcdfghjkmnpstwzłż])š(?=[bcdfgkłs]))|(?i:(?<=[bcdfghjkmnpstwzłż])©(?=[bcdgkpt]))",
            f"(?<=[a-zęóąłśżźćń])Ľ(?![^\\W\\d_a-zęóąłśżźćń])|[aoAO]ä(?={_CONSONANT})",
            "Ÿ(?=[a-ząćęłńóśźż])|(?<=[a-ząćęłńóśźż])Ÿ",  # 'ź'; the French capital stands among capitals
            "Ĺ(?=[a-ząćęłńóśźż])",  # 'Ł' of UTF-8 whose second byte has no sign and was dropped
            r"&(?:#(?:[0-9]{2,7}|[xX][0-9a-fA-F]{2,6})|[a-zA-Z]{2,8});",  # as HTML writes letters
            _any_of("+" + letter.encode("utf-7").decode()[1:4] for letter in _LETTERS),  # UTF-7
            r"\\u0[0-9a-fA-F]{3}|%[Cc][2-5]%[89abAB][0-9a-fA-F]|=C[2-5]=[89AB][0-9A-F]",
        )
    )
)
_REPLACED: Final = re.compile(rf"{_A_LETTER}\?|\?{_A_LETTER}")
_WITHIN: Final = re.compile(rf"{_A_LETTER}\?+{_A_LETTER}")


def broken_in(text: str) -> str | None:
    """What has happened to the letters of a name, a street or a town, in Polish; None when nothing has."""
    if _BROKEN.search(text):
        return "Litery zgubione przy zmianie kodowania: plik zapisano w jednym, a odczytano w innym."
    return "Litery zgubione przy zmianie kodowania: w ich miejscu stoi „?”." if _REPLACED.search(text) else None


def letters_replaced(text: str) -> bool:
    """Whether letters inside words of a whole file have become '?'."""
    return _WITHIN.search(text) is not None
