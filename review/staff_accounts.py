"""Staff accounts and sessions with their audit, for the desk and the command line."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy.orm import Session

from access import crews, identities, second_factor, sessions, staff
from access.identities import Entered
from access.openid import Identity
from access.passwords import fault
from access.second_factor import Given
from access.sessions import Attempt
from access.staff import Role, SignInWay, StaffError, StaffMember
from audit.trail import record

_NOBODY: Final = "staff:-"
"""Subject where no account is meant: what was typed as a login may be a password."""

WAYS: Final = {
    SignInWay.PASSWORD: "hasło",
    SignInWay.PROVIDER: "tylko dostawca",
    SignInWay.EITHER: "hasło albo dostawca",
}
"""What lets somebody in, in Polish."""


def add(session: Session, login: str, name: str, role: Role, password_hash: str, *, actor: str) -> StaffMember:
    """A new account. StaffError for a login that is bad or taken."""
    member = staff.add_staff(session, login, name, role, password_hash)
    _audit(session, actor, "staff_added", member, role=role)
    return member


def change_role(session: Session, login: str, role: Role, *, actor: str) -> StaffMember:
    """Another role, in force at once. StaffError when no administrator would be left."""
    member = staff.change_role(session, login, role)
    _audit(session, actor, "staff_role_changed", member, role=role)
    return member


def join_crew(session: Session, login: str, crew: str, *, actor: str) -> StaffMember:
    """Another crew, or none. StaffError where there is none of that name to be, or the account is not in the field."""
    member = crews.join_crew(session, login, crew)
    _audit(session, actor, "staff_crew_changed", member, crew=member.crew)
    return member


def deactivate(session: Session, login: str, *, actor: str) -> StaffMember:
    """Keep somebody out from now on. StaffError when no administrator would be left."""
    member = staff.deactivate(session, login)
    _audit(session, actor, "staff_deactivated", member)
    return member


def give_password(session: Session, login: str, password_hash: str, *, actor: str) -> StaffMember:
    """A password to hand over once; it must be changed at the next sign-in, and opens a closed account again."""
    member = staff.reactivate(session, login, password_hash)
    _audit(session, actor, "staff_password_given", member)
    return member


def choose_password(session: Session, login: str, password_hash: str, token: str) -> StaffMember:
    """A password of one's own; all other sessions of the account end."""
    member = staff.set_password(session, login, password_hash, must_change=False, keep=token)
    _audit(session, member.actor, "staff_password_chosen", member)
    return member


def require_good_password(password: str, login: str, name: str = "") -> None:
    """StaffError (field 'password') with the reason when somebody could guess it."""
    found = fault(password, about=[login, name, *name.split()])
    if found is not None:
        raise StaffError(found.message, "password")


def unlock(session: Session, login: str, *, actor: str) -> StaffMember:
    """Let somebody try again whom wrong tries had kept out."""
    member = staff.unlock(session, login)
    _audit(session, actor, "staff_unlocked", member)
    return member


def set_up_second_factor(session: Session, login: str, token: str, code: str) -> list[str] | None:
    """Take the second factor into force that the session was offered; gives the recovery codes, None: a wrong code."""
    codes = second_factor.set_up(session, login, token, code)
    if codes is not None:
        _audit_own(session, login, "second_factor_set_up")
    return codes


def verify_code(session: Session, login: str, token: str, code: str) -> Given | None:
    """What stood for the second factor; None when it was wrong."""
    given = second_factor.verify_code(session, login, token, code)
    if given is None:
        record(session, actor="unknown", action="second_factor_failed", subject=f"staff:{login}")
    else:
        _audit_own(session, login, "second_factor_given", by=given)
    return given


def new_recovery_codes(session: Session, login: str) -> list[str]:
    """Other recovery codes of one's own."""
    codes = second_factor.new_recovery_codes(session, login)
    _audit_own(session, login, "recovery_codes_made")
    return codes


def reset_second_factor(session: Session, login: str, *, actor: str) -> StaffMember:
    """Take somebody's second factor away, who has lost it; it is set up again at the next sign-in."""
    member = second_factor.reset(session, login)
    _audit(session, actor, "second_factor_reset", member)
    return member


def sign_in(session: Session, attempt: Attempt, *, browser: str = "", ends_others: bool = False) -> str | None:
    """A new session after the right password; gives its token, None when the account was changed meanwhile.

    FirstPasswordOverError where nobody replaced the first password in time.
    """
    token = sessions.sign_in(session, attempt, browser=browser, ends_others=ends_others)
    if token is not None:
        _audit_own(session, attempt.login, "signed_in")
    return token


def enter(session: Session, identity: Identity, *, browser: str = "", ends_others: bool = False) -> Entered:
    """Whose account that identity at the provider opens, and the new session; one that it does not open is noted."""
    entered = identities.enter(session, identity, browser=browser, ends_others=ends_others)
    member = entered.member
    if member is None or entered.token is None:
        note_failed_sign_in(session, "" if member is None else member.login)
        return entered
    if entered.newly_bound:
        _audit_own(session, member.login, "staff_identity_bound")
    _audit_own(session, member.login, "signed_in", by="provider")
    return entered


def set_sign_in_way(
    session: Session, login: str, way: SignInWay, *, actor: str, subject: str = "", keep: str | None = None
) -> StaffMember:
    """Whether the password, the provider or either lets somebody in; ``subject`` says who that is at the provider."""
    member = identities.set_way(session, login, way, subject=subject, keep=keep)
    _audit(session, actor, "staff_sign_in_way_changed", member, way=way, bound=member.bound)
    return member


def note_failed_sign_in(session: Session, login: str) -> None:
    """Somebody was kept out; ``login`` is that of an account, else empty."""
    subject = f"staff:{login}" if login else _NOBODY
    record(session, actor="unknown", action="sign_in_failed", subject=subject)


def sign_out(session: Session, login: str, token: str) -> None:
    """End one session."""
    sessions.sign_out(session, token)
    _audit_own(session, login, "signed_out")


def end_visit(session: Session, login: str, number: int) -> None:
    """End another session of one's own; nothing happens when it is over already."""
    if sessions.end_visit(session, login, number):
        _audit_own(session, login, "session_ended")


def end_other_visits(session: Session, login: str, token: str) -> None:
    """End all sessions of one's own but the one of the token."""
    staff.end_sessions(session, staff.locked(session, login), keep=token)
    _audit_own(session, login, "other_sessions_ended")


def _audit_own(session: Session, login: str, action: str, **detail: Any) -> None:
    """What somebody did to the own account."""
    record(session, actor=f"clerk:{login}", action=action, subject=f"staff:{login}", detail=detail or None)


def _audit(session: Session, actor: str, action: str, member: StaffMember, **detail: Any) -> None:
    record(session, actor=actor, action=action, subject=f"staff:{member.login}", detail=detail or None)
