"""The empty tables of the workflow engine, made once: its hundred migrations take seconds of processor each time."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

_KEPT = Path(__file__).parent.parent / ".pytest_cache"
_NAME = "prefect.db"


def with_engine_tables(folder: Path) -> None:
    """Put them into the folder of an engine that has none yet; the engine finds its migrations done."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / _NAME).exists():
        shutil.copyfile(_made(), folder / _NAME)


@cache
def _made() -> Path:
    _KEPT.mkdir(exist_ok=True)
    made = _KEPT / f"engine-{version('prefect')}.db"
    with (_KEPT / "engine.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            with tempfile.TemporaryDirectory(dir=_KEPT) as folder:
                ours = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
                environment = {**ours, "PREFECT_HOME": folder, "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
                command = (sys.executable, "-m", "prefect", "server", "database", "upgrade", "--yes")
                subprocess.run(command, env=environment, check=True, capture_output=True)
                with sqlite3.connect(Path(folder) / _NAME) as tables:
                    tables.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                tables.close()
                (Path(folder) / _NAME).replace(made)
    return made
