"""What each role of staff may do, and what it takes to sign in."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Right(StrEnum):
    """One thing that not everybody who is signed in may do; each page of the desk names the one it takes."""

    DECIDE = "decide"
    """Work on documents: the queue, values and pictures of papers, decisions, messages, the second look."""
    SUPERVISE = "supervise"
    """Take what was handed to the supervisor."""
    READ_CASES = "read_cases"
    """Search, and read the story of a case with sensitive values masked; changes nothing."""
    SCANS = "scans"
    """See what lies in the scan folder and what became of each scan, without any value of a customer."""
    FIELD_WORK = "field_work"
    """See where a crew goes and what for, and tell what came of it."""
    REPORT = "report"
    """See the figures."""
    ANNOUNCE = "announce"
    """Tell customers of an outage of water: a message to many, at once."""
    TOLERATE = "tolerate"
    """Say how many wrong values are tolerated, and loosen a threshold."""
    ENGINE = "engine"
    """Open the pages of the workflow engine, by the company's proxy."""
    ACCOUNTS = "accounts"
    """Administer accounts of staff."""


class Role(StrEnum):
    """What somebody is here; ``rights`` says what each role may do."""

    MAILROOM = "mailroom"
    CREW = "crew"
    CLERK = "clerk"
    MANAGER = "manager"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"

    @property
    def rights(self) -> frozenset[Right]:
        """All that somebody of this role may do."""
        return _RIGHTS[self]

    @property
    def proves_twice(self) -> bool:
        """Whether a second factor is required whatever the settings say: of whoever sees or rules over everything."""
        return self not in (Role.MAILROOM, Role.CREW, Role.CLERK)


_AT_WORK: Final = frozenset({Right.DECIDE, Right.READ_CASES, Right.SCANS})
_RIGHTS: Final[Mapping[Role, frozenset[Right]]] = MappingProxyType(
    {
        Role.MAILROOM: frozenset({Right.SCANS}),
        Role.CREW: frozenset({Right.FIELD_WORK}),
        Role.CLERK: _AT_WORK,
        Role.MANAGER: frozenset({Right.READ_CASES, Right.REPORT, Right.TOLERATE, Right.ENGINE}),
        Role.SUPERVISOR: _AT_WORK | {Right.SUPERVISE, Right.ANNOUNCE, Right.REPORT, Right.TOLERATE, Right.ENGINE},
        Role.ADMINISTRATOR: frozenset(Right),
    }
)


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
