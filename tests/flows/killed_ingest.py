"""`ebok ingest` that is killed (SIGKILL) at one step: ``python killed_ingest.py STEP FILE``.

A step is ``module:function`` with ``before:`` or ``after:`` in front: the process dies when that function of the
product is called, or when it has returned.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from typing import Any

from cli.temporary_engine import workflow_engine


def _deadly(step: str) -> None:
    moment, module_name, path = step.split(":")
    target: Any = importlib.import_module(module_name)
    *parents, name = path.split(".")
    for parent in parents:
        target = getattr(target, parent)
    real = getattr(target, name)

    def killed(*arguments: Any, **named: Any) -> Any:
        if moment == "after":
            real(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(target, name, killed)


if __name__ == "__main__":
    with workflow_engine():  # before any step is imported to be changed; the command finds the same one again
        _deadly(sys.argv[1])
        from cli.main import main

        sys.argv[1:] = ["ingest", sys.argv[2], "--json"]
        main()
