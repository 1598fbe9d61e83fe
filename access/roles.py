"""What members of staff may do."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody may do; each may do all that those before it may."""

    CLERK = "clerk"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"

    def includes(self, other: Role) -> bool:
        """Whether this role may do what the other may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)
