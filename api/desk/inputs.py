"""Fields of a document as inputs of its page, and what comes back from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import FormData

from api.desk.wording import summary_line
from environment import clock
from forms.form import Problem
from forms.kinds import Value
from forms.layout import shown_at
from review.case_sheet import SheetField

_FIELD: Final = "pole."
"""Begins the name of an input that holds the value of a field."""


@dataclass(frozen=True, slots=True)
class Input:
    """A field as the page shows it: what is in its input now, and what is wrong with that."""

    shown: SheetField
    text: str = field(repr=False)
    value: Value = field(repr=False)
    """What the field says now; as typed where it cannot be understood."""
    error: str | None
    attributes: dict[str, str]
    place: str | None
    """Where it stands on the picture of its page: left, top, width, height, as shares of the picture."""

    @property
    def ticked(self) -> bool:
        """Whether the box is ticked now."""
        return self.value is True

    @property
    def line(self) -> tuple[str, str] | None:
        """Heading and text in the summary of what is beyond doubt."""
        return summary_line(self.shown.item, self.value)


def values_of(form: FormData) -> dict[str, object]:
    """What was typed and ticked, by field; only fields that the page had."""
    ticks = {str(name) for name in form.getlist("kratki")}
    found: dict[str, object] = {name: bool(form.get(_FIELD + name)) for name in ticks}
    for name, value in form.items():
        if name.startswith(_FIELD) and isinstance(value, str) and name.removeprefix(_FIELD) not in ticks:
            found[name.removeprefix(_FIELD)] = value
    return found


def input_of(
    shown: SheetField,
    turns: Mapping[int, int],
    sent: FormData | None,
    problems: tuple[Problem, ...],
    changed: Mapping[str, object],
) -> Input:
    """The input of a field; after a refusal with what was ``sent`` in it and what is wrong with that."""
    name, kind = shown.name, shown.item.kind
    text, value = shown.text, shown.value
    if sent is not None and name in changed:
        value = kind.parse(changed[name], clock.today()).value
        text = kind.display(value) if kind.marked else str(changed[name])
    attributes = {} if kind.marked else dict(kind.html_attributes())
    attributes.pop("autocomplete", None)
    if kind.input_type == "date":
        attributes = {"type": "text", "inputmode": "numeric", "placeholder": kind.hint, "maxlength": "14"}
    error = " ".join(
        dict.fromkeys(one.message for one in problems if one.field == name and one.code != "doubtful_field")
    )
    place = None
    if shown.place is not None:
        page, box = shown.place
        place = " ".join(f"{share:.4f}" for share in shown_at(box, turns.get(page, 0)))
    return Input(shown, text, value, error or None, attributes, place)
