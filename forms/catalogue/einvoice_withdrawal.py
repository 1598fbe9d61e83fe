"""Withdrawal of the acceptance of e-invoices."""

from forms.asking_for_einvoices import ForPaperAgain
from forms.fields import ADDRESS, ADDRESS_ROWS, CUSTOMER_NO, DATE_SIGNED, NAME, SIGNATURE, email
from forms.form import Form, Section

FORM = Form(
    code="einvoice_withdrawal",
    version="1",
    title="Wycofanie akceptacji faktur elektronicznych",
    intro="Wrócimy do faktur papierowych. Faktury elektroniczne przestaniemy wysyłać od dnia następującego po dniu, "
    "w którym otrzymamy ten formularz.",
    fields=(
        CUSTOMER_NO,
        NAME,
        *ADDRESS,
        email("email_current", "Adres e-mail, na który teraz przychodzą faktury"),
        DATE_SIGNED,
        SIGNATURE,
    ),
    sections=(
        Section("1. Kim jesteś", (("customer_no",), ("name",))),
        Section("2. Adres", ADDRESS_ROWS),
        Section("3. Adres e-mail", (("email_current",),), "Nie musisz go podawać."),
        Section("4. Podpis", (("date_signed", "signature"),)),
    ),
    effect="end_einvoice",
    outcome="przyjęliśmy wycofanie zgody na faktury elektroniczne",
    declaration="Wycofuję zgodę na wystawianie i przesyłanie mi faktur w formie elektronicznej.",
    asking=ForPaperAgain(contradicts=("start_einvoice", "change_einvoice_email")),
    about_invoices=True,
)
