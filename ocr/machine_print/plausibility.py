"""What two agreeing recognisers can still both get wrong, and the signs of it: such values are shown, not trusted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import cache, lru_cache
from typing import Final

from rapidfuzz.distance import Levenshtein

from forms.form import Field
from forms.kinds import FieldKind, Writing
from ocr.handprint.local_parts import name_words
from ocr.lexicons import company_words, first_names, mail_domains, streets, surnames, towns_by_postcode

_LOOK_ALIKE: Final = re.compile(r"l(?=[0-9])|(?<=[0-9])l|(?<=[0-9])o|0(?=[a-z])|o0|ii|1[il]|(?<![0-9])1(?![0-9])")
"""Places of an address where print tells l from 1 or o from 0 badly."""
_ONE_AFTER_A_WORD: Final = re.compile(r"([a-z]{3,}?)(l+)(?=[0-9])")
_ONE_IN_A_NUMBER: Final = re.compile(r"(?<=[0-9])l(?![a-z])")
_SPECKS: Final = re.compile(r"[\s,;:/\\|'`~_]+$")
_SPECKS_AFTER_AN_ADDRESS: Final = re.compile(r"[^\w]+$")
"""What no value ends with: dirt or a leader of the form that was read as a character."""
_STOP_AFTER_A_WORD: Final = re.compile(r"(?<=[^\W\d_]{4})\.$")
"""Names of companies end with short words that have a full stop."""
_STOP_WITHIN: Final = re.compile(r"[^\W\d_]{4}\.\s")
"""A full stop after a long word within the name of a place: more likely dirt."""
_LONE_CAPITAL: Final = re.compile(r"(?<=[^\W\d_][a-ząćęłńóśźż])[CKOPSUVWXZ](?=[a-ząćęłńóśźż])")
"""Within a word in small letters, a capital of the same shape."""
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_STRAY: Final = re.compile(r"[^\w\s.,\-/&\"()+]|_|\s-$|^-|[.,-]{2}|[\"(]$")
_LOCAL_WORD: Final = re.compile(r"[a-z]{5,}")
"""A word of an address that is long enough to be told from others."""
_LONG_ENOUGH: Final = 5
"""Letters from which a word that is one character off a known one is more likely that than a word of its own."""
_ONE_LOOK: Final = str.maketrans("1lO", "IIO") | {ord("0"): "O"}
"""What is one shape in many typefaces: of these no shape can be certain."""
_ALIKE: Final = ("EFILTJ", "CDGOQ", "UV", "HMN", "BPRS", "VWY", "KXZ", "filjrt", "aceos", "hnru", "uvwy", "bh", "gq")
"""Letters that poor print turns into each other."""
_THIN: Final = frozenset("filjrtFIJLT")
"""Letters that it loses beside another one, or makes of a speck."""
_LETTER_AMONG_LETTERS: Final = re.compile(r"[^\W\d_][0-9][^\W\d_]")

DOUBT_DOMAIN: Final = "Adres e-mail wygląda na błędnie odczytany (po znaku @). Sprawdź z obrazem."
DOUBT_LOOK_ALIKE: Final = "Nie wiadomo, czy to litera, czy cyfra (l i 1, o i 0). Sprawdź z obrazem."
DOUBT_SIGNS: Final = "W odczycie są nietypowe znaki. Sprawdź z obrazem."
DOUBT_MARKS: Final = "Polskie znaki albo odstępy mogły zostać źle odczytane. Sprawdź z obrazem."
DOUBT_NEAR: Final = "Odczyt różni się jednym znakiem od znanego słowa. Sprawdź z obrazem."
DOUBT_UNKNOWN: Final = "Nieznane krótkie słowo, którego kształty liter nie potwierdzają. Sprawdź z obrazem."
DOUBT_NUMBER: Final = "Nietypowy numer domu lub lokalu. Sprawdź z obrazem."


def has_frequent_domain(value: str) -> bool:
    """Whether an e-mail address belongs to one of the providers that most customers use."""
    return value.rpartition("@")[2] in _domains()


def with_full_stops(text: str) -> str:
    """A read e-mail address with the full stops of a frequent provider's domain where all of them were passed over."""
    name, at, domain = text.rpartition("@")
    bare = domain.replace(" ", "").lower()
    if not at or "." in bare:
        return text
    return f"{name}@{next((known for known in _domains() if known.replace('.', '') == bare), domain)}"


