"""What each role of staff may do, and what it takes to sign in."""

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


class SignInWay(StrEnum):
    """What lets the owner of an account in."""

    PASSWORD = "password"  # nosec B105  # the name of a way, no secret
    PROVIDER = "provider"
    EITHER = "either"

    @property
    def has_password(self) -> bool:
        """Whether the account's password counts."""
        return self is not SignInWay.PROVIDER

    @property
    def has_provider(self) -> bool:
        """Whether what the provider of identities says counts."""
        return self is not SignInWay.PASSWORD
