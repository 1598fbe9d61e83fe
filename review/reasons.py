"""The words of the desk: what a reason of doubt means, and the reasons for which a document is rejected (Polish)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from customers.effects import APPROVABLE
from forms.form import Effect, Form

OVERRULABLE: Final = APPROVABLE | {
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
"""Codes in spite of which a human may accept a document, when he says so."""

SHORT: Final = {
    "account_active_other_login": "Konto już jest, inny login",
    "account_active_other_preferences": "Konto już jest, inne ustawienia",
    "attachments": "Załączniki w pliku",
    "bad_checksum": "Błędny numer",
    "bad_date": "Błędna data",
    "bad_email": "Błędny adres e-mail",
    "bad_format": "Błędny zapis",
    "blank_form": "Pusty druk",
    "consent_active_other_email": "E-faktury idą na inny adres",
    "current_email_differs": "Inny dotychczasowy e-mail",
    "doubtful": "Odczyt niepewny",
    "doubtful_field": "Odczyt niepewny",
    "future_date": "Data z przyszłości",
    "incomplete": "Brakuje danych",
    "letter_in_batch": "Pismo w partii",
    "login_taken": "Login należy do kogoś innego",
    "mismatch_address": "Inny adres niż w rejestrze",
    "mismatch_name": "Inna nazwa niż w rejestrze",
    "mismatch_nip": "Inny NIP niż w rejestrze",
    "mismatch_pesel": "Inny PESEL niż w rejestrze",
    "missing": "Brakuje danych",
    "missing_signature": "Brak podpisu",
    "needed": "Brakuje danych",
    "no_active_consent": "Brak zgody na e-faktury",
    "not_aligned": "Zniekształcony obraz",
    "not_different": "Nowy adres taki sam",
    "not_ticked": "Brak zgody na formularzu",
    "old_signature": "Podpis sprzed ponad roku",
    "one_required": "Brakuje danych",
    "pages_missing": "Brakuje stron",
    "received_before_last": "Jest nowszy formularz",
    "reopened": "Otwarta ponownie",
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
    "signed_before_last": "Jest późniejszy podpis",
    "split_off": "Wydzielone strony",
    "two_forms": "Dwa formularze na stronie",
    "unknown_customer": "Nieznany klient",
    "unknown_form": "To nie nasz formularz",
    "unknown_layout": "Pismo zamiast formularza",
    "unknown_version": "Nieznana wersja formularza",
    "wrong_length": "Błędny zapis",
}
"""A reason in a few words, for lists and filters."""


def short(code: str | None) -> str:
    """The reason of that code in a few words."""
    return SHORT.get(code or "", "Inny powód")


@dataclass(frozen=True, slots=True)
class Rejection:
    """One reason to reject; ``answer`` tells the customer what is so, otherwise he is asked to fill in a form again.

    ``effects`` are those of the forms to which it applies, empty for all.
    """

    code: str
    label: str
    answer: bool = True
    note_required: bool = False
    effects: tuple[Effect, ...] = ()


_ACCOUNT: Final = (Effect.OPEN_ACCOUNT,)
_CONSENT: Final = (Effect.CHANGE_EINVOICE_EMAIL, Effect.END_EINVOICE)

REJECTIONS: Final = (
    Rejection("missing_signature", "Brak własnoręcznego podpisu", answer=False),
    Rejection("incomplete", "Nieczytelny albo niekompletny", answer=False),
    Rejection("not_authorised", "Składa to ktoś inny niż klient, bez pełnomocnictwa"),
    Rejection("no_active_consent", "Klient nie ma zgody na e-faktury", effects=_CONSENT),
    Rejection("current_email_differs", "Inny dotychczasowy adres e-mail niż nasz", effects=_CONSENT),
    Rejection("consent_active_other_email", "E-faktury idą już na inny adres", effects=(Effect.START_EINVOICE,)),
    Rejection("account_active_other_login", "Konto w eBOK jest już z innym adresem e-mail", effects=_ACCOUNT),
    Rejection("account_active_other_preferences", "Konto w eBOK działa już z innymi ustawieniami", effects=_ACCOUNT),
    Rejection("login_taken", "Adres e-mail nie może być loginem", effects=_ACCOUNT),
    Rejection("received_before_last", "Mamy już nowszy formularz w tej sprawie"),
    Rejection("signed_before_last", "Mamy już formularz podpisany później"),
    Rejection("other", "Inny powód (napisz jaki)", note_required=True),
)
"""The reasons that can be chosen, in the order in which they are shown."""


def rejections_for(form: Form | None) -> tuple[Rejection, ...]:
    """The reasons that can be true of a form; of a paper that is none of ours only those of any paper."""
    effect = None if form is None else form.effect
    return tuple(one for one in REJECTIONS if not one.effects or effect in one.effects)


NOT_OURS: Final = "not_ours"
"""Code of a document that is none of our business: nobody is told."""


def rejection(code: str) -> Rejection | None:
    """The reason of that code, None when there is none."""
    return next((one for one in REJECTIONS if one.code == code), None)
