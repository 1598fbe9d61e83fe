"""Labels on a page that is not laid out by us: where any form or letter says what the text beside them is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz

from forms.asking import plain
from forms.form import Form
from forms.layout import PAGE_WIDTH
from forms.submission import Box
from ocr.letters.page_words import Line, PageText, Word, around

ADDRESS: Final = "address"
"""The name under which a label for a whole address in one line is found; no form has such a field."""

SYNONYMS: Final = {
    "customer_no": (
        "numer klienta", "nr klienta", "numer odbiorcy", "nr odbiorcy", "numer ewidencyjny", "nr ewidencyjny",
        "numer płatnika", "nr płatnika", "kod klienta", "numer kontrahenta", "nr kontrahenta", "id klienta",
    ),
    "name": ("imię i nazwisko", "nazwisko i imię", "nazwa firmy", "nazwa odbiorcy", "odbiorca", "klient", "nazwisko"),
    "pesel": ("pesel", "nr pesel", "numer pesel"),
    "nip": ("nip", "nr nip", "numer nip"),
    "street": ("ulica",),
    "house": ("nr domu", "numer domu", "nr budynku", "numer budynku"),
    "flat": ("nr lokalu", "numer lokalu", "nr mieszkania", "numer mieszkania"),
    "postcode": ("kod pocztowy", "kod"),
    "town": ("miejscowość", "miasto", "poczta"),
    "phone": ("telefon", "nr telefonu", "numer telefonu", "telefon kontaktowy", "tel", "telefon komórkowy", "kom"),
    "email": ("e-mail", "adres e-mail", "adres poczty elektronicznej", "poczta elektroniczna"),
    "email_current": ("dotychczasowy adres e-mail", "stary adres e-mail", "obecny adres e-mail", "dotychczasowy adres"),
    "email_new": ("nowy adres e-mail", "nowy adres"),
    "date_signed": ("data", "data podpisania", "data i miejscowość", "dnia"),
    "signature": ("podpis", "czytelny podpis", "podpis klienta", "podpis odbiorcy"),
    ADDRESS: ("adres", "adres zamieszkania", "adres nieruchomości", "adres siedziby", "adres korespondencyjny"),
}  # fmt: skip
"""What else papers call the fields of our forms, besides the labels of the forms themselves."""

_LIKE: Final = 86.0
_SHORT: Final = 5
"""Labels of so few letters are only known letter by letter."""
_LONGEST: Final = 7
_MARGIN: Final = 40.0
_LEADERS: Final = re.compile(r"[._…]{3,}|^[\W_]+$")
_BELOW: Final = 2.2
"""A value stands at most so many heights of its label below it."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A label that stands for itself (not in a sentence), and what is written at it.

    ``words`` are empty where nothing is; ``box`` is then the place where it would be.
    """

    name: str
    page: int
    words: tuple[Word, ...]
    box: Box

    @property
    def text(self) -> str:
        """What is written, in one line."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class _Label:
    name: str
    start: int
    end: int


def labelled(form: Form, pages: Sequence[PageText]) -> list[Labelled]:
    """All labels of a form's fields, in reading order; the same name may stand several times."""
    known = _phrases(form)
    return [found for page in pages for found in _on(page, known)]


def _phrases(form: Form) -> dict[str, str]:
    """Field name by label, plain and without brackets."""
    known = {}
    for item in form.fields:
        own = [part for part in re.sub(r"\(.*?\)", "", item.label).split(" albo ") if item.kind.widget != "tick"]
        for phrase in (*SYNONYMS.get(item.name, ()), *own, re.sub(r"\(.*?\)", "", item.label)):
            known[_bare(phrase)] = item.name
    known.update({_bare(phrase): ADDRESS for phrase in SYNONYMS[ADDRESS]})
    return known


