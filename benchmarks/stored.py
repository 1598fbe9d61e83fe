"""Results of the benchmark's parts on disk, so that parts run alone and the document is made of all of them."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Part:
    """What one part found: how it was asked for, when and on which machine, and its results."""

    name: str
    command: str
    when: str
    machine: str
    minutes: float
    results: dict[str, Any]


def store(folder: Path, name: str, command: str, minutes: float, results: dict[str, Any]) -> None:
    """Write the results of a part."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {"command": command, "when": time.strftime("%Y-%m-%d"), "machine": machine(), "minutes": round(minutes, 1)}
    text = json.dumps({**told, "results": results}, ensure_ascii=False)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def fetch(folder: Path, name: str) -> Part | None:
    """The results of a part; None where it was not run."""
    path = folder / f"{name}.json"
    return Part(name, **json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def machine() -> str:
    """Processor, cores, Python."""
    lines = list(_processor())
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    cores = sum(line.startswith("processor") for line in lines) or 1
    return f"{model or platform.machine()}, {cores} cores, Python {platform.python_version()}"


def _processor() -> Iterator[str]:
    path = Path("/proc/cpuinfo")
    yield from path.read_text().splitlines() if path.exists() else ()
