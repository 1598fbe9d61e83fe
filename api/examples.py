"""Sample values of an invented person for the API description."""

from __future__ import annotations

from typing import Final

from forms.form import Form
from forms.kinds import Digits, Email, Nip, Pesel, Text, Tick, Value

_BY_KIND: Final[dict[str, str]] = {
    "pesel": "02070803628",
    "house_number": "12A",
    "postcode": "66-470",
    "phone": "600700800",
    "date": "2026-01-15",
}
_BY_NAME: Final = {"name": "Janina Wymyślona", "street": "Przykładowa", "town": "Kostrzyn nad Odrą"}


def example_values(form: Form) -> dict[str, Value]:
    """Values that the form accepts, without what is given on paper only."""
    has_pesel = any(isinstance(item.kind, Pesel) for item in form.fields)
    found: dict[str, Value] = {}
    for item in form.fields:
        if item.on_paper_only or (has_pesel and isinstance(item.kind, Nip)):
            continue
        if isinstance(item.kind, Tick):
            found[item.name] = True
        elif isinstance(item.kind, Email):
            found[item.name] = f"{item.name.replace('_', '.')}@example.com"
        elif item.kind.name in _BY_KIND:
            found[item.name] = _BY_KIND[item.kind.name]
        elif isinstance(item.kind, Nip):
            found[item.name] = "1234563218"
        elif isinstance(item.kind, Digits):
            found[item.name] = "123456789012"[: item.kind.length].rjust(item.kind.length, "0")
        elif isinstance(item.kind, Text):
            found[item.name] = _BY_NAME.get(item.name, "Przykład")[: item.kind.length]
    return found
