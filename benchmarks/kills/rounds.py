"""A round: things are handed in, the process at work on them is killed, another goes on, and all is checked."""

from __future__ import annotations

import json
import os
import random
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from benchmarks.kills.installed import (
    KILLED,
    MORE_TO_DO,
    QUIET,
    Deadly,
    Installation,
    await_process,
    begin_process,
    put_in_force,
)
from benchmarks.kills.mail import MailServers
from benchmarks.kills.outcome import WRONG, Finding, Found
from benchmarks.kills.points import Point
from benchmarks.kills.scenes import PEOPLE, Scene, Way
from customers.customer_list import read_customers
from customers.importing import import_customers
from database.engine import transaction
from database.upgrading import upgrade
from environment.settings import get_settings
from specimens.people import write_customers
from tests.postgres import Cluster

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
_MOST_PROCESSES: Final = 30
_TEMPLATE: Final = "kills"
_PARALLEL: Final = 2


@dataclass(frozen=True)
class Round:
    """What one round came to: where its process was killed (a point, or a time), and what does not hold since."""

    scene: str
    database: str
    killed: tuple[str, ...]
    findings: tuple[str, ...]
    uncertain: int
    seconds: float

    @property
    def kills(self) -> int:
        """How often."""
        return len(self.killed)

    def count(self, kind: str) -> int:
        """How many findings of that kind."""
        return sum(finding.startswith(f"{kind}:") for finding in self.findings)

    @classmethod
    def parse(cls, line: str) -> Round:
        """One as it was written down."""
        found = json.loads(line)
        return cls(**{**found, "killed": tuple(found["killed"]), "findings": tuple(found["findings"])})


def noted_in(folder: Path) -> list[Round]:
    """Those that were noted in a folder."""
    return [Round.parse(line) for file in sorted(folder.glob("*.jsonl")) for line in file.read_text().splitlines()]


@dataclass
class Undisturbed:
    """A scene played without a kill: the points that each process came by, how long it took, what came of it."""

    points: list[list[Point]]
    seconds: float
    found: Found


