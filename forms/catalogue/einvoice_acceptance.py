"""Acceptance of invoices in electronic form (VAT act, art. 106n)."""

from forms.asking_for_einvoices import ForEinvoices
from forms.fields import (
    ADDRESS,
    ADDRESS_ROWS,
    CUSTOMER_NO,
    DATE_SIGNED,
    NAME,
    NIP,
    PESEL,
    PHONE,
    SIGNATURE,
    email,
    tick,
)
from forms.form import Form, OneOf, Section

FORM = Form(
    code="einvoice_acceptance",
    version="1",
    title="Akceptacja faktur elektronicznych",
    intro="Faktury będą przychodzić na Twój adres e-mail zamiast na papierze. Najpierw wyślemy na ten adres odnośnik "
    "do potwierdzenia; do tego czasu faktury pozostaną papierowe.",
    fields=(
        CUSTOMER_NO,
        PESEL,
        NIP,
        NAME,
        *ADDRESS,
        PHONE,
        email("email", "Adres e-mail do faktur", required=True),
        tick(
            "accept_terms",
            "Akceptuję faktury elektroniczne i Regulamin wystawiania i przesyłania faktur w formie elektronicznej",
            required=True,
        ),
        DATE_SIGNED,
        SIGNATURE,
    ),
    sections=(
        Section(
            "1. Kim jesteś",
            (("customer_no", "pesel", "nip"), ("name",)),
        ),
        Section("2. Adres", ADDRESS_ROWS),
        Section("3. Dokąd wysyłać faktury", (("phone", "email"),)),
        Section("4. Zgoda", (("accept_terms",),)),
        Section("5. Podpis", (("date_signed", "signature"),)),
    ),
    effect="start_einvoice",
    outcome="przyjęliśmy zgodę na faktury elektroniczne",
    rules=(OneOf(("pesel", "nip")),),
    terms="einvoice",
    declaration="Wyrażam zgodę na wystawianie i przesyłanie mi faktur w formie elektronicznej.",
    asking=ForEinvoices(),
    about_invoices=True,
)
