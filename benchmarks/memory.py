"""Memory of a worker: ``ebok read`` over a thousand pages, looked at after each."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.drawing import PrintingDesk, Specimen
from benchmarks.eight_thousand import customers
from benchmarks.handwritten import Writers, WritingDesk
from ocr.handprint.training.writers import Half
from specimens.people import write_customers

DRAWN: Final = 40
"""Different pages; the thousand are these again and again."""
_CONDITIONS: Final = ("gray200", "bitonal300", "photo", "gray300", "fax")


@dataclass(frozen=True)
class Memory:
    """Megabytes that the process held after each page, and the most that it ever held until page 100 and the end."""

    held: tuple[float, ...]
    most_at_100: float
    most: float

    def as_json(self) -> dict[str, Any]:
        """For storing."""
        return asdict(self)


def measure(pages: int, seed: int, half: Half, data: Path) -> Memory:
    """Run ``ebok read --customers`` over that many pages, half of them by pen where the handwriting data lies there."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        folder = Path(scratch)
        listed = write_customers(customers(), folder / "customers.csv")
        drawn = [page.path for page in _pages(min(DRAWN, pages), seed, half, data, folder)]
        files = []
        for at in range(pages):
            source = drawn[at % len(drawn)]
            link = folder / f"scan-{at:05}{source.suffix}"
            os.link(source, link)
            files.append(str(link))
        return _watched([sys.executable, "-c", "from cli.main import main; main()"], files, listed)


def _pages(count: int, seed: int, half: Half, data: Path, folder: Path) -> list[Specimen]:
    printing = PrintingDesk(seed, _CONDITIONS, folder, customers())
    if not data.exists():
        return [printing.page(number) for number in range(count)]
    writing = WritingDesk(Writers.of(half, data), seed, _CONDITIONS, folder, customers())
    return [(writing if number % 2 else printing).page(number) for number in range(count)]


def _watched(program: list[str], files: list[str], listed: Path) -> Memory:
    command = [*program, "read", "--json", "--customers", str(listed), *files]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "OMP_THREAD_LIMIT": "1"}
    held: list[float] = []
    most_at_100 = most = 0.0
    with (
        tempfile.TemporaryFile() as faults,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=faults, env=environment) as process,
    ):
        assert process.stdout is not None
        for _ in process.stdout:
            now, most = _status(process.pid) or (held[-1], most)
            held.append(now)
            if len(held) == 100:
                most_at_100 = most
        if len(held) != len(files):
            faults.seek(0)
            told = faults.read().decode(errors="replace")[-2000:]
            raise RuntimeError(f"ebok read told of {len(held)} files of {len(files)}:\n{told}")
    return Memory(tuple(held), most_at_100 or most, most)


def _status(process: int) -> tuple[float, float] | None:
    """Megabytes held now, and the most so far; None of a process that is ending."""
    text = Path(f"/proc/{process}/status").read_text()
    now, most = (re.search(rf"{name}:\s+(\d+) kB", text) for name in ("VmRSS", "VmHWM"))
    return None if now is None or most is None else (int(now[1]) / 1024, int(most[1]) / 1024)
