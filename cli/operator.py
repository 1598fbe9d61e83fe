"""Who runs a command, as it is noted in the audit."""

from __future__ import annotations

import getpass
import os

_LONGEST = 80


def operator() -> str:
    """'command line:NAME': the account of this machine, behind sudo the one of who used it."""
    try:
        name = os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in containers
        name = str(os.getuid())
    return f"command line:{name[:_LONGEST]}"
