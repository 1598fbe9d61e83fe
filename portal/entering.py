"""Entering an account by e-mail and password, and typing it once more inside, whichever page or program asks."""

from __future__ import annotations

from dataclasses import dataclass, field

from database.engine import transaction
from portal import sessions


@dataclass(frozen=True, slots=True)
class Entered:
    """A session that has begun: its token, and the login by which browsers keep that the account is known there."""

    token: str = field(repr=False)
    login: str = field(repr=False)


def enter(email: str, password: str, *, client: str, device_mark: str, browser: str) -> Entered | None:
    """Begin a session where both are right; None for an address without account as for a wrong password.

    TooManyTriesError when it is one try too many. Comparing takes time that no transaction should last.
    """
    with transaction() as session:
        attempt = sessions.begin_sign_in(session, email, client, device_mark)
    right, token = attempt.is_right(password), None
    with transaction() as session:
        if right:
            token = sessions.sign_in(session, attempt, browser)
        if token is None:
            sessions.refuse(session, attempt)
    return None if token is None else Entered(token, attempt.login)


def knows_password(login: str, password: str, *, client: str, device_mark: str) -> bool:
    """Whether who is signed in with that login types its password once more; counted as a try to sign in.

    TooManyTriesError when it is one try too many.
    """
    with transaction() as session:
        attempt = sessions.begin_sign_in(session, login, client, device_mark)
    if not attempt.is_right(password):
        return False
    with transaction() as session:
        attempt.counted.settle(session)
    return True
