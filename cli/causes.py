"""Why something failed, in Polish, for commands that need no database and must not wait for one."""

from __future__ import annotations

from typing import Final

ENGINE_MISSING: Final = (
    "Brakuje programu Tesseract albo jego danych językowych. "
    "Zainstaluj pakiety tesseract-ocr, tesseract-ocr-pol i tesseract-ocr-eng; "
    "jeśli ustawiono EBOK_TESSDATA_DIR, sprawdź ten folder."
)


MESSAGE_NOT_SENT: Final = "message_not_sent"
"""Of a document that is carried out and whose message has not left."""
_FAULTS: Final = {
    MESSAGE_NOT_SENT: "Zmiana jest w rejestrze, ale wiadomość do klienta nie wyszła. System spróbuje ponownie; "
    "sprawdź serwer poczty i folder wiadomości wychodzących.",
    "StoreUnreachableError": "Magazyn oryginałów nie odpowiada; przyczynę mówi ebok doctor. Usuń ją, a potem wydaj "
    "ebok retry z numerem sprawy.",
    "AntivirusUnavailableError": "Program antywirusowy (clamd) nie odpowiada, więc nikt nie otworzył tego pliku. "
    "Uruchom go, a potem wydaj ebok retry z numerem sprawy.",
}


def fault_in_polish(code: str) -> str:
    """What a fault noted with a document means for the person who looks at it."""
    return _FAULTS.get(code, f"Błąd programu: {code}.")
