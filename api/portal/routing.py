"""All routes of the account."""

from __future__ import annotations

from typing import Final

from api.portal import (
    account,
    authorities,
    bills,
    invitations,
    login_change,
    notices,
    numbers,
    overview,
    own_data,
    passkeys,
    provider,
    questions,
    readings,
    regulamin,
    sign_in,
    usage,
    visits,
    vouching,
)

ROUTERS: Final = (
    sign_in.router,
    overview.router,
    bills.router,
    usage.router,
    visits.router,
    readings.router,
    notices.router,
    questions.router,
    account.router,
    passkeys.router,
    provider.router,
    own_data.router,
    login_change.router,
    numbers.router,
    authorities.router,
    invitations.router,
    regulamin.router,
    vouching.router,
)