def _on(page: PageText, known: dict[str, str]) -> Iterator[Labelled]:
    rows = list(_rows(page.lines))
    marked = [_labels(row, known) for row in rows]
    for at, (row, labels) in enumerate(zip(rows, marked, strict=True)):
        for label, following in zip(labels, [*labels[1:], None], strict=False):
            if not _stands_alone(row, label, following):
                continue
            end = len(row) if following is None else following.start
            x1 = PAGE_WIDTH - _MARGIN if following is None else row[end].box[0] - 3
            words = _written(row[label.end : end])
            box = around([row[label.end - 1].box])
            place = (box[2] + 3, box[1] - 4, max(x1, box[2] + 30), box[3] + 3)
            if not words and at + 1 < len(rows) and not marked[at + 1]:
                under = (row[label.start].box[0] - 4, box[3], x1, box[3] + _BELOW * (box[3] - box[1]))
                words = _written(word for word in rows[at + 1] if _within(word.box, under))
            yield Labelled(label.name, page.number, words, around(word.box for word in words) if words else place)


def _rows(lines: Sequence[Line]) -> Iterator[tuple[Word, ...]]:
    """Lines side by side as one row."""
    row: list[Word] = []
    for line in lines:
        if row and not _beside(row, line):
            yield tuple(sorted(row, key=lambda word: word.box[0]))
            row = []
        row += line.words
    if row:
        yield tuple(sorted(row, key=lambda word: word.box[0]))


def _beside(row: list[Word], line: Line) -> bool:
    box, other = around(word.box for word in row), line.box
    return box[1] < (other[1] + other[3]) / 2 < box[3] and (other[0] > box[2] or other[2] < box[0])


def _labels(row: Sequence[Word], known: dict[str, str]) -> list[_Label]:
    words, found, at = [_bare(word.text) for word in row], [], 0
    while at < len(row):
        best: tuple[float, int, str] | None = None
        for end in range(at + 1, min(at + _LONGEST, len(row)) + 1):
            phrase = " ".join(filter(None, words[at:end]))
            like, name = _likeness(phrase, known) if words[at] and words[end - 1] else (0.0, "")
            if like >= _LIKE and (best is None or like >= best[0]):
                best = like, end, name
        if best is None:
            at += 1
            continue
        found.append(_Label(best[2], at, best[1]))
        at = best[1]
    return found


def _likeness(phrase: str, known: dict[str, str]) -> tuple[float, str]:
    """How much a phrase is like the label it is most like (0 to 100), and the field which that names."""
    if phrase in known:
        return 100.0, known[phrase]
    likest = max(known, key=lambda label: fuzz.ratio(phrase, label))
    long = min(len(phrase), len(likest)) > _SHORT
    return (fuzz.ratio(phrase, likest) if long else 0.0), known[likest]


def _stands_alone(row: Sequence[Word], label: _Label, following: _Label | None) -> bool:
    """Not part of a sentence: a colon or dots follow, or a wide gap, or nothing but the next label."""
    last = row[label.end - 1]
    if last.text.endswith((":", "…", "...")) or (label.end < len(row) and _LEADERS.match(row[label.end].text)):
        return True
    if label.start and not row[label.start - 1].text.endswith((",", ";", ".")):
        before = row[label.start].box[0] - row[label.start - 1].box[2]
        if before < last.box[3] - last.box[1]:
            return False
    if label.end == len(row) or (following is not None and following.start == label.end):
        return True
    return row[label.end].box[0] - last.box[2] > last.box[3] - last.box[1]


def _written(words: Iterable[Word]) -> tuple[Word, ...]:
    """The words without colons, dots to write on and what else is no writing."""
    kept = []
    for word in words:
        text = _LEADERS.sub("", re.sub(r"[._…]{3,}", "", word.text)).strip(":_…")
        if text:
            kept.append(Word(text, word.box, word.confidence))
    return tuple(kept)


def _within(box: Box, area: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return area[0] <= x <= area[2] and area[1] <= y <= area[3]


def _bare(text: str) -> str:
    """Small letters without diacritics and signs."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain(text)).split())
