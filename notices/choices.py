"""What the owner of an account wants to be told, and how; what the sign-up form said holds until he says otherwise.

All functions work inside the caller's transaction and never commit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.trail import record
from confirmations.tables import Medium
from customers.tables import Account
from environment.settings import get_settings
from notices.kinds import AGREED_AT_SIGN_UP, LABELS, NoticeKind
from notices.tables import NoticeChoice


@dataclass(frozen=True, slots=True)
class Switch:
    """How one kind of notice comes; ``days`` before a payment date, where the kind has any."""

    by_sms: bool
    by_email: bool
    days: int | None = None


Switches = Mapping[NoticeKind, Switch]


def switches_of(session: Session, accounts: Collection[Account]) -> dict[int, dict[NoticeKind, Switch]]:
    """What each of these accounts wants, by its id."""
    wanted = {account.id: _begun_with(account) for account in accounts}
    for row in session.scalars(select(NoticeChoice).where(NoticeChoice.account_id.in_(wanted))):
        kind = NoticeKind(row.kind)
        days = (row.days or get_settings().notice_days[0]) if kind is NoticeKind.DATE_NEAR else None
        wanted[row.account_id][kind] = Switch(row.by_sms, row.by_email, days)
    return wanted


def choose(session: Session, account: Account, wanted: Switches) -> None:
    """What holds from now on."""
    for kind, switch in wanted.items():
        values = {"by_sms": switch.by_sms, "by_email": switch.by_email, "days": switch.days}
        session.merge(NoticeChoice(account_id=account.id, kind=kind.value, **values))
    session.flush()


def choose_as_owner(session: Session, account: Account, wanted: Switches) -> None:
    """The same as the account's owner says, and as the audit has it."""
    choose(session, account, wanted)
    record(session, actor="customer", action="notices_chosen", subject=f"customer:{account.customer_no}")


def switch_off(session: Session, account: Account, medium: Medium, kind: NoticeKind | None) -> None:
    """No such notice that way any more; none of any kind where it is None."""
    now = switches_of(session, [account])[account.id]
    off = {"by_sms": False} if medium is Medium.SMS else {"by_email": False}
    choose(session, account, {each: replace(now[each], **off) for each in ([kind] if kind else now)})


def _begun_with(account: Account) -> dict[NoticeKind, Switch]:
    days = get_settings().notice_days[0]
    return {
        kind: Switch(
            kind in AGREED_AT_SIGN_UP and account.notify_sms,
            kind in AGREED_AT_SIGN_UP and account.notify_email,
            days if kind is NoticeKind.DATE_NEAR else None,
        )
        for kind in LABELS
    }
