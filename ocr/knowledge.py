"""What is known beside the paper, and how the reading asks for it: words, places, the customers of the register.

The protocol stands here, below the rooms that know: what holds a register gives it in from above.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

Row = Mapping[str, str]
"""One customer: the columns of the customer file by name, without those that are unknown."""


class Knowledge(Protocol):
    """What helps to read handwriting and to tell whose form it is."""

    def words(self, field: str) -> Mapping[str, float]:
        """What stands in such a field, in capitals, with weights; empty where nothing is known.

        For 'name' single words, for 'street' and 'town' whole values.
        """
        ...

    def towns(self, postcode: str) -> Sequence[str]:
        """The towns (in capitals) of a post code ``NN-NNN``; none where it is not known."""
        ...

    def postcodes(self) -> Collection[str]:
        """Every post code that is known."""
        ...

    def customers(self, wanted: Mapping[str, Collection[str]]) -> Sequence[Row]:
        """The customers who carry one of these values in that column, each once.

        Columns that may be asked for: 'customer_no', 'pesel', 'nip', 'phone', 'email'.
        """
        ...


class NoKnowledge:
    """Nothing but the paper."""

    def words(self, field: str) -> Mapping[str, float]:
        """None."""
        return {}

    def towns(self, postcode: str) -> Sequence[str]:
        """None."""
        return ()

    def postcodes(self) -> Collection[str]:
        """None."""
        return ()

    def customers(self, wanted: Mapping[str, Collection[str]]) -> Sequence[Row]:
        """None."""
        return ()
