"""What is said of links that prove an e-mail address: one place for the pages and for the JSON API."""

from __future__ import annotations

from typing import Final

from api.pages import moment
from customers.effects import proving_for
from customers.links import Link

_STATUS: Final = {"unknown": 404, "used": 409}
_HEADINGS: Final = {
    "unknown": "Odnośnik jest niepoprawny",
    "used": "Adres jest już potwierdzony",
    "expired": "Potrzebny jest nowy odnośnik",
    "replaced": "Kliknij nowszy odnośnik",
    "withdrawn": "Odnośnik jest nieaktualny",
    "corrected": "Odnośnik jest nieaktualny",
    "redirected": "Odnośnik jest nieaktualny",
    "erased": "Odnośnik jest nieaktualny",
}


_ASK_AGAIN: Final = ("/sprawa", "Sprawdź swoją sprawę i poproś tam o nowy odnośnik")
_ONWARD: Final = {
    "unknown": _ASK_AGAIN,
    "replaced": _ASK_AGAIN,
    "redirected": ("/sprawa", "Sprawdź swoją sprawę"),
    "withdrawn": ("/", "Wyślij formularz jeszcze raz"),
    "erased": ("/", "Wyślij formularz jeszcze raz"),
}
_HOME: Final = ("/", "Przejdź do strony głównej")


def onward(code: str) -> tuple[str, str]:
    """Where one goes from a link that cannot be used: an address, and what it leads to."""
    return _ONWARD.get(code, _HOME)


def status_of(code: str) -> int:
    """The HTTP status that tells why a link cannot be used."""
    return _STATUS.get(code, 410)


def heading(code: str) -> str:
    """The same as a heading."""
    return _HEADINGS.get(code, _HEADINGS["expired"])


def since(link: Link) -> list[str]:
    """What is true today of a link that was used."""
    wording = proving_for(link.purpose).page
    proven = f"Ten odnośnik został już użyty: adres potwierdzono {moment(link.used_at)}." if link.used_at else ""
    return [proven, wording.holds if link.in_force else f"{wording.over} Jeśli to pomyłka, zadzwoń do nas."]
