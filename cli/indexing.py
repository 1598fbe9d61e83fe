"""Completing the index of the customer register: all that a process which stays needs of `ebok customers`."""

from __future__ import annotations

from cli.console import progress
from customers.register_index import index_rest, indexed_share


def complete_index() -> None:
    """Bring the customers into the index of the register whom it has not reached; nothing where it is whole."""
    if indexed_share() == 1:
        return
    with progress() as bar:
        task = bar.add_task("Uzupełniam indeks klientów", total=None)
        for number in index_rest():
            bar.advance(task, number)
