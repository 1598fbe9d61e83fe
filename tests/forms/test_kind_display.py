"""How values are shown: masked, to people, in cells, to browsers and programs."""

from __future__ import annotations

import pytest

from forms.kinds import (
    Date,
    Digits,
    Email,
    FieldKind,
    HouseNumber,
    Nip,
    Pesel,
    Phone,
    Postcode,
    Signature,
    Text,
    Tick,
    Value,
)
from tests.forms.samples import WRITTEN


@pytest.mark.parametrize(
    ("kind", "known", "masked"),
    [
        (Pesel(), "44051401359", "•••••••••••"),
        (Digits(8), "00012345", "••••••45"),
        (Nip(), "5260250995", "••••••••95"),
        (Email(), "jan.nowak@poczta.example.com", "j•••@•••.com"),
        (Email(), "jan.nowak", "•••••••••"),
        (Phone(), "600700800", "•••••••00"),
        (Text(20), "Nowak", "N••••"),
        (Date(), "2026-11-22", "2•••••••••"),
    ],
)
def test_a_mask_tells_no_value(kind: FieldKind, known: str, masked: str) -> None:
    assert kind.masked(known) == masked


@pytest.mark.parametrize("kind", (*WRITTEN, Tick(), Signature()))
def test_a_mask_tells_that_a_field_is_empty(kind: FieldKind) -> None:
    assert kind.masked(None) == "(puste)"


@pytest.mark.parametrize("kind", [Tick(), Signature(), Text(20), Email(), Digits(8), Pesel()])
def test_a_mask_tells_what_is_ticked(kind: FieldKind) -> None:
    assert (kind.masked(True), kind.masked(False)) == ("tak", "nie")


@pytest.mark.parametrize(
    ("kind", "stored", "shown", "in_comb"),
    [
        (Text(20), "Jan Nowak", "Jan Nowak", "Jan Nowak"),
        (Digits(8), "00012345", "00012345", "00012345"),
        (Postcode(), "66-470", "66-470", "66470"),
        (Phone(), "600700800", "600 700 800", "600700800"),
        (Phone(), "+4915123456789", "+49 1512 3456789", "+4915123456789"),
        (Phone(), "+9991", "+9991", "+9991"),
        (Date(), "2026-11-02", "02.11.2026", "02112026"),
        (Date(), "wczoraj", "wczoraj", "wczoraj"),
        *((kind, None, "", "") for kind in WRITTEN),
        (Tick(), True, "tak", "tak"),
        (Tick(), False, "nie", "nie"),
    ],
)
def test_a_value_is_shown_to_people_and_written_in_cells(
    kind: FieldKind, stored: Value, shown: str, in_comb: str
) -> None:
    assert (kind.display(stored), kind.to_comb(stored)) == (shown, in_comb)


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        (Text(20), {"type": "text", "maxlength": "100"}),
        (HouseNumber(5), {"type": "text", "maxlength": "10"}),
        (Digits(8), {"type": "text", "maxlength": "16", "inputmode": "numeric"}),
        (Pesel(), {"type": "text", "maxlength": "22", "inputmode": "numeric"}),
        (Postcode(), {"type": "text", "maxlength": "8", "inputmode": "numeric", "autocomplete": "postal-code"}),
        (Phone(), {"type": "tel", "maxlength": "24", "autocomplete": "tel"}),
        (Email(), {"type": "email", "maxlength": "254", "autocomplete": "email"}),
        (Date(), {"type": "date"}),
        (Tick(), {"type": "checkbox", "value": "true"}),
    ],
)
def test_a_browser_gets_the_attributes_of_the_kind(kind: FieldKind, attributes: dict[str, str]) -> None:
    assert kind.html_attributes() == attributes


def test_the_schema_of_a_value_is_as_lenient_as_its_parsing() -> None:
    assert Text(20).json_schema() == {"type": ["string", "null"], "maxLength": 400}
    assert Digits(8).json_schema() == {"type": ["string", "null"], "maxLength": 200}
    assert Tick().json_schema() == {"type": ["boolean", "null"]}
