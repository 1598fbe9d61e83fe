"""A bank transfer to pay by, and the text of its QR code as the Polish banks' applications read it.

By the recommendation of the Polish Bank Association on a two-dimensional code for transfers (2013, in force): nine
fields between strokes (NIP of the recipient, country, account, amount in grosze with six digits, recipient, title, and
three that are reserved), UTF-8, 160 signs at most, lowest level of correction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from billing.invoice_message import account_of
from environment.settings import get_settings
from portal.bills import Bill, Bills

_RECIPIENT: Final = 20
_TITLE: Final = 32
_MOST: Final = Decimal("9999.99")
"""Six digits of grosze."""
_BETWEEN: Final = "|"


@dataclass(frozen=True, slots=True)
class Transfer:
    """What is typed into a transfer; ``amount`` is what is to be paid."""

    account: str = field(repr=False)
    amount: Decimal
    recipient: str
    title: str

    @property
    def spaced_account(self) -> str:
        """The account as people read it: in groups, between which a narrow screen may break it."""
        return account_of(self.account).replace("\N{NO-BREAK SPACE}", " ")

    @property
    def code(self) -> str | None:
        """The text of the QR code; None for more than it can hold."""
        if not 0 < self.amount <= _MOST:
            return None
        grosze = f"{int(self.amount * 100):06d}"
        fields = (get_settings().company_nip, "PL", self.account, grosze, self.recipient, self.title, "", "", "")
        return _BETWEEN.join(fields)


def transfer_for(bills: Bills, customer_no: str, bill: Bill | None = None) -> Transfer | None:
    """How to pay one bill, or all that is owed; None where there is nothing to pay, or no account to pay to."""
    amount = bills.balance if bill is None else bill.left
    if bills.bank_account is None or amount is None or amount <= 0:
        return None
    title = f"Nr klienta {customer_no}" if bill is None else bill.row["invoice_no"]
    return Transfer(bills.bank_account, amount, _field(get_settings().company_payee, _RECIPIENT), _field(title, _TITLE))


def _field(text: str, most: int) -> str:
    """As much of a text as its field holds, without what stands between fields."""
    return text.replace(_BETWEEN, " ")[:most].strip()
