"""The second factor for staff: codes from an app (TOTP, RFC 6238), and recovery codes for when the phone is missing.

Managers, supervisors and administrators need one, clerks where a setting says so; whoever has one is asked for it.
"""

from __future__ import annotations

import secrets
from enum import StrEnum
from typing import Final

import pyotp
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from access.roles import Role
from access.staff import StaffMember, end_sessions, locked, member_of, token_digest
from access.tables import RecoveryCode, Staff, StaffSession
from database.encryption import digest
from environment import clock
from environment.settings import get_settings

_STEP: Final = 30
"""Seconds for which a code stands."""
_DRIFT: Final = 1
"""Steps by which the clock of the app may be wrong, either way."""
_CODES: Final = 10
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_HALF: Final = 5


class Given(StrEnum):
    """What stood for the second factor."""

    CODE = "code"
    RECOVERY_CODE = "recovery_code"


def is_required_of(role: Role) -> bool:
    """Whether who has that role must have a second factor."""
    return role.proves_twice or get_settings().second_factor_of_clerks == "required"


def offer(session: Session, token: str) -> str:
    """The secret that this session may set up; the same until it is set up or the session ends."""
    visit = _visit(session, token)
    if visit.offered_secret is None:
        visit.offered_secret = pyotp.random_base32()
        session.flush()
    return visit.offered_secret


def address_for_app(secret: str, login: str) -> str:
    """What the picture holds that an app takes the secret from."""
    return pyotp.TOTP(secret, interval=_STEP).provisioning_uri(
        name=login, issuer_name=f"eBOK {get_settings().company_short}"
    )


def set_up(session: Session, login: str, token: str, typed: str) -> list[str] | None:
    """Take the offered secret into force once a code shows that the app has it; gives the recovery codes.

    None when the code is wrong. All other sessions of the account end: they came in without it.
    """
    row, visit = locked(session, login), _visit(session, token)
    if visit.offered_secret is None:
        return None
    step = _step_of(visit.offered_secret, typed, after=None)
    if step is None:
        return None
    row.second_factor, row.second_factor_step = visit.offered_secret, step
    visit.offered_secret, visit.proven = None, True
    end_sessions(session, row, keep=token)
    return _new_recovery_codes(session, row)


def verify_code(session: Session, login: str, token: str, typed: str) -> Given | None:
    """Whether that is a code which was not used before; the session may then do all that its person may."""
    row = locked(session, login)
    if row.second_factor is None:
        return None
    given = _given(session, row, row.second_factor, typed)
    if given is not None:
        visit = _visit(session, token)
        visit.proven = True
        if visit.ends_others:
            end_sessions(session, row, keep=token)
    return given


def new_recovery_codes(session: Session, login: str) -> list[str]:
    """Other recovery codes; those from before do not work any more. StaffError when unknown."""
    return _new_recovery_codes(session, locked(session, login))


def recovery_codes_left(session: Session, login: str) -> int:
    """How many recovery codes were not used yet."""
    of_login = select(Staff.id).where(Staff.login == login).scalar_subquery()
    return session.scalar(select(func.count()).where(RecoveryCode.staff_id == of_login)) or 0


def reset(session: Session, login: str) -> StaffMember:
    """Remove the second factor of somebody who has lost it; all sessions end. StaffError when unknown."""
    row = locked(session, login)
    row.second_factor = row.second_factor_step = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == row.id))
    row.tries_since = clock.now()
    end_sessions(session, row)
    return member_of(row)


def _given(session: Session, row: Staff, secret: str, typed: str) -> Given | None:
    step = _step_of(secret, typed, after=row.second_factor_step)
    if step is not None:
        row.second_factor_step = step
        return Given.CODE
    code = delete(RecoveryCode).where(
        RecoveryCode.staff_id == row.id, RecoveryCode.code_digest == _digest(row.id, typed)
    )
    return Given.RECOVERY_CODE if session.execute(code.returning(RecoveryCode.id)).first() else None


def _step_of(secret: str, typed: str, *, after: int | None) -> int | None:
    """The time step whose code that is, None when of none that may be used now."""
    code = "".join(typed.split())
    if not (code.isascii() and code.isdigit()):
        return None
    app, present = pyotp.TOTP(secret, interval=_STEP), int(clock.now().timestamp()) // _STEP
    for step in range(present - _DRIFT, present + _DRIFT + 1):
        if (after is None or step > after) and pyotp.utils.strings_equal(app.generate_otp(step), code):
            return step
    return None


def _new_recovery_codes(session: Session, row: Staff) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == row.id))
    halves = ["".join(secrets.choice(_ALPHABET) for _ in range(_HALF)) for _ in range(2 * _CODES)]
    codes = [f"{first}-{second}" for first, second in zip(halves[::2], halves[1::2], strict=True)]
    session.add_all(RecoveryCode(staff_id=row.id, code_digest=_digest(row.id, code)) for code in codes)
    session.flush()
    return codes


def _digest(staff_id: int, typed: str) -> str:
    """What is kept of a recovery code, however it is spaced."""
    plain = "".join(sign for sign in typed.lower() if sign in _ALPHABET)
    return digest("recovery code", str(staff_id), plain)


def _visit(session: Session, token: str) -> StaffSession:
    found = select(StaffSession).where(StaffSession.token_digest == token_digest(token))
    return session.scalars(found.execution_options(populate_existing=True)).one()
