"""The form by which a customer reports what his meter shows; the account and the page for everybody share it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import uuid4

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from api.meter_photos import PHOTO, photo_of
from api.problems import ApiProblem
from billing.metering.history import Meter
from billing.metering.photos import photo_named
from billing.metering.plausibility import Judged
from billing.metering.tables import ReadingSource
from billing.metering.taking import MOST_DIGITS, GivenReading, TakenReading, take, wrong_day
from database.engine import reading, transaction
from environment import clock
from forms.kinds import Date
from portal.views import OWNER

_DATE: Final = Date()
_LONGEST_KEY: Final = 64
_SEPARATORS: Final = re.compile(r"[\s\u00a0.]+")
_MISSING: Final = "Wpisz czarne cyfry z wodomierza, na przykład 123."
_WITH_RED: Final = "Wpisz tylko czarne cyfry, te przed przecinkiem. Czerwonych nie podawaj."
_WRONG: Final = f"Wpisz same cyfry, najwyżej {MOST_DIGITS}."
_NO_METER: Final = "Zaznacz, którego wodomierza to odczyt."
_NO_DAY: Final = "Wpisz dzień odczytu, na przykład 30.11.2026."


@dataclass(frozen=True, slots=True)
class ReadingForm:
    """What the form shows: what was typed, what is wrong with it, and what speaks against it."""

    meters: Sequence[Meter]
    key: str
    meter_no: str = ""
    value: str = ""
    day: str = ""
    photo: str = field(default="", repr=False)
    faults: dict[str, str] = field(default_factory=dict)
    judged: Judged | None = None
    confirms: str = ""

    @property
    def status(self) -> int:
        """Of the answer that shows it."""
        return 422 if self.faults or self.judged else 200


def empty_form(meters: Sequence[Meter]) -> ReadingForm:
    """As it is offered: today's reading."""
    only = meters[0].meter_no if len(meters) == 1 else ""
    return ReadingForm(meters, uuid4().hex, only, day=clock.today().isoformat())


async def reported(
    request: Request,
    form: FormData,
    customer_no: str,
    meters: Sequence[Meter],
    source: ReadingSource,
    *,
    actor: str = OWNER,
) -> ReadingForm | TakenReading:
    """Take what was sent by ``actor``, or give the form again with what to mend or to confirm.

    The photo is kept at once, so that nobody chooses it twice.
    """
    faults: dict[str, str] = {}
    try:
        photo = await photo_of(request, form, customer_no) or ""
    except ApiProblem as problem:
        if problem.status not in (413, 415, 422):
            raise
        told = problem.answer
        faults[PHOTO], photo = (told.problems[0].message if told.problems else told.detail) or "", ""
    return await run_in_threadpool(_taken, _Sent(form, meters), faults, photo, customer_no, source, actor=actor)


def _taken(
    sent: _Sent, faults: dict[str, str], photo: str, customer_no: str, source: ReadingSource, *, actor: str
) -> ReadingForm | TakenReading:
    faults |= sent.faults()
    if faults or sent.meter is None or sent.value is None or sent.day is None:
        return sent.again(photo, faults)
    named = photo_named(photo, customer_no) if photo else None
    given = GivenReading(sent.meter, sent.value, sent.day, source, sent.key, sent.confirmed, named, actor=actor)
    with transaction() as session:
        done = take(session, given)
    return sent.again(photo, {}, done) if isinstance(done, Judged) else done


class _Sent:
    """What came with a form."""

    def __init__(self, form: FormData, meters: Sequence[Meter]) -> None:
        self.meters, self.key = meters, _key(_text(form, "key"))
        self.meter_no = _text(form, "wodomierz")
        self.meter = next((one for one in meters if one.meter_no == self.meter_no), None)
        self.typed = _text(form, "zamiast") or _text(form, "stan")
        self.value, self.why = _value(self.typed)
        self.typed_day = _text(form, "dzien")
        self.day = _day(self.typed_day)
        self.confirmed = bool(self.confirms) and _text(form, "potwierdzam") == self.confirms

    def faults(self) -> dict[str, str]:
        """What is wrong, by field."""
        wrong = {}
        if self.meter is None:
            wrong["wodomierz"] = _NO_METER
        if self.value is None:
            wrong["stan"] = self.why
        if self.day is None:
            wrong["dzien"] = _NO_DAY
        elif self.meter is not None:
            with reading() as session:
                late = wrong_day(session, self.meter, self.day)
            if late is not None:
                wrong["dzien"] = late
        return wrong

    @property
    def confirms(self) -> str:
        """What a button says that confirms just this reading."""
        return "" if self.value is None or self.day is None else f"{self.meter_no} {self.value} {self.day}"

    def again(self, photo: str, faults: dict[str, str], judged: Judged | None = None) -> ReadingForm:
        """The form with what was typed."""
        day = self.day.isoformat() if self.day else self.typed_day
        return ReadingForm(self.meters, self.key, self.meter_no, self.typed, day, photo, faults, judged, self.confirms)


def context(shown: ReadingForm, action: str) -> dict[str, Any]:
    """What the template of the form asks for."""
    return {
        "shown": shown,
        "action": action,
        "faults": shown.faults,
        "faulty": bool(shown.faults or shown.judged),
        "today": clock.today().isoformat(),
        "digits": MOST_DIGITS,
    }


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip()[:200] if isinstance(value, str) else ""


def _key(sent: str) -> str:
    known = sent.isascii() and sent.isalnum() and 0 < len(sent) <= _LONGEST_KEY
    return sent if known else uuid4().hex


def _value(typed: str) -> tuple[int | None, str]:
    """Whole cubic metres, or what is wrong with what was typed."""
    plain = _SEPARATORS.sub("", re.sub(r"\s*m[3³]$", "", typed, flags=re.IGNORECASE))
    if not plain:
        return None, _MISSING
    if re.fullmatch(r"[0-9]+,[0-9]+", plain, re.ASCII):
        return None, _WITH_RED
    if not re.fullmatch(rf"[0-9]{{1,{MOST_DIGITS}}}", plain, re.ASCII):
        return None, _WRONG
    return int(plain), ""


def _day(typed: str) -> date | None:
    parsed = _DATE.parse(typed, date.max)
    return date.fromisoformat(parsed.value) if parsed.fault is None and isinstance(parsed.value, str) else None
