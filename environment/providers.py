"""What settings must say of a provider of identities, whoever signs in there."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

_THIS_MACHINE: Final = ("localhost", "127.0.0.1", "::1")
_OWN_CHOICE: Final = ("email", "name", "nickname")
"""Claims that people choose for themselves at most providers."""


def require_whole(
    prefix: str, issuer: str | None, client_id: str | None, scopes: str, claim: tuple[str, str | None]
) -> None:
    """ValueError where half of a provider is told, or one which could let in the wrong person.

    ``prefix`` is that of the variables, ``claim`` the end of the variable that names a claim, and the claim.
    """
    if issuer is None:
        return
    parts = urlsplit(issuer)
    if parts.scheme != "https" and parts.hostname not in _THIS_MACHINE:
        raise ValueError(f"{prefix}_ISSUER must be an https address")
    if not client_id:
        raise ValueError(f"{prefix}_ISSUER needs {prefix}_CLIENT_ID")
    if "openid" not in scopes.split():
        raise ValueError(f"{prefix}_SCOPES must hold openid")
    if claim[1] in _OWN_CHOICE:
        raise ValueError(f"{prefix}_{claim[0]} must be a claim that nobody can choose for himself")
