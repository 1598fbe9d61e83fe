"""Several machines on one register: `ebok up`, further ones with `ebok worker`, and one that dies on the way.

``python -m benchmarks.machines [DOCUMENTS] [--readers N]`` hands in a quarter of the forms while one machine works, a
quarter while two do, and a quarter while three do; during the last quarter it kills all processes of one of the three
while it holds documents. Then folder, store, register, outbox and mail server are held against what was handed in.

A machine is a home of its own. They share a PostgreSQL server, an S3 server, the scan folder (but for the last, which
takes no scans) and the cores of this computer: each reads in N processes, so that one alone does not fill all of them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import select

from benchmarks.installation import await_that, processes_of
from benchmarks.kills.mail import MailServers, Temper, mail_servers
from benchmarks.kills.outcome import Finding, check, is_quiet
from benchmarks.kills.scenes import Way
from benchmarks.kills.whole import Whole
from benchmarks.live import throw_away_home
from benchmarks.scoring import table
from cli.ports import free_port
from confirmations.tables import Message, MessageState
from customers.customer_list import read_customers
from customers.importing import import_customers
from database.engine import DatabaseBrokenError, forget_engines, reading, transaction
from database.holders import Holder
from database.holders import machines as sweeping
from documents.tables import Document
from environment import clock
from environment.settings import get_settings
from flows.engine_setup import SWEEP
from specimens import names
from specimens.people import CustomerRow, invented_customers, write_customers
from tests.cli.running_up import Up
from tests.postgres import running_cluster
from tests.s3 import S3, running_s3

DOCUMENTS: Final = 1000
MOST: Final = 3
"""Machines at work at once."""
_DOMAIN: Final = "machines.example"
_MORE: Final = 2 * MOST
_SPARE: Final = 100
"""Customers beyond those who are asked for."""
_GLANCE: Final = 0.1
_MINUTE: Final = 60.0


@dataclass
class Machine:
    """A machine that joined: its home, and the command that runs there."""

    home: Path
    up: Up

    @property
    def name(self) -> str:
        """What its name ends with, which no other has."""
        return (self.home / "machine").read_text().strip()

    def processes(self) -> list[int]:
        """All that run there."""
        return [int(one.name) for one in processes_of(self.home)]

    def held(self) -> set[str]:
        """The documents that its runs hold, by number."""
        with reading() as session:
            held = select(Document.tracking).join(Holder, Holder.owner == Document.lease_owner)
            return set(session.scalars(held.where(Holder.machine.endswith(self.name))))

    def sends(self) -> bool:
        """Whether it is just sending a message: of one that dies then nobody could know whether it left."""
        with reading() as session:
            sent = select(Message.id).join(Holder, Holder.owner == Message.lease_owner)
            begun = sent.where(Message.state == MessageState.SENDING.value, Holder.machine.endswith(self.name))
            return session.scalar(begun.limit(1)) is not None


@dataclass
class Machines:
    """The main machine, those that joined, and what was seen of all of them."""

    folder: Path
    whole: Whole
    mail: MailServers
    rows: Sequence[CustomerRow]
    joined: list[Machine] = field(default_factory=list)
    at_work: dict[str, str] = field(default_factory=dict)
    """By the number of a document the machine that was last seen to hold it."""
    _over: threading.Event = field(default_factory=threading.Event)
    _watching: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Start the main one, and look from now on who does what."""
        self.whole.start()
        self._watching += [threading.Thread(target=each, daemon=True) for each in (self.whole.watch, self._watch)]
        for thread in self._watching:
            thread.start()

    def join(self, number: int = 1) -> None:
        """Have so many more machines join, and wait until a sweep lives on each, the main one too."""
        begun = [self._begin(len(self.joined) + at) for at in range(number)]
        for machine in begun:
            machine.up.until("Działa")
        self.joined += begun
        await_that(lambda: self._sweeping() == 1 + len(self.joined))

    def hand_in(self, number: int) -> list[str]:
        """Put so many more forms into the scan folder at once: the digest of each."""
        before = len(self.whole.handed)
        for at in range(before, before + number):
            self.whole.hand_in(at, self.rows[at], Way.FOLDER)
        return [one.sha256 for one in self.whole.handed[before:]]

    def confirmed(self, digests: Sequence[str]) -> bool:
        """Whether all of these were seen to be confirmed."""
        return all(one in self.whole.confirmed_at for one in digests)

    def kill_at_work(self, machine: Machine) -> set[str]:
        """Kill all processes of a machine while it holds documents and sends nothing: the documents that it held.

        Where the others leave it none, a few more are handed in.
        """
        while True:
            while not machine.held():
                if self.confirmed([one.sha256 for one in self.whole.handed]):
                    self.hand_in(_MORE)
                time.sleep(_GLANCE)
            _signal(machine, signal.SIGSTOP)  # so that what is looked at is what it dies with
            held = machine.held()
            if held and not machine.sends():
                break
            _signal(machine, signal.SIGCONT)
        while machine.processes():
            _signal(machine, signal.SIGKILL)
            machine.up.process.poll()
        machine.up.stop(signal.SIGKILL)
        return held

    def findings(self) -> Sequence[Finding]:
        """What does not hold once nobody owes or holds anything any more."""
        await_that(lambda: is_quiet() and not _held())
        found = check(self.whole.handed, self.mail.taken(_DOMAIN), with_register=False)
        return found.judged(most_uncertain=0)

    def stop(self) -> list[int]:
        """Stop all that run, as their administrator does: how those that joined ended."""
        self.whole.end()
        self._over.set()
        for thread in self._watching:
            thread.join()
        running = [one for one in self.joined if one.up.process.poll() is None]
        ends = [one.up.stop(signal.SIGTERM) for one in running]
        self.whole.stop()
        return ends

    def left_running(self) -> int:
        """How many processes go on on any machine."""
        homes = (self.whole.home, *(one.home for one in self.joined))
        return sum(1 for home in homes for _ in processes_of(home))

    def _sweeping(self) -> int:
        with reading() as session:
            return len(sweeping(session, SWEEP))

    def _begin(self, number: int) -> Machine:
        """A home with what an administrator copies into it; every second one takes scans, too."""
        home, main = self.folder / f"machine-{number}", self.whole.home
        shutil.copytree(main / "keys", home / "keys")
        shutil.copy2(main / "prefect.auth", home)
        settings = {
            "EBOK_HOME": str(home),
            "EBOK_PREFECT_URL": f"http://127.0.0.1:{os.environ['EBOK_PREFECT_PORT']}",
            "EBOK_INBOX_DIR": "" if number % 2 else os.environ["EBOK_INBOX_DIR"],
        }
        return Machine(home, Up(home, "worker", **settings))

    def _watch(self) -> None:
        while not self._over.wait(_GLANCE):
            with suppress(DatabaseBrokenError), reading() as session:
                held = select(Document.tracking, Holder.machine).join(Holder, Holder.owner == Document.lease_owner)
                self.at_work.update(session.execute(held).tuples().all())


