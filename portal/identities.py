"""Customers who sign in at a provider of identities (``access.openid``): who is away there, and whose account that is.

An account is bound to one identity, issuer and subject together, of which only a keyed digest is kept. Its owner binds
it once he is signed in, or the first sign-in does where the settings name a claim that holds the PESEL and just one
account is that person's by the register. Whoever is neither gets no account by it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Final

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from access import begun
from access.openid import Begun, Client, Identity, listed, secret_of
from audit.trail import record
from confirmations.account_messages import compose_provider_bound
from customers.accounts import active_account, is_vouched
from customers.keys import pesel_key
from customers.tables import Account, Customer
from database.encryption import digest
from environment.settings import get_settings
from forms.kinds import Pesel
from portal.entering import Entered
from portal.sessions import begin_session
from portal.vouching import Way, vouch

RETURN: Final = "/ebok/zaloguj/dostawca/powrot"
"""Where the provider sends browsers back to; under our public address it is registered there."""
_PURPOSE: Final = "customer away"
_PESEL: Final = Pesel()
_NATIONAL: Final = "PNOPL-"
"""Stands before a PESEL where it is written as the signature standards (ETSI EN 319 412-1) name a person."""


@dataclass(frozen=True, slots=True)
class Away:
    """A browser that was sent to the provider: the page to go on to, and whose account it is to be bound to, if any."""

    begun: Begun
    after: str
    customer_no: str = field(default="", repr=False)


def provider() -> Client | None:
    """The provider of the settings, None where customers have none; UnreachableError for an unreadable secret."""
    settings = get_settings()
    if settings.account_oidc_issuer is None or settings.account_oidc_client_id is None:
        return None
    return Client(
        settings.account_oidc_issuer,
        settings.account_oidc_client_id,
        settings.public_url.rstrip("/") + RETURN,
        scopes=settings.account_oidc_scopes,
        acr_values=" ".join(listed(settings.account_oidc_acr)),
        secret=secret_of(settings.account_oidc_client_secret_file),
        seconds=settings.account_oidc_seconds,
    )


def send_away(session: Session, away: Away) -> str:
    """Remember a browser that goes to the provider; gives what its cookie holds meanwhile."""
    return begun.keep(session, _PURPOSE, asdict(away))


def come_back(session: Session, mark: str) -> Away | None:
    """What a browser was sent away with, once; None when it was not, comes a second time, or too late."""
    told = begun.take(session, _PURPOSE, mark)
    return None if told is None else Away(Begun(**told.pop("begun")), **told)


def enter(session: Session, identity: Identity, browser: str) -> Entered | None:
    """A session for whom the provider let in, where an account is his; None where none is."""
    if not _is_sure(identity):
        return None
    bound = _active().where(Account.identity_digest == _digest(identity))
    account = session.scalar(bound)
    if account is None:
        account = _of_person(session, identity)
        if account is None or not _given(session, account, identity):
            return None
        _tell(session, account)
    token = begin_session(session, account.customer_no, browser)
    return None if token is None else Entered(token, account.login)


def bind(session: Session, customer_no: str, identity: Identity) -> bool:
    """Bind that customer's account to that identity; False where it is another account's, or not sure enough."""
    account = active_account(session, customer_no, hold=True)
    if account is None or not _is_sure(identity):
        return False
    if not _given(session, account, identity):
        return False
    if (key := _pesel_of(identity)) and session.scalar(_customers_with(key).where(Customer.customer_no == customer_no)):
        vouch(session, account, Way.IDENTITY)
    _tell(session, account)
    return True


def _given(session: Session, account: Account, identity: Identity) -> bool:
    """Bind an account to that identity; False where it is another one's, which keeps none once it is closed."""
    known = _digest(identity)
    of_closed = (Account.identity_digest == known, Account.state == "closed")
    session.execute(update(Account).where(*of_closed).values(identity_digest=None))
    try:
        with session.begin_nested():
            account.identity_digest = known
    except IntegrityError:
        return False
    return True


def unbind(session: Session, customer_no: str) -> None:
    """No provider counts for that customer's account any more."""
    account = active_account(session, customer_no, hold=True)
    if account is not None and account.identity_digest is not None:
        account.identity_digest = None
        record(session, actor="customer", action="account_provider_unbound", subject=f"customer:{customer_no}")


def is_bound(session: Session, customer_no: str) -> bool:
    """Whether that customer's account is bound to an identity."""
    account = active_account(session, customer_no)
    return account is not None and account.identity_digest is not None


def _active() -> Select[tuple[Account]]:
    return select(Account).where(Account.state == "active").with_for_update()


def _of_person(session: Session, identity: Identity) -> Account | None:
    """The one account, bound to nobody, of a customer who has the PESEL of that identity.

    It must be known to be the customer's: else he would open for a stranger, whose mailbox it has, what is his.
    """
    key = _pesel_of(identity)
    if key is None:
        return None
    his = _active().where(Account.customer_no.in_(_customers_with(key)), Account.identity_digest.is_(None))
    found = [one for one in session.scalars(his) if is_vouched(one.vouched_at)]
    return found[0] if len(found) == 1 else None


def _pesel_of(identity: Identity) -> str | None:
    """The key in the register of the PESEL that an identity has, where the settings say by which claim."""
    claim = get_settings().account_oidc_pesel_claim
    told = identity.claims.get(claim) if claim else None
    parsed = _PESEL.parse(told.removeprefix(_NATIONAL)) if isinstance(told, str) else None
    good = parsed is not None and parsed.fault is None and isinstance(parsed.value, str)
    return pesel_key(str(parsed.value)) if parsed is not None and good else None


def _customers_with(key: str) -> Select[tuple[str]]:
    return select(Customer.customer_no).where(Customer.pesel_key == key)


def _is_sure(identity: Identity) -> bool:
    """Whether the provider says one of the levels that the settings ask for."""
    wanted = listed(get_settings().account_oidc_acr)
    return not wanted or identity.was_shown_by(amr=(), acr=wanted)


def _tell(session: Session, account: Account) -> None:
    """The owner is told of each new way in, and the audit."""
    number = account.customer_no
    record(session, actor="customer", action="account_provider_bound", subject=f"customer:{number}")
    compose_provider_bound(session, number, account.login, account.tracking, str(account.identity_digest))


def _digest(identity: Identity) -> str:
    return digest("customer identity", identity.issuer, identity.subject)
