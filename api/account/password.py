"""The password once more, which a request carries where much depends on it, as the pages ask for it."""

from __future__ import annotations

from typing import Final

from fastapi import Request
from pydantic import BaseModel, Field

from access.passwords import LONGEST
from api.portal.access import SignedIn
from api.portal.own_data import refused_password

TOO_MANY: Final = "Za dużo nieudanych prób; Retry-After mówi, kiedy spróbować znowu"
WRONG: Final = "Hasło jest niepoprawne"


class PasswordOnceMore(BaseModel):
    """The password, asked for again where much depends on it."""

    password: str = Field(description="Hasło do konta", max_length=LONGEST, repr=False)


def require_password(request: Request, owner: SignedIn, given: PasswordOnceMore) -> None:
    """ApiProblem 422 where it is not the account's, 429 where it was tried too often."""
    refused = refused_password(request, owner, given.password)
    if refused is not None:
        raise refused
