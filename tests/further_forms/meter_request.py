"""A form that the product does not have: one file is all that adding it takes."""

from forms.fields import ADDRESS, ADDRESS_ROWS, CUSTOMER_NO, DATE_SIGNED, NAME, PHONE, SIGNATURE, tick
from forms.form import Field, Form, OneOf, Section
from forms.kinds import Digits, Text

FORM = Form(
    code="meter_request",
    version="1",
    title="Wniosek w sprawie wodomierza",
    intro="Wymienimy, zamontujemy albo zaplombujemy Twój wodomierz. Zadzwonimy, aby ustalić dogodny termin.",
    fields=(
        CUSTOMER_NO,
        NAME,
        *ADDRESS,
        Field("meter_no", Digits(8), "Numer wodomierza", help="Jest na tarczy wodomierza.", required=True),
        PHONE,
        tick("exchange", "Wymiana wodomierza"),
        tick("sealing", "Plombowanie wodomierza"),
        Field("remarks", Text(68, rows=2), "Uwagi"),
        DATE_SIGNED,
        SIGNATURE,
    ),
    sections=(
        Section("1. Kim jesteś", (("customer_no",), ("name",))),
        Section("2. Adres", ADDRESS_ROWS),
        Section("3. Wodomierz", (("meter_no", "phone"), ("exchange", "sealing"), ("remarks",))),
        Section("4. Podpis", (("date_signed", "signature"),)),
    ),
    effect="record_request",
    outcome="przyjęliśmy wniosek w sprawie wodomierza",
    rules=(OneOf(("exchange", "sealing")),),
    declaration="Proszę o wykonanie zaznaczonych prac.",
)
