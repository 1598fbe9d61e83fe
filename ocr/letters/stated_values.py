"""Values that a letter states in its own words, each found by its form and by the words before it.

Every function gives the candidates for one sort of value, the likeliest first. Whether a candidate is right is for the
field's kind and, in the end, for a human.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from rapidfuzz import fuzz

from environment.settings import get_settings
from forms.asking import plain
from ocr.letters.labels import SYNONYMS
from ocr.letters.page_words import EMAIL, Line, PageText
from ocr.letters.running_text import RunningText, TextPlace

_CAPITAL: Final = "A-ZĄĆĘŁŃÓŚŹŻ"
_NAME: Final = re.compile(
    rf"[{_CAPITAL}][\w.'&-]*(?:\s+(?:[{_CAPITAL}][\w.'&-]*|z|i|nad|pod|o\.o\.?|s\.c\.?|j\.?)){{1,6}}"
)
_UNDERSIGNED: Final = re.compile(r"(?:ni[żz]ej podpisan[aeiy]|nazywam si[ęe]|jestem)[:,]?\s+", re.IGNORECASE)
_CLOSING: Final = re.compile(r"z powaz|z wyrazami|pozdraw|lacze wyraz|z gory dziek|z szacunk")
_POSTCODE: Final = re.compile(
    rf"(?<!\d)(\d\d ?[-–—] ?\d{{3}}) "
    rf"([{_CAPITAL}][\w-]+(?:(?: |\n(?=nad ))(?:nad|n/|n\.|k\.|[{_CAPITAL}])[\w.-]*){{0,3}})"
)
_STREET: Final = re.compile(
    r"(?:\b(?:ul|ulica|ulicy)\b\.?\s*)?"
    rf"((?:(?:al|os|pl)\.\s?)?[{_CAPITAL}0-9][\w.'-]*(?: [{_CAPITAL}][\w.'-]*){{0,3}}) "
    r"(\d{1,4}(?:\s?[A-Za-z](?![\w.]|\s?\d))?)(?![\w-])(?:\s*(?:/|\bm\.?|\blok\.?|\bmieszk\w*)\s*(\d{1,4}[A-Za-z]?))?"
)
_MONTHS: Final = (
    "styczn", "lut", "marc", "kwietn", "maj", "czerw", "lipc", "sierpn", "wrzesn", "pazdziern", "listopad", "grudn",
)  # fmt: skip
_WORDED_DAY: Final = re.compile(r"(?<!\d)(\d{1,2})\s+([^\W\d]{3,12})\s+((?:19|20)\d\d)(?!\d)")
_PLAIN_DAY: Final = re.compile(
    r"(?<!\d)(\d{1,2}[.\-/]\s?(?:\d{1,2}|[IVX]{1,4})[.\-/]\s?(?:19|20)\d\d|20\d\d-\d\d-\d\d)(?!\d)"
)
_BEFORE: Final = 40
"""So many characters before a number may say what it is."""
_LIKE: Final = 84.0
_HEAD: Final = 12
"""Lines that the head of a letter takes at most."""
_LOOK_ALIKE: Final = str.maketrans("OoQlI|", "000111")
_LONE_ZERO: Final = re.compile(r"(?<![0-9])0(?=[a-z])")
"""A zero before a letter: print hardly tells it from an o, and people hardly write it there."""
_NEW: Final = ("nowy", "nowego", "nowa", "na", "to")
_OLD: Final = ("z", "ze", "dotychczas", "star", "poprzedn", "obecn", "skrzynk")


@dataclass(frozen=True, slots=True)
class ValueCandidate:
    """A text that may be a value, and where it stands. ``named`` says that the words before it say what it is."""

    raw: str
    place: TextPlace
    named: bool


def without_recipient(pages: Sequence[PageText]) -> RunningText:
    """The text of a letter less the lines that say to whom it goes: their address is not the sender's."""
    company = plain(get_settings().company_name.split(" Sp.")[0])
    lines = [(page.number, line) for page in pages for line in page.lines]
    left_out: set[int] = set()
    for at, (_, line) in enumerate(lines):
        if fuzz.partial_ratio(company, plain(line.text)) < _LIKE or len(line.text) < len(company) - 4:
            continue
        left_out.add(at)
        lowest = line.box[3]
        for below in range(at + 1, min(at + 7, len(lines))):
            box = lines[below][1].box
            if abs(box[0] - line.box[0]) < 12 and 0 < box[1] - lowest < 1.6 * line.height:
                left_out.add(below)
                lowest = box[3]
    return RunningText([item for at, item in enumerate(lines) if at not in left_out])


