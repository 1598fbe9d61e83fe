"""Who reports a reading without an account: two factors that agree, the customer number and one that only he has."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from billing.metering.history import Meter, meters_of
from customers.accounts import known_login
from customers.records import RegisterLookup
from forms.kinds import Email

_EMAIL: Final = Email()
_SEPARATORS: Final = re.compile(r"[\s./_-]+")


def meters_for(session: Session, customer_no: str, secret: str, day: date) -> list[Meter]:
    """The meters that whoever knows that second factor may report for; none where the two do not agree.

    The number of a meter opens that meter; an e-mail address that we have of the customer opens all of his.
    """
    meters = meters_of(session, [customer_no], day)
    if "@" in secret:
        return meters if _email(secret) in _known_emails(session, customer_no) else []
    wanted = plain_number(secret)
    return [one for one in meters if wanted and plain_number(one.meter_no) == wanted]


def plain_number(text: str) -> str:
    """The number of a meter without what people leave out or add."""
    return _SEPARATORS.sub("", text).upper()


def _email(text: str) -> str | None:
    parsed = _EMAIL.parse(text)
    return parsed.value if parsed.fault is None and isinstance(parsed.value, str) else None


def _known_emails(session: Session, customer_no: str) -> set[str]:
    record = RegisterLookup(session).find(customer_no)
    known = (record.email, record.invoice_email) if record else ()
    return {one for one in (*known, known_login(session, customer_no)) if one}
