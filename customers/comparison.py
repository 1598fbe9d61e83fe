"""Whether a name or address is the one in the register: equal but for how people write it, never merely similar.

Three answers. AGREES is a factor. CONTRADICTS sends the document to a human. SILENT is neither: something is not
given, the register does not know it, or it is given too shortly to tell.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import Enum


class Answer(Enum):
    """What one comparison says."""

    AGREES = "agrees"
    SILENT = "silent"
    CONTRADICTS = "contradicts"


_LEGAL_FORMS = {
    r"prosta spolka akcyjna|p s a|psa": "[psa]",
    r"spolka komandytowo akcyjna|s k a|ska": "[ska]",
    r"spolka (z|s) (ograniczona|ogr) (odpowiedzialnoscia|odp)|sp (z|s) o ?o|spzoo|spolka (z|s) o ?o": "[spzoo]",
    r"spolka akcyjna|s a|sa": "[sa]",
    r"spolka jawna|sp j|spj": "[spj]",
    r"spolka komandytowa|sp k|spk": "[spk]",
    r"spolka partnerska|sp p|spp": "[spp]",
    r"spolka cywilna|s c|sc": "[sc]",
}
_COMPANY_WORDS = {
    r"przedsiebiorstwo produkcyjno handlowo uslugowe|p p h u": "pphu",
    r"przedsiebiorstwo handlowo uslugowe|p h u": "phu",
    r"firma handlowo uslugowa|f h u": "fhu",
}
_PERSON = 2
"""Words that a name of a person has at least."""
_FORMS_OF_ADDRESS = frozenset({"pan", "pani", "panstwo", "dr", "mgr", "inz", "prof", "hab"})
_STREET_KINDS = {
    "ul": "ul", "ulica": "ul", "os": "os", "osiedle": "os", "al": "al", "aleja": "al", "aleje": "al",
    "pl": "pl", "plac": "pl",
}  # fmt: skip
_TOWN_WORDS = {"n": "nad", "k": "kolo", "wlkp": "wielkopolski", "maz": "mazowiecki", "sl": "slaski"}
_POLISH = str.maketrans("ąćęłńóśźż", "acelnoszz")
_FLAT_SIGNS = re.compile(r"(?<=[0-9A-Z])(?:/|M\.?|LOK\.?)(?=[0-9])")


def plain(text: str) -> str:
    """Small letters without diacritics, one space where anything else stood: people omit diacritics and dots."""
    bare = text.casefold().translate(_POLISH)
    if not bare.isascii():
        bare = "".join(sign for sign in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[\W_]+", " ", bare).split())


def compare_names(given: str | None, known: str | None) -> Answer:
    """Names of persons and companies, in any order of words.

    A legal form that is left out makes the name SILENT; another one, or one that the register does not have,
    CONTRADICTS: 'Nowak' the person and 'Nowak sp. z o.o.' are two customers.
    """
    if not given or not known:
        return Answer.SILENT
    given_words, given_forms = _name_words(given)
    known_words, known_forms = _name_words(known)
    if given_words != known_words or not given_words:
        return Answer.CONTRADICTS
    if given_forms == known_forms:
        return Answer.AGREES
    return Answer.SILENT if not given_forms else Answer.CONTRADICTS


def _name_words(name: str) -> tuple[list[str], list[str]]:
    text = plain(name)
    for pattern, word in (_COMPANY_WORDS | _LEGAL_FORMS).items():
        text = re.sub(rf"(?<!\S)(?:{pattern})(?!\S)", word, text)
    words = [word for word in text.split() if word not in _FORMS_OF_ADDRESS]
    return sorted(w for w in words if w[0] != "["), sorted(w for w in words if w[0] == "[")


def names_person(name: str | None, signer: str, surname: str | None, *, firm: bool) -> bool:
    """Whether a name is that of a person whose certificate has all given names: people write one of them.

    The name of the ``firm`` of a sole trader has more words beside; one with a legal form names no person.
    """
    words, legal = _name_words(name or "")
    told, _ = _name_words(signer)
    last, _ = _name_words(surname or " ".join(signer.split()[-1:]))
    if legal or not set(last) <= set(words) or len(set(words) & set(told)) < max(_PERSON, len(set(last)) + 1):
        return False
    return firm or set(words) <= set(told)


def compare_addresses(
    given: Mapping[str, str | None], known: Mapping[str, str | None], unknown: frozenset[str] = frozenset()
) -> dict[str, Answer]:
    """Answer by part: 'street', 'house' (with the flat), 'postcode', 'town'; see ``address_answer``.

    ``unknown`` names parts that the register has lost: empty there, they do not say that there is no street or flat.
    """
    postcode = _compare_plain(given.get("postcode"), known.get("postcode"))
    answers = {
        "street": compare_streets(given.get("street"), known.get("street"), known.get("town")),
        "house": compare_houses(given, known),
        "postcode": postcode,
        "town": compare_towns(given.get("town"), known.get("town"), same_postcode=postcode is Answer.AGREES),
    }
    silenced = {"house" if name == "flat" else name for name in unknown}
    return {
        name: Answer.SILENT if name in silenced and answer is Answer.AGREES else answer
        for name, answer in answers.items()
    }


def address_answer(parts: Mapping[str, Answer]) -> Answer:
    """The whole address agrees only when every part does."""
    answers = set(parts.values())
    if Answer.CONTRADICTS in answers:
        return Answer.CONTRADICTS
    return Answer.AGREES if answers == {Answer.AGREES} else Answer.SILENT


def _compare_plain(given: str | None, known: str | None) -> Answer:
    if not given or not known:
        return Answer.SILENT
    return Answer.AGREES if plain(given) == plain(known) else Answer.CONTRADICTS


def compare_towns(given: str | None, known: str | None, *, same_postcode: bool) -> Answer:
    """Towns; the beginning of a long name is enough where the post code agrees ('Kostrzyn')."""
    if not given or not known:
        return Answer.SILENT
    ours, theirs = _town_words(given), _town_words(known)
    shorter = min(len(ours), len(theirs))
    if ours == theirs or (same_postcode and shorter and ours[:shorter] == theirs[:shorter]):
        return Answer.AGREES
    return Answer.CONTRADICTS


def _town_words(town: str) -> list[str]:
    return [_TOWN_WORDS.get(word, word) for word in plain(town).split()]


def compare_streets(given: str | None, known: str | None, town: str | None) -> Answer:
    """Streets; 'ul.' and the like may be left out, a first name may be an initial.

    A first name left out ('Mickiewicza') is SILENT. 'pl. Wolności' and 'ul. Wolności' are two streets. In a village
    without streets people repeat the village's name.
    """
    if not known:
        return Answer.AGREES if not given or (town and plain(given) == plain(town)) else Answer.SILENT
    if not given:
        return Answer.SILENT
    given_kind, given_words = _street_words(given)
    known_kind, known_words = _street_words(known)
    if given_kind and known_kind and given_kind != known_kind:
        return Answer.CONTRADICTS
    return _compare_street_words(given_words[::-1], known_words[::-1])


def _compare_street_words(given: list[str], known: list[str]) -> Answer:
    """From the last word, which names the street, to the first names before it."""
    if not given or not known or given[0] != known[0]:
        return Answer.CONTRADICTS
    if not all(_same_or_initial(one, other) for one, other in zip(given, known, strict=False)):
        return Answer.CONTRADICTS
    return Answer.AGREES if len(given) == len(known) else Answer.SILENT


def _street_words(street: str) -> tuple[str | None, list[str]]:
    words = plain(street).split()
    if len(words) > 1 and words[0] in _STREET_KINDS:
        return _STREET_KINDS[words[0]], words[1:]
    return None, words


def _same_or_initial(one: str, other: str) -> bool:
    return one == other or (1 in (len(one), len(other)) and one[0] == other[0])


def compare_houses(given: Mapping[str, str | None], known: Mapping[str, str | None]) -> Answer:
    """House and flat together: '12' and '3' is '12/3', '12 m. 3'. A flat that only one side has is SILENT."""
    if not given.get("house") or not known.get("house"):
        return Answer.SILENT
    ours, theirs = _house_parts(given), _house_parts(known)
    if ours == theirs:
        return Answer.AGREES
    shorter = min(len(ours), len(theirs))
    return Answer.SILENT if ours[:shorter] == theirs[:shorter] else Answer.CONTRADICTS


def _house_parts(address: Mapping[str, str | None]) -> list[str]:
    house, flat = (re.sub(r"\s+", "", address.get(name) or "").upper() for name in ("house", "flat"))
    return [part for part in (*_FLAT_SIGNS.sub("/", house).split("/"), *flat.split("/")) if part]