def numbers(text: RunningText, field: str, length: int) -> list[ValueCandidate]:
    """Runs of exactly so many digits, however grouped; those that the field's labels name come first."""
    phrases = [plain(phrase) for phrase in SYNONYMS.get(field, ())]
    found = []
    for match in re.finditer(r"(?<![\w@.])\+?[0-9OolI|]{2,}(?:[ \u00a0.-]{1,2}[0-9OolI|]{2,})*(?![\w@])", text.text):
        digits = re.sub(r"\D", "", match[0].translate(_LOOK_ALIKE))
        if field == "phone":
            digits = re.sub(r"^(0048|48)(?=\d{9}$)", "", digits)
        if len(digits) != length or not re.search("[0-9]", match[0]):
            continue
        before = plain(text.text[max(0, match.start() - _BEFORE) : match.start()]).replace("\n", " ")
        named = any(fuzz.partial_ratio(phrase, before[-len(phrase) - 8 :]) >= _LIKE for phrase in phrases)
        found.append(ValueCandidate(digits, text.place(match.start(), match.end()), named))
    return sorted(found, key=lambda each: not each.named)


def addresses(text: RunningText) -> list[ValueCandidate]:
    """E-mail addresses but the company's own, in reading order; ``named`` when called the new one, not the old."""
    found = []
    for match in EMAIL.finditer(text.text):
        address = _LONE_ZERO.sub("o", match[0].lower().rstrip("."))
        if address == get_settings().company_email.lower():
            continue
        found.append(
            ValueCandidate(
                address, text.place(match.start(), match.end()), _is_new(text.text, match.start(), match.end())
            )
        )
    return list({each.raw: each for each in reversed(found)}.values())[::-1]


def _is_new(text: str, start: int, end: int) -> bool:
    """Whether the nearest word that tells old from new, before an address or right after it, says 'new'."""
    after = plain(text[end : end + 30])
    if re.match(r"\W*(jest )?(juz )?nieaktual|\W*juz nie", after):
        return False
    for token in reversed(re.findall(r"[a-z@]+", plain(text[max(0, start - 60) : start]))):
        if token in _NEW or token.startswith("nowy"):
            return True
        if token in _OLD[:2] or token.startswith(_OLD[2:]):
            return False
        if "@" in token:
            return True  # the second of two: 'z A na B' with the 'na' lost
    return False


def days(text: RunningText) -> list[ValueCandidate]:
    """Days as DD.MM.RRRR or as the page has them; one after a place name or 'dnia' first, then the later ones first."""
    found = []
    for match in _WORDED_DAY.finditer(text.text):
        month = plain(match[2])
        likest = max(range(12), key=lambda at: fuzz.ratio(_MONTHS[at], month[: len(_MONTHS[at])]))
        if fuzz.ratio(_MONTHS[likest], month[: len(_MONTHS[likest])]) >= 75:
            raw = f"{int(match[1]):02}.{likest + 1:02}.{match[3]}"
            found.append(ValueCandidate(raw, text.place(match.start(), match.end()), _dated(text.text, match.start())))
    for match in _PLAIN_DAY.finditer(text.text):
        raw = match[0].replace(" ", "")
        found.append(ValueCandidate(raw, text.place(match.start(), match.end()), _dated(text.text, match.start())))
    return sorted(found, key=lambda each: not each.named)


def _dated(text: str, start: int) -> bool:
    """Whether a day heads a letter: '<place>, dnia ...', at the beginning of a line."""
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return re.fullmatch(
        rf"\s*(?:[{_CAPITAL}][^\d,]{{2,40}}[,.]?\s*)?(?:dn(?:ia|\.)?|data:?)?\s*", line
    ) is not None and bool(line)


