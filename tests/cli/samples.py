"""Running the installed command line as a customer of it would: its own process, only its output seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

EBOK = Path(sys.prefix) / "bin" / "ebok"


Done = subprocess.CompletedProcess[str]


def run(*arguments: str | Path, program: tuple[str | Path, ...] = (EBOK,), **settings: str) -> Done:
    """Run `ebok` to its end."""
    return subprocess.run(
        [*program, *arguments],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def lines(done: Done) -> list[dict[str, Any]]:
    """The JSON lines that a command wrote; standard output must hold nothing else."""
    return [json.loads(line) for line in done.stdout.splitlines()]
