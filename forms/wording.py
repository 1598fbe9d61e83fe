"""What every page says besides its form's own texts: company, how to fill in, data protection, footer (Polish)."""

from __future__ import annotations

from typing import Final

from environment.settings import get_settings
from forms.form import Form

HOW_TO_WRITE = (
    "Pisz DRUKOWANYMI literami, jeden znak w jednej kratce, czarnym lub niebieskim długopisem. "
    "Pola, które Cię nie dotyczą, pozostaw puste."
)
HOW_TO_TYPE = "Wypełnij pola na ekranie i zapisz plik. Pola, które Cię nie dotyczą, pozostaw puste."
WHERE_TO_HAND_IN = "Podpisany formularz oddaj w naszej siedzibie albo wyślij pocztą na adres podany u góry."
WHERE_TO_SEND = (
    "Plik wyślij przez stronę, z której go masz; podpis nie jest wtedy potrzebny. "
    "Możesz też go wydrukować, podpisać i oddać w naszej siedzibie albo wysłać pocztą."
)
_KEEPERS: Final = {
    1: "Administratorem danych jest {name}, {address}.",
    2: "Administrator danych: {name}, {address}.",  # no verb has to agree with the name
}
NEWEST_NOTE: Final = max(_KEEPERS)
AT_SIGNATURE = "Podpisz po wydrukowaniu. Plik wysyłany przez stronę nie wymaga podpisu."


def contact_line() -> str:
    """Address, telephones, e-mail and site of the company."""
    settings = get_settings()
    return (
        f"{settings.company_address}  ·  tel. {', '.join(settings.company_phones)}  ·  "
        f"{settings.company_email}  ·  {settings.company_www}"
    )


def data_protection_note(edition: int = NEWEST_NOTE) -> str:
    """Who keeps the data, why, and the rights of the person (GDPR, article 13, in short).

    ``edition`` is that of a form (``Form.data_note``): what was printed once is never edited, or papers that are out
    would be held against another print. KeyError when there is no such edition.
    """
    settings = get_settings()
    keeper = _KEEPERS[edition].format(name=settings.company_name, address=settings.company_address)
    return (
        f"{keeper} Danych z formularza "
        "używamy, aby zrealizować to zgłoszenie, rozliczać nasze usługi i zachować dowód Twojego oświadczenia "
        "(art. 6 ust. 1 lit. a, b, c i f RODO), tak długo, jak wymagają tego rozliczenia i przepisy. Podanie "
        "danych jest dobrowolne, lecz bez nich nie zrealizujemy zgłoszenia. Masz prawo dostępu do danych, ich "
        "sprostowania, usunięcia, ograniczenia przetwarzania i przeniesienia, prawo sprzeciwu i wycofania zgody w "
        "każdej chwili (bez wpływu na to, co zrobiono wcześniej) oraz prawo skargi do Prezesa Urzędu Ochrony "
        f"Danych Osobowych. W sprawach danych pisz na {settings.company_email} albo na nasz adres."
    )


def ksef_note(form: Form) -> str | None:
    """What who has a NIP must know of a form about invoices; None where the company is not to be in KSeF.

    It names the day: printed before, it is true before and after.
    """
    first = get_settings().ksef_from
    if first is None or not form.about_invoices:
        return None
    return (
        f"Firmy, wspólnoty i spółdzielnie (z NIP): od {first:%d.%m.%Y} wystawiamy faktury w Krajowym Systemie e-Faktur "
        "(KSeF), a wysyłamy ich wizualizacje. Ten formularz decyduje wtedy o sposobie dostarczenia i o cenie, a nie o "
        "formie faktury. Dla osób bez NIP nic się nie zmienia."
    )


def ksef_line(form: Form) -> str | None:
    """The same as one line of small print."""
    if ksef_note(form) is None:
        return None
    return (
        f"Masz NIP (firma, wspólnota)? Od {get_settings().ksef_from:%d.%m.%Y} faktury są w KSeF, a my wysyłamy ich "
        "wizualizacje. Formularz decyduje o dostarczeniu i cenie."
    )


def footer(form: Form, page: int, pages: int) -> str:
    """Form, version and page, as in the Data Matrix."""
    return f"Formularz {form.code}  ·  wersja {form.version}  ·  strona {page} z {pages}"


def counted(number: int, one: str, few: str, many: str) -> str:
    """The form of words that a Polish number wants: '2 sprawy', '5 spraw', '22 sprawy'."""
    if number == 1:
        return one
    return few if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14) else many
