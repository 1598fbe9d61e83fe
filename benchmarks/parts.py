"""What each part of an installation takes of the processors and of memory, looked at from outside."""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from benchmarks.installation import kind_of, processes_of

_LOOK: Final = 0.25
"""Seconds between looks: a process that ends takes what it used since the last look with it."""
_TICKS: Final = os.sysconf("SC_CLK_TCK")

_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_PAGES: Final = 256
_REST: Final = 1.0

Processes = Callable[[], Iterator[tuple[str, Path]]]
"""The processes that count now, each by its kind and folder in ``/proc``."""


def parts_of(home: Path, port: int | None) -> Processes:
    """Those of an installation, with those of the PostgreSQL server that listens on that port."""

    def found() -> Iterator[tuple[str, Path]]:
        yield from ((kind_of(process), process) for process in processes_of(home))
        if port is not None:
            yield from (("PostgreSQL", process) for process in _server(port))

    return found


def _server(port: int) -> Iterator[Path]:
    """The first process of a server, by its command, and its children."""
    parents, first = dict[str, list[Path]](), None
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "comm").read_text().strip() == "postgres":
                parents.setdefault((process / "stat").read_text().rpartition(")")[2].split()[1], []).append(process)
                if f"\0-p\0{port}\0".encode() in (process / "cmdline").read_bytes():
                    first = process
    if first is not None:
        yield from (first, *parents.get(first.name, []))


class Used:
    """Seconds of the processors that each kind of process has used since this was opened."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._first, self._last = dict[tuple[str, str, str], int](), dict[tuple[str, str, str], int]()
        self._over = threading.Event()

    def __enter__(self) -> Used:
        self._look(begins=True)
        self._thread = threading.Thread(target=self._watch, name="processors")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._look()

    @property
    def by_kind(self) -> dict[str, float]:
        """Seconds by kind."""
        used = defaultdict[str, float](float)
        for process, ticks in self._last.items():
            used[process[0]] += (ticks - self._first.get(process, 0)) / _TICKS
        return dict(used)

    def _watch(self) -> None:
        while not self._over.wait(_LOOK):
            self._look()

    def _look(self, *, begins: bool = False) -> None:
        for kind, process in self._processes():
            with suppress(OSError):
                words = (process / "stat").read_text().rpartition(")")[2].split()
                number = kind, process.name, words[19]
                self._last[number] = int(words[11]) + int(words[12])
                if begins:
                    self._first[number] = self._last[number]


def price_of_rest() -> tuple[float, float]:
    """Microseconds of processor to touch a page of memory just after another time, and after a second of rest.

    About alike on a machine of one's own. Where a host watches or takes back the memory of its guests, each page that
    has rested is dear, and so is whatever wakes up now and then: figures of standing idle are those of such a host.
    """
    memory = bytearray(_PAGES * _PAGE)

    def touched() -> float:
        began = time.process_time()
        for start in range(0, len(memory), _PAGE):
            memory[start] = 1
        return (time.process_time() - began) / _PAGES * 1e6

    touched()
    warm = min(touched() for _ in range(5))
    rested = []
    for _ in range(5):
        time.sleep(_REST)
        rested.append(touched())
    return warm, sorted(rested)[len(rested) // 2]
