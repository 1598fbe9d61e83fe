"""What a running `ebok up` or `ebok worker` writes down of itself in the home folder, for others to read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from environment.processes import born
from environment.settings import get_settings

SWEEP: Final = "intake-sweep"
"""The run that looks for work; one of each machine lives at any time."""
_FILE: Final = "running.json"


def running_file() -> Path:
    """Where it is written down."""
    return get_settings().home / _FILE


def noted() -> dict[str, Any]:
    """What was written down; nothing where nothing runs, or that cannot be read.

    ``groups`` tells the births of child processes by their numbers, ``names`` what each is.
    """
    try:
        found = json.loads(running_file().read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def living(told: dict[str, Any]) -> list[int]:
    """The noted processes that are still the ones noted."""
    return [int(pid) for pid, birth in told.get("groups", {}).items() if birth and born(int(pid)) == birth]


def ended(told: dict[str, Any]) -> list[str]:
    """The names of those that are not."""
    alive = set(living(told))
    return [name for pid, name in told.get("names", {}).items() if int(pid) not in alive]
