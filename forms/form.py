"""A form as one literal: fields, arrangement, rules and effect."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from forms.asking import Asking
from forms.kinds import FieldKind, Value

_PLAIN: Final = re.compile(r"[a-z][a-z0-9_]*")
"""What codes and field names are made of: they stand in addresses, file names and PDF fields."""


@dataclass(frozen=True)
class Field:
    """One field of a form.

    ``on_paper_only`` marks what a web form or the API cannot give and need not (the signature). ``autocomplete`` tells
    a browser which of its user's own data is asked for (a token of the HTML standard), where the kind does not.
    """

    name: str
    kind: FieldKind
    label: str
    help: str = ""
    required: bool = False
    on_paper_only: bool = False
    autocomplete: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something imperfect in a document: a value, not an exception. It leads to review."""

    field: str | None
    code: str
    message: str


@dataclass(frozen=True)
class Rule(ABC):
    """A check over several fields; subclasses give ``problems``."""

    @property
    @abstractmethod
    def mentions(self) -> tuple[str, ...]:
        """Names of the fields that the rule looks at."""

    @abstractmethod
    def problems(self, values: Mapping[str, Value], labels: Mapping[str, str]) -> list[Problem]:
        """The problems of these normalised values, none when the rule holds."""


@dataclass(frozen=True)
class OneOf(Rule):
    """At least one of the fields is filled in."""

    names: tuple[str, ...]

    @property
    def mentions(self) -> tuple[str, ...]:
        """All of them."""
        return self.names

    def problems(self, values: Mapping[str, Value], labels: Mapping[str, str]) -> list[Problem]:
        """One problem at the first field when all are empty."""
        if any(values.get(name) for name in self.names):
            return []
        wanted = " albo ".join(labels[name] for name in self.names)
        return [Problem(self.names[0], "one_required", f"Podaj: {wanted}.")]


@dataclass(frozen=True)
class Needs(Rule):
    """When ``name`` is filled in or ticked, ``needed`` must be filled in too."""

    name: str
    needed: str

    @property
    def mentions(self) -> tuple[str, ...]:
        """Both."""
        return self.name, self.needed

    def problems(self, values: Mapping[str, Value], labels: Mapping[str, str]) -> list[Problem]:
        """One problem at the needed field."""
        if not values.get(self.name) or values.get(self.needed):
            return []
        return [Problem(self.needed, "needed", f"Podaj: {labels[self.needed]} (potrzebne do: {labels[self.name]}).")]


@dataclass(frozen=True)
class Differ(Rule):
    """Two fields must not hold the same value."""

    first: str
    second: str

    @property
    def mentions(self) -> tuple[str, ...]:
        """Both."""
        return self.first, self.second

    def problems(self, values: Mapping[str, Value], labels: Mapping[str, str]) -> list[Problem]:
        """One problem at the second field."""
        if not values.get(self.second) or values.get(self.first) != values.get(self.second):
            return []
        return [Problem(self.second, "not_different", f"{labels[self.second]}: podaj wartość inną niż dotychczasowa.")]


@dataclass(frozen=True)
class Section:
    """A headed part of the form; each row lists names of fields that stand side by side."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Form:
    """A form: everything else (blank, PDF, web form, schema, reading, effect) follows from this literal.

    ``terms`` names the Regulamin whose version the consent is given to (one of ``forms.terms.KEYS``), or None.
    ``effect`` names what an accepted form does to the customer register: a module of ``customers.effects``.
    ``outcome`` is the sentence that a confirmation uses for what was done. ``asking`` tells how a letter in free words
    asks for the same; without it only an edition of the form itself is recognised. ``about_invoices``: it decides how
    invoices come, of which more is told who has a NIP once the company is in KSeF. ``data_note`` is the edition of the
    note on data protection at the foot (``forms.wording``): a form that was printed with the first keeps it.
    """

    code: str
    version: str
    title: str
    intro: str
    fields: tuple[Field, ...]
    sections: tuple[Section, ...]
    effect: str
    outcome: str
    rules: tuple[Rule, ...] = ()
    terms: str | None = None
    declaration: str = ""
    asking: Asking | None = None
    about_invoices: bool = False
    data_note: int = 1
    _by_name: dict[str, Field] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a literal that contradicts itself: at import, where its author sees it."""
        self._by_name.update({item.name: item for item in self.fields})
        placed = [name for section in self.sections for row in section.rows for name in row]
        wrong = [
            *(f"the name {name!r} is no plain word" for name in (self.code, *placed) if not _PLAIN.fullmatch(name)),
            *([] if re.fullmatch(r"[0-9a-z.]+", self.version) else [f"the version {self.version!r} is no number"]),
            *([] if len(self._by_name) == len(self.fields) else ["a field name stands twice"]),
            *([] if sorted(placed) == sorted(self._by_name) else ["sections must place every field exactly once"]),
            *(f"a rule looks at {n!r}" for r in self.rules for n in r.mentions if n not in self._by_name),
        ]
        if wrong:
            raise ValueError(f"form {self.code}: {'; '.join(wrong)}")

    def __getitem__(self, name: str) -> Field:
        """The field of that name; KeyError when the form has none."""
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        """Whether the form has a field of that name."""
        return name in self._by_name

    def looks_like(self, other: Form) -> bool:
        """Whether it is that form in the same or another version, which differ in their notes on data alone."""
        return self == replace(other, version=self.version, data_note=self.data_note)

    @property
    def labels(self) -> dict[str, str]:
        """Label by field name."""
        return {item.name: item.label for item in self.fields}

    @property
    def ticks(self) -> tuple[Field, ...]:
        """The fields to tick, without the signature."""
        return tuple(f for f in self.fields if f.kind.widget == "tick")
