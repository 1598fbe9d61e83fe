"""Consumption of an account: a plot of twelve months beside those of the year before, with the same as a table."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.portal.access import USAGE, Seeing, account_page
from billing.metering.leaks import leaks_of
from database.engine import reading
from environment.clock import today
from portal.usage import Usage, usage_of
from reports.model import Plot, Series
from reports.plots import draw

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

MONTHS: Final = ("sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru")


@router.get(USAGE)
def show(request: Request, owner: Seeing) -> Response:
    """The plot and the table."""
    with reading() as session:
        used, leaks = usage_of(session, owner.customer_no, today()), leaks_of(session, owner.customer_no, today())
    return account_page(request, owner, "portal/usage.html", usage=used, leaks=leaks, plot=drawn(used), months=MONTHS)


def drawn(used: Usage) -> str | None:
    """The plot; None where there is nothing to draw."""
    if not used.months:
        return None
    steps = tuple(MONTHS[month.first.month - 1] for month in used.months)
    lines = (
        Series("rok wcześniej", tuple(_height(month.before) for month in used.months)),
        Series("ostatnie 12 miesięcy", tuple(_height(month.used) for month in used.months)),
    )
    return draw(Plot("Zużycie wody", "m³", steps, lines, bars=True))


def _height(value: Decimal | None) -> float | None:
    """As it is drawn: a month that a correction brought below nothing is drawn as nothing."""
    return None if value is None else max(float(value), 0.0)
