"""What became of the files that ``benchmarks.hostile`` sent: told, kept as JSON, and summed over the parts of a run."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.beside import Beside
from benchmarks.memory import Peak
from benchmarks.scoring import table

MOST_MEGABYTES: Final = 3_000.0
_MOST_TOLD: Final = 50


@dataclass
class Outcome:
    """What became of one part of a run, or of all; ``faults`` says in words what must not be."""

    seed: int
    numbers: list[tuple[int, int]]
    """The files, by their numbers in the seed: from, and up to but without."""
    seconds: float
    memory: float
    """Megabytes of all processes together, at most."""
    memory_by_kind: dict[str, float]
    load: tuple[float, float]
    """How many processes wanted a processor in the minute before the end, ours and others', least and most."""
    by_way: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    ends: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many ended how, by way and end."""
    delays: list[float] = field(default_factory=list)
    """Seconds from handing a good file in to its confirmation."""
    again: int = 0
    """How often a program was told to come again later, and did."""
    faults: list[str] = field(default_factory=list)
    beside: Sequence[Beside] = ()

    @property
    def sent(self) -> int:
        """How many files were sent."""
        return sum(self.by_way.values())

    def remember(self, memory: Peak) -> None:
        """Note what memory was held at most; too much is a fault."""
        self.memory, self.memory_by_kind = memory.most, dict(memory.at_most)
        if memory.most > MOST_MEGABYTES:
            self.faults.append(f"{memory.most:.0f} MB of memory")

    def keep(self, folder: Path) -> None:
        """Write this part as JSON into a folder of results."""
        folder.mkdir(parents=True, exist_ok=True)
        told: dict[str, Any] = {**vars(self)}
        told["ends"] = [[way, end, count] for (way, end), count in self.ends.items()]
        del told["beside"]
        first, last = self.numbers[0]
        path = folder / f"seed-{self.seed}-{first:05}-{last:05}.json"
        path.write_text(json.dumps(told, ensure_ascii=False, indent=1))


def parts_in(folder: Path, seed: int) -> list[Outcome]:
    """The parts of a seed that a folder of results holds, in their order."""
    found = [_read(path) for path in folder.glob(f"seed-{seed}-*.json")]
    return sorted(found, key=lambda part: part.numbers)


def sum_of(parts: Sequence[Outcome]) -> Outcome:
    """All parts as one; ValueError when a file is in two of them."""
    whole = Outcome(parts[0].seed, [], 0.0, 0.0, {}, (parts[0].load[0], 0.0))
    for part in parts:
        (first, last), before = part.numbers[0], whole.numbers[-1] if whole.numbers else (0, 0)
        if first < before[1]:
            raise ValueError(f"the files from {first} are in two parts")
        whole.numbers[-1:] = [(before[0], last)] if first == before[1] else [before, (first, last)]
        whole.seconds += part.seconds
        if part.memory > whole.memory:
            whole.memory, whole.memory_by_kind = part.memory, part.memory_by_kind
        whole.load = min(whole.load[0], part.load[0]), max(whole.load[1], part.load[1])
        whole.by_way += part.by_way
        whole.kinds += part.kinds
        whole.ends += part.ends
        whole.delays += part.delays
        whole.again += part.again
        whole.faults += part.faults
    return whole


def report(found: Outcome) -> str:
    """What happened, as Markdown."""
    spans = ", ".join(f"{first} to {last - 1}" for first, last in found.numbers)
    lines = [
        f"{found.sent} files in {found.seconds / 60:.1f} minutes{f' (seed {found.seed}, {spans})' * bool(spans)}: "
        f"{_counted(found.by_way, 'by ')}; {_counted(found.kinds)}. Load: {found.load[0]:.1f} to {found.load[1]:.1f}.",
        f"Memory of all processes together, at most: {found.memory:.0f} MB ("
        + ", ".join(f"{kind} {size:.0f}" for kind, size in sorted(found.memory_by_kind.items()))
        + ").",
    ]
    if found.again:
        lines.append(f"Told to come again later, and did: {found.again} times.")
    if found.delays:
        lines.append(
            f"Good files confirmed: {len(found.delays)} of {found.kinds['good']}; seconds from handing in to "
            f"confirmation: median {statistics.median(found.delays):.1f}, p95 {p95(found.delays):.1f}, "
            f"max {max(found.delays):.1f}."
        )
    rows = [(end, way, str(count)) for (way, end), count in sorted(found.ends.items(), key=lambda item: -item[1])]
    lines.append(table(("end", "way", "files"), rows))
    if found.beside:
        lines.append(
            table(("beside them", "requests", "median ms", "p95 ms", "max ms", "failed"), map(_row, found.beside))
        )
    told = "".join(f"\n- {fault}" for fault in found.faults[:_MOST_TOLD])
    lines.append(f"Faults: {len(found.faults)}.{told}")
    return "\n\n".join(lines)


def p95(times: Sequence[float]) -> float:
    """The time that one in twenty exceeds."""
    return statistics.quantiles([*times, *times], n=20, method="inclusive")[18]


def _counted(counts: Counter[str], before: str = "") -> str:
    return ", ".join(f"{count} {before}{what}" for what, count in counts.most_common())


def _row(one: Beside) -> tuple[str, ...]:
    times = [seconds * 1000 for seconds in one.seconds]
    middle: Iterable[float] = (statistics.median(times), p95(times), max(times)) if times else (0.0, 0.0, 0.0)
    return one.what, str(len(times)), *(f"{each:.0f}" for each in middle), str(one.failed)


def _read(path: Path) -> Outcome:
    told = json.loads(path.read_text())
    told["ends"] = Counter({(way, end): count for way, end, count in told["ends"]})
    told["numbers"] = [(first, last) for first, last in told["numbers"]]
    told["load"] = tuple(told["load"])
    return Outcome(**{**told, "by_way": Counter(told["by_way"]), "kinds": Counter(told["kinds"])})
