"""Form definitions as plain data, for ``ebok forms --json`` and the API."""

from __future__ import annotations

from typing import Any

from forms.catalogue import current_forms
from forms.form import Form
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, FieldLayout, layout
from forms.terms import terms_of


def describe_forms() -> list[dict[str, Any]]:
    """Every current form: the shape of the contract, ready for JSON; boxes in PDF points from the top left corner."""
    return [describe_form(form) for form in current_forms()]


def describe_form(form: Form) -> dict[str, Any]:
    """One form: code, version, title, pages with their fields and boxes; intro, effect and terms beside."""
    placed = layout(form)
    terms = terms_of(form)
    return {
        "code": form.code,
        "version": form.version,
        "title": form.title,
        "intro": form.intro,
        "effect": form.effect,
        "terms": None if terms is None else {"title": terms.title, "version": terms.version},
        "pages": [
            {
                "width": PAGE_WIDTH,
                "height": PAGE_HEIGHT,
                "fields": [_describe_field(item) for item in placed.on_page(page)],
            }
            for page in range(1, placed.pages + 1)
        ],
    }


def _describe_field(item: FieldLayout) -> dict[str, Any]:
    field = item.field
    return {
        "name": field.name,
        "kind": field.kind.name,
        "label": field.label,
        "help": field.help,
        "required": field.required,
        "on_paper_only": field.on_paper_only,
        "boxes": [[round(edge, 2) for edge in box] for box in item.boxes],
    }