@contextmanager
def machines(folder: Path, url: str, s3: S3, most: int, settings: Mapping[str, str]) -> Iterator[Machines]:
    """The main machine in a home of its own, its register empty but for as many customers; nothing runs yet."""
    with throw_away_home(url) as home, mail_servers(folder / "mail") as mail, _beside(s3.environment()):
        (folder / "scans").mkdir()
        shared = {
            "EBOK_INBOX_DIR": str(folder / "scans"),
            "EBOK_API_PORT": str(free_port("127.0.0.1", 0)),
            "EBOK_PREFECT_PORT": str(free_port("127.0.0.1", 0)),
            "EBOK_MAIL_FROM": f"ebok@{_DOMAIN}",
            "EBOK_SMTP_HOST": "127.0.0.1",
            "EBOK_SMTP_PORT": str(mail.ports[Temper.TAKES]),
            "EBOK_SMTP_TLS": "false",
            "EBOK_INTAKE_STABLE_SECONDS": "1",
            "EBOK_LEASE_SECONDS": "20",
            "OMP_THREAD_LIMIT": "1",
        }
        with _beside({**shared, **settings}):
            rows = [
                row
                for row in invented_customers(3 * most + 200, 17, domains=names.SAFE_DOMAINS)
                if row["email"] and row["phone"]
            ]
            if len(rows) < most + _SPARE:
                raise RuntimeError(f"only {len(rows)} customers have an address")
            listed = write_customers(rows, folder / "customers.csv")
            with transaction() as session:
                import_customers(session, read_customers(listed).records)
            together = Machines(folder, Whole(home), mail, rows)
            try:
                yield together
            finally:
                together.stop()
                forget_engines(url)


