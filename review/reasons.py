"""The words of the desk: what a reason for doubt means, and why documents can be rejected (Polish)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from customers.applying import OUT_OF_ORDER, reasons
from customers.effect import Reason
from customers.effects import all_reasons, effect_of
from forms.form import Form

_OVERRULABLE: Final = {
    "attachments",
    "mismatch_name",
    "mismatch_pesel",
    "mismatch_nip",
    "mismatch_address",
    "second_factor_missing",
    "signature_broken",
    "signature_changed",
    "signature_expired",
    "signature_no_trust_roots",
    "signature_of_nobody",
    "signature_of_representative",
    "signature_other_person",
    "signature_partial",
    "signature_revoked",
    "signature_unreadable",
    "signature_untrusted",
    "old_signature",
    "pages_missing",
    "two_forms",
    "unknown_version",
}

_SHORT: Final = {
    "attachments": "Załączniki w pliku",
    "bad_checksum": "Błędny numer",
    "bad_date": "Błędna data",
    "bad_email": "Błędny adres e-mail",
    "bad_format": "Błędny zapis",
    "blank_form": "Pusty druk",
    "check_failed": "Sprawdzenie pliku się nie udało",
    "doubtful": "Odczyt niepewny",
    "duplicate": "Powtórzenie innej sprawy",
    "doubtful_field": "Odczyt niepewny",
    "found_after_restore": "Odnaleziony po odtworzeniu kopii",
    "future_date": "Data z przyszłości",
    "incomplete": "Brakuje danych",
    "infected": "Wirus w pliku",
    "joined": "Strony dołączone do innej sprawy",
    "letter_in_batch": "Pismo w partii",
    "mismatch_address": "Inny adres niż w rejestrze",
    "mismatch_name": "Inna nazwa niż w rejestrze",
    "mismatch_nip": "Inny NIP niż w rejestrze",
    "mismatch_pesel": "Inny PESEL niż w rejestrze",
    "missing": "Brakuje danych",
    "missing_signature": "Brak podpisu",
    "needed": "Brakuje danych",
    "not_aligned": "Zniekształcony obraz",
    "not_authorised": "Składa to ktoś inny niż klient",
    "not_different": "Nowy adres taki sam",
    "not_ours": "Nie do nas",
    "not_ticked": "Brak zgody na formularzu",
    "old_signature": "Podpis sprzed ponad roku",
    "one_required": "Brakuje danych",
    "pages_missing": "Brakuje stron",
    "read_failed": "Programowi nie udał się odczyt",
    "reopened": "Otwarta ponownie",
    "same_bytes": "Ten sam plik już przyszedł",
    "second_factor_missing": "Nie wiadomo na pewno, kto to",
    "signature_broken": "E-podpis nie zgadza się z plikiem",
    "signature_changed": "Plik zmieniony po e-podpisie",
    "signature_expired": "E-podpis z nieważnym certyfikatem",
    "signature_no_trust_roots": "E-podpis niesprawdzony",
    "signature_of_nobody": "E-podpis bez nazwiska osoby",
    "signature_of_representative": "E-podpis za firmę",
    "signature_other_person": "E-podpis innej osoby",
    "signature_partial": "E-podpis nie obejmuje pliku",
    "signature_revoked": "E-podpis unieważniony",
    "signature_unreadable": "Nieczytelny e-podpis",
    "signature_untrusted": "E-podpis nieznanego wystawcy",
    "split_off": "Wydzielone strony",
    "two_forms": "Dwa formularze na stronie",
    "unknown_customer": "Nieznany klient",
    "unknown_form": "To nie nasz formularz",
    "unknown_layout": "Pismo zamiast formularza",
    "unknown_version": "Nieznana wersja formularza",
    "wrong_length": "Błędny zapis",
}
"""A reason of the paper, its reading or its sender in a few words."""


def overrulable() -> frozenset[str]:
    """Codes in spite of which a human may accept a document, when he says so."""
    return frozenset(_OVERRULABLE).union(reason.code for reason in reasons() if reason.overrulable)


def short(code: str | None) -> str:
    """The reason of that code in a few words, for lists and filters."""
    told = {reason.code: reason.short for reason in reasons()} | _SHORT
    return told.get(code or "", "Inny powód")


@dataclass(frozen=True, slots=True)
class Rejection:
    """One reason to reject; ``answer`` tells the customer what is so, otherwise he is asked to fill in a form again."""

    code: str
    label: str
    answer: bool = True
    note_required: bool = False


_OF_PAPER: Final = (
    Rejection("missing_signature", "Brak własnoręcznego podpisu", answer=False),
    Rejection("incomplete", "Nieczytelny albo niekompletny", answer=False),
    Rejection("not_authorised", "Składa to ktoś inny niż klient, bez pełnomocnictwa"),
)
_OTHER: Final = Rejection("other", "Inny powód (napisz jaki)", note_required=True)


def rejections_for(form: Form | None) -> tuple[Rejection, ...]:
    """The reasons that can be true of a form, in order; of a paper that is none of ours only those of any paper."""
    return _rejections(() if form is None else effect_of(form).reasons)


def all_rejections() -> tuple[Rejection, ...]:
    """The reasons that can be true of any form."""
    return _rejections(all_reasons().values())


def _rejections(of_effect: Iterable[Reason]) -> tuple[Rejection, ...]:
    return (*_OF_PAPER, *(Rejection(one.code, one.label) for one in (*of_effect, *OUT_OF_ORDER)), _OTHER)


NOT_OURS: Final = "not_ours"
"""Code of a document that is none of our business: nobody is told."""


def rejection(code: str) -> Rejection | None:
    """The reason of that code, None when there is none."""
    return next((one for one in all_rejections() if one.code == code), None)