@dataclass
class Stage:
    """Where rounds are played: a database of one kind, with homes that are copies of one."""

    folder: Path
    kind: str
    mail: MailServers
    cluster: Cluster | None = None
    _count: int = 0

    def __post_init__(self) -> None:
        self._home = self.folder / f"home-{self.kind}"
        self._home.mkdir(parents=True)
        if self.cluster is not None:
            self.cluster.create(_TEMPLATE)
        status = await_process(begin_process(self._fill, self.folder / f"{self.kind}.log"))
        if status:
            raise RuntimeError((self.folder / f"{self.kind}.log").read_text())

    def rehearse(self, scene: Scene) -> None:
        """Play a scene in this very process, before any is forked from it."""
        with self._installed(scene) as installed:
            installed.rehearse()

    def undisturbed(self, scene: Scene) -> Undisturbed:
        """Play a scene to its end; RuntimeError where it does not end as it should even so."""
        begun, points, end = time.monotonic(), list[list[Point]](), MORE_TO_DO
        with self._installed(scene) as installed:
            while end == MORE_TO_DO and len(points) < _MOST_PROCESSES:
                end = installed.play(len(points))
                points.append(installed.points() if end in (QUIET, MORE_TO_DO) else [])
            seconds = time.monotonic() - begun
            found = installed.found(len(points))
            findings = found.judged(most_uncertain=scene.uncertain, most_failed=scene.failed)
            if findings or end != QUIET:
                told = "; ".join(map(str, findings))
                raise RuntimeError(f"{scene.name}, {self.kind}, undisturbed: {told}. {installed.last_words()}")
        return Undisturbed(points, seconds, found)

    def killed_at(self, scene: Scene, usual: Undisturbed, process: int, point: Point) -> Round:
        """Kill the so-manieth process of a scene at a point, and let others go on.

        Who waits for whom, and how many messages leave in one go, hangs on the moment: one that does not come by there
        again is killed at the point that was the one before.
        """
        played, points = self._round(scene, usual, {process: point}), usual.points[process]
        if played.kills or played.findings or point == points[0]:
            return played
        return self.killed_at(scene, usual, process, points[points.index(point) - 1])

    def killed_at_random(self, scene: Scene, usual: Undisturbed, dice: random.Random, most: int) -> Round:
        """Kill processes of a scene at random times, one after the other; every second time another works beside."""
        times = {number: dice.uniform(0, usual.seconds) for number in range(most)}
        return self._round(scene, usual, times, beside=dice.random() < 0.5)

    def _round(self, scene: Scene, usual: Undisturbed, deadly: Mapping[int, Deadly], *, beside: bool = False) -> Round:
        begun, killed, count, end = time.monotonic(), list[str](), 0, MORE_TO_DO
        findings: list[Finding] = []
        with self._installed(scene) as installed:
            while end != QUIET and count < _MOST_PROCESSES:
                end = installed.play(count, deadly.get(count), beside=beside)
                if end == KILLED:
                    killed.append(_told(deadly[count], beside))
                elif end not in (QUIET, MORE_TO_DO):
                    findings.append(Finding(WRONG, f"process {count + 1} ended with {end}: {installed.last_words()}"))
                count += 1
            if end != QUIET:
                findings.append(Finding(WRONG, f"there is work left after {count} processes"))
            found = installed.found(count)
            uncertain = scene.uncertain + installed.left_in_sending()
            told = found.judged(most_uncertain=uncertain, most_failed=scene.failed)
            findings += told
            if not told and found.register != usual.found.register:
                findings.append(Finding(WRONG, f"the register differs: {_difference(found, usual.found)}"))
        return Round(
            scene.name,
            self.kind,
            tuple(killed),
            tuple(map(str, findings)),
            found.uncertain,
            time.monotonic() - begun,
        )

    def _fill(self) -> int:
        put_in_force({"EBOK_HOME": str(self._home), "EBOK_DATABASE_URL": self._url(_TEMPLATE, self._home)})
        upgrade()
        table = write_customers(PEOPLE, self._home / "customers.csv")
        with transaction() as session:
            import_customers(session, read_customers(table).records)
        get_settings().inbox.mkdir()
        return 0

    @contextmanager
    def _installed(self, scene: Scene) -> Iterator[Installation]:
        """A new installation with the scene's files in its scan folder."""
        self._count += 1
        name = f"{self.kind}{os.getpid()}-{self._count}"
        home, domain = self.folder / name, f"{name}.example"
        shutil.copytree(self._home, home)
        if self.cluster is not None:
            self._ask(f'CREATE DATABASE "{name}" TEMPLATE "{_TEMPLATE}"')
        for one in scene.handed:
            if one.way is Way.FOLDER:
                for number in range(one.times):
                    (home / "inbox" / f"{one.name} {number + 1}.pdf").write_bytes(one.content)
        try:
            yield Installation(home, self._settings(scene, home, domain), scene, self.mail, domain)
        finally:
            if self.cluster is not None:
                self._ask(f'DROP DATABASE "{name}" WITH (FORCE)')
            shutil.rmtree(home)

    def _settings(self, scene: Scene, home: Path, domain: str) -> dict[str, str]:
        told = {
            "EBOK_HOME": str(home),
            "EBOK_DATABASE_URL": self._url(home.name, home),
            "EBOK_INTAKE_STABLE_SECONDS": "0",
            "EBOK_SWEEP_INTERVAL_SECONDS": "0.2",
            "EBOK_SWEEP_PARALLEL": str(_PARALLEL),
            "EBOK_MAIL_FROM": f"ebok@{domain}",
            "EBOK_SMS_GATEWAY_URL": self.mail.gateway(domain),
            "EBOK_SMS_NOTICES": "true",
        }
        if scene.temper is not None:
            told |= {
                "EBOK_SMTP_HOST": "127.0.0.1",
                "EBOK_SMTP_PORT": str(self.mail.ports[scene.temper]),
                "EBOK_SMTP_TLS": "false",
                "EBOK_SMTP_TIMEOUT_SECONDS": "0.3",
            }
        return told

    def _url(self, name: str, home: Path) -> str:
        return f"sqlite:///{home}/ebok.sqlite" if self.cluster is None else self.cluster.url(name)

    def _ask(self, statement: str) -> None:
        assert self.cluster is not None
        with psycopg.connect(self.cluster.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


def _told(deadly: Deadly, beside: bool) -> str:
    return f"after {deadly:.3f} s{', another beside' * beside}" if isinstance(deadly, float) else str(deadly)


def _difference(found: Found, usual: Found) -> str:
    missing, more = set(usual.register) - set(found.register), set(found.register) - set(usual.register)
    return f"missing {sorted(missing)}, more {sorted(more)}"
