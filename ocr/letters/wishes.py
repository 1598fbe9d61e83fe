"""What a text in free words asks for: which of our forms the sender could have used instead.

Every sentence is looked at by itself: does it ask, and for what; each form says how it is asked for (``forms.asking``).
Papers that only speak of our subjects (advertisements, invoices, rules, answers of an office) betray themselves by
words of their own and ask for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from forms.asking import ADDRESS, Asking, Sentence, begins, plain
from forms.form import Form
from ocr.letters.page_words import EMAIL, Line, PageText

_ASKS: Final = (
    "prosz", "prosim", "prosb", "wnosz", "wniosek", "wniosk", "chce", "chcial", "wyraza", "zgod", "akcept", "oswiadcz",
    "zglasz", "zglosz", "zycz", "upowazn", "rezygn", "wycof", "cofa", "cofn", "odwol", "wypowi", "zwraca", "informuj",
    "zawiadam", "zmian", "zmien", "formularz", "dostep", "efaktur",
)  # fmt: skip
_NOT_ASKING: Final = ("chcesz", "chceci", "zgodn")
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


def sentences(page: PageText) -> list[str]:
    """The sentences of a page; lines that stand apart (headings, heads of letters) end one."""
    text, above = "", None
    for line in page.lines:
        text += ("\n\n" if above is None or _apart(above, line) else " ") + line.text
        above = line
    return [part.strip() for part in _SENTENCE_END.split(text) if part and part.strip()]


def wishes(pages: Sequence[PageText], forms: Sequence[Form]) -> tuple[Form, ...]:
    """The forms that a letter asks for, in the order of asking, each in its newest version.

    Empty for a paper that asks for none of them. Wishes that contradict each other are given as they stand, for a
    human; forms that are asked for in the very same way are not told apart, and neither is given.
    """
    whole = plain("\n".join(page.text for page in pages))
    head = [plain(line.text) for page in pages[:1] for line in page.lines[:_HEAD]]
    if any(line.startswith(_RULES) for line in head) or len(_PARAGRAPHS.findall(whole)) >= _FEW:
        return ()
    if _STRANGERS.search(whole):
        return ()
    known = _told_apart(forms)
    found: dict[Form, Asking] = {}
    for page in pages:
        for words in map(_words, sentences(page)):
            if _asks(words):
                sentence = Sentence(words, whole)
                found.update({form: asking for form, asking in known.items() if asking.means(sentence)})
    included = {effect for asking in found.values() for effect in asking.includes}
    return tuple(form for form in found if form.effect not in included)


def contradict(wanted: Sequence[Form]) -> bool:
    """Whether these wishes exclude each other."""
    effects = {form.effect for form in wanted}
    return any(not effects.isdisjoint(form.asking.contradicts) for form in wanted if form.asking is not None)


def _told_apart(forms: Sequence[Form]) -> dict[Form, Asking]:
    """The newest version of each form of which a version says how it is asked for, but for those that say the same."""
    newest = {form.code: form for form in forms}
    said = {form.code: form.asking for form in forms if form.asking is not None}
    asked = {newest[code]: asking for code, asking in said.items()}
    ways = list(asked.values())
    return {form: asking for form, asking in asked.items() if ways.count(asking) == 1}


def _apart(above: Line, line: Line) -> bool:
    gap = line.box[1] - above.box[3]
    beside = line.box[0] > above.box[2] or line.box[2] < above.box[0]
    return beside or gap > 1.1 * max(above.height, line.height)


def _words(sentence: str) -> tuple[str, ...]:
    marked = EMAIL.sub(f" {ADDRESS} ", sentence)
    return tuple(re.findall(rf"{ADDRESS}|[a-z0-9]+", plain(marked)))


def _asks(words: Sequence[str]) -> bool:
    return any(begins(word, _ASKS) and not begins(word, _NOT_ASKING) for word in words)
