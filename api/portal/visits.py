"""Requests for a visit: what the owner asked for, how it stands, and his answer to the day."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from api import visit_wording
from api.portal import beginning
from api.portal.access import Acting, Posted, SignedIn
from api.portal.addresses import VISITS
from api.portal.frame import account_page
from api.problems import ApiProblem
from customers.visits import LONGEST_NOTE, UnknownVisitError, VisitState
from database.engine import reading, transaction
from documents.loading import authorities_of
from documents.tracking import TrackingError, normalise_tracking
from forms.catalogue import form_by_code
from forms.fields import WISHED_DAY
from portal.visits import FORMS, AnswerRefusedError, VisitAnswer, answer, answer_in, own_visits

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_DONE = {
    VisitAnswer.AGREES: "Dziękujemy, wizyta jest umówiona.",
    VisitAnswer.WISHES: "Mamy Twoją prośbę o inny dzień. Napiszemy, czy możemy wtedy przyjechać.",
    VisitAnswer.CANCELS: "Wniosek jest wycofany. Nikt nie przyjedzie.",
}
_NONE = "Nie ma na tym koncie wniosku o tym numerze."


@router.get(VISITS)
def show(request: Request, owner: Acting, zrobione: str = "") -> Response:
    """All of them, and the forms to ask for more."""
    done = _DONE.get(VisitAnswer(zrobione)) if zrobione in list(VisitAnswer) else None
    return _page(request, owner, done=done)


@router.post(f"{VISITS}/nowy/{{code}}")
def begin(request: Request, owner: Acting, code: str, form: Posted) -> Response:
    """Begin one of the forms, filled in with what we know."""
    if code not in FORMS:
        raise ApiProblem(404, "Wybierz jeden z wniosków na tej stronie.", title="Nie ma takiego wniosku")
    return beginning.begin_form(request, owner, form_by_code(code))


@router.post(f"{VISITS}/{{tracking}}")
def take_answer(request: Request, owner: Acting, tracking: str, form: Posted) -> Response:
    """What he says to the day; that of somebody else does not exist."""
    try:
        number = normalise_tracking(tracking)
        what = answer_in(form)
        with transaction() as session:
            answer(session, number, owner.customer_no, owner.actor, **what)
    except AnswerRefusedError as error:
        return _page(request, owner, problem=(number, str(error)), status=422)
    except (TrackingError, UnknownVisitError) as error:
        raise ApiProblem(404, _NONE, title="Nie ma takiego wniosku") from error
    return RedirectResponse(f"{VISITS}?zrobione={what['what']}", 303)


def _page(
    request: Request,
    owner: SignedIn,
    *,
    done: str | None = None,
    problem: tuple[str, str] | None = None,
    status: int = 200,
) -> Response:
    with reading() as session:
        visits = own_visits(session, owner.customer_no)
        asked = authorities_of(session, [visit.tracking for visit in visits])
        senders = owner.senders(session, [*asked.values(), *(visit.authority for visit in visits)])
    return account_page(
        request,
        owner,
        "portal/visits.html",
        status=status,
        visits=visits,
        asked=asked,
        senders=senders,
        words=visit_wording,
        open_states=(VisitState.ASKED, VisitState.PROPOSED, VisitState.AGREED),
        forms=[form_by_code(code) for code in FORMS],
        day_attributes=WISHED_DAY.kind.html_attributes(),
        longest_note=LONGEST_NOTE,
        done=done,
        problem=problem,
        faulty=problem is not None,
    )
