"""Requests for a visit: how they stand, and the customer's answer to the day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final

from fastapi import Path, Response
from pydantic import BaseModel, Field

from api import visit_wording
from api.account.access import ChangingActor, new_router
from api.account.overview import PrefilledForm, filled_in
from api.account.senders import SentBy
from api.portal.access import Acting
from api.problems import ApiProblem, answers
from customers.visit_view import Visit
from customers.visits import LONGEST_NOTE, Part, UnknownVisitError, VisitState
from database.engine import reading, transaction
from documents.loading import authorities_of
from documents.tracking import TrackingError, normalise_tracking
from forms.catalogue import form_by_code
from forms.form import Problem
from portal.visits import FORMS, AnswerRefusedError, VisitAnswer, answer, own_visits

router = new_router("Konto: wnioski o wizytę")

_NONE: Final = "Nie ma na tym koncie wniosku o tym numerze."
_SAID: Final = {"agree": VisitAnswer.AGREES, "wish": VisitAnswer.WISHES, "cancel": VisitAnswer.CANCELS}


class RequestedVisit(BaseModel):
    """A request for a visit."""

    tracking: str = Field(description="Numer sprawy", examples=["K7M4-PX9A"])
    form: str = Field(description="Kod formularza", examples=["tank_collection"])
    works: str = Field(description="Co jest do zrobienia")
    state: VisitState = Field(
        description="'asked' biuro ustala dzień, 'proposed' czeka na klienta, 'agreed' umówiona, 'done' wykonane, "
        "'cancelled' odwołane"
    )
    message: str = Field(description="To samo po polsku")
    step: int = Field(description="Numer kroku, do którego odnosi się odpowiedź")
    asked_at: datetime
    wished_on: date | None = Field(description="Dzień, o który prosi klient")
    day: date | None = Field(description="Dzień zaproponowany albo umówiony")
    part: Part | None = Field(description="Pora tego dnia: 'day', 'morning' albo 'afternoon'")
    sent_by: SentBy
    answered_by: SentBy = Field(description="To samo o ostatniej odpowiedzi w sprawie dnia; null, gdy nie pełnomocnika")


class AnswerToDay(BaseModel):
    """What the customer says to the day of a visit."""

    answer: str = Field(
        description="'agree' dzień pasuje, 'wish' prośba o inny dzień, 'cancel' rezygnacja",
        pattern="^(agree|wish|cancel)$",
        examples=["agree"],
    )
    step: int = Field(description="Krok, na który to jest odpowiedź", ge=0, le=99_999)
    day: date | None = Field(None, description="Przy 'wish': dzień roboczy, który pasuje")
    note: str = Field("", max_length=LONGEST_NOTE, description="Uwagi", repr=False)


@router.get("/visits", summary="Wnioski o wizytę", response_description="Wnioski, najnowsze na początku")
def list_visits(owner: Acting) -> list[RequestedVisit]:
    """Wodomierz, zbiornik bezodpływowy, oczyszczalnia: o co klient prosił i na czym stoi."""
    with reading() as session:
        visits = own_visits(session, owner.customer_no)
        asked = authorities_of(session, [visit.tracking for visit in visits])
        senders = owner.senders(session, [*asked.values(), *(one.authority for one in visits)])
    return [_told(one, senders[asked[one.tracking]], senders[one.authority]) for one in visits]


@router.get(
    "/visits/forms", summary="Formularze o wizytę", response_description="Formularze, którymi prosi się o wizytę"
)
def list_forms(owner: Acting) -> list[PrefilledForm]:
    """Wypełnione tym, co wiemy; uzupełnione wyślij pod adres submissions_url."""
    return [filled_in(owner, form_by_code(code)) for code in FORMS]


@router.post(
    "/visits/{tracking}/answer",
    status_code=204,
    summary="Odpowiedź na dzień wizyty",
    response_description="Przyjęta; ta sama odpowiedź drugi raz niczego nie zmienia",
    responses=answers(s404="Nie ma na tym koncie wniosku o tym numerze", s422="Tak odpowiedzieć nie można"),
)
def answer_day(
    owner: ChangingActor, tracking: Annotated[str, Path(description="Numer sprawy")], given: AnswerToDay
) -> Response:
    """Zgoda, prośba o inny dzień albo rezygnacja; dotyczy kroku, który klient widział."""
    try:
        with transaction() as session:
            answer(
                session,
                normalise_tracking(tracking),
                owner.customer_no,
                owner.actor,
                what=_SAID[given.answer],
                seen=str(given.step),
                day="" if given.day is None else given.day.isoformat(),
                note=given.note,
            )
    except AnswerRefusedError as error:
        raise ApiProblem(422, problems=[Problem("day", "refused", str(error))]) from error
    except (TrackingError, UnknownVisitError) as error:
        raise ApiProblem(404, _NONE, title="Nie ma takiego wniosku") from error
    return Response(status_code=204)


def _told(visit: Visit, sender: str | None, answerer: str | None) -> RequestedVisit:
    return RequestedVisit(
        tracking=visit.tracking,
        form=visit.form,
        works=visit.works,
        state=visit.state,
        message=visit_wording.message(visit),
        step=visit.step,
        asked_at=visit.asked_at,
        wished_on=visit.wished_on,
        day=visit.day,
        part=visit.part,
        sent_by=sender,
        answered_by=None if visit.authority is None else answerer,
    )
