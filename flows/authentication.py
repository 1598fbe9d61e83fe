"""The secret with which our processes sign in at the workflow engine: whoever has it controls everything there.

It passes through environment variables, which only the same user and root can look at, and through nothing else: no
command line, no log.
"""

from __future__ import annotations

import base64
import re
import secrets
from pathlib import Path
from typing import Final

from database.private_files import made_once
from environment.settings import get_settings

_USABLE: Final = re.compile(r"[!-9;-~]+:[!-~]{32,}")
"""A user and a password as Prefect takes them; others than ASCII would make its server fail at each request."""


class AuthenticationFileError(RuntimeError):
    """Neither the file nor the setting that stands in for it holds an authentication string."""


def authentication_file() -> Path:
    """Where it lies."""
    return get_settings().home / "prefect.auth"


def has_authentication() -> bool:
    """Whether there is a user and password already; ``authentication_string`` would make one otherwise."""
    return get_settings().prefect_auth is not None or authentication_file().exists()


def authentication_string() -> str:
    """The user and password of this installation, made at the first call; a restored copy is closed to others again.

    One that is set counts before the file.
    """
    given = get_settings().prefect_auth
    if given is not None:
        if not _USABLE.fullmatch(given.get_secret_value()):
            raise AuthenticationFileError("EBOK_PREFECT_AUTH is no user:password of 32 characters or more")
        return given.get_secret_value()
    found = made_once(authentication_file(), _new).decode(errors="replace")
    if authentication_file().stat().st_mode & 0o077:
        authentication_file().chmod(0o600)
    if not _USABLE.fullmatch(found):
        raise AuthenticationFileError(f"{authentication_file()} holds no user:password of 32 characters or more")
    return found


def authorization() -> dict[str, str]:
    """The header of a request to the engine's API."""
    return {"Authorization": f"Basic {base64.b64encode(authentication_string().encode()).decode()}"}


def _new() -> bytes:
    return f"ebok:{secrets.token_urlsafe(32)}".encode()
