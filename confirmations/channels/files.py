"""Files for a person or another program to pick up: complete, or not there at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from confirmations.channels.interface import ClosedChannelError
from environment.disk_faults import cause_of


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that no reader ever sees half of it; an older one of that name is replaced.

    ClosedChannelError when the folder cannot be written to.
    """
    with written_whole(path) as draft:
        draft.write_bytes(data)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """The same for what is written piece by piece: what is at the place given takes that of the file at the end."""
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield draft
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(path)
    except OSError as error:
        raise ClosedChannelError(
            "not_written",
            f"Nie można zapisać pliku w folderze wiadomości ({cause_of(error)}). Sprawdź miejsce i prawa.",
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