def without_specks(text: str, kind: FieldKind) -> str:
    """A reading without the characters at its end that no value of that kind ends with."""
    if kind.writing is Writing.EMAIL:
        return _SPECKS_AFTER_AN_ADDRESS.sub("", text)
    return _STOP_AFTER_A_WORD.sub("", _SPECKS.sub("", text)) if kind.writing in (Writing.TEXT, Writing.HOUSE) else text


def likely_value(item: Field, value: str) -> str:
    """What most likely stands there; the value itself where nothing of the kind is near.

    A frequent mail domain for one a letter off, a 1 for an l that ends a name before digits or stands in a number, a
    place with its marks and spaces, a frequent name with its marks.
    """
    if item.kind.writing is Writing.EMAIL:
        return _likely_address(value)
    if item.name == "name":
        return _WORD.sub(lambda found: _with_marks(found[0]), value)
    known = _PLACES[item.name]() if item.name in _PLACES else ()
    if not known:
        return value
    if value.upper() in known:
        return _LONE_CAPITAL.sub(lambda found: found[0].lower(), value)
    near = [word for word in known if _bare(word) == _bare(value)] or _one_look_off(value, known)
    if len(near) != 1:
        return value
    return _cased_like(near[0], value)


def _one_look_off(value: str, known: Collection[str]) -> list[str]:
    """The known texts that differ from a value only in characters of one shape, as 1 Maja and I Maja do."""
    look = value.upper().translate(_ONE_LOOK)
    return [word for word in known if word.translate(_ONE_LOOK) == look]


def _with_marks(word: str) -> str:
    """The one frequent name that differs from this word in its marks alone, or in a small first letter, or the word."""
    if word[0].islower() and len(word) >= _LONG_ENOUGH and word.upper() in _every_name():
        return word.capitalize()
    bare = _bare(word)
    known = _names().get(bare) or (() if word.isupper() else _names().get(bare.capitalize(), ()))
    return _cased_like(known[0], word) if len(known) == 1 and word.upper() not in known else word


def _cased_like(text: str, value: str) -> str:
    """Text in capitals, each letter in the case of that in ``value``, whatever the spaces."""
    capitals = iter([character.isupper() for character in value if character != " "])
    return "".join(character if character == " " or next(capitals) else character.lower() for character in text)


def _likely_address(value: str) -> str:
    name, _, domain = value.rpartition("@")
    return f"{_LOCAL_WORD.sub(lambda found: _likely_name(found[0]), _with_ones(name))}@{_likely_domain(domain)}"


def _likely_name(word: str) -> str:
    """A name for a word that has one of its letters in another shape; whether one is missing only its owner knows."""
    near = _near_name(word)
    return near if near is not None and len(near) == len(word) else word


def _near_name(word: str) -> str | None:
    """The one word of names that is one character off; None for such a word itself, and where none or several are."""
    if word in name_words():
        return None
    near = [known for known in _name_words_of(len(word)) if _may_be_misread(known, word)]
    return near[0] if len(near) == 1 else None


def _may_be_misread(known: str, read: str) -> bool:
    """Whether print of the one word, poor in one place, reads as the other."""
    if Levenshtein.distance(known, read, score_cutoff=1) != 1:
        return False
    edit = next(iter(Levenshtein.editops(known, read)))
    at, to = edit.src_pos, edit.dest_pos
    if len(known) == len(read):
        return any(known[at] in characters and read[to] in characters for characters in _ALIKE)
    return (known[at] if len(known) > len(read) else read[to]) in _THIN


def _likely_domain(domain: str) -> str:
    near = [known for known in _domains() if Levenshtein.distance(domain, known, score_cutoff=1) <= 1]
    return near[0] if len(near) == 1 else domain


def _with_ones(name: str) -> str:
    """What stands before the @, with its 1s: monikal83 is monika183, but karol83 is a name."""

    def ended(found: re.Match[str]) -> str:
        word = found[1]
        known = word in name_words() and f"{word}l" not in name_words()
        return word + "1" * len(found[2]) if known else found[0]

    return _ONE_AFTER_A_WORD.sub(ended, _ONE_IN_A_NUMBER.sub("1", name))


