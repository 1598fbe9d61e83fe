"""Consumption of an account: a plot of twelve months beside those of the year before, with the same as a table."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from starlette.responses import Response

from api.portal.access import Seeing
from api.portal.addresses import USAGE
from api.portal.frame import account_page
from billing.metering.leaks import leaks_of
from database.engine import reading
from environment.clock import today
from portal.usage import Usage, usage_of
from reports.model import Plot, Series
from reports.plots import draw

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

MONTHS: Final = ("sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru")
_WIDE: Final = 560
_NARROW: Final = 300
"""Units of the drawing, about as many as it gets pixels: its letters are as large as those of the page beside it."""


@router.get(USAGE)
def show(request: Request, owner: Seeing) -> Response:
    """The plot and the table."""
    with reading() as session:
        used, leaks = usage_of(session, owner.customer_no, today()), leaks_of(session, owner.customer_no, today())
    return account_page(request, owner, "portal/usage.html", usage=used, leaks=leaks, plots=drawn(used), months=MONTHS)


def drawn(used: Usage) -> Markup:
    """The plot twice, for wide screens and for phones, of which a page shows one; nothing where nothing is known."""
    if not used.months:
        return Markup()
    steps = tuple(MONTHS[month.first.month - 1] for month in used.months)
    lines = (
        Series("rok wcześniej", tuple(_height(month.before) for month in used.months)),
        Series("ostatnie 12 miesięcy", tuple(_height(month.used) for month in used.months)),
    )
    plot = Plot("Zużycie wody", "m³", steps, lines, bars=True)
    return draw(plot, width=_WIDE, look="wide") + draw(plot, width=_NARROW, legend=False, look="narrow")


def _height(value: Decimal | None) -> float | None:
    """As it is drawn: a month that a correction brought below nothing is drawn as nothing."""
    return None if value is None else max(float(value), 0.0)
