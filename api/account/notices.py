"""What the owner of an account wants to be told, and how; the telephone for SMS is proven by a code."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, Field

from api.account.access import ChangingHolder, new_router
from api.portal.access import Holder
from api.portal.notices import WRONG_CODE, account_of
from api.problems import ApiProblem, answers
from database.engine import reading, transaction
from environment.settings import get_settings
from forms.form import Problem
from notices.choices import Switch, choose_as_owner, switches_of
from notices.kinds import LABELS, NoticeKind
from notices.people import proven_phones
from notices.phones import PhoneError, phone_of, prove, send_code, waiting_phone

router = new_router("Konto: powiadomienia")

_HOUR: Final = {"Retry-After": "3600"}
if TYPE_CHECKING:
    SwitchedKind = NoticeKind
else:
    SwitchedKind = StrEnum("SwitchedKind", {kind.name: kind.value for kind in LABELS})
    SwitchedKind.__doc__ = "A kind of notice that has a switch of its own."


class NoticeSwitch(BaseModel):
    """How one kind of notice comes."""

    model_config = ConfigDict(strict=True)

    by_sms: bool
    by_email: bool
    days: int | None = Field(
        default=None,
        description="Ile dni przed terminem płatności, jedna z days_offered; tylko przy 'date_near'. Bez niej zostaje, "
        "jak było",
    )


class NoticeSetting(NoticeSwitch):
    """The same, with what it is about."""

    kind: NoticeKind
    name: str = Field(description="To samo po polsku", examples=["Nowa faktura"])
    explained: str


class NoticeSettings(BaseModel):
    """What the owner of the account is told, and where it goes."""

    notices: list[NoticeSetting]
    days_offered: list[int] = Field(description="Ile dni przed terminem płatności można wybrać")
    not_before: int = Field(description="Od której godziny piszemy")
    not_after: int = Field(description="Do której godziny piszemy")
    email: str = Field(description="Dokąd idą e-maile: login konta", repr=False)
    phone: str | None = Field(description="Potwierdzony numer do SMS-ów; bez niego SMS-y nie przychodzą", repr=False)
    waiting_phone: str | None = Field(description="Numer, na który poszedł kod, który jeszcze działa", repr=False)


class GivenPhone(BaseModel):
    """A mobile telephone."""

    phone: str = Field(description="Numer telefonu komórkowego", max_length=40, examples=["600700800"], repr=False)


class SentCode(BaseModel):
    """Where the code went."""

    phone: str = Field(repr=False)


class TypedCode(BaseModel):
    """The code as it was read."""

    code: str = Field(description="Kod z SMS-a", max_length=20, examples=["123456"], repr=False)


@router.get("/notices", summary="Powiadomienia", response_description="O czym i jak piszemy")
def tell(owner: Holder) -> NoticeSettings:
    """Ustawienia konta, wspólne dla wszystkich jego numerów."""
    settings = get_settings()
    with reading() as session:
        account = account_of(session, owner)
        switches = switches_of(session, [account])[account.id]
        phone, waiting = proven_phones(session, [account]).get(account.id), waiting_phone(session, account)
    return NoticeSettings(
        notices=[
            NoticeSetting(
                kind=kind,
                name=label.name,
                explained=label.explained,
                by_sms=switches[kind].by_sms,
                by_email=switches[kind].by_email,
                days=switches[kind].days,
            )
            for kind, label in LABELS.items()
        ],
        days_offered=sorted(settings.notice_days),
        not_before=settings.notices_not_before,
        not_after=settings.notices_not_after,
        email=owner.login,
        phone=phone,
        waiting_phone=waiting,
    )


@router.put(
    "/notices/kinds/{kind}",
    status_code=204,
    summary="Włącz albo wyłącz powiadomienie",
    response_description="Od teraz piszemy tak",
    responses=answers(s422="Takiej liczby dni wybrać nie można"),
)
def choose(owner: ChangingHolder, kind: SwitchedKind, given: NoticeSwitch) -> None:
    """Jeden rodzaj; pozostałe zostają, jak były."""
    wanted = NoticeKind(kind)
    offered = get_settings().notice_days if wanted is NoticeKind.DATE_NEAR else ()
    if given.days is not None and given.days not in offered:
        told = (
            f"Wybierz jedną z liczb: {', '.join(map(str, sorted(offered)))}." if offered else "Ten rodzaj ich nie ma."
        )
        raise ApiProblem(422, problems=[Problem("days", "not_offered", told)])
    with transaction() as session:
        account = account_of(session, owner)
        days = given.days or switches_of(session, [account])[account.id][wanted].days
        choose_as_owner(session, account, {wanted: Switch(given.by_sms, given.by_email, days)})


@router.post(
    "/notices/phone",
    status_code=202,
    summary="Wyślij kod na telefon",
    response_description="SMS z kodem jest w drodze",
    responses=answers(
        s422="To nie jest numer telefonu komórkowego",
        s429="Wysłano już kilka kodów; Retry-After mówi, kiedy spróbować znowu",
    ),
)
def ask_for_code(owner: ChangingHolder, given: GivenPhone) -> SentCode:
    """Numer liczy się, gdy kod wróci pod /notices/phone/code; wcześniejszy kod przestaje działać."""
    number, fault = phone_of(given.phone)
    if fault:
        raise ApiProblem(422, problems=[Problem("phone", "bad_phone", fault)])
    try:
        with transaction() as session:
            send_code(session, account_of(session, owner), number)
    except PhoneError as error:
        raise ApiProblem(429, str(error), headers=_HOUR) from error
    return SentCode(phone=number)


@router.post(
    "/notices/phone/code",
    status_code=204,
    summary="Potwierdź telefon kodem",
    response_description="Na ten numer będą przychodzić SMS-y",
    responses=answers(
        s422="Kod się nie zgadza albo stracił ważność",
        s429="Za dużo złych kodów; Retry-After mówi, kiedy spróbować znowu",
    ),
)
def take_code(owner: ChangingHolder, given: TypedCode) -> None:
    """Kod działa kwadrans."""
    try:
        with transaction() as session:
            right = prove(session, account_of(session, owner), given.code)
    except PhoneError as error:
        raise ApiProblem(429, str(error), headers=_HOUR) from error
    if not right:
        raise ApiProblem(422, problems=[Problem("code", "wrong_code", WRONG_CODE)])
