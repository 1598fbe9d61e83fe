"""Kinds that are written, and values of an invented customer, for each form those that it asks for."""

from __future__ import annotations

from forms.form import Form
from forms.kinds import (
    CubicMetres,
    Date,
    Digits,
    Email,
    FieldKind,
    HouseNumber,
    Nip,
    Pesel,
    Phone,
    Postcode,
    Text,
    Value,
    WishedDay,
)

WRITTEN: tuple[FieldKind, ...] = (
    Text(20),
    HouseNumber(5),
    Digits(8),
    Pesel(),
    Nip(),
    Postcode(),
    Phone(),
    Phone(mobile=True),
    Email(),
    Date(),
    WishedDay(),
    CubicMetres(),
)
"""A kind of each sort that people write."""
EVERY_VALUE: dict[str, Value] = {
    "customer_no": "00012345",
    "name": "Świętosława Żółć-Gęślą",
    "pesel": "44051401359",
    "nip": "5260250995",
    "street": "Ignacego Łukasiewicza",
    "house": "12A",
    "flat": "3",
    "postcode": "66-470",
    "town": "Kostrzyn nad Odrą",
    "phone": "600700800",
    "email": "swietoslawa@example.com",
    "email_current": "dawny@example.com",
    "email_new": "nowy@example.com",
    "notify_sms": True,
    "notify_email": False,
    "accept_terms": True,
    "meter_no": "87654321",
    "exchange": True,
    "sealing": False,
    "remarks": "Proszę dzwonić po południu, ćwierć po trzeciej",
    "meter_exchange": True,
    "meter_installation": False,
    "meter_sealing": True,
    "wished_on": "2026-12-07",
    "access_notes": "Zielona brama, pies na łańcuchu",
    "tank_size": "8",
    "date_signed": "2026-11-22",
}


def values_of(form: Form) -> dict[str, Value]:
    """The values of the form's own fields, but for the signature."""
    return {item.name: EVERY_VALUE[item.name] for item in form.fields if item.name != "signature"}
