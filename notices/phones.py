"""A telephone is proven by a code that was sent there and is typed in: before that no notice goes to it.

All but ``phone_of`` work inside the caller's transaction and never commit.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from access import tries
from audit.trail import record
from confirmations.outbox import enqueue
from confirmations.stopped_addresses import lift
from confirmations.tables import Medium
from customers.accounts import is_vouched
from customers.agents import is_agent
from customers.tables import Account, Customer
from database.encryption import digest
from environment import clock
from environment.settings import get_settings
from forms.fields import MOBILE
from notices.tables import NoticePhone

_LASTS: Final = timedelta(minutes=15)
_DIGITS: Final = 6
_HOUR: Final = 60
_DAY: Final = 24 * 60
_CODES_AN_HOUR: Final = 3
"""To one account; and to one telephone, of those that accounts ask for beyond their first one."""
_CODES_A_DAY: Final = 12
"""To one telephone that none of the accounts that ask is known to own, beside the first codes of known customers."""
_TRIES_AN_HOUR: Final = 5


class PhoneError(Exception):
    """What was asked cannot be done; the text is Polish, for the page."""


def phone_of(typed: str) -> tuple[str, str | None]:
    """The number as numbers are kept, and what is wrong with it: it must be one of a mobile telephone."""
    parsed = MOBILE.kind.parse(typed, clock.today())
    if parsed.fault is not None or not isinstance(parsed.value, str):
        return "", parsed.fault.message if parsed.fault else "Wpisz numer telefonu komórkowego."
    return parsed.value, None


def send_code(session: Session, account: Account, phone: str) -> None:
    """Send a code to that telephone; an earlier one works no more. PhoneError when that was often enough.

    Anybody with an account can type anybody's telephone. What one account asks for leaves room for another: each has a
    code an hour of its own, and one whose customer has that telephone in the register, or proved it before, is asked of
    nothing but its own. Nor is the first code in a day of who is known to be a customer; with what more such accounts
    ask for, those of strangers and of agents, which are opened by the dozen, share no room.
    """
    _count_code(session, account, phone)
    code, at = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}", clock.now()
    row = session.get(NoticePhone, account.id, with_for_update=True) or NoticePhone(account_id=account.id)
    row.asked_phone, row.code_digest, row.code_until = phone, _digest(account, code), at + _LASTS
    session.add(row)
    session.flush()
    enqueue(
        session,
        key=f"phone_code:{digest('phone code', str(account.id), at.isoformat())[:32]}",
        tracking=account.tracking,
        channel=Medium.SMS,
        recipient=phone,
        template="phone_code",
        context={"tracking": account.tracking, "code": code, "until": _time(at + _LASTS)},
        customer_no=account.customer_no,
    )


def _count_code(session: Session, account: Account, phone: str) -> None:
    """Count a code, of the account and of the telephone; PhoneError when there was no room for it."""
    known = is_vouched(account.vouched_at) and not is_agent(account.customer_no)
    own, shared = f"phone-code:{account.id}", f"phone-code:{'known' if known else 'unknown'}:{phone}"
    first = known and tries.allowed(session, own, most=1, minutes=_DAY)
    room = tries.allowed(session, own, most=_CODES_AN_HOUR, minutes=_HOUR)
    counted = [own]
    if not (first or _is_his(session, account, phone)):
        counted.append(f"{shared}:day")
        room = room and tries.allowed(session, f"{shared}:day", most=_CODES_A_DAY, minutes=_DAY)
        if not tries.allowed(session, own, most=1, minutes=_HOUR):
            counted.append(shared)
            room = room and tries.allowed(session, shared, most=_CODES_AN_HOUR, minutes=_HOUR)
    if not room:
        raise PhoneError("Wysłaliśmy już kilka kodów. Spróbuj za godzinę.")
    tries.note_wrong(session, *counted)


def _is_his(session: Session, account: Account, phone: str) -> bool:
    """Whether it is known that the telephone is his: by the register, or since he proved it."""
    customer, proven = session.get(Customer, account.customer_no), session.get(NoticePhone, account.id)
    return phone in (customer and customer.phone, proven and proven.phone)


def waiting_phone(session: Session, account: Account) -> str | None:
    """The telephone to which a code was sent that still works; None where there is none."""
    row = session.get(NoticePhone, account.id)
    return row.asked_phone if row is not None and row.code_until is not None and row.code_until > clock.now() else None


def prove(session: Session, account: Account, typed: str) -> bool:
    """Take what was typed as the code: whether it is right; the telephone is the account's from then on.

    PhoneError when too many were wrong. The caller commits also after a wrong one, so that it counts.
    """
    key = f"phone-code-typed:{account.id}"
    if not tries.allowed(session, key, most=_TRIES_AN_HOUR, minutes=_HOUR):
        raise PhoneError("Za dużo złych kodów. Spróbuj za godzinę.")
    tries.note_wrong(session, key)
    row = session.get(NoticePhone, account.id, with_for_update=True)
    if row is None or row.code_digest is None or row.code_until is None or row.code_until <= clock.now():
        return False
    if not hmac.compare_digest(row.code_digest, _digest(account, "".join(typed.split()))):
        return False
    tries.uncount(session, key)
    row.phone, row.proven_at = row.asked_phone, clock.now()
    row.asked_phone = row.code_digest = row.code_until = None
    account.phone = row.phone
    if row.phone is not None:
        lift(session, row.phone)  # who has it in his hand says that it takes messages now; who only asked says nothing
    record(session, actor="customer", action="phone_proven", subject=f"customer:{account.customer_no}")
    session.flush()
    return True


def _digest(account: Account, code: str) -> str:
    return digest("phone code typed", str(account.id), code)


def _time(at: datetime) -> str:
    return f"{at.astimezone(get_settings().zone):%H:%M}"
