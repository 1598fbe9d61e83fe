"""How many wrong values a manager tolerates, what is proven, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from api.desk.access import Posted, SignedIn, Tolerator, desk_page, text_of
from api.desk.queue import names_of_staff
from api.desk.wording import actor_name
from database.engine import reading, transaction
from environment.settings import get_settings
from review.tolerance import section, stored
from review.tolerance.section import Quality
from review.tolerance.stored import LEAST, MOST, ToleranceError
from review.tolerance.thresholds import Foreseen

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ADDRESS: Final = "/biuro/tolerancja"
_DONE: Final = {
    "ustawiono": "Tolerancja jest zmieniona. Jeśli trzeba było, progi już się podniosły.",
    "poluzowano": "Próg jest niższy o stopień. Liczą się odtąd tylko nowe kontrole takich pól.",
}


@dataclass(frozen=True, slots=True)
class ToleranceCurve:
    """A curve over tolerances on a logarithmic axis: its points with what they say, and where the present stands."""

    points: tuple[tuple[float, float, str, str], ...]
    line: str
    present: float
    ticks: tuple[tuple[float, str], ...]


@router.get(ADDRESS)
def show(request: Request, clerk: Tolerator, zrobione: str = "") -> Response:
    """What is in force and proven, and what other settings would bring."""
    return _page(request, clerk, done=_DONE.get(zrobione))


@router.post(ADDRESS)
def tolerate(request: Request, clerk: Tolerator, form: Posted) -> Response:
    """Another tolerance."""
    typed = text_of(form, "tolerancja").strip()
    try:
        with transaction() as session:
            stored.tolerate(session, clerk.actor, _number(typed))
    except ToleranceError as error:
        return _page(request, clerk, status=422, typed=typed, fault=str(error))
    return RedirectResponse(f"{ADDRESS}?zrobione=ustawiono", 303)


@router.post(f"{ADDRESS}/poluzuj")
def loosen(request: Request, clerk: Tolerator, form: Posted) -> Response:
    """One step back."""
    try:
        with transaction() as session:
            seen = text_of(form, "stopien")
            stored.loosen(session, clerk.actor, text_of(form, "prog"), int(seen) if seen.isdecimal() else 0)
    except ToleranceError as error:
        return _page(request, clerk, status=409, changed=str(error))
    return RedirectResponse(f"{ADDRESS}?zrobione=poluzowano", 303)


def _page(request: Request, clerk: SignedIn, *, status: int = 200, **context: str | None) -> Response:
    with reading() as session:
        quality = section.quality_section(session)
        names = names_of_staff(session)
    return desk_page(
        request,
        clerk,
        "desk/tolerance.html",
        status=status,
        quality=quality,
        plot=_plot(quality),
        verdict=section.VERDICTS[quality.standing],
        proven=section.proven,
        noticed=section.noticed(quality),
        holding=section.holding(quality),
        papers_changed=section.papers_changed,
        interval_of=section.interval_of,
        shown=section.shown,
        bounds=(LEAST, MOST),
        share=get_settings().second_look_rate,
        who=lambda actor: actor_name(actor, names),
        **{"done": None, "typed": None, "fault": None, "changed": None, **context},
    )


def _number(typed: str) -> float:
    try:
        return float(typed.replace(",", "."))
    except ValueError:
        return 0.0  # out of bounds, and told so


def _plot(quality: Quality) -> ToleranceCurve | None:
    """In units of a picture of 100 by 60, the share that goes through upwards."""
    if not quality.settings:
        return None

    def across(tolerated: float) -> float:
        low, high = log10(section.SETTINGS[0]), log10(section.SETTINGS[-1])
        return round(100 * (min(max(log10(tolerated), low), high) - low) / (high - low), 2)

    def point(one: Foreseen) -> tuple[float, float, str, str]:
        told = section.shown(1000 * one.tolerated), f"{100 * one.through:.0f} %"
        return across(1000 * one.tolerated), round(60 * (1 - one.through), 2), *told

    points = tuple(point(one) for one in quality.settings)
    line = " ".join(f"{x},{y}" for x, y, *_ in points)
    return ToleranceCurve(points, line, across(quality.tolerated), tuple((x, told) for x, _, told, _ in points))
