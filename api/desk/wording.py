"""What the desk calls things: steps, where values come from, what was done (Polish, for staff)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from confirmations.tables import MessageState
from documents.states import State
from forms.form import Field
from forms.kinds import FieldKind, Value
from review.wording import MESSAGE_STATES

STEPS: Final[Mapping[State, str]] = {
    State.RECEIVED: "przyszła",
    State.IN_REVIEW: "do sprawdzenia",
    State.READY: "dane sprawdzone",
    State.APPLIED: "wpisana do rejestru",
    State.CONFIRMED: "załatwiona",
    State.REJECTED: "odrzucona",
    State.QUARANTINED: "kwarantanna",
    State.DUPLICATE: "powtórzenie",
}
"""What happened to a case when a state began."""

MOODS: Final[Mapping[State, str]] = {
    State.IN_REVIEW: "warn",
    State.CONFIRMED: "good",
    State.APPLIED: "good",
    State.REJECTED: "wrong",
    State.QUARANTINED: "wrong",
}
"""The colour of its tag."""

SOURCES: Final[Mapping[str, str]] = {
    "acroform": "pole PDF",
    "text": "tekst pliku",
    "print": "druk",
    "handprint": "pismo ręczne",
    "tick": "kratka",
    "signature": "podpis",
    "esignature": "podpis elektroniczny",
    "clerk": "biuro",
    "online": "klient",
}
"""Where a value came from."""

FILES: Final[Mapping[str, str]] = {
    "application/pdf": "PDF",
    "application/json": "dane z formularza",
    "image/jpeg": "zdjęcie JPEG",
    "image/png": "obraz PNG",
    "image/tiff": "skan TIFF",
    "image/heic": "zdjęcie HEIC",
}
"""What sort of file an original is."""

ACTIONS: Final[Mapping[str, str]] = {
    "taken_in": "przyjęcie pliku",
    "split": "podział na formularze",
    "moved": "zmiana stanu",
    "corrected": "poprawka pola",
    "taken": "wzięcie z kolejki",
    "given_back": "oddanie do kolejki",
    "searched": "wyszukanie",
    "second_look_taken": "wzięcie do drugiej kontroli",
    "revealed": "pokazanie PESEL",
    "original_handed_out": "pobranie oryginału",
    "page_turned": "obrócenie strony",
    "pages_split_off": "wydzielenie stron",
    "pages_joined": "dołączenie stron",
    "form_chosen": "wybór formularza",
    "reread": "ponowne odczytanie",
    "unstuck": "ponowne uruchomienie",
    "scan_settled": "kancelaria zrobiła swoje",
    "message_sent_again": "ponowne wysłanie wiadomości",
    "message_bounced": "wiadomość wróciła",
    "message_closed": "zamknięcie bez wiadomości",
    "message_printed": "wiadomość jako list",
    "moved_invoice_settled": "załatwienie faktury, która po wysłaniu przeszła na innego klienta",
    "address_corrected": "poprawienie adresu z klientem przy telefonie",
    "customer_phoned": "telefon do klienta o niepotwierdzonym adresie",
    "caller_unknown": "rozmówca nie potwierdził, że jest klientem",
    "message_marked_sent": "uznanie wiadomości za wysłaną",
    "link_sent_again": "wysłanie nowego odnośnika",
    "sent_to_supervisor": "przekazanie kierownikowi",
    "sent_to_clerk": "przekazanie do kolejki",
    "looked_again": "druga kontrola",
    "tolerance_set": "zmiana tolerancji błędów",
    "threshold_tightened": "podniesienie progu pewności",
    "threshold_loosened": "poluzowanie progu pewności",
    "values_held": "wstrzymanie pól, w których może być za dużo błędów",
    "values_let_go": "koniec wstrzymania pól",
    "correction": "utworzenie poprawki",
    "account_signed_in": "klient zalogował się na swoje konto",
    "account_login_changed": "klient zmienił adres, którym się loguje",
    "account_passkey_added": "klient dodał klucz dostępu do swojego konta",
    "account_passkey_renamed": "klient zmienił nazwę klucza dostępu do swojego konta",
    "account_passkey_removed": "klient usunął klucz dostępu ze swojego konta",
    "account_passkey_copied": "użyto kopii klucza dostępu klienta; nikogo nie wpuszczono",
    "account_provider_bound": "klient połączył swoje konto z logowaniem u dostawcy",
    "account_provider_unbound": "klient zakończył logowanie u dostawcy",
    "account_vouched": "wiadomo, że konto należy do klienta",
    "agent_account_opened": "konto pełnomocnika, który nie jest klientem",
    "account_ended": "zamknięcie konta, które nie należało do klienta",
    "account_code_sent": "klient poprosił o list z kodem do konta",
    "reading_taken": "klient podał odczyt wodomierza",
    "reading_accepted": "przyjęcie odczytu wodomierza",
    "reading_rejected": "odrzucenie odczytu wodomierza",
    "readings_exported": "przekazanie odczytów do rozliczeń",
    "account_closed": "klient zamknął swoje konto",
    "number_asked_for": "prośba o dodanie numeru do konta",
    "number_joined": "dodanie numeru do konta klienta",
    "number_refused": "odmowa dodania numeru do konta",
    "number_removed": "usunięcie numeru z konta przez klienta",
    "authority_given": "danie pełnomocnictwa",
    "authority_accepted": "przyjęcie pełnomocnictwa",
    "authority_ended": "koniec pełnomocnictwa",
    "form_begun_by_agent": "pełnomocnik zaczął formularz",
    "terms_accepted": "akceptacja nowego Regulaminu eBOK",
    "terms_later": "odpowiedź na nowy Regulamin eBOK odłożona",
    "visit_begun": "wniosek o wizytę zaczęty z pytania klienta",
    "visit_asked": "wniosek o wizytę czeka na biuro",
    "visit_proposed": "propozycja dnia wizyty",
    "visit_agreed": "umówienie wizyty",
    "visit_done": "wizyta wykonana",
    "visit_cancelled": "odwołanie wizyty",
    "visit_given": "wizyta dana ekipie",
    "question_asked": "pytanie klienta",
    "question_answered": "odpowiedź na pytanie",
    "question_handed_over": "przekazanie pytania",
    "question_closed": "zakończenie pytania",
    "account_sign_in_failed": "nieudane logowanie na konto klienta",
    "account_signed_out_everywhere": "klient wylogował wszystkie swoje urządzenia",
    "notices_chosen": "klient wybrał, o czym i jak do niego pisać",
    "notices_switched_off": "klient wyłączył powiadomienia z wiadomości",
    "phone_proven": "klient potwierdził numer telefonu",
    "outage_written": "przygotowanie powiadomienia o przerwie w dostawie wody",
    "outage_discarded": "usunięcie przygotowanego powiadomienia",
    "outage_announced": "powiadomienie o przerwie w dostawie wody",
    "outage_restored": "powiadomienie, że woda wróciła",
    "customer_exported": "wydanie danych klientowi",
    "customer_erased": "usunięcie danych klienta",
    "repaired": "naprawa zapisu po sprawdzeniu danych",
}
"""What the audit calls by a code."""

_MESSAGE_MOODS: Final = {
    MessageState.SENT: "good",
    MessageState.FAILED: "wrong",
    MessageState.UNCERTAIN: "warn",
    MessageState.BOUNCED: "wrong",
}
MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    state: (told, _MESSAGE_MOODS.get(MessageState(state), "")) for state, told in MESSAGE_STATES.items()
}
"""Where a message is, and the colour of its tag."""

LINKS: Final[Mapping[str, str]] = {
    "waiting": "Odnośnik czeka na użycie przez klienta.",
    "used": "Klient potwierdził adres odnośnikiem.",
    "proven": "Klient potwierdził adres odnośnikiem.",
    "expired": "Odnośnik stracił ważność, klient go nie użył.",
    "replaced": "Odnośnik zastąpił nowszy.",
    "withdrawn": "Odnośnik jest nieaktualny: zgoda została wycofana.",
    "corrected": "Odnośnik jest nieaktualny: sprawa została poprawiona.",
    "erased": "Odnośnika nikt nie użył, usunięto go zgodnie z okresem przechowywania.",
}
"""What became of the link that proves an e-mail address."""


FACTS: Final[Mapping[str, str]] = {
    "email": "adres e-mail",
    "old_email": "poprzedni adres e-mail",
    "effective_from": "papier od dnia",
    "terms_version": "wersja Regulaminu",
    "notify_sms": "powiadomienia SMS",
    "notify_email": "powiadomienia e-mail",
}
"""What a change of the register was about."""

REGISTER_OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    "done": ("zmieniono rejestr", "good"),
    "already_done": ("nic nie zmieniono: już tak było", ""),
    "same_request": ("nic nie zmieniono: powtórzenie", ""),
    "needs_human": ("do decyzji pracownika", "warn"),
    "compensated": ("cofnięto po drugiej kontroli", "warn"),
}
"""What came of applying a document, and the colour of its tag."""


_EMPTY: Final = "(puste)"

_ACTORS: Final = {
    "machine": "system",
    "customer": "klient",
    "agent": "pełnomocnik",
    "calendar": "kalendarz ekipy",
    "unknown": "ktoś nieznany",
    "online": "klient",
    "web": "klient",
    "upload": "klient",
    "api": "inny system",
    "folder": "folder skanów",
    "cli": "administrator",
    "command line": "administrator",
    "workflow engine": "ktoś w Prefect",
}


def actor_name(actor: str, names: Mapping[str, str]) -> str:
    """Who did something: a member of staff by name, else what kind of actor it was."""
    kind, _, login = actor.partition(":")
    if kind == "clerk":
        return names.get(login, login)
    return _ACTORS.get(kind, kind)


def in_words(kind: FieldKind | None, value: Value) -> str:
    """A value in a few words; ``kind`` is None where the form is not known."""
    if value is None or value == "":
        return _EMPTY
    if isinstance(value, bool):
        yes, no = (
            ("jest", "brak") if kind is not None and kind.widget == "signature" else ("zaznaczone", "niezaznaczone")
        )
        return yes if value else no
    return value if kind is None else kind.display(value)


def summary_line(item: Field, value: Value) -> tuple[str, str] | None:
    """Heading and text of a field in a summary; None when it has nothing to tell."""
    if value is None or value == "":
        return None
    if item.kind.widget == "tick":
        return "Zaznaczono" if value is True else "Nie zaznaczono", item.label
    return item.label, in_words(item.kind, value)
