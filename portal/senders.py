"""Who sent what stands on the pages of an account: whoever looks, the customer, or somebody who acts for him."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy.orm import Session

from customers.acting import AGENT, agents

_CUSTOMER: Final = "klient"


def senders(
    session: Session, authorities: Iterable[int | None], *, customer_no: str, account: int, owns: bool
) -> Mapping[int | None, str | None]:
    """Who sent something, by the authority by which he did; None where it was he who looks.

    ``account`` is his, ``owns``: the number looked at, ``customer_no``, is his own. A customer reads to which address
    he gave the authority; of another agent an agent learns no more than that there was one. Whoever acts for another
    customer is no agent of this one: what he sent counts as the customer's own, as what any stranger types does.
    """
    found = agents(session, wanted := set(authorities))
    himself = None if owns else _CUSTOMER
    told: dict[int | None, str | None] = {None: himself}
    for number in wanted:
        one = None if number is None else found.get(number)
        if number is None or (one is not None and one.customer_no != customer_no):
            told[number] = himself
        elif one is not None and one.account == account:
            told[number] = None
        else:
            told[number] = one.told_to_customer if one is not None and owns else AGENT
    return told
