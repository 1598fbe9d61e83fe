"""Emptying of a household sewage treatment plant."""

from dataclasses import replace

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
    code="treatment_plant_emptying",
    version="1",
    title="Opróżnienie oczyszczalni przydomowej",
    intro="Odbierzemy osad z przydomowej oczyszczalni ścieków. Gdy przyjmiemy wniosek, potwierdzimy dzień, który "
    "Ci pasuje, albo zaproponujemy inny.",
    fields=(
        CUSTOMER_NO,
        NAME,
        *ADDRESS,
        WISHED_DAY,
        replace(TANK_SIZE, label="Pojemność osadnika (m³)", required=False, help="Jeśli ją znasz."),
        ACCESS,
        PHONE_OF_VISIT,
        DATE_SIGNED,
        SIGNATURE,
    ),
    sections=(
        Section("1. Twoje dane", (("customer_no",), ("name",))),
        Section("2. Adres oczyszczalni", ADDRESS_ROWS),
        Section("3. Kiedy i jak dojechać", (("wished_on", "tank_size"), ("access_notes",), ("phone",))),
        Section("4. Podpis", (("date_signed", "signature"),)),
    ),
    effect="open_visit",
    outcome="przyjęliśmy wniosek o opróżnienie przydomowej oczyszczalni",
    declaration="Proszę o opróżnienie przydomowej oczyszczalni ścieków pod podanym adresem.",
)
