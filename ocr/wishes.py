"""What a text in free words asks for: which effect a form of ours would have had.

Every sentence is looked at by itself: does it ask, what for, and is the thing wanted or given up ('rezygnuję z faktur
papierowych' wants e-invoices). Words are known by their stems, without diacritics, so that inflection and worn print do
not matter. Papers that only speak of our subjects (advertisements, invoices, rules, answers of an office) betray
themselves by words of their own and ask for nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from ocr.page_words import EMAIL, Line, PageText

OPEN_ACCOUNT: Final = "open_account"
START_EINVOICE: Final = "start_einvoice"
CHANGE_EINVOICE_EMAIL: Final = "change_einvoice_email"
END_EINVOICE: Final = "end_einvoice"
"""The effects that are known from letters, as forms name them; a letter that asks for another is a clerk's to tell."""

_ADDRESS: Final = "@"
"""Stands for any e-mail address among the tokens of a sentence."""

_INVOICE: Final = ("faktur", "efaktur", "rachunk", "rachunek")
_ELECTRONIC: Final = ("elektronicz", "efaktur", "email", "mail", "internet", "pdf", _ADDRESS)
_PAPER: Final = ("papier", "tradycyj", "listown", "listem", "poczt")
_PAPER_FOR_SURE: Final = ("papier", "tradycyj")
_SEND: Final = ("przesyl", "wysyl", "dostarcz", "otrzym", "dostaw", "wystaw", "dorecz", "powrot", "wroc")
_STOP: Final = ("rezygn", "zrezygn", "wycof", "cofa", "cofn", "odwol", "wypowi", "zaprzest", "likwid")
_CHANGE: Final = ("zmian", "zmien", "aktualiz")
_NEW: Final = ("nowy", "nowego", "nowa", "inny", "innego", "inna")
_PLACE: Final = ("adres", "email", "mail", "skrzynk", _ADDRESS)
_OPEN: Final = ("zaloz", "zaklad", "otwar", "otworz", "utworz", "rejestr", "zarejestr", "aktyw", "zglosz", "zglasz")
_OPEN_MORE: Final = ("dostep", "uruchom", "przystap")
_END_ACCOUNT: Final = ("usun", "zamkn", "likwid", "rezygn", "blok", "hasl")
_AGAIN_WANTED: Final = ("prosz", "prosim", "prosb", "wnosz", "chc", "chcial", "rzecz", "tylko", "lecz")
_ASKS: Final = (
    "prosz", "prosim", "prosb", "wnosz", "wniosek", "wniosk", "chce", "chcial", "wyraza", "zgod", "akcept", "oswiadcz",
    "zglasz", "zglosz", "zycz", "upowazn", "rezygn", "wycof", "cofa", "cofn", "odwol", "wypowi", "zwraca", "informuj",
    "zawiadam", "zmian", "zmien", "formularz", "dostep", "efaktur",
)  # fmt: skip
_NOT_ASKING: Final = ("chcesz", "chceci", "zgodn")
_ONE_INVOICE: Final = ("duplikat", "korekt", "kopi", "odpis", "reklam", "wyjasn", "zaleg", "powiadom")

_STRANGERS: Final = re.compile(
    r"\b(drog[ia] klien|drodzy klien|szanown[aiy]+ klien|szanown[aiy]+ odbior|zapraszamy|zachecamy|oferujemy|promocj"
    r"|rabat|faktura vat|faktura nr|rachunek nr|sprzedawca|nabywca|do zaplaty|netto|przypominamy|kliknij|umowa \w+"
    r"|w odpowiedzi na (pan|panstwa|wniosek|pismo)|wynajmujac|informujemy, ze zgod)"
)
_RULES: Final = ("regulamin", "polityka", "umowa", "instrukcja")
_HEAD: Final = 3
"""Among so many first lines a paper of rules names itself."""
_PARAGRAPHS: Final = re.compile(r"(§|&)\s?[0-9]|\bust\. ?[0-9]")
_FEW: Final = 2
_SENTENCE_END: Final = re.compile(
    r"(?<![ .](?:ul|al|os|nr|np|pl|st|tj))(?<![ .][a-z])[.!?;](?=\s|$)|\n\n", re.IGNORECASE
)


def plain(text: str) -> str:
    """Small letters without diacritics; 'e-mail', 'e-faktura' and 'e-BOK' as one word."""
    bare = unicodedata.normalize("NFKD", text.lower().replace("ł", "l"))
    letters = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return re.sub(r"\be\s?[-–—]\s?(?=mail|faktur|bok)", "e", letters)


def sentences(page: PageText) -> list[str]:
    """The sentences of a page; lines that stand apart (headings, heads of letters) end one."""
    text, above = "", None
    for line in page.lines:
        text += ("\n\n" if above is None or _apart(above, line) else " ") + line.text
        above = line
    return [part.strip() for part in _SENTENCE_END.split(text) if part and part.strip()]


def wishes(pages: Sequence[PageText]) -> tuple[str, ...]:
    """The effects that a letter asks for, in the order of asking; empty for a paper that asks for none of them.

    Several only where they do not contradict each other; contradictions are given as they stand, for a human.
    """
    whole = plain("\n".join(page.text for page in pages))
    head = [plain(line.text) for page in pages[:1] for line in page.lines[:_HEAD]]
    if any(line.startswith(_RULES) for line in head) or len(_PARAGRAPHS.findall(whole)) >= _FEW:
        return ()
    if _STRANGERS.search(whole):
        return ()
    found: dict[str, None] = {}
    for page in pages:
        for sentence in sentences(page):
            found.update(dict.fromkeys(_asked(_tokens(sentence), whole)))
    if CHANGE_EINVOICE_EMAIL in found:
        found.pop(START_EINVOICE, None)  # who changes the address wants invoices there
    return tuple(found)