def measure(documents: int, readers: int) -> str:
    """All four quarters, as Markdown."""
    quarter = documents // (MOST + 1)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ebok-machines-")))
        url, s3 = stack.enter_context(running_cluster()).create("machines"), stack.enter_context(running_s3())
        settings = {"EBOK_READERS": str(readers)}
        together = stack.enter_context(machines(folder, url, s3, documents, settings))
        together.start()
        rates = [_rate(together, quarter)]
        while len(rates) < MOST:
            together.join()
            rates.append(_rate(together, quarter))
        together.hand_in(documents - MOST * quarter)
        held = together.kill_at_work(together.joined[-1])
        died, last = time.monotonic(), [one.sha256 for one in together.whole.handed[MOST * quarter :]]
        await_that(lambda: together.confirmed(last))
        late, findings = max(together.whole.confirmed_at[one] for one in last) - died, together.findings()
        shares = Counter(together.at_work.values())
        ends = together.stop()
        if any(ends) or together.left_running():
            raise RuntimeError(f"the machines ended with {ends}, {together.left_running()} processes go on")
    kinds = Counter(one.kind for one in findings)
    load = f"{os.cpu_count()} cores, {readers} reading on each machine, load {os.getloadavg()[1]:.1f}"
    rows = [
        (str(count), str(quarter), f"{rate:.0f}", f"{rate / rates[0]:.2f}") for count, rate in enumerate(rates, start=1)
    ]
    told = [
        f"{documents} forms, {load}: {kinds['lost']} lost, {kinds['doubled']} doubled, {kinds['wrong']} else wrong.",
        table(("machines", "forms", "a minute", "times that of one"), rows),
        f"The third was killed while it held {len(held)}; the last of {len(last)} was confirmed {late:.0f} s later. "
        f"Last seen to hold a form: {', '.join(f'{name} {number}' for name, number in shares.most_common())}.",
        *map(str, findings[:20]),
    ]
    return "\n\n".join(told)


def _rate(together: Machines, number: int) -> float:
    """Forms a minute that are confirmed between the first and the last tenth of those handed in at once."""
    digests = together.hand_in(number)
    await_that(lambda: together.confirmed(digests))
    ends = sorted(together.whole.confirmed_at[one] for one in digests)
    first, last = ends[number // 10], ends[-1 - number // 10]
    print(f"{1 + len(together.joined)} machines: {ends[-1] - ends[0]:.0f} s", file=sys.stderr, flush=True)
    return (number - 1 - 2 * (number // 10)) / max(last - first, _GLANCE) * _MINUTE


def _held() -> bool:
    """Whether a lease has yet to end: one that died may have brought a document to its end and not let go of it."""
    with reading() as session:
        held = select(Document.id).where(Document.lease_owner.is_not(None), Document.lease_until > clock.now())
        return session.scalar(held.limit(1)) is not None


def _signal(machine: Machine, number: signal.Signals) -> None:
    for process in machine.processes():
        with suppress(ProcessLookupError):
            os.kill(process, number)


@contextmanager
def _beside(settings: Mapping[str, str]) -> Iterator[None]:
    """These settings, too, for the block."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    get_settings.cache_clear()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        get_settings.cache_clear()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("documents", type=int, nargs="?", default=DOCUMENTS)
    options.add_argument("--readers", type=int, default=1)
    chosen = options.parse_args()
    print(measure(chosen.documents, chosen.readers))
