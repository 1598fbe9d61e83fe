"""JSON schema of a form's values, as the API takes them."""

from __future__ import annotations

from typing import Any

from forms.fields import DATE_SIGNED
from forms.form import Field, Form

TERMS_VERSION = "terms_version"
"""Beside the values of a form with a consent: the version of its Regulamin that was shown."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(form: Form) -> dict[str, Any]:
    """Schema (2020-12) of an object with the form's values.

    It is as lenient as the kinds' own normalisation, which judges the values. Required, and then not empty, is what a
    person online must give: no signature, and no date, for a form sent online is dated by the day it comes. Beside the
    values stands which version of the Regulamin was shown (``TERMS_VERSION``), where the form consents to one.
    """
    online = [item for item in form.fields if not item.on_paper_only]
    owed = [item.name for item in online if item.required and item.name != DATE_SIGNED.name]
    return {
        "$schema": DIALECT,
        "title": form.title,
        "description": form.intro,
        "type": "object",
        "properties": {item.name: _property(item, owed=item.name in owed) for item in online} | _beside(form),
        "required": owed,
        "additionalProperties": False,
    }


def _beside(form: Form) -> dict[str, Any]:
    if form.terms is None:
        return {}
    told = (
        "Wersja regulaminu, którą pokazano nadawcy (terms.version z GET /api/v1/forms). Gdy zgoda byłaby na inną, bo "
        "ta już nie obowiązuje, formularz nie jest przyjmowany. Bez niej zgoda jest na wersję, która obowiązuje."
    )
    return {TERMS_VERSION: {"title": "Wersja regulaminu", "description": told, "type": ["string", "null"]}}


def _property(field: Field, *, owed: bool) -> dict[str, Any]:
    details = [part for part in (field.kind.hint, field.help.rstrip(".")) if part]
    description = f"{field.label} ({'; '.join(details)})" if details else field.label
    lenient = field.kind.json_schema()
    return {"title": field.label, "description": description, **(_not_empty(lenient) if owed else lenient)}


def _not_empty(schema: dict[str, object]) -> dict[str, object]:
    """The schema of a kind for a value that must be there."""
    if schema["type"] == ["boolean", "null"]:
        return {"type": "boolean", "const": True}
    return {**schema, "type": "string", "pattern": r"\S"}
