"""What is said of links that prove an e-mail address: one place for the pages and for the JSON API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from api.pages import moment
from customers.links import Link


@dataclass(frozen=True, slots=True)
class Wording:
    """What is said of one purpose of a link: before it is used, just after, and ever after."""

    question: str
    button: str
    done: str
    consequence: str
    holds: str
    over: str


WORDING: Final = {
    "account": Wording(
        question="Potwierdź, że ten adres e-mail należy do Ciebie, i wybierz hasło, a uruchomimy Twoje konto w eBOK.",
        button="Potwierdzam adres i zapisuję hasło",
        done="Konto w eBOK jest aktywne",
        consequence="Dziękujemy, adres e-mail jest potwierdzony.",
        holds="Twoje konto w eBOK działa.",
        over="To konto w eBOK jest już zamknięte.",
    ),
    "einvoice": Wording(
        question="Potwierdź, że ten adres e-mail należy do Ciebie, a zaczniemy wysyłać na niego faktury zamiast "
        "papierowych.",
        button="Potwierdzam, chcę e-faktury",
        done="Faktury będą przychodzić e-mailem",
        consequence="Dziękujemy, adres e-mail jest potwierdzony. Faktur papierowych już nie wyślemy. "
        "Szczegóły wysłaliśmy w osobnej wiadomości.",
        holds="Faktury elektroniczne wysyłamy na ten adres. Nie musisz nic robić.",
        over="Zgoda na faktury elektroniczne została wycofana albo dotyczy już innego adresu.",
    ),
    "einvoice_change": Wording(
        question="Potwierdź, że ten adres e-mail należy do Ciebie, a zaczniemy wysyłać na niego faktury elektroniczne.",
        button="Potwierdzam nowy adres",
        done="Nowy adres do faktur jest potwierdzony",
        consequence="Dziękujemy. Od teraz faktury elektroniczne wysyłamy na ten adres. "
        "Szczegóły wysłaliśmy w osobnej wiadomości.",
        holds="Faktury elektroniczne wysyłamy na ten adres. Nie musisz nic robić.",
        over="Zgoda na faktury elektroniczne została wycofana albo dotyczy już innego adresu.",
    ),
}
_STATUS: Final = {"unknown": 404, "used": 409}
_HEADINGS: Final = {
    "unknown": "Odnośnik jest niepoprawny",
    "used": "Adres jest już potwierdzony",
    "expired": "Potrzebny jest nowy odnośnik",
    "replaced": "Użyj nowszego odnośnika",
    "withdrawn": "Odnośnik jest nieaktualny",
    "corrected": "Odnośnik jest nieaktualny",
    "erased": "Odnośnik jest nieaktualny",
}


def status_of(code: str) -> int:
    """The HTTP status that tells why a link cannot be used."""
    return _STATUS.get(code, 410)


def heading(code: str) -> str:
    """The same as a heading."""
    return _HEADINGS.get(code, _HEADINGS["expired"])


def since(link: Link) -> list[str]:
    """What is true today of a link that was used."""
    wording = WORDING[link.purpose]
    proven = f"Ten odnośnik został już użyty: adres potwierdzono {moment(link.used_at)}." if link.used_at else ""
    return [proven, wording.holds if link.in_force else f"{wording.over} Jeśli to pomyłka, zadzwoń do nas."]
