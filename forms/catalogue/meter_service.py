"""Exchange, installation or sealing of a water meter."""

from forms.fields import (
    ACCESS,
    ADDRESS,
    ADDRESS_ROWS,
    CUSTOMER_NO,
    DATE_SIGNED,
    NAME,
    PHONE_OF_VISIT,
    SIGNATURE,
    WISHED_DAY,
    tick,
)
from forms.form import Form, OneOf, Section

FORM = Form(
    code="meter_service",
    version="1",
    title="Wymiana, montaż, plombowanie wodomierza",
    intro="Umówimy wizytę i wymienimy, zamontujemy albo zaplombujemy Twój wodomierz. Gdy przyjmiemy wniosek, "
    "potwierdzimy dzień, który Ci pasuje, albo zaproponujemy inny.",
    fields=(
        CUSTOMER_NO,
        NAME,
        *ADDRESS,
        tick("meter_exchange", "Wymiana wodomierza"),
        tick("meter_installation", "Montaż wodomierza"),
        tick("meter_sealing", "Plombowanie wodomierza"),
        WISHED_DAY,
        PHONE_OF_VISIT,
        ACCESS,
        DATE_SIGNED,
        SIGNATURE,
    ),
    sections=(
        Section("1. Kim jesteś", (("customer_no",), ("name",))),
        Section("2. Adres, pod który przyjedziemy", ADDRESS_ROWS),
        Section("3. O co prosisz", (("meter_exchange", "meter_installation"), ("meter_sealing",))),
        Section("4. Wizyta", (("wished_on", "phone"), ("access_notes",))),
        Section("5. Podpis", (("date_signed", "signature"),)),
    ),
    effect="open_visit",
    outcome="przyjęliśmy wniosek w sprawie wodomierza",
    rules=(OneOf(("meter_exchange", "meter_installation", "meter_sealing")),),
    declaration="Proszę o wykonanie zaznaczonych prac pod podanym adresem.",
)
