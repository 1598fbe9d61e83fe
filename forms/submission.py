"""A submission: where paper, PDF, web form and API meet.

Nothing after this point knows which of them it was, but for ``source`` of each value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final

from forms.electronic_signature import ElectronicSignature, unsigned_fields
from forms.form import Form, Problem
from forms.kinds import Value

BLANK_FORM: Final = "blank_form"
"""Code of the problem of a form of ours on which nothing was written: it asks for nothing."""

DOUBT_UNSIGNED: Final = (
    "Plik zmieniono po podpisaniu elektronicznym i nie wiadomo, czy tę wartość podpisano. Zapytaj klienta."
)
_LOW: Final = 0.3

Box = tuple[float, float, float, float]
"""``(x0, top, x1, bottom)`` in PDF points from the top left corner of the page."""


class Source(StrEnum):
    """Where a value came from."""

    ACROFORM = "acroform"
    TEXT = "text"
    PRINT = "print"
    HANDPRINT = "handprint"
    TICK = "tick"
    SIGNATURE = "signature"
    ESIGNATURE = "esignature"
    CLERK = "clerk"
    ONLINE = "online"


MACHINE_READ: Final = frozenset({Source.PRINT, Source.HANDPRINT, Source.TICK, Source.SIGNATURE, Source.TEXT})
"""Sources whose values were read from a page; what somebody typed into a form can be compared with nothing."""


@dataclass(frozen=True, slots=True)
class FieldValue:
    """One value with its evidence.

    ``confidence`` is 0..1; ``trusted`` is the decision that it may be used with no human look; ``doubt`` says in
    Polish why it is not trusted; ``raw`` is what was read before normalisation. ``by_eye`` tells that only a human who
    looks may settle the doubt: it is not how a sign was read, but whether what stands there counts.
    """

    value: Value
    confidence: float = 1.0
    trusted: bool = True
    source: Source = Source.ONLINE
    page: int | None = None
    box: Box | None = None
    raw: str | None = None
    doubt: str | None = None
    by_eye: bool = False

    def as_json(self) -> dict[str, Any]:
        """The shape of the contract: value, confidence, trusted, source, page, box (and doubt)."""
        return {
            "value": self.value,
            "confidence": round(self.confidence, 4),
            "trusted": self.trusted,
            "source": self.source.value,
            "page": self.page,
            "box": None if self.box is None else [round(edge, 2) for edge in self.box],
            "doubt": self.doubt,
        }


@dataclass(frozen=True)
class Submission:
    """The values of one form as they came in. ``paper`` is True when a handwritten signature is owed.

    ``signatures`` are the electronic signatures of the file that it came in.
    """

    form: Form
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    paper: bool = False
    signatures: tuple[ElectronicSignature, ...] = ()

    @property
    def values(self) -> dict[str, Value]:
        """Normalised values by field name; None where empty."""
        return {item.name: self.value(item.name) for item in self.form.fields}

    def value(self, name: str) -> Value:
        """The value of a field, None when it is empty or the form has no such field."""
        found = self.fields.get(name)
        return None if found is None else found.value

    def text(self, name: str) -> str | None:
        """The value of a field when it is a text."""
        value = self.value(name)
        return value if isinstance(value, str) else None

    def with_value(self, name: str, value: FieldValue) -> Submission:
        """A copy with one value replaced."""
        return replace(self, fields={**self.fields, name: value})

    def signed(self, signatures: Sequence[ElectronicSignature]) -> Submission:
        """A copy that came in a file with these signatures: one that counts stands for the handwritten one.

        Whether it is that of the person of the form is judged elsewhere. What was changed after a signature is doubted.
        """
        name = next((item.name for item in self.form.fields if item.kind.widget == "signature"), None)
        unsigned = unsigned_fields(signatures, [item.name for item in self.form.fields]) - {name}
        doubted = {
            each: replace(value, confidence=_LOW, trusted=False, doubt=DOUBT_UNSIGNED, by_eye=True)
            for each, value in self.fields.items()
            if each in unsigned and value.value is not None and not value.by_eye
        }
        submission = replace(self, fields={**self.fields, **doubted}, signatures=tuple(signatures))
        if name is None or not any(each.counts for each in signatures):
            return submission
        seen = submission.fields.get(name, FieldValue(None))
        if seen.value and seen.trusted:
            return submission
        return submission.with_value(name, FieldValue(True, source=Source.ESIGNATURE, page=seen.page, box=seen.box))

    def problems(self, today: date) -> list[Problem]:
        """All that is wrong with the values themselves: kinds, required fields, rules of the form.

        Trust and the customer register are judged elsewhere.
        """
        values, found = self.values, []
        for item in self.form.fields:
            parsed = item.kind.parse(values[item.name], today)
            if parsed.fault is not None:
                found.append(Problem(item.name, parsed.fault.code, parsed.fault.message))
            elif item.required and not parsed.value and (self.paper or not item.on_paper_only):
                found.append(_missing(item.name, item.label, item.kind.widget))
        faulty = {problem.field for problem in found}
        for rule in self.form.rules:
            found += [p for p in rule.problems(values, self.form.labels) if p.field not in faulty]
        return found


def _missing(name: str, label: str, widget: str) -> Problem:
    if widget == "signature":
        return Problem(name, "missing_signature", "Brakuje własnoręcznego podpisu.")
    if widget == "tick":
        return Problem(name, "not_ticked", f"Zaznacz: {label}.")
    return Problem(name, "missing", f"Uzupełnij: {label}.")


def submission_from_values(form: Form, values: Mapping[str, object], today: date) -> tuple[Submission, list[Problem]]:
    """A submission from typed values (web form, API), with all its problems.

    Names the form does not have are problems too, so that a misspelt name never silently loses a value.
    """
    problems = [Problem(name, "unknown_field", "Tego pola nie ma w formularzu.") for name in values if name not in form]
    fields = {}
    for item in form.fields:
        parsed = item.kind.parse(values.get(item.name), today)
        if parsed.value is not None:
            fields[item.name] = FieldValue(parsed.value, raw=str(values.get(item.name)))
        elif parsed.fault is not None:
            problems.append(Problem(item.name, parsed.fault.code, parsed.fault.message))
    submission = Submission(form, fields)
    told = {problem.field for problem in problems}
    return submission, problems + [p for p in submission.problems(today) if p.field not in told]
