"""Which rounds are played: every point of every scene, or a sample of them, and random times; over all cores."""

from __future__ import annotations

import json
import os
import pickle
import random
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, TypeVar

from benchmarks.kills.mail import MailServers, mail_servers
from benchmarks.kills.points import Point
from benchmarks.kills.rounds import POSTGRESQL, SQLITE, Round, Stage, Undisturbed, noted_in
from benchmarks.kills.scenes import SCENES, Scene
from tests.postgres import running_cluster

DATABASES: Final = (SQLITE, POSTGRESQL)
Item = TypeVar("Item")
_MOST_IN_A_ROUND: Final = 3
"""Kills at random times."""


@dataclass(frozen=True)
class Task:
    """One round to be played: killed at a point, or (None) at random times drawn from the seed."""

    database: str
    scene: Scene
    process: int
    point: Point | None
    seed: str


@dataclass(frozen=True)
class Plan:
    """Scenes whose names hold ``only``, on these databases: all their points, or a ``sample`` over all of them.

    ``at_random`` further rounds are killed at random times. ``alternating`` plays each scene on one database alone.
    """

    databases: Sequence[str] = DATABASES
    only: str = ""
    sample: int | None = None
    at_random: int = 0
    alternating: bool = False
    seed: int = 13
    jobs: int = 2

    def play(self, folder: Path, out: Path) -> list[Round]:
        """Play all rounds; ``folder`` is a new one for their homes, in ``out`` each is noted as it ends."""
        with mail_servers(folder / "mail") as mail, _stages(self.databases, folder, mail) as stages:
            for stage in stages.values():
                stage.rehearse(SCENES[0])
            chosen = [
                (kind, scene)
                for number, kind in enumerate(self.databases)
                for index, scene in enumerate(SCENES)
                if self.only in scene.name and not (self.alternating and (index + number) % 2)
            ]
            files = [folder / f"undisturbed-{job}" for job in range(self.jobs)]
            _share(chosen, lambda one: pickle.dumps((one[0], one[1].name, stages[one[0]].undisturbed(one[1]))), files)
            usual = {(kind, name): found for file in files for kind, name, found in _unpickled(file)}
            tasks = list(self._tasks({(kind, scene.name): usual[kind, scene.name] for kind, scene in chosen}))

            def play(task: Task) -> bytes:
                found = _play(task, usual[task.database, task.scene.name], stages[task.database])
                return f"{json.dumps(asdict(found))}\n".encode()

            _share(tasks, play, [out / f"rounds-{job}.jsonl" for job in range(self.jobs)])
            return noted_in(out)

    def _tasks(self, usual: Mapping[tuple[str, str], Undisturbed]) -> Iterator[Task]:
        scenes, dice = {scene.name: scene for scene in SCENES}, random.Random(self.seed)
        every = [
            Task(kind, scenes[name], process, point, "")
            for (kind, name), found in usual.items()
            for process, points in enumerate(found.points)
            for point in points
        ]
        yield from every if self.sample is None else _spread(every, self.sample, dice)
        for number in range(self.at_random):
            kind, name = list(usual)[number % len(usual)]
            yield Task(kind, scenes[name], 0, None, f"{self.seed} {number}")


@contextmanager
def _stages(databases: Sequence[str], folder: Path, mail: MailServers) -> Iterator[dict[str, Stage]]:
    with running_cluster() if POSTGRESQL in databases else nullcontext() as cluster:
        yield {kind: Stage(folder, kind, mail, cluster if kind == POSTGRESQL else None) for kind in databases}


def _spread(tasks: Sequence[Task], number: int, dice: random.Random) -> list[Task]:
    """So many of them, spread over all, so that each scene and database has its share."""
    width = len(tasks) / number
    return [tasks[int(at * width + dice.random() * width)] for at in range(number)]


def _share(items: Sequence[Item], work: Callable[[Item], bytes], files: Sequence[Path]) -> None:
    """Do the work on all of them in as many processes as there are files, into which each writes what comes of it."""
    workers = []
    for number, file in enumerate(files):
        if worker := os.fork():
            workers.append(worker)
            continue
        status = 1
        try:
            with file.open("wb", buffering=0) as out:
                for item in items[number :: len(files)]:
                    out.write(work(item))
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    ends = [os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) for worker in workers]
    if any(ends):
        raise RuntimeError("a process that plays rounds has ended before its time")


def _unpickled(file: Path) -> Iterator[tuple[str, str, Undisturbed]]:
    with file.open("rb") as written:
        while written.peek(1):
            yield pickle.load(written)


def _play(task: Task, usual: Undisturbed, stage: Stage) -> Round:
    if task.point is None:
        return stage.killed_at_random(task.scene, usual, random.Random(task.seed), _MOST_IN_A_ROUND)
    return stage.killed_at(task.scene, usual, task.process, task.point)
