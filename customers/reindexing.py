"""Keeps a customer's keys and index words in step with whatever an effect changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy.orm import Session

from customers.keys import lookup_keys
from customers.register_index import OF_INDEX, held, renew
from customers.tables import Customer
from environment.clock import now

_OF_KEYS: Final = ("name", "pesel", "street", "house", "flat", "postcode", "town")


@contextmanager
def reindexed(session: Session, customer: Customer) -> Iterator[None]:
    """Whatever is changed of the customer meanwhile, he is found by what stands there afterwards.

    His row is the caller's alone; the index is held only where there is something to tell it.
    """
    keyed, before = _columns(customer, _OF_KEYS), _columns(customer, OF_INDEX)
    yield
    now_keyed = _columns(customer, _OF_KEYS)
    if now_keyed == keyed:
        return
    lost = frozenset(name for name in customer.unusable or () if now_keyed.get(name) is None)
    for name, key in lookup_keys(now_keyed, lost).items():
        setattr(customer, name, key)
    customer.updated_at = now()
    session.flush()
    renew(session, held(session, [customer.customer_no]), [before], [_columns(customer, OF_INDEX)])


def _columns(customer: Customer, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(customer, name) for name in names}
