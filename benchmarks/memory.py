"""Memory of a worker: ``ebok read`` and its readers over a thousand pages, looked at after each and all the time."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
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
MARK: Final = "BENCHMARK"
"""Variable of the environment that tells the processes of one run."""
_CONDITIONS: Final = ("gray200", "bitonal300", "photo", "gray300", "fax")


@dataclass(frozen=True)
class Memory:
    """Megabytes that it held after each page, and the most that was seen until page 100 and the end."""

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
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "OMP_THREAD_LIMIT": "1", MARK: str(listed)}
    held: list[float] = []
    most_at_100 = 0.0
    with (
        tempfile.TemporaryFile() as faults,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=faults, env=environment) as process,
        Peak(lambda: held_by(marked(str(listed)))) as peak,
    ):
        assert process.stdout is not None
        for _ in process.stdout:
            held.append(sum(peak.look().values()) or held[-1])
            if len(held) == 100:
                most_at_100 = peak.most
        if len(held) != len(files):
            faults.seek(0)
            told = faults.read().decode(errors="replace")[-2000:]
            raise RuntimeError(f"ebok read told of {len(held)} files of {len(files)}:\n{told}")
    return Memory(tuple(held), most_at_100 or peak.most, peak.most)


def marked(mark: str) -> Iterator[tuple[str, Path]]:
    """The command and its readers, which are children of none of it that lives."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"{MARK}={mark}".encode() in (process / "environ").read_bytes().split(b"\0"):
                yield "", process


def held_by(processes: Iterable[tuple[str, Path]]) -> dict[str, float]:
    """Megabytes (proportional set size) of processes, given by their kinds and folders in ``/proc``, by kind."""
    found: dict[str, float] = defaultdict(float)
    for kind, process in processes:
        with suppress(OSError):
            lines = (process / "smaps_rollup").read_text().splitlines()
            found[kind] += next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return dict(found)


def most_held_by(pid: int) -> dict[str, float]:
    """Megabytes that a process has held at most so far, by itself; nothing once it is gone.

    What the kernel tells of a child that has ended (``ru_maxrss``) is of no use for that: it counts what the parent
    held when the child was born.
    """
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return {"itself": int(line.split()[1]) / 1024}
    return {}


class Peak:
    """The most that ``look`` found in all, looked every ``seconds`` while it is open; ``at_most`` is that, by kind."""

    def __init__(self, look: Callable[[], dict[str, float]], seconds: float = 0.1) -> None:
        self._find, self._seconds = look, seconds
        self.most, self.at_most = 0.0, dict[str, float]()
        self._over, self._lock = threading.Event(), threading.Lock()

    def __enter__(self) -> Peak:
        self._thread = threading.Thread(target=self._watch, name="memory")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def look(self) -> dict[str, float]:
        """What is held now."""
        now = self._find()
        with self._lock:
            if sum(now.values()) > self.most:
                self.most, self.at_most = sum(now.values()), now
        return now

    def _watch(self) -> None:
        while not self._over.wait(self._seconds):
            self.look()
