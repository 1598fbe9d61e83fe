"""The first page after a start: ``python -m benchmarks.first_page FILE`` reads one with the register in force.

Tells as JSON how long that took, the processor time of all processes of this start, and the megabytes that this one,
which knows the register, and the largest other one, a reader, held at most.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from customers.knowledge import register_knowledge
from ocr.installation import installation
from readers.looks import read_file

MARK: Final = "BENCHMARK_OF_FIRST_PAGE"
"""Variable of the environment that tells the processes of one start."""


def main(page: Path) -> None:
    """Read the page and tell."""
    began = time.monotonic()
    read_file(page, knowledge=installation(register_knowledge()))
    print(json.dumps([time.monotonic() - began, *_used()]))


def _used() -> tuple[float, float, float]:
    mark = f"{MARK}={os.environ[MARK]}".encode()
    cpu, held = 0.0, {0: 0.0}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark not in (folder / "environ").read_bytes().split(b"\0"):
                continue
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
            cpu += sum(map(int, after_name[11:13])) / os.sysconf("SC_CLK_TCK")
            most = re.search(r"VmHWM:\s+(\d+)", (folder / "status").read_text())
            held[int(folder.name)] = int(most[1]) / 1024 if most else 0.0
    return cpu, held.pop(os.getpid()), max(held.values())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
