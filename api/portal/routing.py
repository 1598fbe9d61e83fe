"""All routes of the account."""

from __future__ import annotations

from typing import Final

from api.portal import account, bills, login_change, overview, own_data, sign_in, usage

ROUTERS: Final = (
    sign_in.router,
    overview.router,
    bills.router,
    usage.router,
    account.router,
    own_data.router,
    login_change.router,
)
