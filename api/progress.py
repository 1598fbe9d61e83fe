"""The public state of a document: for whoever holds its tracking number, so it tells nothing of whose it is."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from api.answers import Progress, Step
from api.problems import ApiProblem, answers
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
    State.CONFIRMED: "Sprawa jest wpisana do rejestru, a potwierdzenie wysłane. Nie widzisz e-maila? Zajrzyj do "
    "folderu SPAM. Jeśli jest w nim odnośnik, użyj go, aby dokończyć sprawę.",
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


@router.get(
    "/api/v1/submissions/{tracking}",
    summary="Stan sprawy po jej numerze",
    response_description="Stan sprawy",
    responses=answers(s404="Nie ma sprawy o tym numerze"),
)
def tell(tracking: str) -> Progress:
    """Bez danych osobowych: stan, formularz i chwile zmian stanu."""
    unknown = ApiProblem(
        404,
        "Nie znamy takiego numeru sprawy. Przepisz go z potwierdzenia; wygląda jak K7M4-PX9A.",
        title="Nie ma takiej sprawy",
    )
    try:
        number = normalise_tracking(tracking)
        with transaction() as session:
            document = load(session, number)
            passed = steps(session, document)
            # Of a batch that the office scanned, each sender may know only the own part.
            parts = further_parts(session, document) if document.way_in is Channel.UPLOAD else []
    except (TrackingError, UnknownDocumentError) as error:
        raise unknown from error
    return Progress(
        tracking=document.tracking,
        state=document.at,
        message=_message(document.at, document.reason_code),
        form=document.form,
        title=_title(document.form, document.version),
        duplicate_of=document.duplicate_of,
        further_parts=parts,
        received_at=document.received_at,
        steps=[Step(state=state, at=at) for state, at in passed],
    )


def _message(state: State, reason_code: str | None) -> str:
    told = _REASONS.get(reason_code or "") if state in (State.REJECTED, State.QUARANTINED) else None
    return told or _MESSAGES[state]


def _title(code: str | None, version: str | None) -> str | None:
    try:
        return form_by_code(code, version).title if code else None
    except UnknownFormError:
        return None
