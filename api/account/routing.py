"""All routes of the account's JSON API."""

from __future__ import annotations

from typing import Final

from api.account import authorities, bills, overview, own, questions, readings, session, visits

ROUTERS: Final = (
    session.router,
    overview.router,
    bills.router,
    readings.router,
    questions.router,
    own.router,
    visits.router,
    authorities.router,
)
