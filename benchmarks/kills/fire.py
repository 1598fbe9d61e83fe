"""A whole installation under fire: things are handed in all the while, one blow follows the other, all is checked.

Measured is the longest time in which no document moves in the minute and a half after a blow, how long the slowest
takes of those that were handed in around it, and how many are confirmed in the minute before it and in one that begins
30 seconds after it.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from benchmarks.kills import blows
from benchmarks.kills.blows import Blow, Struck
from benchmarks.kills.installed import put_in_force
from benchmarks.kills.mail import MailServers, Temper, mail_servers
from benchmarks.kills.outcome import Finding, being_sent, check, is_quiet
from benchmarks.kills.rounds import POSTGRESQL
from benchmarks.kills.whole import Whole
from benchmarks.scoring import table
from cli.ports import free_port
from customers.customer_list import read_customers
from customers.importing import import_customers
from database.engine import forget_engines, transaction
from database.upgrading import upgrade
from environment.settings import get_settings
from specimens import names
from specimens.people import CustomerRow, invented_customers, write_customers
from tests.postgres import Cluster, running_cluster

KILLS: Final = ("sweep", "worker", "Prefect server", "API", "reader", "stack", "all")
_DOMAIN: Final = "fire.example"
_MOST_SECONDS: Final = 420.0
"""So long work may take to go on, or all to end, before it is given up."""
_MINUTE: Final = 60.0
_TO_GO_ON: Final = 30.0
"""Seconds after a blow in which work must go on as before."""
_NONE: Final = ("nothing", blows.nothing)
_SMALL: Final = "300m"
_HOUR: Final = 3600
_CLOCK: Final = Path(__file__).with_name("stepped_clock.c")


@dataclass(frozen=True)
class Fire:
    """What is done: a scenario on a database, ``number`` blows, a form handed in ``every`` so many seconds."""

    scenario: str
    database: str
    number: int
    every: float = 3.0
    temper: Temper = Temper.TAKES
    seed: int = 13

    def burn(self) -> Burnt:
        """Do it, in an installation of its own."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ebok-fire-")))
            mail = stack.enter_context(mail_servers(folder / "mail"))
            cluster = stack.enter_context(running_cluster()) if self.database == POSTGRESQL else None
            home = stack.enter_context(self._home(folder))
            rows = self._install(home, cluster, mail)
            return self._under_fire(Whole(home), rows, mail, self._blows(folder, cluster))

    @contextmanager
    def _home(self, folder: Path) -> Iterator[Path]:
        home = folder / "home"
        home.mkdir()
        if self.scenario != "full":
            yield home
            return
        subprocess.run(("mount", "-t", "tmpfs", "-o", f"size={_SMALL}", "tmpfs", str(home)), check=True)
        try:
            yield home
        finally:
            subprocess.run(("umount", "--lazy", str(home)), check=True)

    def _install(self, home: Path, cluster: Cluster | None, mail: MailServers) -> list[CustomerRow]:
        url = f"sqlite:///{home}/ebok.sqlite" if cluster is None else cluster.create("fire")
        (home.parent / "scans").mkdir()
        put_in_force(
            {
                "EBOK_HOME": str(home),
                "EBOK_DATABASE_URL": url,
                "EBOK_INBOX_DIR": str(home.parent / "scans"),
                "EBOK_API_PORT": str(free_port("127.0.0.1", 0)),
                "EBOK_PREFECT_PORT": str(free_port("127.0.0.1", 0)),
                "EBOK_LEAST_FREE_BYTES": "0",
                "EBOK_SUBMISSIONS_PER_HOUR": "1000000",
                "EBOK_SUBMISSIONS_PER_DAY": "1000000",
                "EBOK_MAIL_FROM": f"ebok@{_DOMAIN}",
                "EBOK_SMTP_HOST": "127.0.0.1",
                "EBOK_SMTP_PORT": str(mail.ports[self.temper]),
                "EBOK_SMTP_TLS": "false",
                "EBOK_SMTP_TIMEOUT_SECONDS": "5",
            }
        )
        os.environ["OMP_THREAD_LIMIT"] = "1"
        upgrade()
        drawn = invented_customers(9000, 17, domains=names.SAFE_DOMAINS)
        rows = [row for row in drawn if row["email"] and row["phone"]]
        with transaction() as session:
            import_customers(session, read_customers(write_customers(rows, home / "list.csv")).records)
        return rows

    def _blows(self, folder: Path, cluster: Cluster | None) -> Sequence[tuple[str, Blow]]:
        dice = random.Random(self.seed)
        match self.scenario:
            case "kills":
                return [(name, blows.kill(name, dice)) for name in _order(KILLS, self.number, dice)]
            case "stopped":
                assert cluster is not None, "only PostgreSQL can be stopped"
                one: Sequence[tuple[str, Blow]] = [("stopped", blows.stopped(cluster))]
            case "clock":
                offset = folder / "offset"
                offset.write_text(blows.said_offset(0))
                library = folder / "stepped_clock.so"
                subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, _CLOCK], check=True)
                os.environ |= {"LD_PRELOAD": str(library), "EBOK_CLOCK_OFFSET": str(offset)}
                steps = (_HOUR, 0, -_HOUR, 0)
                one = [(f"clock {step:+d} s", blows.clock_steps(offset, step)) for step in steps]
            case _:
                known = {
                    "locked": blows.locked,
                    "full": blows.full,
                    "read-only": blows.read_only,
                    "vanished": blows.vanished,
                    "second-up": blows.second_up,
                }
                one = [(self.scenario, known[self.scenario])]
        return [*one] * self.number

    def _under_fire(
        self, whole: Whole, rows: Sequence[CustomerRow], mail: MailServers, fall: Sequence[tuple[str, Blow]]
    ) -> Burnt:
        try:
            whole.start()
            for target, arguments in ((whole.feed, (rows, self.every)), (whole.watch, ())):
                threading.Thread(target=target, args=arguments, daemon=True).start()
            begun, struck, sending = time.monotonic(), list[Struck](), set[int]()
            _await(lambda: len(whole.confirmed_at) > 5)
            for name, blow in (_NONE, *fall):
                time.sleep(_TO_GO_ON)
                one = Struck(name)
                struck.append(one)
                blow(whole, one)
                sending |= one.sending | being_sent()
                print(f"{time.monotonic() - begun:.0f} s: {name}", file=sys.stderr, flush=True)
                time.sleep(max(0.0, one.over + _TO_GO_ON + _MINUTE - time.monotonic()))
            whole.end()
            quiet = _await(is_quiet)
            seconds = time.monotonic() - begun
        finally:
            whole.end()
            whole.stop()
        found = check(whole.handed, mail.taken(_DOMAIN), with_register=False)
        forget_engines(get_settings().url)
        findings = found.judged(most_uncertain=len(sending))
        return Burnt(self, struck, whole, findings, found.uncertain, quiet, seconds, os.getloadavg()[2])


