"""A form with a field of a kind that the product does not have."""

from forms.kinds.meter_reading import MeterReading  # type: ignore[import-not-found]  # beside this file

from forms.fields import ADDRESS, ADDRESS_ROWS, CUSTOMER_NO, DATE_SIGNED, NAME, SIGNATURE
from forms.form import Field, Form, Section

FORM = Form(
    code="meter_state",
    version="1",
    title="Stan wodomierza",
    intro="Rozliczymy zużycie według stanu, który podasz.",
    fields=(
        CUSTOMER_NO,
        NAME,
        *ADDRESS,
        Field("state", MeterReading(), "Stan wodomierza w metrach sześciennych", required=True),
        DATE_SIGNED,
        SIGNATURE,
    ),
    sections=(
        Section("1. Kim jesteś", (("customer_no",), ("name",))),
        Section("2. Adres", ADDRESS_ROWS),
        Section("3. Wodomierz", (("state",),)),
        Section("4. Podpis", (("date_signed", "signature"),)),
    ),
    effect="record_request",
    outcome="zapisaliśmy stan wodomierza",
)
