"""All routes of the account's JSON API."""

from __future__ import annotations

from typing import Final

from api.account import (
    authorities,
    bills,
    login_change,
    notices,
    numbers,
    overview,
    own,
    passkeys,
    providers,
    questions,
    readings,
    session,
    terms,
    visits,
    vouching,
)

ROUTERS: Final = (
    session.router,
    numbers.router,
    vouching.router,
    terms.router,
    overview.router,
    bills.router,
    readings.router,
    questions.router,
    visits.router,
    notices.router,
    own.router,
    login_change.router,
    passkeys.router,
    providers.router,
    authorities.router,
)
