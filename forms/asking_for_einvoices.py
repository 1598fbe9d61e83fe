"""How letters ask for invoices by e-mail, for another address of them, and for paper again.

The thing may be wanted or given up: 'rezygnuję z faktur papierowych' wants e-invoices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from forms.asking import ADDRESS, Asking, Sentence, begins

_INVOICE: Final = ("faktur", "efaktur", "rachunk", "rachunek")
_ELECTRONIC: Final = ("elektronicz", "efaktur", "email", "mail", "internet", "pdf", ADDRESS)
_PAPER: Final = ("papier", "tradycyj", "listown", "listem", "poczt")
_PAPER_FOR_SURE: Final = ("papier", "tradycyj")
_SEND: Final = ("przesyl", "wysyl", "dostarcz", "otrzym", "dostaw", "wystaw", "dorecz", "powrot", "wroc")
_STOP: Final = ("rezygn", "zrezygn", "wycof", "cofa", "cofn", "odwol", "wypowi", "zaprzest", "likwid")
_CHANGE: Final = ("zmian", "zmien", "aktualiz")
_NEW: Final = ("nowy", "nowego", "nowa", "inny", "innego", "inna")
_MAILBOX: Final = ("email", "mail", "skrzynk", ADDRESS)
_AGAIN_WANTED: Final = ("prosz", "prosim", "prosb", "wnosz", "chc", "chcial", "rzecz", "tylko", "lecz")
_ONE_INVOICE: Final = ("duplikat", "korekt", "kopi", "odpis", "reklam", "wyjasn", "zaleg", "powiadom")
_Way = Literal["electronic", "paper"]


@dataclass(frozen=True)
class ForEinvoices(Asking):
    """Invoices by e-mail."""

    def means(self, sentence: Sentence) -> bool:
        """Whether electronic invoices are wanted, or paper ones given up."""
        return not _asks_for_other_address(sentence) and _way_of_invoices(sentence) == "electronic"


@dataclass(frozen=True)
class ForPaperAgain(Asking):
    """Invoices on paper again."""

    def means(self, sentence: Sentence) -> bool:
        """Whether paper invoices are wanted, or electronic ones given up."""
        return not _asks_for_other_address(sentence) and _way_of_invoices(sentence) == "paper"


@dataclass(frozen=True)
class ForOtherAddress(Asking):
    """E-invoices to another address."""

    def means(self, sentence: Sentence) -> bool:
        """Whether the address of invoices is to be another one."""
        return _asks_for_other_address(sentence)


def _asks_for_other_address(sentence: Sentence) -> bool:
    words = sentence.words
    if not any(begins(word, _MAILBOX) or _electronic_post(words, at) for at, word in enumerate(words)):
        return False
    of_invoices = "faktur" in sentence.letter or words.count(ADDRESS) > 1
    if not of_invoices or sentence.has("ebok", "korespond", "zamieszk"):
        return False
    places = ("adres", *_MAILBOX)
    for at, word in enumerate(words):
        if begins(word, _CHANGE) and any(begins(near, places) for near in words[at + 1 : at + 5]):
            return not any(begins(near, ("form", "sposob")) for near in words[at + 1 : at + 3])
        if word in _NEW and any(begins(near, places) for near in words[at + 1 : at + 4]):
            return True
    return False


def _way_of_invoices(sentence: Sentence) -> _Way | None:
    """Electronic or paper invoices wanted, None where neither is asked for or both are."""
    if not sentence.has(*_INVOICE) or sentence.has(*_ONE_INVOICE):
        return None
    named = sentence.has("efaktur", "elektronicz")
    if not (named or sentence.has(*_SEND, *_PAPER_FOR_SURE)):
        return None
    electronic, paper = _balance(sentence.words)
    start, end = electronic > 0 or paper < 0, electronic < 0 or paper > 0
    if start and not end and electronic >= 0 and (sentence.has(*_ELECTRONIC) or ADDRESS in sentence.letter):
        return "electronic"
    if end and not start and (electronic < 0 or sentence.has(*_PAPER_FOR_SURE)):
        return "paper"
    return None


def _balance(words: Sequence[str]) -> tuple[int, int]:
    """How often electronic and paper invoices are wanted, less how often they are given up."""
    electronic = paper = 0
    for at in range(1, len(words)):  # a heading, 'Faktury elektroniczne – rezygnacja', maybe run into what follows
        after_its_object = at == len(words) - 1 or begins(words[at - 1], (*_INVOICE, "elektronicz"))
        if begins(words[at], ("rezygnacj", "wycofan")) and after_its_object:
            words = [words[at], *words[:at], *words[at + 1 :]]
    wanted, once, changing = True, False, False
    for at, word in enumerate(words):
        before = words[at - 1] if at else ""
        if word == "zamiast" or (changing and word in {"z", "ze"}):
            once = True
        elif word == "na" and changing:
            once, changing = False, False
        elif begins(word, _CHANGE):
            changing = True
        elif word == "nie" or begins(word, _STOP):
            wanted = False
        elif begins(word, _AGAIN_WANTED) and before != "nie":
            wanted = True
        value = 1 if wanted and not once else -1
        if begins(word, _PAPER) and not _electronic_post(words, at):
            paper, once = paper + value, False
        elif begins(word, _ELECTRONIC):
            electronic, once = electronic + value, False
    return electronic, paper


def _electronic_post(words: Sequence[str], at: int) -> bool:
    """'poczta elektroniczna' is no paper."""
    near = [*words[max(0, at - 1) : at], *words[at + 1 : at + 2]]
    return words[at].startswith("poczt") and any(begins(word, ("elektronicz", "email", "mail")) for word in near)
