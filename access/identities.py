"""Staff who sign in at a provider of identities (``access.openid``): who is away there, and whose account that is.

An account is bound to one identity, issuer and subject together, of which only a keyed digest is kept. An administrator
binds it, or the first sign-in does where the settings name a claim that says the login and that nobody can choose for
himself. From then on no claim but the subject counts.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from access import begun
from access.openid import LONGEST_SUBJECT, Begun, Client, Identity, listed, secret_of
from access.sessions import begin_visit
from access.staff import (
    SignInWay,
    StaffError,
    StaffMember,
    end_sessions,
    is_login,
    locked,
    locked_administrators,
    member_of,
    normalised_login,
)
from access.tables import Staff
from database.encryption import digest
from environment.settings import get_settings

RETURN: Final = "/biuro/logowanie/dostawca/powrot"
"""Where the provider sends browsers back to; under the desk's own address it is registered there."""
_PURPOSE: Final = "browser away"
_NOT_SET: Final = "Logowanie przez dostawcę nie jest ustawione (EBOK_OIDC_ISSUER)."
_NOBODY: Final = "Podaj identyfikator tej osoby u dostawcy (sub): bez niego nikt by się na to konto nie zalogował."
_LAST: Final = (
    "To jedyny administrator, którego wpuszcza hasło. Zostaw mu je: gdy dostawca nie odpowiada, nikt inny nie wejdzie."
)


@dataclass(frozen=True, slots=True)
class Away:
    """A browser that was sent to the provider, and what it wished: the page to go on to, its other sessions ended."""

    begun: Begun
    after: str
    ends_others: bool


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody the provider let in: whose account it is, and the token of the new session.

    ``member`` alone: the account is closed, or no provider counts for it. ``newly_bound``: this sign-in bound it.
    """

    member: StaffMember | None
    token: str | None = field(default=None, repr=False)
    newly_bound: bool = False


def provider() -> Client | None:
    """The provider of the settings, None where staff have passwords only; UnreachableError for an unreadable secret."""
    settings = get_settings()
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        return None
    return Client(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.staff_url + RETURN,
        scopes=settings.oidc_scopes,
        acr_values=" ".join(listed(settings.oidc_second_factor_acr)),
        secret=secret_of(settings.oidc_client_secret_file),
        seconds=settings.oidc_seconds,
    )


def send_away(session: Session, away: Away) -> str:
    """Remember a browser that goes to the provider; gives what its cookie holds meanwhile."""
    return begun.keep(session, _PURPOSE, asdict(away))


def come_back(session: Session, mark: str) -> Away | None:
    """What a browser was sent away with, once; None when it was not, comes a second time, or too late."""
    told = begun.take(session, _PURPOSE, mark)
    return None if told is None else Away(Begun(**told.pop("begun")), **told)


def enter(session: Session, identity: Identity, *, browser: str, ends_others: bool) -> Entered:
    """A new session for whom the provider let in, where an account is his and open to it."""
    settings = get_settings()
    row = session.scalar(select(Staff).where(Staff.identity_digest == _digest(identity)).with_for_update())
    newly_bound = row is None
    if row is None:
        row = _named(session, identity, settings.oidc_login_claim)
        if row is None:
            return Entered(None)
        row.identity_digest = _digest(identity)
    if not row.active or not SignInWay(row.sign_in_way).has_provider:
        return Entered(member_of(row))
    proven = identity.was_shown_by(
        amr=listed(settings.oidc_second_factor_amr), acr=listed(settings.oidc_second_factor_acr)
    )
    token = begin_visit(session, row, browser=browser, ends_others=ends_others, by_provider=True, proven=proven)
    return Entered(member_of(row), token, newly_bound)


def set_way(session: Session, login: str, way: SignInWay, *, subject: str = "", keep: str | None = None) -> StaffMember:
    """Whether the password, the provider or either lets somebody in; ``subject`` binds the account to an identity.

    All sessions of the account end but that of the token ``keep``. Without the provider the account is bound no more.
    StaffError when unknown, when the identity is another account's, when nobody could come in, or when no administrator
    would be left whom a password lets in.
    """
    issuer, subject = get_settings().oidc_issuer, subject.strip()
    if way.has_provider and issuer is None:
        raise StaffError(_NOT_SET)
    if len(subject) > LONGEST_SUBJECT:
        raise StaffError("Ten identyfikator jest za długi.", "subject")
    administrators = locked_administrators(session)
    row = locked(session, login)
    if way is SignInWay.PROVIDER:
        if not (subject or row.identity_digest or get_settings().oidc_login_claim):
            raise StaffError(_NOBODY, "subject")
        if row.id in administrators and not _others_with_password(session, administrators, row):
            raise StaffError(_LAST)
    row.sign_in_way = way.value
    try:
        with session.begin_nested():
            if not way.has_provider:
                row.identity_digest = None
            elif subject and issuer is not None:
                row.identity_digest = _digest(Identity(issuer, subject, {}))
    except IntegrityError as error:
        raise StaffError("Z tym identyfikatorem jest już powiązane inne konto.", "subject") from error
    end_sessions(session, row, keep=keep)
    return member_of(row)


def _named(session: Session, identity: Identity, claim: str | None) -> Staff | None:
    """The account, open and bound to nobody, whose login the identity's claim says."""
    told = None if claim is None else identity.claims.get(claim)
    if not isinstance(told, str) or not is_login(login := normalised_login(told)):
        return None
    return session.scalar(
        select(Staff)
        .where(
            Staff.login == login,
            Staff.active.is_(True),
            Staff.identity_digest.is_(None),
            Staff.sign_in_way != SignInWay.PASSWORD.value,
        )
        .with_for_update()
    )


def _others_with_password(session: Session, administrators: list[int], row: Staff) -> bool:
    with_password = select(Staff.id).where(
        Staff.id.in_(administrators), Staff.id != row.id, Staff.sign_in_way != SignInWay.PROVIDER.value
    )
    return session.scalar(with_password.limit(1)) is not None


def _digest(identity: Identity) -> str:
    return digest("staff identity", identity.issuer, identity.subject)
