"""The public state of a document: for whoever holds its tracking number, so it tells nothing of whose it is.

Who tries numbers is stopped: of those that no case has, one client may ask for a few only.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from fastapi import APIRouter, Request

from access import tries
from api.answers import FileSignature, Progress, Step, VisitProgress
from api.case_wording import TYPED, CaseStanding, message
from api.problems import ApiProblem, answers
from api.security import client_key
from customers.compensation import corrected_by
from customers.links import link_of_case
from customers.visit_view import Visit
from database.engine import Session, reading, transaction
from documents.loading import UnknownDocumentError, load
from documents.progress import further_parts, states_passed
from documents.states import IntakeChannel
from documents.tracking import TrackingError, normalise_tracking
from documents.values import signatures_of
from environment.settings import get_settings
from forms.catalogue import UnknownFormError, form_by_code
from portal.visits import visit_of_case

router = APIRouter(tags=["Stan sprawy"])

TOO_MANY: Final = "Za dużo nieudanych prób. Spróbuj ponownie za godzinę albo zadzwoń do nas, a sprawdzimy sprawę."
MINUTES: Final = 60
"""How long a wrong try counts."""
_ADVICE: Final = "Nie znamy takiego numeru sprawy. Przepisz go z potwierdzenia; wygląda jak K7M4-PX9A."


@router.get(
    "/api/v1/submissions/{tracking}",
    summary="Stan sprawy po jej numerze",
    response_description="Stan sprawy",
    responses=answers(s404="Nie ma sprawy o tym numerze", s429="Za dużo pytań o numery, których nie ma"),
)
def tell(request: Request, tracking: str) -> Progress:
    """Bez danych osobowych: stan, formularz i chwile zmian stanu."""
    client = f"number {client_key(request)}"
    try:
        number = normalise_tracking(tracking)
        with reading() as session:
            if not tries.allowed(session, client, most=get_settings().case_tries_per_client, minutes=MINUTES):
                raise too_many()
            with suppress(UnknownDocumentError):
                return progress_of(session, number)
        with transaction() as session:
            tries.note_wrong(session, client)
    except TrackingError:  # no guess: it cannot be a number of ours
        pass
    raise ApiProblem(404, _ADVICE, title="Nie ma takiej sprawy")


def too_many() -> ApiProblem:
    """The answer to whoever tried too often."""
    return ApiProblem(429, TOO_MANY, title="Za dużo prób", headers={"Retry-After": str(MINUTES * 60)})


def progress_of(session: Session, number: str) -> Progress:
    """Where the document of that number is; UnknownDocumentError."""
    document = load(session, number)
    standing = CaseStanding(
        document.at,
        document.reason_code,
        link_of_case(session, number),
        document.way_in in TYPED,
        corrected_by(session, number) is not None,
        visit=visit_of_case(session, number),
    )
    return Progress(
        tracking=document.tracking,
        state=document.at,
        message=message(standing),
        form=document.form,
        title=title_of_form(document.form, document.version),
        duplicate_of=document.duplicate_of,
        # Of a batch that the office scanned, each sender may know only the own part.
        further_parts=further_parts(session, document) if document.way_in is IntakeChannel.UPLOAD else [],
        received_at=document.received_at,
        steps=[Step(state=state, at=at) for state, at in states_passed(session, document)],
        signatures=[FileSignature.model_validate(each, from_attributes=True) for each in signatures_of(document)],
        visit=None if standing.counted_visit is None else _told(standing.counted_visit),
    )


def _told(visit: Visit) -> VisitProgress:
    return VisitProgress(
        state=visit.state,
        wished_on=visit.wished_on,
        day=visit.day,
        part=visit.part,
        hours=visit.hours if visit.day else None,
        report=visit.report,
    )


def title_of_form(code: str | None, version: str | None) -> str | None:
    """The title of a form; None where it is not known."""
    try:
        return form_by_code(code, version).title if code else None
    except UnknownFormError:
        return None