def names(text: RunningText) -> list[ValueCandidate]:
    """Names of the sender: said in a sentence, below the closing, above the address."""
    found = []
    for said in _UNDERSIGNED.finditer(text.text):
        match = _NAME.match(text.text, said.end())
        if match:
            cut = re.split(r"\s+(?:PESEL|NIP|Nr|Numer|Adres|Zam)", match[0])[0]
            found.append(
                ValueCandidate(" ".join(cut.split()), text.place(match.start(), match.start() + len(cut)), True)
            )
    lines = text.lines
    closing = next((at for at, (_, line) in enumerate(lines) if _CLOSING.search(plain(line.text))), len(lines))
    signed = [_as_name(page, line) for page, line in lines[closing + 1 : closing + 7]]
    above = [_as_name(page, line) for (page, line), (_, below) in pairwise(lines[:closing]) if _is_address(below.text)]
    written = [each for each in above if each is not None]
    typed = [each for each in reversed(signed) if each is not None]
    agreeing = [ValueCandidate(a.raw, a.place, True) for a in written for b in typed if fuzz.ratio(a.raw, b.raw) > 85]
    return [*found, *agreeing, *written, *typed]


def _as_name(page: int, line: Line) -> ValueCandidate | None:
    text = line.text.strip(" ,;")
    text = text if text.endswith((".o.", " j.", "S.A.", ".c.")) else text.rstrip(".")
    if not _NAME.fullmatch(text) or re.search(r"\d", text) or median(word.confidence for word in line.words) < 0.4:
        return None  # digits, or the scrawl of a signature
    if re.match(r"(szanown|dzien|dotyczy|miejskie|w |z )", plain(text)):
        return None
    return ValueCandidate(text, TextPlace(page, line.box, min(word.confidence for word in line.words)), False)


def _is_address(text: str) -> bool:
    return _POSTCODE.match(text) is not None or (_STREET.match(text) is not None and EMAIL.search(text) is None)


def postal_addresses(text: RunningText) -> Iterator[dict[str, ValueCandidate]]:
    """Parts of each postal address (street, house, flat, postcode, town), as far as it has them."""
    for match in _POSTCODE.finditer(text.text):
        town = match[2].rstrip(".,")
        parts = {
            "postcode": ValueCandidate(match[1], text.place(match.start(1), match.end(1)), True),
            "town": ValueCandidate(town, text.place(match.start(2), match.start(2) + len(town)), True),
        }
        before = text.text[: match.start()].rstrip(" \n,")
        begin = max(before.rfind("\n", 0, max(0, before.rfind("\n"))) + 1, len(before) - 90)
        for street in _last(_STREET.finditer(before, begin)):
            if len(before) - street.end() > 3:
                continue
            groups = {"street": 1, "house": 2, "flat": 3}
            parts |= {
                name: ValueCandidate(" ".join(street[at].split()), text.place(street.start(at), street.end(at)), True)
                for name, at in groups.items()
                if street[at]
            }
            if fuzz.ratio(plain(parts["street"].raw), plain(town)) > 90:
                del parts["street"]  # a village without streets: its name and the number of the house
        yield parts


def _last(matches: Iterable[re.Match[str]]) -> list[re.Match[str]]:
    return list(matches)[-1:]


def begins_letter(page: PageText) -> bool:
    """Whether a page has the head of a letter: place and day, or the company as its recipient, or a salutation."""
    head = RunningText([(page.number, line) for line in page.lines[:_HEAD]])
    company = plain(get_settings().company_name.split(" Sp.")[0])
    return (
        any(each.named for each in days(head))
        or fuzz.partial_ratio(company, plain(head.text)) >= _LIKE
        or re.search(r"^(szanown|dzien dobry)", plain(head.text), re.MULTILINE) is not None
    )


def ends_letter(page: PageText) -> bool:
    """Whether a letter is closed on this page."""
    return any(_CLOSING.match(plain(line.text)) for line in page.lines)
