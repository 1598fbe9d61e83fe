"""Files for a person or another program to pick up: complete, or not there at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from confirmations.channels.interface import ClosedChannelError


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that no reader ever sees half of it; an older one of that name is replaced.

    ClosedChannelError when the folder cannot be written to.
    """
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise ClosedChannelError(
            "not_written", f"Nie można zapisać pliku w folderze wiadomości ({error.strerror}). Sprawdź miejsce i prawa."
        ) from error