def _bare(words: str) -> str:
    """In capitals, without marks and spaces."""
    plain = unicodedata.normalize("NFKD", words.upper().replace("Ł", "L").replace(" ", ""))
    return "".join(character for character in plain if not unicodedata.combining(character))


@cache
def _domains() -> frozenset[str]:
    return frozenset(mail_domains())


@cache
def _name_words_of(length: int) -> tuple[str, ...]:
    """Words of names of about that length."""
    return tuple(word for word in name_words() if abs(len(word) - length) <= 1)


@cache
def _every_name() -> frozenset[str]:
    """Frequent names in capitals."""
    return frozenset(word for words in _names().values() for word in words)


@cache
def _every_word() -> frozenset[str]:
    """All words, in capitals, of names, companies and places that the installation knows."""
    places = (part for words in _PLACES.values() for text in words() for part in _WORD.findall(text))
    return _every_name() | frozenset(places)


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """Frequent names in capitals by what they are without marks; in small letters a faint ł within them is a t, too."""
    found: dict[str, tuple[str, ...]] = {}
    for word in dict.fromkeys((*first_names(), *surnames(), *company_words())):
        for seen in {_bare(word), _bare(word[0] + word[1:].replace("Ł", "T")).capitalize()}:
            found[seen] = (*found.get(seen, ()), word)
    return found


def _towns() -> tuple[str, ...]:
    return tuple(dict.fromkeys(town for towns in towns_by_postcode().values() for town in towns))


_PLACES: Final = {"street": streets, "town": _towns}
"""Words that fields of these names usually hold."""
_WORDED: Final = frozenset({"name", *_PLACES})
"""Fields whose words are mostly known ones."""


def doubt_about(item: Field, value: str, *, confirmed_shapes: bool = False, certain_shapes: bool = False) -> str | None:
    """Why a well-formed value may yet be misread, in Polish; None when nothing speaks against it.

    ``confirmed_shapes`` tells that each character by its shape is what was read, ``certain_shapes`` that none of them
    can be anything else: then even l and 1 are no riddle.
    """
    match item.kind.writing:
        case Writing.EMAIL:
            return _doubt_about_address(value, confirmed_shapes, certain_shapes)
        case Writing.HOUSE:
            return DOUBT_NUMBER if not value[0].isdigit() or re.search(r"[0-9]{4}", value) else None
        case Writing.TEXT:
            return _doubt_about_text(item, value, confirmed_shapes, certain_shapes)
        case _:
            return None


def _doubt_about_address(value: str, confirmed: bool, certain: bool) -> str | None:
    name, _, domain = value.rpartition("@")
    if _likely_domain(domain) != domain:
        return DOUBT_DOMAIN
    if not certain and _LOOK_ALIKE.search(name):
        return DOUBT_LOOK_ALIKE
    for word in _LOCAL_WORD.findall(name):
        known = _near_name(word)
        # A character taken for another of nearly its shape is told by certain shapes only, one that is missing by any.
        if known is not None and not (certain if len(known) == len(word) else confirmed):
            return DOUBT_NEAR
    return None


def _doubt_about_text(item: Field, value: str, confirmed: bool, certain: bool) -> str | None:
    strange = len(value) < 2 or _STRAY.search(value) or _LETTER_AMONG_LETTERS.search(value)
    if strange or (item.name in _PLACES and _STOP_WITHIN.search(value)):
        return DOUBT_SIGNS
    if likely_value(item, value) != value:
        return DOUBT_MARKS
    words = map(str.upper, _WORD.findall(value)) if item.name in _WORDED else ()
    unknown = [word for word in words if word not in _every_word()]
    if not confirmed and any(len(word) < _LONG_ENOUGH for word in unknown):
        return DOUBT_UNKNOWN
    return DOUBT_NEAR if not certain and any(map(_is_near_a_word, unknown)) else None


@lru_cache(4096)
def _is_near_a_word(word: str) -> bool:
    """Whether one character of a word in capitals, taken for another of nearly its shape, would make it a known one."""
    if len(word) < _LONG_ENOUGH:
        return False
    small = word.lower()
    return any(
        _may_be_misread(known, word) or _may_be_misread(known.lower(), small)
        for known in _every_word()
        if len(known) == len(word)
    )
