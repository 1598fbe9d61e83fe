"""Change of the e-mail address to which e-invoices go."""

from forms.asking_for_einvoices import ForOtherAddress
from forms.fields import ADDRESS, ADDRESS_ROWS, CUSTOMER_NO, DATE_SIGNED, NAME, SIGNATURE, email
from forms.form import Differ, Form, Section

FORM = Form(
    code="einvoice_email_change",
    version="1",
    title="Zmiana adresu e-mail do faktur",
    intro="Zmienimy adres, na który wysyłamy faktury elektroniczne. Na nowy adres wyślemy odnośnik do potwierdzenia, "
    "a dotychczasowy adres powiadomimy o zmianie.",
    fields=(
        CUSTOMER_NO,
        NAME,
        *ADDRESS,
        email("email_current", "Dotychczasowy adres e-mail", required=True),
        email("email_new", "Nowy adres e-mail", required=True),
        DATE_SIGNED,
        SIGNATURE,
    ),
    sections=(
        Section("1. Kim jesteś", (("customer_no",), ("name",))),
        Section("2. Adres", ADDRESS_ROWS),
        Section("3. Adresy e-mail do faktur", (("email_current",), ("email_new",))),
        Section("4. Podpis", (("date_signed", "signature"),)),
    ),
    effect="change_einvoice_email",
    outcome="zmieniliśmy adres e-mail do faktur elektronicznych",
    rules=(Differ("email_current", "email_new"),),
    declaration="Proszę o wysyłanie faktur elektronicznych na nowy adres e-mail.",
    asking=ForOtherAddress(includes=("start_einvoice",)),
    about_invoices=True,
)
