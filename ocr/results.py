"""What is found in a file: documents with values and problems. No recognition is imported here, so it loads at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from forms.electronic_signature import ElectronicSignature
from forms.form import Problem
from forms.submission import Submission

SourceKind = Literal["scan", "text", "acroform"]

UNKNOWN_FORM: Final = "To nie jest żaden z naszych formularzy. Zdecyduj, co z nim zrobić."
UNKNOWN_VERSION: Final = "Tej wersji formularza nie ma w programie. Sprawdź, czy wersja jest jeszcze ważna."
NOT_ALIGNED: Final = "Formularz jest rozpoznany, ale jego obraz jest zbyt zniekształcony. Zeskanuj go jeszcze raz."
UNKNOWN_LAYOUT: Final = "To nie jest nasz druk: wartości odczytano z treści pisma. Sprawdź wszystkie."
CONTRADICTORY: Final = "To nie jest nasz druk, a pismo prosi o rzeczy, które się wykluczają. Ustal, o co chodzi."
IN_BATCH: Final = "Pismo w partii: strona z plikiem formularzy, która nie jest naszym drukiem. Zobacz, o co chodzi."
NOT_LOOKED_AT: Final = "Plik ma za wiele obcych stron, tych już nie przeczytano. Sprawdź, co zawierają."
PAGES_MISSING: Final = "Brakuje stron formularza."
TWO_FORMS: Final = (
    "Na tej stronie są dwa formularze, a odczytano tylko jeden. Rozdziel je i zeskanuj osobno albo przepisz drugi."
)
NOT_FILLED_IN: Final = (
    "Pusty druk: na formularzu nie widać żadnych wpisów. Jeśli papier jest wypełniony, zeskanuj go jeszcze raz, "
    "ciemniej."
)

_ATTACHMENTS: Final = "Plik ma załączniki albo dalsze obrazy, których tu nie widać: {}. Otwórz oryginał."

LETTER_IN_BATCH: Final = "letter_in_batch"
"""Code of the problem of pages that are none of ours and came in one file with what is."""

PROPOSALS: Final = frozenset({"unknown_layout", "unknown_version"})
"""Codes of the problems that say: these values are only proposed, none may be used before a human has looked."""


@dataclass(frozen=True)
class DocumentReading:
    """One form found in a file, or a group of pages that is none of ours (``form_code`` None).

    ``pages`` are 1-based pages of the file. ``submission`` is None where the form is unknown or could not be aligned;
    ``problems`` then says why. A letter that asks what a form is for has that form's code and no version.
    """

    submission: Submission | None
    form_code: str | None
    version: str | None
    pages: tuple[int, ...]
    source: SourceKind
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class FileReading:
    """All that was found in a file. ``ignored_pages`` are empty backs and, beside forms of ours, separators.

    ``turns`` are the quarter turns clockwise that make a page upright which is none of ours and lies otherwise.
    ``signatures`` are the electronic signatures of the file, the earliest first.
    """

    documents: tuple[DocumentReading, ...]
    ignored_pages: tuple[int, ...]
    turns: Mapping[int, int] = field(default_factory=dict)
    signatures: tuple[ElectronicSignature, ...] = ()

    def signed(self, signatures: tuple[ElectronicSignature, ...]) -> FileReading:
        """A copy with the signatures of the file, which are those of each form in it."""
        if not signatures:
            return self
        documents = tuple(
            one if one.submission is None else replace(one, submission=one.submission.signed(signatures))
            for one in self.documents
        )
        return replace(self, documents=documents, signatures=signatures)

    def attached(self, number: int) -> FileReading:
        """A copy that tells of the files attached to this one: no page shows them, so a human looks at them."""
        if not number:
            return self
        problem = Problem(None, "attachments", _ATTACHMENTS.format(number))
        found = self.documents or (DocumentReading(None, None, None, (), "text"),)
        return replace(self, documents=tuple(replace(one, problems=(*one.problems, problem)) for one in found))
