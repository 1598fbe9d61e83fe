"""Sign-up for an eBOK account."""

from forms.asking import AnyOf, Stems
from forms.fields import (
    ADDRESS,
    ADDRESS_ROWS,
    CUSTOMER_NO,
    DATE_SIGNED,
    MOBILE,
    NAME,
    NIP,
    PESEL,
    SIGNATURE,
    email,
    tick,
)
from forms.form import Form, Needs, OneOf, Section

_ACCOUNT = ((("ebok",),), (("biur",), ("elektronicz",), ("obslug",)), (("kont",), ("internetow", "portal", "online")))
_OPEN = (
    *("zaloz", "zaklad", "otwar", "otworz", "utworz", "rejestr", "zarejestr", "aktyw", "zglosz", "zglasz", "dostep"),
    *("uruchom", "przystap"),
)
_END = ("usun", "zamkn", "likwid", "rezygn", "blok", "hasl")

FORM = Form(
    code="ebok_signup",
    version="1",
    title="Zgłoszenie do eBOK",
    intro="Założymy Ci bezpłatne konto w elektronicznym Biurze Obsługi Klienta. Na podany adres e-mail wyślemy "
    "odnośnik, którym potwierdzisz założenie konta.",
    fields=(
        CUSTOMER_NO,
        PESEL,
        NIP,
        NAME,
        *ADDRESS,
        MOBILE,
        email("email", "Adres e-mail (będzie loginem)", required=True),
        tick("notify_sms", "Chcę dostawać powiadomienia SMS o fakturach i terminach płatności"),
        tick("notify_email", "Chcę dostawać powiadomienia e-mail o fakturach i terminach płatności"),
        tick("accept_terms", "Akceptuję Regulamin eBOK", required=True),
        DATE_SIGNED,
        SIGNATURE,
    ),
    sections=(
        Section(
            "1. Kim jesteś",
            (("customer_no", "pesel", "nip"), ("name",)),
        ),
        Section("2. Adres", ADDRESS_ROWS),
        Section("3. Kontakt", (("phone", "email"),)),
        Section("4. Zgody", (("notify_sms",), ("notify_email",), ("accept_terms",))),
        Section("5. Podpis", (("date_signed", "signature"),)),
    ),
    effect="open_account",
    outcome="założyliśmy konto w eBOK",
    rules=(OneOf(("pesel", "nip")), Needs("notify_sms", "phone")),
    terms="ebok",
    declaration="Zgłaszam chęć korzystania z eBOK i podaję dane zgodne z prawdą.",
    asking=AnyOf(tuple(Stems((*account, _OPEN), never=_END) for account in _ACCOUNT)),
)