def _apart(above: Line, line: Line) -> bool:
    gap = line.box[1] - above.box[3]
    beside = line.box[0] > above.box[2] or line.box[2] < above.box[0]
    return beside or gap > 1.1 * max(above.height, line.height)


def _tokens(sentence: str) -> list[str]:
    marked = EMAIL.sub(f" {_ADDRESS} ", sentence)
    return re.findall(rf"{_ADDRESS}|[a-z0-9]+", plain(marked))


def _asked(tokens: Sequence[str], whole: str) -> list[str]:
    if not any(_is(word, _ASKS) and not _is(word, _NOT_ASKING) for word in tokens):
        return []
    found = []
    if _asks_for_account(tokens):
        found.append(OPEN_ACCOUNT)
    if _asks_for_other_address(tokens, whole):
        return [*found, CHANGE_EINVOICE_EMAIL]
    way = _way_of_invoices(tokens, whole)
    return found if way is None else [*found, way]


def _asks_for_account(tokens: Sequence[str]) -> bool:
    account = any(_is(word, ("ebok",)) for word in tokens)
    account = account or (_has(tokens, ("biur",)) and _has(tokens, ("elektronicz",)) and _has(tokens, ("obslug",)))
    account = account or (_has(tokens, ("kont",)) and _has(tokens, ("internetow", "portal", "online")))
    return account and _has(tokens, _OPEN + _OPEN_MORE) and not _has(tokens, _END_ACCOUNT)


def _asks_for_other_address(tokens: Sequence[str], whole: str) -> bool:
    if not any(_is(word, ("email", "mail", "skrzynk", _ADDRESS)) or _electronic_post(tokens, at)
               for at, word in enumerate(tokens)):  # fmt: skip
        return False
    if _has(tokens, ("ebok", "korespond", "zamieszk")) or not ("faktur" in whole or tokens.count(_ADDRESS) > 1):
        return False
    for at, word in enumerate(tokens):
        if _is(word, _CHANGE) and any(_is(near, _PLACE) for near in tokens[at + 1 : at + 5]):
            return not _has(tokens[at + 1 : at + 3], ("form", "sposob"))
        if word in _NEW and any(_is(near, _PLACE) for near in tokens[at + 1 : at + 4]):
            return True
    return False


def _way_of_invoices(tokens: Sequence[str], whole: str) -> str | None:
    """Electronic or paper invoices wanted, None where neither is asked for or both are."""
    if not _has(tokens, _INVOICE) or _has(tokens, _ONE_INVOICE):
        return None
    named = _has(tokens, ("efaktur",)) or _has(tokens, ("elektronicz",))
    if not (_has(tokens, _SEND) or named or _has(tokens, _PAPER_FOR_SURE)):
        return None
    electronic, paper = _balance(tokens)
    start, end = electronic > 0 or paper < 0, electronic < 0 or paper > 0
    if start and not end and electronic >= 0 and (_has(tokens, _ELECTRONIC) or _ADDRESS in whole):
        return START_EINVOICE
    if end and not start and (electronic < 0 or _has(tokens, _PAPER_FOR_SURE)):
        return END_EINVOICE
    return None


def _balance(tokens: Sequence[str]) -> tuple[int, int]:
    """How often electronic and paper invoices are wanted, less how often they are given up."""
    electronic = paper = 0
    for at in range(1, len(tokens)):  # a heading, 'Faktury elektroniczne – rezygnacja', maybe run into what follows
        after_its_object = at == len(tokens) - 1 or _is(tokens[at - 1], (*_INVOICE, "elektronicz"))
        if _is(tokens[at], ("rezygnacj", "wycofan")) and after_its_object:
            tokens = [tokens[at], *tokens[:at], *tokens[at + 1 :]]
    wanted, once, changing = True, False, False
    for at, word in enumerate(tokens):
        before = tokens[at - 1] if at else ""
        if word == "zamiast" or (changing and word in {"z", "ze"}):
            once = True
        elif word == "na" and changing:
            once, changing = False, False
        elif _is(word, _CHANGE):
            changing = True
        elif word == "nie" or _is(word, _STOP):
            wanted = False
        elif _is(word, _AGAIN_WANTED) and before != "nie":
            wanted = True
        value = 1 if wanted and not once else -1
        if _is(word, _PAPER) and not _electronic_post(tokens, at):
            paper, once = paper + value, False
        elif _is(word, _ELECTRONIC):
            electronic, once = electronic + value, False
    return electronic, paper


def _electronic_post(tokens: Sequence[str], at: int) -> bool:
    """'poczta elektroniczna' is no paper."""
    near = [*tokens[max(0, at - 1) : at], *tokens[at + 1 : at + 2]]
    return tokens[at].startswith("poczt") and _has(near, ("elektronicz", "email", "mail"))


def _has(tokens: Sequence[str], stems: tuple[str, ...]) -> bool:
    return any(_is(word, stems) for word in tokens)


def _is(word: str, stems: tuple[str, ...]) -> bool:
    return word.startswith(stems)
