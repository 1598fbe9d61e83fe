"""The web form of a form: what is asked for on a screen, and how typed values become a submission.

Whatever is given on paper only, and the day of signing, is not asked for: a form sent online is dated by the day it
comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from forms.fields import DATE_SIGNED
from forms.form import Field, Form, OneOf, Problem
from forms.kinds import Tick
from forms.submission import Submission, submission_from_values

_NUMBER: Final = re.compile(r"^[0-9]+\.\s*")
_LONGEST_TYPED: Final = 1000
"""Signs of a value that are kept; none that is right has half as many."""
_REQUIRED: Final = "wymagane"
_ONE_OF_THESE: Final = "wymagane jedno z tych pól"
_OPTIONAL: Final = "nieobowiązkowe"
_SHORT, _MEDIUM = 5, 12


@dataclass(frozen=True, slots=True)
class WebField:
    """One input: ``mark`` says in words whether it is required; ``width`` is 'short', 'medium' or 'full'."""

    name: str
    label: str
    hint: str
    mark: str
    tick: bool
    width: str
    attributes: Mapping[str, str]

    def ticked(self, typed: str) -> bool:
        """Whether the box is ticked by what was sent for it: 'false' is a text too."""
        return self.tick and Tick().parse(typed).value is True


@dataclass(frozen=True, slots=True)
class WebSection:
    """A headed group; fields of one row stand side by side where the screen is wide enough."""

    title: str
    note: str
    rows: tuple[tuple[WebField, ...], ...]


@dataclass(frozen=True, slots=True)
class WebForm:
    """A form as it is asked for on a screen."""

    form: Form
    sections: tuple[WebSection, ...]

    @property
    def fields(self) -> Iterator[WebField]:
        """All inputs in their order."""
        return (item for section in self.sections for row in section.rows for item in row)


def asked_online(field: Field) -> bool:
    """Whether a screen asks for the field."""
    return not field.on_paper_only and field.name != DATE_SIGNED.name


def web_form(form: Form) -> WebForm:
    """The web form of a form; sections of which nothing is asked are left out."""
    sections = []
    for section in form.sections:
        asked = [[form[name] for name in row if asked_online(form[name])] for row in section.rows]
        rows = tuple(tuple(web_field(form, item) for item in run) for row in asked for run in _side_by_side(row))
        if rows:
            sections.append(WebSection(_NUMBER.sub("", section.title), section.note, rows))
    return WebForm(form, tuple(sections))


def web_field(form: Form, field: Field) -> WebField:
    """The input of one field."""
    attributes = field.kind.html_attributes()
    if field.autocomplete:
        attributes["autocomplete"] = field.autocomplete
    elif field.kind.sensitive:
        attributes["autocomplete"] = "off"
    tick = field.kind.marked
    return WebField(field.name, field.label, _hint(field), _mark(form, field), tick, _width(field), attributes)


def typed_values(form: Form, sent: Mapping[str, str]) -> dict[str, str]:
    """Of what a browser sent, the values of fields that were asked for, as typed; '' where nothing was.

    What is longer than any value can be is cut: it stays too long, and nobody fills the disk with drafts.
    """
    return {item.name: sent.get(item.name, "")[:_LONGEST_TYPED] for item in form.fields if asked_online(item)}


def online_submission(form: Form, values: Mapping[str, object], today: date) -> tuple[Submission, list[Problem]]:
    """The submission of values that came without paper, dated by ``today`` unless they tell a day, and all problems.

    Problems stand in the order of the form's fields.
    """
    if DATE_SIGNED.name in form and values.get(DATE_SIGNED.name) in (None, ""):
        values = {**values, DATE_SIGNED.name: today.isoformat()}
    submission, problems = submission_from_values(form, values, today)
    told = {problem.field for problem in problems}
    typed = ((item, submission.text(item.name)) for item in form.fields if item.name not in told)
    late = [(item, item.kind.untimely(value, today)) for item, value in typed if value is not None]
    problems += [Problem(item.name, fault.code, fault.message) for item, fault in late if fault is not None]
    order = {item.name: place for place, item in enumerate(form.fields)}
    return submission, sorted(problems, key=lambda problem: order.get(problem.field or "", len(order)))


def fault_of(form: Form, name: str, value: str, today: date) -> str | None:
    """What is wrong with one typed value by itself, in Polish; None when nothing is, or the form has no such field."""
    if name not in form:
        return None
    kind = form[name].kind
    parsed = kind.parse(value, today)
    fault = parsed.fault
    if fault is None and isinstance(parsed.value, str):
        fault = kind.untimely(parsed.value, today)
    return None if fault is None else fault.message


def _side_by_side(row: list[Field]) -> Iterator[list[Field]]:
    """Runs of short fields; a longer one stands alone."""
    run: list[Field] = []
    for item in row:
        if _width(item) == "short" and not item.kind.marked:
            run.append(item)
            continue
        if run:
            yield run
        yield [item]
        run = []
    if run:
        yield run


def _width(field: Field) -> str:
    return "short" if field.kind.length <= _SHORT else "medium" if field.kind.length <= _MEDIUM else "full"


def _hint(field: Field) -> str:
    """The help, then how to write it; each a sentence."""
    how = field.kind.hint
    return " ".join(part for part in (field.help, f"{how[0].upper()}{how[1:]}." if how else "") if part)


def _mark(form: Form, field: Field) -> str:
    if field.required:
        return _REQUIRED
    one_of = any(isinstance(rule, OneOf) and field.name in rule.names for rule in form.rules)
    return _ONE_OF_THESE if one_of else _OPTIONAL
