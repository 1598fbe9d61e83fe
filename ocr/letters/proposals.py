"""Values of a form proposed from a page that is not laid out by us; none is trusted, each says where it was found.

What stands at a label of its own comes first, then what the text says in sentences. A value that its kind refuses is
not proposed, but its place is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from environment.settings import get_settings
from forms.asking import plain
from forms.form import Field, Form
from forms.kinds import DIGITS, FieldKind, Told, Writing
from forms.layout import PAGE_WIDTH
from forms.submission import FieldValue, Source
from ocr.letters.labels import labelled
from ocr.letters.page_words import PageText
from ocr.letters.running_text import TextPlace
from ocr.letters.stated_values import (
    ValueCandidate,
    addresses,
    days,
    names,
    numbers,
    postal_addresses,
    without_recipient,
)
from ocr.letters.wishes import sentences

_NAMED, _UNNAMED = 0.8, 0.5
"""The most confidence in a value that a label or the words before it name, and in one that only looks right."""
_ADDRESS_PARTS: Final = ("street", "house", "flat", "postcode", "town")
_SIGNING_ROOM: Final = 60.0
_FORM_LABELS: Final = 6
"""A page with labels for so many fields is a form: what is left empty there is empty, whatever else the page says."""

DOUBT_PROPOSED: Final = "Odczytane z treści pisma. Porównaj z obrazem."
DOUBT_ABSENT: Final = "Nie znaleziono w piśmie. Sprawdź z obrazem."
DOUBT_UNREADABLE: Final = "Jest tu miejsce na tę wartość, ale nie udało się jej odczytać. Przepisz z obrazu."


def proposals(form: Form, pages: Sequence[PageText], today: date) -> dict[str, FieldValue]:
    """A value, perhaps None, for every field of the form."""
    return _Proposing(form, pages, today).values()


class _Proposing:
    """One letter or foreign edition, looked through for the fields of one form."""

    def __init__(self, form: Form, pages: Sequence[PageText], today: date) -> None:
        self._form, self._pages, self._today = form, pages, today
        self._source = Source.TEXT if pages[0].source == "text" else Source.PRINT
        self._text = without_recipient(pages)
        self._labels = labelled(form, pages)
        self._is_form = len({each.name for each in self._labels}) >= _FORM_LABELS
        self._address: dict[str, ValueCandidate] = max(postal_addresses(self._text), key=len, default={})
        self._emails = addresses(self._text)

    def values(self) -> dict[str, FieldValue]:
        by_number = {page.number: page for page in self._pages}
        found = {item.name: self._value(item) for item in self._form.fields}
        for name, value in found.items():
            if value.box is not None and value.page is not None:
                found[name] = replace(value, box=by_number[value.page].as_it_lies(value.box))
        return found

    def _value(self, item: Field) -> FieldValue:
        if item.kind.widget == "signature":
            return FieldValue(None, 0.0, False, Source.SIGNATURE, *self._signing_place(), None, DOUBT_ABSENT)
        if item.kind.marked:
            return self._tick(item)
        at_label = [each for each in self._labels if each.name == item.name]
        candidates = [
            ValueCandidate(raw, TextPlace(each.page, each.box, min(word.confidence for word in each.words)), True)
            for each in at_label
            for raw in _pieces(item.kind, each.text)
        ]
        left_empty = self._is_form and at_label and not candidates
        for found in [*candidates, *([] if left_empty else self._said(item))]:
            if (value := self._accepted(item.kind, found)) is not None:
                return value
        if at_label:
            doubt = DOUBT_UNREADABLE if at_label[0].words else DOUBT_ABSENT
            raw = at_label[0].text or None
            return FieldValue(None, 0.0, False, self._source, at_label[0].page, at_label[0].box, raw, doubt)
        return FieldValue(None, 0.0, False, self._source, doubt=DOUBT_ABSENT)

    def _accepted(self, kind: FieldKind, found: ValueCandidate) -> FieldValue | None:
        parsed = kind.parse(found.raw, self._today)
        if parsed.value is None or parsed.fault is not None:
            return None
        most = _NAMED if found.named else _UNNAMED
        sure, place = most * found.place.confidence, found.place
        return FieldValue(parsed.value, sure, False, self._source, place.page, place.box, found.raw, DOUBT_PROPOSED)

    def _said(self, item: Field) -> Iterable[ValueCandidate]:
        """What the sentences offer for a field."""
        if item.name in self._address:
            return [self._address[item.name]]
        if item.name in _ADDRESS_PARTS:
            return []
        if item.name == "name":
            return names(self._text)
        offers: dict[Told, Callable[[], Iterable[ValueCandidate]]] = {
            Told.EMAIL: lambda: self._addresses_for(item.name),
            Told.DAY: lambda: days(self._text),
            Told.PHONE: self._phones,
            Told.NUMBER: lambda: numbers(self._text, item.name, item.kind.length),
            Told.NAMED_NUMBER: lambda: [
                each for each in numbers(self._text, item.name, item.kind.length) if each.named
            ],
            Told.AT_LABEL: list,
        }
        return offers[item.kind.told]()

    def _phones(self) -> list[ValueCandidate]:
        own = {re.sub(r"\D", "", phone) for phone in get_settings().company_phones}
        return [each for each in numbers(self._text, "phone", 9) if each.raw not in own]

    def _addresses_for(self, name: str) -> list[ValueCandidate]:
        """E-mail addresses for a field: which of two is old and which new is told by the words around them."""
        new = [each for each in self._emails if each.named]
        old = [each for each in self._emails if not each.named]
        both = "email_current" in self._form and "email_new" in self._form
        if not both:
            return [ValueCandidate(each.raw, each.place, True) for each in (*new, *old)]
        if len(self._emails) > 1 and not (new and old):  # the words do not tell: people name the old one first
            old, new = self._emails[:1], self._emails[1:]
        wanted = new if name == "email_new" else old
        return [ValueCandidate(each.raw, each.place, True) for each in wanted]

    def _tick(self, item: Field) -> FieldValue:
        """Ticked when a sentence says so; a letter that says nothing leaves it to a human."""
        for page in self._pages:
            for sentence in sentences(page):
                words = plain(sentence)
                if _grants(item.name, words):
                    return FieldValue(True, _UNNAMED, False, Source.TICK, page.number, None, sentence, DOUBT_PROPOSED)
        return FieldValue(None, 0.0, False, Source.TICK, doubt=DOUBT_ABSENT)

    def _signing_place(self) -> tuple[int | None, tuple[float, float, float, float] | None]:
        """Where a signature is to be looked for: at its label, else between the closing and what is typed below it."""
        for each in self._labels:
            if each.name == "signature":
                x0, top, x1, bottom = each.box
                return each.page, (x0, top - _SIGNING_ROOM / 2, x1, bottom + 4)
        for page, line in reversed(self._text.lines):
            if re.match(r"z powaz|z wyraz|pozdraw", plain(line.text)):
                x0, _, x1, bottom = line.box
                return page, (max(0.0, x0 - 60), bottom, min(PAGE_WIDTH, x1 + 60), bottom + 1.3 * _SIGNING_ROOM)
        return None, None


def _grants(name: str, words: str) -> bool:
    """Whether a sentence (plain) asks for what a tick of that name says."""
    if re.search(r"\bnie\b", words):
        return False
    if name == "accept_terms":
        return "regulamin" in words and re.search(r"akcept|zgadza|zapozna", words) is not None
    way = {"notify_sms": "sms", "notify_email": "email"}.get(name)
    return way is not None and way in words and "powiadom" in words


def _pieces(kind: FieldKind, text: str) -> list[str]:
    """What at a label may be the value: all of it, or the part of it that looks like the kind."""
    if not text:
        return []
    if kind.told is Told.DAY:
        return [text, *re.findall(r"\d{1,2}[.\-/]\d{1,2}[.\-/]\d{4}", text)]
    if kind.alphabet == DIGITS:
        digits = re.sub(r"\D", "", text.translate(str.maketrans("OoQlI|", "000111")))
        return [digits, digits[: kind.length]]
    if kind.writing is Writing.EMAIL:
        return [each.rstrip(".,;") for each in text.split() if "@" in each] or [text.replace(" ", "")]
    if kind.writing is Writing.HOUSE:
        return text.split()[:1]
    return [text.strip(" ,;:")]
