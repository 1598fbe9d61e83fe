"""JSON schema of a form's values, as the API takes them."""

from __future__ import annotations

from typing import Any

from forms.fields import DATE_SIGNED
from forms.form import Field, Form

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(form: Form) -> dict[str, Any]:
    """Schema (2020-12) of an object with the form's values.

    It is as lenient as the kinds' own normalisation, which judges the values. Required is what a person online must
    give: no signature, and no date, for a form sent online is dated by the day it comes.
    """
    online = [item for item in form.fields if not item.on_paper_only]
    return {
        "$schema": DIALECT,
        "title": form.title,
        "description": form.intro,
        "type": "object",
        "properties": {item.name: _property(item) for item in online},
        "required": [item.name for item in online if item.required and item.name != DATE_SIGNED.name],
        "additionalProperties": False,
    }


def _property(field: Field) -> dict[str, Any]:
    details = [part for part in (field.kind.hint, field.help.rstrip(".")) if part]
    description = f"{field.label} ({'; '.join(details)})" if details else field.label
    return {"title": field.label, "description": description, **field.kind.json_schema()}
