"""Sample values of an invented person for the API description."""

from __future__ import annotations

from typing import Final

from environment.settings import get_settings
from forms.form import Form, OneOf
from forms.kinds import Value, Writing

_BY_NAME: Final = {"name": "Janina Wymyślona", "street": "Przykładowa", "town": get_settings().company_town}


def example_values(form: Form) -> dict[str, Value]:
    """Values that the form accepts, without what is given on paper only, and one of fields of which one is enough."""
    spare = {name for rule in form.rules if isinstance(rule, OneOf) for name in rule.names[1:]}
    found: dict[str, Value] = {}
    for item in form.fields:
        if item.on_paper_only or item.name in spare:
            continue
        if item.kind.writing is Writing.EMAIL:
            found[item.name] = f"{item.name.replace('_', '.')}@example.com"
        elif item.name in _BY_NAME:
            found[item.name] = _BY_NAME[item.name][: item.kind.length]
        else:
            found[item.name] = item.kind.example()
    return found