@dataclass(frozen=True)
class Burnt:
    """What a fire came to."""

    fire: Fire
    struck: Sequence[Struck]
    whole: Whole
    findings: Sequence[Finding]
    uncertain: int
    quiet: bool
    seconds: float
    load: float

    def told(self) -> str:
        """As Markdown: a row for each kind of blow, and what does not hold."""
        rows = []
        for name in dict.fromkeys(one.name for one in self.struck):
            fell = [one for one in self.struck if one.name == name]
            silences, latest = [*map(self._silence, fell)], [*map(self._latest, fell)]
            rows.append(
                (
                    name,
                    str(len(fell)),
                    f"{statistics.median(silences):.1f}",
                    f"{max(silences):.1f}",
                    f"{statistics.median(latest):.1f}",
                    f"{max(latest):.1f}",
                    f"{statistics.mean(self._rate(one.fell - _MINUTE) for one in fell):.1f}",
                    f"{statistics.mean(self._rate(one.over + _TO_GO_ON) for one in fell):.1f}",
                )
            )
        kinds = Counter(finding.kind for finding in self.findings)
        told = [
            f"{self.fire.scenario}, {self.fire.database}, a form every {self.fire.every} s, {self.seconds:.0f} s, load "
            f"{self.load:.1f}: {len(self.whole.handed)} handed in, {kinds['lost']} lost, {kinds['doubled']} doubled, "
            f"{kinds['wrong']} else wrong, {self.uncertain} uncertain, `ebok up` ended {len(self.whole.gave_up)} "
            f"times by itself{'' if self.quiet else ', work was left'}",
            table(_HEAD, rows),
            *map(str, self.findings[:20]),
            *self.whole.gave_up,
        ]
        return "\n\n".join(told)

    def _silence(self, struck: Struck) -> float:
        """The longest time after a blow in which no document moved."""
        end = struck.over + _TO_GO_ON + _MINUTE
        moves = [struck.over, *(at for at in self.whole.moved if struck.over < at < end), end]
        return max(later - earlier for earlier, later in pairwise(moves))

    def _latest(self, struck: Struck) -> float:
        """How long the slowest took of those handed in from shortly before a blow until shortly after it."""
        around = [
            sha256
            for sha256, at in self.whole.handed_at.items()
            if struck.fell - _TO_GO_ON < at < struck.over + _TO_GO_ON
        ]
        never = time.monotonic()
        return max(self.whole.confirmed_at.get(one, never) - self.whole.handed_at[one] for one in around)

    def _rate(self, since: float) -> int:
        """Documents that were confirmed in the minute since then."""
        return sum(since < at <= since + _MINUTE for at in self.whole.confirmed_at.values())


_HEAD: Final = (
    *("blow", "times", "nothing moves for, s (median)", "longest", "slowest takes, s (median)", "longest"),
    *("confirmed in the minute before", "in the one from 30 s after"),
)


def _order(kinds: Sequence[str], number: int, dice: random.Random) -> list[str]:
    """Each about as often, in any order."""
    drawn = [kinds[at % len(kinds)] for at in range(number)]
    dice.shuffle(drawn)
    return drawn


def _await(holds: Callable[[], bool]) -> bool:
    """Wait for it; False when it takes too long."""
    end = time.monotonic() + _MOST_SECONDS
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True
