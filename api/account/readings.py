"""Meters of the customer, readings that he reported, and what looks like a leak."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from uuid import uuid4

from fastapi import Request
from pydantic import BaseModel, Field

from api.account.access import ChangingActor, new_router
from api.account.amounts import Quantity
from api.account.senders import SentBy
from api.meter_photos import kept_photo
from api.portal.access import Acting, Seeing, SignedIn
from api.problems import ApiProblem, answers
from api.question_input import sent_form
from api.receiving import FIELD
from api.submissions import Key
from billing.metering.history import Meter, meters_of
from billing.metering.leaks import leaks_of
from billing.metering.photos import photo_named
from billing.metering.plausibility import Judged
from billing.metering.reported import Reported, reported_by
from billing.metering.tables import ReadingSource, ReadingState
from billing.metering.taking import MOST_DIGITS, GivenReading, take, wrong_day
from database.engine import Session, reading, transaction
from environment.clock import today
from forms.form import Problem
from notices.leaks import tell_of_leaks

router = new_router("Konto: odczyty")

_MOST: Final = 10**MOST_DIGITS - 1
_DOUBTFUL: Final = (
    "Odczyt wygląda na pomyłkę. Popraw go albo wyślij jeszcze raz z confirmed: true; wtedy sprawdzi go pracownik."
)

_PHOTO_FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FIELD],
                    "properties": {FIELD: {"type": "string", "contentMediaType": "application/octet-stream"}},
                }
            }
        },
    }
}


class WaterMeter(BaseModel):
    """A water meter that the customer has now."""

    meter_no: str = Field(examples=["W4750319"])
    place: str = Field(description="Ulica i numer; puste, gdy ich nie znamy", examples=["Leśna 3"])


class ReportedMeterReading(BaseModel):
    """A reading that the customer reported."""

    number: str = Field(description="Numer odczytu", examples=["OD-K7M4-PX9A"])
    meter_no: str
    day: date
    value: int = Field(description="Metry sześcienne")
    state: ReadingState = Field(
        description="'waiting' sprawdzi go pracownik, 'accepted' przyjęty, 'exported' przekazany do rozliczeń, "
        "'rejected' nieprzyjęty, 'replaced' zastąpiony późniejszym"
    )
    state_name: str = Field(description="To samo po polsku")
    taken_at: datetime
    reason: str | None = Field(description="Dlaczego nieprzyjęty")
    sent_by: SentBy


class NewMeterReading(BaseModel):
    """What a meter shows."""

    meter_no: str = Field(max_length=40)
    value: int = Field(ge=0, le=_MOST, description="Czarne cyfry: pełne metry sześcienne", examples=[123])
    day: date | None = Field(default=None, description="Dzień odczytu; domyślnie dziś")
    confirmed: bool = Field(default=False, description="Stan się zgadza, choć wygląda na pomyłkę")
    photo: str | None = Field(
        default=None, max_length=200, description="Zdjęcie wodomierza: to, co dał POST /readings/photo", repr=False
    )


class KeptPhoto(BaseModel):
    """A photo of a meter, named for the reading that comes next."""

    photo: str = Field(description="Wartość pola photo odczytu; czeka na niego dzień", repr=False)


class SuspectedLeak(BaseModel):
    """Far more water than is usual at that time of the year."""

    meter_no: str | None = Field(description="null, gdy widać to tylko na fakturach")
    first: date
    last: date
    used: Quantity = Field(description="Metry sześcienne")
    told: str = Field(description="To samo słowami")


@router.get("/meters", summary="Wodomierze", response_description="Wodomierze tego odbiorcy")
def list_meters(owner: Acting) -> list[WaterMeter]:
    """Te, które ma teraz."""
    return [WaterMeter(meter_no=one.meter_no, place=one.place) for one in _meters(owner.customer_no)]


@router.get("/readings", summary="Podane odczyty", response_description="Odczyty, najnowsze na początku")
def list_readings(owner: Acting) -> list[ReportedMeterReading]:
    """Każdy z tym, co się z nim dzieje."""
    with reading() as session:
        return _readings(session, owner)


@router.post(
    "/readings/photo",
    status_code=201,
    summary="Dołącz zdjęcie wodomierza",
    response_description="Zdjęcie czeka na odczyt",
    responses=answers(
        s400="Formularz nie dotarł w całości",
        s413="Zdjęcie jest za duże",
        s415="To nie jest JPEG, PNG ani HEIC",
        s422="Zdjęcia nie da się otworzyć albo go nie ma",
        s429="Za dużo plików w jednym dniu; Retry-After mówi, kiedy spróbować znowu",
        s507="Na serwerze nie ma miejsca na pliki; Retry-After mówi, kiedy spróbować znowu",
    ),
    openapi_extra=_PHOTO_FORM,
)
async def keep_photo(request: Request, owner: ChangingActor) -> KeptPhoto:
    """Przed odczytem: jego nazwę wyślij potem z odczytem, także drugi raz, gdy odczyt wymaga potwierdzenia."""
    async with sent_form(request) as sent:
        if len(sent.files) != 1:
            raise ApiProblem(422, problems=[Problem(FIELD, "one_photo", "Dołącz jedno zdjęcie.")])
        return KeptPhoto(photo=await kept_photo(request, sent.files[0], owner.customer_no, FIELD))


@router.post(
    "/readings",
    status_code=201,
    summary="Podaj odczyt wodomierza",
    response_description="Odczyt jest przyjęty",
    responses=answers(
        s404="Ten odbiorca nie ma takiego wodomierza",
        s409="Odczyt wygląda na pomyłkę; problems mówi dlaczego",
        s422="Dzień, stan albo zdjęcie wymaga poprawy",
    ),
)
def report(owner: ChangingActor, given: NewMeterReading, key: Key = None) -> ReportedMeterReading:
    """Ten sam odczyt wysłany drugi raz jest tym samym odczytem."""
    meter = next((one for one in _meters(owner.customer_no) if one.meter_no == given.meter_no), None)
    if meter is None:
        raise ApiProblem(404, "Nie ma tu wodomierza o tym numerze. Sprawdź go.", title="Nie ma takiego wodomierza")
    photo = photo_named(given.photo, owner.customer_no) if given.photo else None
    if given.photo and photo is None:
        raise ApiProblem(422, problems=[Problem("photo", "unknown_photo", "Wyślij zdjęcie jeszcze raz.")])
    day = given.day or today()
    with reading() as session:
        wrong = wrong_day(session, meter, day)
    if wrong is not None:
        raise ApiProblem(422, problems=[Problem("day", "wrong_day", wrong)])
    sent = GivenReading(
        meter, given.value, day, ReadingSource.ACCOUNT, key or uuid4().hex, given.confirmed, photo, actor=owner.actor
    )
    with transaction() as session:
        done = take(session, sent)
    if isinstance(done, Judged):
        raise ApiProblem(409, _DOUBTFUL, problems=[Problem("value", done.doubt, done.told)])
    tell_of_leaks([owner.customer_no])
    with reading() as session:
        return next(one for one in _readings(session, owner) if one.number == done.number)


@router.get("/leaks", summary="Podejrzenie wycieku", response_description="Co wygląda na wyciek; zwykle pusta lista")
def list_leaks(owner: Seeing) -> list[SuspectedLeak]:
    """Zużycie dużo większe niż zwykle o tej porze roku."""
    with reading() as session:
        found = leaks_of(session, owner.customer_no, today())
    return [
        SuspectedLeak(
            meter_no=one.meter.meter_no if one.meter else None,
            first=one.leak.period.first,
            last=one.leak.period.last,
            used=one.used,
            told=one.sentence,
        )
        for one in found
    ]


def _meters(customer_no: str) -> list[Meter]:
    with reading() as session:
        return meters_of(session, [customer_no], today())


def _readings(session: Session, owner: SignedIn) -> list[ReportedMeterReading]:
    found = reported_by(session, owner.customer_no)
    senders = owner.senders(session, [one.authority for one in found])
    return [_told(one, senders[one.authority]) for one in found]


def _told(one: Reported, sender: str | None) -> ReportedMeterReading:
    return ReportedMeterReading(
        number=one.number,
        meter_no=one.meter_no,
        day=one.day,
        value=one.value,
        state=one.state,
        state_name=one.told,
        taken_at=one.taken_at,
        reason=one.reason,
        sent_by=sender,
    )
