"""The public state of a document: for whoever holds its tracking number, so it tells nothing of whose it is."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.answers import Progress, Step
from api.pages import message_page, page
from api.problems import ApiProblem, answers
from customers.register import proof_of
from database.engine import transaction
from documents.progress import further_parts, steps
from documents.register import UnknownDocumentError, load
from documents.states import Channel, State
from documents.tracking import TrackingError, normalise_tracking
from forms.catalogue import UnknownFormError, form_by_code

router = APIRouter(tags=["Stan sprawy"])

# Written here and not taken from the register: the reasons kept there are for the office and may quote a value.
_MESSAGES: Final = {
    State.RECEIVED: "Dokument do nas dotarł i czeka na odczytanie.",
    State.IN_REVIEW: "Dokument sprawdza pracownik biura. Jeśli czegoś zabraknie, odezwiemy się.",
    State.READY: "Dane są odczytane i czekają na wpisanie do rejestru.",
    State.APPLIED: "Sprawa jest wpisana do rejestru. Wysyłamy potwierdzenie.",
    State.CONFIRMED: "Sprawa jest wpisana do rejestru, a potwierdzenie wysłane. Jeśli miało przyjść e-mailem, a go nie "
    "widzisz, zajrzyj do folderu SPAM.",
    State.REJECTED: "Nie mogliśmy przyjąć tego dokumentu. Zadzwoń do nas, a powiemy, co poprawić.",
    State.QUARANTINED: "Nie udało się otworzyć pliku. Wyślij go jeszcze raz, najlepiej jako PDF lub wyraźne zdjęcie.",
    State.DUPLICATE: "Taki sam dokument już do nas dotarł, więc ten niczego nie zmienia.",
}
_REASONS: Final = {
    "missing_signature": "Na formularzu brakuje własnoręcznego podpisu. Podpisz go i dostarcz ponownie.",
    "encrypted": "Plik jest zabezpieczony hasłem. Wyślij go jeszcze raz bez hasła.",
    "empty_file": "Plik jest pusty. Wyślij go jeszcze raz.",
    "truncated": "Plik dotarł niekompletny. Wyślij go jeszcze raz.",
    "too_many_pages": "Plik ma za dużo stron. Wyślij sam formularz.",
}
# What remains to do, or not, once the register is changed; by the state of the link that proves the e-mail address.
_LINKS: Final = {
    "waiting": "Wysłaliśmy e-mail z odnośnikiem: użyj go, aby dokończyć sprawę. Nie widzisz e-maila? Zajrzyj do "
    "folderu SPAM.",
    "proven": "Sprawa jest załatwiona, a adres e-mail potwierdzony. Nie musisz nic robić.",
    "expired": "Odnośnik z e-maila stracił ważność, zanim został użyty. Zadzwoń do nas, a wyślemy nowy.",
    "replaced": "Odnośnik z tej sprawy zastąpił nowszy. Otwórz ostatnią wiadomość od nas albo zadzwoń.",
    "withdrawn": "Odnośnik z tej sprawy jest już nieaktualny. Jeśli to pomyłka, zadzwoń do nas.",
}
_LABELS: Final = {
    State.RECEIVED: "Dokument dotarł",
    State.IN_REVIEW: "Trafił do sprawdzenia przez pracownika",
    State.READY: "Dane odczytane",
    State.APPLIED: "Wpisano do rejestru",
    State.CONFIRMED: "Wysłano potwierdzenie",
    State.REJECTED: "Dokument nie został przyjęty",
    State.QUARANTINED: "Nie udało się otworzyć pliku",
    State.DUPLICATE: "Rozpoznano powtórzenie",
}
_UNKNOWN: Final = "Nie ma takiej sprawy"
_ADVICE: Final = "Nie znamy takiego numeru sprawy. Przepisz go z potwierdzenia; wygląda jak K7M4-PX9A."


@router.get(
    "/api/v1/submissions/{tracking}",
    summary="Stan sprawy po jej numerze",
    response_description="Stan sprawy",
    responses=answers(s404="Nie ma sprawy o tym numerze"),
)
def tell(tracking: str) -> Progress:
    """Bez danych osobowych: stan, formularz i chwile zmian stanu."""
    try:
        return _progress(tracking)
    except (TrackingError, UnknownDocumentError) as error:
        raise ApiProblem(404, _ADVICE, title=_UNKNOWN) from error


@router.get("/sprawa/{tracking:path}", response_class=HTMLResponse, include_in_schema=False)
def show(request: Request, tracking: str) -> Response:
    """The same as a page: every message and letter gives its address."""
    try:
        found = _progress(tracking)
    except (TrackingError, UnknownDocumentError):
        sentences = [_ADVICE, "Nie masz numeru? Zadzwoń do nas, a sprawdzimy, co dzieje się z Twoją sprawą."]
        return message_page(request, 404, _UNKNOWN, sentences, mood="warn")
    mood = "warn" if found.state in (State.REJECTED, State.QUARANTINED) else None
    return page(request, "progress.html", progress=found, labels=_LABELS, mood=mood)


def _progress(typed: str) -> Progress:
    """The public state for a number as a person typed it; TrackingError or UnknownDocumentError when it is none."""
    number = normalise_tracking(typed)
    with transaction() as session:
        document = load(session, number)
        passed = steps(session, document)
        # Of a batch that the office scanned, each sender may know only the own part.
        parts = further_parts(session, document) if document.way_in is Channel.UPLOAD else []
        proof = proof_of(session, number)
    return Progress(
        tracking=document.tracking,
        state=document.at,
        message=_message(document.at, document.reason_code, proof),
        form=document.form,
        title=_title(document.form, document.version),
        duplicate_of=document.duplicate_of,
        further_parts=parts,
        received_at=document.received_at,
        steps=[Step(state=state, at=at) for state, at in passed],
    )


def _message(state: State, reason_code: str | None, proof: str | None) -> str:
    told = None
    if state in (State.REJECTED, State.QUARANTINED):
        told = _REASONS.get(reason_code or "")
    elif state is State.CONFIRMED or (state is State.APPLIED and proof != "waiting"):
        told = _LINKS.get(proof or "")
    return told or _MESSAGES[state]


def _title(code: str | None, version: str | None) -> str | None:
    try:
        return form_by_code(code, version).title if code else None
    except UnknownFormError:
        return None
