"""Fields that several forms share, each stated once."""

from __future__ import annotations

from dataclasses import replace

from environment.settings import get_settings
from forms.form import Field
from forms.kinds import (
    CubicMetres,
    Date,
    Digits,
    Email,
    HouseNumber,
    Nip,
    Pesel,
    Phone,
    Postcode,
    Signature,
    Text,
    Tick,
    WishedDay,
)

CUSTOMER_NO = Field(
    "customer_no",
    Digits(get_settings().customer_no_length),
    "Numer klienta",
    help="Jest na każdej fakturze.",
    required=True,
)
NAME = Field("name", Text(68, rows=2), "Imię i nazwisko albo nazwa firmy", required=True, autocomplete="name")
PESEL = Field("pesel", Pesel(), "PESEL", help="Dla osoby fizycznej.")
NIP = Field("nip", Nip(), "NIP", help="Dla firmy.")
STREET = Field("street", Text(22), "Ulica", help="Pozostaw puste, jeśli miejscowość nie ma ulic.")
HOUSE = Field("house", HouseNumber(5), "Nr domu", required=True)
FLAT = Field("flat", HouseNumber(5), "Nr lokalu")
POSTCODE = Field("postcode", Postcode(), "Kod pocztowy", required=True)
TOWN = Field("town", Text(27), "Miejscowość", required=True, autocomplete="address-level2")
PHONE = Field("phone", Phone(), "Telefon", help="Nie musisz go podawać.")
MOBILE = Field("phone", Phone(mobile=True), "Telefon komórkowy", help="Konieczny do SMS.")
DATE_SIGNED = Field("date_signed", Date(), "Data podpisania", help="Dzień, miesiąc, rok.", required=True)
SIGNATURE = Field("signature", Signature(), "Czytelny podpis", required=True, on_paper_only=True)
PHONE_OF_VISIT = replace(PHONE, help="Zadzwonimy, gdy trzeba będzie coś ustalić.")
WISHED_DAY = Field("wished_on", WishedDay(), "Kiedy Ci pasuje", help="Puste: sami zaproponujemy dzień.")
ACCESS = Field("access_notes", Text(34), "Wskazówki dla ekipy", help="Brama, pies, gdzie jest wodomierz albo zbiornik.")
TANK_SIZE = Field("tank_size", CubicMetres(), "Pojemność zbiornika (m³)", required=True)

ADDRESS = (STREET, HOUSE, FLAT, POSTCODE, TOWN)
ADDRESS_ROWS = (("street", "house", "flat"), ("postcode", "town"))


def email(name: str, label: str, *, help: str = "", required: bool = False) -> Field:
    """An e-mail field."""
    return Field(name, Email(), label, help=help, required=required)


def tick(name: str, label: str, *, required: bool = False) -> Field:
    """A box to tick."""
    return Field(name, Tick(), label, required=required)
