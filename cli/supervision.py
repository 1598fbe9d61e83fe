"""Child processes that are kept alive: started again when they die, after a growing pause when they keep dying."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cli.processes import GRACE, Child

_MEMORY: Final = 600.0
"""Seconds for which the death of a child counts: the more of them, the longer the pause before its next start."""
_LONGEST_PAUSE: Final = 60.0


@dataclass
class Supervisor:
    """The children of this process, each with a log in ``logs``.

    ``tell`` gets each death in Polish; ``changed`` is called whenever another process runs.
    """

    logs: Path
    tell: Callable[[str], None]
    changed: Callable[[], None]
    _children: dict[str, Child] = field(default_factory=dict)
    _deaths: dict[str, list[float]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Child:
        """The child of that name."""
        return self._children[name]

    def __iter__(self) -> Iterator[Child]:
        """All of them, in the order of their start."""
        return iter(self._children.values())

    def launch(self, name: str, module: Sequence[str], environment: Mapping[str, str]) -> Child:
        """Start a module of Python, with its arguments; the log of the one before is kept beside."""
        log = self.logs / f"{name}.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        child = Child(name, (sys.executable, "-m", *module), environment, log)
        child.start()
        self._children[name] = child
        self.changed()
        return child

    def keep_alive(self) -> None:
        """Start again what has died: at once, and after a growing pause when it keeps dying."""
        for name, child in self._children.items():
            if child.alive:
                continue
            deaths = self._deaths.setdefault(name, [])
            if not deaths or child.died > deaths[-1]:
                deaths[:] = [*(at for at in deaths if child.died - at < _MEMORY), child.died]
                self.tell(
                    f"Proces {name} zakończył się (kod {child.status}), uruchamiam go ponownie; dziennik: {child.log}"
                )
            if time.monotonic() >= child.died + _pause(len(deaths)):
                child.start()
                self.changed()

    def stop(self, *names: str) -> None:
        """Stop those of these names that were started, and kill what does not end in time."""
        children = [self._children[name] for name in names if name in self._children]
        for child in children:
            child.terminate()
        deadline = time.monotonic() + GRACE
        for child in children:
            child.await_end(deadline)


def _pause(deaths: int) -> float:
    return 0.0 if deaths == 1 else min(2.0 ** (deaths - 1), _LONGEST_PAUSE)
