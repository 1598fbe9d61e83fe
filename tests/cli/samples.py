"""Running the installed command line as a customer of it would: its own process, only its output seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.cli.forked import run_forked
from tests.engine_tables import with_engine_tables

EBOK = Path(sys.prefix) / "bin" / "ebok"
_PYTHONS_OWN = ("PYTHON", "LC_", "LANG", "PATH", "LD_")
"""Names of settings that matter before the first line of the program is run."""
_READ_AT_IMPORT = "EBOK_CUSTOMER_NO_LENGTH"
_PATIENCE = 240.0


Done = subprocess.CompletedProcess[str]


def run(
    *arguments: str | Path, program: tuple[str | Path, ...] = (EBOK,), script: Path | None = None, **settings: str
) -> Done:
    """Run `ebok` to its end, or a script in its place that does something to it first.

    Anything but these, and what asks Python for other ways, begins anew.
    """
    environment = {**os.environ, **settings}
    if arguments and arguments[0] == "ingest" and "EBOK_HOME" in environment:
        with_engine_tables(Path(environment["EBOK_HOME"]) / "prefect")
    anew = _READ_AT_IMPORT in environment or any(name.startswith(_PYTHONS_OWN) for name in settings)
    if program == (EBOK,) and not anew:
        words = [os.fspath(one) for one in arguments]
        return Done(["ebok", *words], *run_forked(words, environment, _PATIENCE, script))
    return subprocess.run(
        [*program, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE,
    )


def lines(done: Done) -> list[dict[str, Any]]:
    """The JSON lines that a command wrote; standard output must hold nothing else."""
    return [json.loads(line) for line in done.stdout.splitlines()]
