"""Small files that only their owner may read, made once: keys, and what our own processes sign in with."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def made_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """What the file holds, made at the first call; of several processes or threads at once, all get the same.

    It appears with all its content or not at all, and with mode 0600 whatever the umask.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            os.fchmod(out.fileno(), 0o600)
            out.write(make())
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(draft, path)  # the first wins, the others read what it made
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes().strip()
