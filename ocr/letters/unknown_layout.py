"""Pages that are not laid out by us: letters that ask the same in their own words, and other editions of our forms.

What asks for the effect of one of our forms is recognised as that form, with proposed values. Everything else stays a
stranger: a page must ask for something in so many words, not only speak of it, and must say who asks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from rapidfuzz import fuzz

from environment import clock
from forms.asking import plain
from forms.form import Form
from forms.submission import FieldValue
from ocr.files.page import Page
from ocr.letters.labels import labelled
from ocr.letters.page_words import PageText, has_readable_layer, words_on
from ocr.letters.proposals import proposals
from ocr.letters.separators import is_separator
from ocr.letters.stated_values import begins_letter, ends_letter
from ocr.letters.wishes import contradict, wishes

MOST_RECOGNISED: Final = 12
"""Foreign pictures of a file that full-page recognition is spent on, at one to three seconds each: a stack of letters,
but not a catalogue. Pages with a text layer cost next to nothing and are all looked at."""
_LONGEST_LETTER: Final = 3
_TITLE_LIKE: Final = 88.0
_TITLE_LINES: Final = 12
_TITLE_LABELS: Final = 4
"""A page that bears a form's title is that form only if so many of its fields are named on it."""
_WHO: Final = ("customer_no", "pesel", "nip", "email", "email_current", "email_new", "phone")
_ENCLOSED: Final = ("w zalaczeniu", "w zalaczniku", "zalaczam", "przesylam wypelnion", "przesylam podpisan")


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a letter or foreign edition was recognised as. ``form`` is None where its wishes contradict each other."""

    form: Form | None
    pages: tuple[int, ...]
    source: Literal["scan", "text"]
    fields: dict[str, FieldValue]
    announces: bool
    """Whether it says that a filled-in form is enclosed."""


@dataclass
class Strangers:
    """The foreign pages of one file, as they come.

    A page of ours between them parts letters by ``interrupt``; an empty one, the back of a sheet, does not.
    """

    forms: tuple[Form, ...]
    strangers: list[int] = field(default_factory=list)
    """Pages that ask for nothing of ours."""
    separators: list[int] = field(default_factory=list)
    """Those among them that only part papers from each other."""
    unread: list[int] = field(default_factory=list)
    """Pages that were not looked at, because the file has too many."""
    source: Literal["scan", "text"] = "text"
    """'scan' as soon as one of them is a picture."""
    turns: dict[int, int] = field(default_factory=dict)
    """Quarter turns clockwise that make a page upright, for those that lie otherwise."""
    texts: list[PageText] = field(default_factory=list)
    """What was read on the pages that were looked at."""
    _found: list[Proposed] = field(default_factory=list)
    _open: list[PageText] = field(default_factory=list)
    _recognised: int = 0

    def add(self, page: Page) -> None:
        """Look at a page that is none of ours."""
        if not page.digital:
            self.source = "scan"
        text = self.text_of(page)
        if text is None:
            self.interrupt()
            self.unread.append(page.number)
            return
        if is_separator(page, text):
            self.interrupt()
            self.separators.append(page.number)
            self.strangers.append(page.number)
            return
        if self._open and (begins_letter(text) or len(self._open) == _LONGEST_LETTER):
            self.interrupt()
        self._open.append(text)
        if ends_letter(text):
            self.interrupt()

    def text_of(self, page: Page) -> PageText | None:
        """The words of a page; None when recognising it would cost more than one file may."""
        if not has_readable_layer(page):
            if self._recognised == MOST_RECOGNISED:
                return None
            self._recognised += 1
        text = words_on(page)
        if text.turn:
            self.turns[page.number] = text.turn
        self.texts.append(text)
        return text

    def interrupt(self) -> None:
        """What comes next is not the same letter's."""
        pages, self._open = self._open, []
        if len(pages) > 1 and not self.look_at(pages):
            for page in pages:
                self.keep([page])
        elif pages:
            self.keep(pages)

    def keep(self, pages: Sequence[PageText]) -> None:
        """Keep what these pages are: letters, or strangers."""
        found = self.look_at(pages)
        self._found += found
        self.strangers += [] if found else [page.number for page in pages]

    def look_at(self, pages: Sequence[PageText]) -> list[Proposed]:
        """What the pages of one paper ask for: one entry for each form, none for a stranger."""
        meant = list(wishes(pages, self.forms))
        torn = contradict(meant)
        if not meant and (titled := _titled(pages[0], self.forms)) is not None:
            meant = [titled]
        numbers = tuple(page.number for page in pages)
        source: Literal["scan", "text"] = "scan" if any(page.paper for page in pages) else "text"
        announces = any(sign in plain(page.text) for page in pages for sign in _ENCLOSED)
        read = [(form, proposed_values(form, pages)) for form in meant]
        known = [(form, fields) for form, fields in read if _says_who(fields)]
        if known and torn:
            return [Proposed(None, numbers, source, {}, announces)]
        return [Proposed(form, numbers, source, fields, announces) for form, fields in known]

    def proposed(self, codes: Collection[str | None]) -> list[Proposed]:
        """All letters and foreign editions. One that only announces a form among ``codes`` counts as a stranger."""
        self.interrupt()
        covering = [each for each in self._found if each.announces and each.form and each.form.code in codes]
        self.strangers += [number for each in covering for number in each.pages]
        self._found = [each for each in self._found if each not in covering]
        return list(self._found)


def proposed_values(form: Form, pages: Sequence[PageText]) -> dict[str, FieldValue]:
    """Values of a form whose own layout is not known."""
    return proposals(form, pages, clock.today())


def _titled(page: PageText, forms: tuple[Form, ...]) -> Form | None:
    """The form whose title heads the page and whose fields are named on it."""
    lines = [plain(line.text) for line in page.lines[:_TITLE_LINES]]
    best = max(
        ({form.code: form for form in forms}.values()),
        key=lambda form: max((fuzz.ratio(plain(form.title), line) for line in lines), default=0.0),
        default=None,
    )
    if best is None or max((fuzz.ratio(plain(best.title), line) for line in lines), default=0.0) < _TITLE_LIKE:
        return None
    return best if len({each.name for each in labelled(best, [page])}) >= _TITLE_LABELS else None


def _says_who(fields: dict[str, FieldValue]) -> bool:
    given = {name for name, value in fields.items() if value.value is not None}
    return bool(given.intersection(_WHO)) or {"name", "postcode"} <= given
