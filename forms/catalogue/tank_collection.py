"""Collection of liquid waste from a holding tank."""

from forms.fields import (
    ACCESS,
    ADDRESS,
    ADDRESS_ROWS,
    CUSTOMER_NO,
    DATE_SIGNED,
    NAME,
    PHONE_OF_VISIT,
    SIGNATURE,
    TANK_SIZE,
    WISHED_DAY,
)
from forms.form import Form, Section

FORM = Form(
    code="tank_collection",
    version="1",
    title="Wywóz nieczystości ciekłych (szambo)",
    intro="Przyjedziemy wozem i wywieziemy nieczystości ze zbiornika bezodpływowego. Gdy przyjmiemy wniosek, "
    "potwierdzimy dzień, który Ci pasuje, albo zaproponujemy inny.",
    fields=(
        CUSTOMER_NO,
        NAME,
        *ADDRESS,
        PHONE_OF_VISIT,
        TANK_SIZE,
        WISHED_DAY,
        ACCESS,
        DATE_SIGNED,
        SIGNATURE,
    ),
    sections=(
        Section("1. Kim jesteś", (("customer_no",), ("name",))),
        Section("2. Gdzie jest zbiornik", ADDRESS_ROWS),
        Section("3. Zbiornik i dojazd", (("phone", "tank_size"), ("wished_on",), ("access_notes",))),
        Section("4. Podpis", (("date_signed", "signature"),)),
    ),
    effect="open_visit",
    outcome="przyjęliśmy wniosek o wywóz nieczystości ciekłych",
    declaration="Proszę o wywóz nieczystości ciekłych ze zbiornika pod podanym adresem.",
)
