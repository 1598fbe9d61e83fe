"""A form with an effect that the product does not have: change of the address for letters."""

from dataclasses import replace

from forms.asking import Stems
from forms.fields import ADDRESS, ADDRESS_ROWS, CUSTOMER_NO, DATE_SIGNED, NAME, SIGNATURE
from forms.form import Form, Section

NEW = tuple(replace(item, name=f"new_{item.name}", label=f"{item.label} (nowy adres)", help="") for item in ADDRESS)

FORM = Form(
    code="address_change",
    version="1",
    title="Zmiana adresu do korespondencji",
    intro="Listy i faktury papierowe będziemy wysyłać na nowy adres.",
    fields=(CUSTOMER_NO, NAME, *ADDRESS, *NEW, DATE_SIGNED, SIGNATURE),
    sections=(
        Section("1. Kim jesteś", (("customer_no",), ("name",))),
        Section("2. Dotychczasowy adres", ADDRESS_ROWS),
        Section("3. Nowy adres", tuple(tuple(f"new_{name}" for name in row) for row in ADDRESS_ROWS)),
        Section("4. Podpis", (("date_signed", "signature"),)),
    ),
    effect="change_address",
    outcome="zmieniliśmy adres do korespondencji",
    asking=Stems((("zmian", "zmien", "nowy"), ("adres",), ("korespond",))),
    declaration="Proszę o wysyłanie korespondencji na nowy adres.",
)
