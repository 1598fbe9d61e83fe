"""At most one installation runs on a home folder; the next one clears up what the last left behind."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from typing import IO, Any, Final

from cli.console import CommandError
from cli.processes import GRACE, Child, group_alive, signal_group
from environment.processes import born
from environment.running import living, noted, running_file
from environment.settings import get_settings

_LOCK: Final = "running.lock"


def claim_home() -> IO[str]:
    """Hold the home folder for this process until the file given back is closed; CommandError when another holds it."""
    home = get_settings().home
    home.mkdir(parents=True, exist_ok=True)
    lock = (home / _LOCK).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        where = noted().get("addresses", {})
        told = "".join(f"\n  {name}: {address}" for name, address in where.items())
        raise CommandError(
            f"eBOK już działa w folderze {home}. Zatrzymaj go tam, gdzie działa (Ctrl-C).{told}"
        ) from error
    _clear_leftovers(noted())
    return lock


def note(addresses: dict[str, str], engine: str, children: Iterable[Child]) -> None:
    """Write down what runs, for other commands and for the next start after a crash."""
    started = [(child, child.process.pid) for child in children if child.process is not None]
    groups = {pid: born(pid) for _, pid in started}
    names = {pid: child.name for child, pid in started}
    told = {"pid": os.getpid(), "engine": engine, "addresses": addresses, "groups": groups, "names": names}
    draft = running_file().with_name(f".{running_file().name}")
    draft.write_text(json.dumps(told))
    draft.replace(running_file())


def forget() -> None:
    """Nothing runs any more."""
    running_file().unlink(missing_ok=True)


def engine_of_running() -> str | None:
    """The API address of Prefect's server when an installation runs on this home and answers.

    When all processes written down have ended it is not asked: whoever took the port since would get our string.
    """
    told = noted()
    engine = told.get("engine")
    ended = told.get("groups") and not living(told)
    return engine if isinstance(engine, str) and not ended and answers(f"{engine}/health") else None


def answers(url: str) -> bool:
    """Whether a GET of this address succeeds now."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # nosec B310  # an http address of our own
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _clear_leftovers(left: dict[str, Any]) -> None:
    """Stop the children of a parent that was killed; a number that now belongs to somebody else is left alone."""
    groups = living(left)
    for leader in groups:
        signal_group(leader, signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    while any(group_alive(leader) for leader in groups) and time.monotonic() < deadline:
        time.sleep(0.1)
    for leader in groups:
        signal_group(leader, signal.SIGKILL)
    forget()
