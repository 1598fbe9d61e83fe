"""What is known beside the paper, and how the reading asks for it: words, places, the customers of the register.

The protocols stand here, where they are asked for, and what fulfils them imports nothing from here: a register is given
in from above.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

Row = Mapping[str, str]
"""One customer: the columns of the customer file by name and 'invoice_email', without those that are unknown."""


class Register(Protocol):
    """The customers of the company, as whoever has them tells of them."""

    def words(self) -> Mapping[str, Mapping[str, int]]:
        """How many customers have which word, in capitals, by field; the same object as long as nothing changed.

        For 'name' single words, for 'street' and 'town' whole values, for 'place' a post code with its town.
        """
        ...

    def customers(self, wanted: Mapping[str, Collection[str]]) -> Sequence[Row]:
        """The customers who carry one of these values in that column, each once, by number.

        Columns that may be asked for: 'customer_no', 'pesel', 'nip', 'phone'.
        """
        ...


class Knowledge(Protocol):
    """What helps to read handwriting and to tell whose form it is."""

    def words(self, field: str) -> Mapping[str, float]:
        """What stands in such a field, in capitals, with weights; empty where nothing is known.

        For 'name' single words, for 'street' and 'town' whole values.
        """
        ...

    def places(self) -> Mapping[str, Sequence[str]]:
        """Post codes that are known (``NN-NNN``) with their towns in capitals."""
        ...

    def customers(self, wanted: Mapping[str, Collection[str]]) -> Sequence[Row]:
        """As ``Register`` has it."""
        ...
