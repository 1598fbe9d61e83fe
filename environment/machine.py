"""The name by which this machine, with this home folder, is known to others that share its register."""

from __future__ import annotations

import re
import socket
import uuid
from typing import Final

from environment.settings import get_settings

_FILE: Final = "machine"
_OTHERS: Final = re.compile(r"[^A-Za-z0-9]+")


def machine_name() -> str:
    """Its host name and eight digits of this home's own, made at first use: letters, digits and hyphens only."""
    host = _OTHERS.sub("-", socket.gethostname()).strip("-")[:40] or "host"
    path = get_settings().home / _FILE
    try:
        digits = path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{_FILE}-{uuid.uuid4().hex}")
        draft.write_text(f"{uuid.uuid4().hex[:8]}\n")
        try:
            path.hardlink_to(draft)  # of two that make it at once, one does
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        digits = path.read_text().strip()
    return f"{host}-{digits}"
