"""When the last backup was made, and where: what the doctor and the status tell."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from database.private_files import replaced
from environment import clock
from environment.settings import get_settings

_FILE: Final = "last-backup.json"
_OLD: Final = timedelta(days=2)
"""Who makes one each night has missed one by then."""


@dataclass(frozen=True, slots=True)
class LastBackup:
    """The last backup that was made: when it was begun, where it lies, how many originals could be found nowhere."""

    at: datetime
    place: str
    missing: int

    @property
    def overdue(self) -> bool:
        """Whether there should have been one since."""
        return self.at < clock.now() - _OLD


def note(last: LastBackup) -> None:
    """Write down that a backup was made."""
    _path().parent.mkdir(parents=True, exist_ok=True)
    replaced(_path(), json.dumps({**asdict(last), "at": last.at.isoformat()}).encode())


def last_backup() -> LastBackup | None:
    """The last one; None where there was none, or nobody knows."""
    try:
        told = json.loads(_path().read_text("utf-8"))
        return LastBackup(datetime.fromisoformat(told["at"]), str(told["place"]), int(told["missing"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _path() -> Path:
    return get_settings().home / _FILE
