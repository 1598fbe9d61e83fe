"""A visit as people look at it: what for, where, when, and what was said of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from customers.tables import Request
from customers.visits import Part, Report, VisitState, hours_of, state_of
from environment import clock
from environment.settings import get_settings
from forms.catalogue import UnknownFormError, form_by_code
from forms.fields import ACCESS, PHONE, TANK_SIZE


@dataclass(frozen=True, slots=True)
class Visit:
    """One of them.

    ``works`` says in a few words what is to be done, ``place`` where; ``late``: somebody waits too long for an answer,
    or the day is over and the crew told nothing. ``authority`` is that by which somebody else said the customer's last
    word on the day.
    """

    tracking: str
    form: str
    title: str
    works: str
    state: VisitState
    step: int
    since: datetime
    asked_at: datetime
    wished_on: date | None
    day: date | None
    part: Part | None
    hours: str
    late: bool
    report: Report | None
    crew: str | None
    tank_size: str | None
    authority: int | None
    customer_no: str = field(repr=False)
    name: str = field(repr=False)
    phone: str | None = field(repr=False)
    street: str = field(repr=False)
    place: str = field(repr=False)
    hints: str | None = field(repr=False)
    note: str | None = field(repr=False)
    wish: str | None = field(repr=False)

    @property
    def order(self) -> tuple[str, int, str]:
        """Along the street, house by house."""
        return self.street.casefold(), *_house(self.place.removeprefix(self.street))


def visit_view(visit: Request) -> Visit:
    """That visit, today."""
    values, state = visit.values, state_of(visit)
    since = visit.since or visit.at
    street = values.get("street") or values.get("town") or ""
    house = values.get("house") or ""
    number = f"{house}/{values['flat']}" if values.get("flat") else house
    return Visit(
        tracking=visit.tracking,
        form=visit.form,
        title=title_of(visit),
        works=works_of(visit),
        state=state,
        step=visit.step or 0,
        since=since,
        asked_at=visit.at,
        wished_on=visit.wished_on,
        day=visit.day,
        part=None if visit.part is None else Part(visit.part),
        hours=hours_in_words(visit.part),
        late=_is_late(state, since, visit.day),
        report=None if visit.report is None else Report(visit.report),
        crew=visit.crew,
        tank_size=values.get(TANK_SIZE.name),
        authority=visit.authority,
        customer_no=visit.customer_no,
        name=values.get("name") or "",
        phone=PHONE.kind.display(values.get(PHONE.name)) or None,
        street=street,
        place=f"{street} {number}, {values.get('postcode') or ''} {values.get('town') or ''}".strip(),
        hints=values.get(ACCESS.name),
        note=visit.note,
        wish=visit.wish,
    )


def hours_in_words(part: str | None) -> str:
    """When on its day a visit begins: 'między 7.00 a 11.00'."""
    first, last = hours_of(Part(part or Part.DAY))
    return f"między {first}.00 a {last}.00"


def title_of(visit: Request) -> str:
    """What the form is called by which it was asked for; its code where this installation has it no more."""
    try:
        return form_by_code(visit.form).title
    except UnknownFormError:
        return visit.form


def works_of(visit: Request) -> str:
    """What is to be done: what was ticked, or what the form is for."""
    try:
        ticked = [item.label for item in form_by_code(visit.form).ticks if visit.values.get(item.name)]
    except UnknownFormError:
        ticked = []
    said = ", ".join(ticked) or title_of(visit)
    return said[:1] + said[1:].lower() if ticked else said


def _is_late(state: VisitState, since: datetime, day: date | None) -> bool:
    if state is VisitState.AGREED:
        return day is not None and day < clock.today()
    waits = state in (VisitState.ASKED, VisitState.PROPOSED)
    return waits and clock.now() - since >= timedelta(days=get_settings().visit_answer_days)


def _house(text: str) -> tuple[int, str]:
    found = re.search(r"[0-9]+", text)
    return (int(found[0]) if found else 0), text
