"""Sends mutants, bombs and good files to a whole installation, by folder and by upload, and looks for the end of each.

``python -m benchmarks.hostile [--count N] [--seed S] [--minutes M]`` sends drawn files, one in ten of them good;
``--cases FOLDER --times T`` sends the files of a folder T times over, all at once by both ways, beside a clerk at work
and a program that sends good forms as JSON. Prints what ``docs/benchmarks.md`` has under 'Hostile files'.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from typing import Any, Final

import httpx
from sqlalchemy import func, select

from benchmarks import office
from benchmarks.beside import Beside, clerk_at_work, sender_of_json
from benchmarks.hostile_files import EVERY_TENTH, Sent, customers_with_email, drawn
from benchmarks.installation import memory_of, running
from benchmarks.memory import Peak
from benchmarks.scoring import table
from database.engine import transaction
from database.settings import get_settings
from documents.states import OPEN, Channel, State
from documents.tables import Document, Sighting, Transition
from tests.cli.running_up import Up

COUNT: Final = 10_000
SEED: Final = 1
SETTINGS: Final = {
    "EBOK_INTAKE_STABLE_SECONDS": "1",
    "EBOK_INTAKE_PATIENCE_SECONDS": "20",
    "EBOK_SWEEP_INTERVAL_SECONDS": "2",
    "EBOK_SUBMISSIONS_PER_HOUR": "1000000",
    "EBOK_SUBMISSIONS_PER_DAY": "1000000",
    "EBOK_UPLOAD_BYTES_PER_DAY": "1000000000000",
}
"""Files stand still at once, what is cut off need not be waited for, and we may be many senders at one address; all
limits of a look are the default ones."""
MOST_MEGABYTES: Final = 3_000.0
_UPLOADERS: Final = 4
_MOST_OPEN: Final = 12
"""Files under way at most: what waits longer than that measures our sending and not the product."""
_GLANCE: Final = 0.5
_UPLOAD: Final = "/api/v1/uploads"
_ANSWER_SECONDS: Final = 600.0
_FAULT: Final = re.compile(r"\] fault\b")
"""How the log of the web server begins to tell of a fault of the program."""
_MOST_TOLD: Final = 10
_STUCK_SECONDS: Final = 400.0
"""So long nothing may change, then what is left is stuck."""


@dataclass
class Handed:
    """One file on its way: when it was handed in, and what an upload was answered."""

    file: Sent
    channel: Channel
    at: float
    status: int | None = None
    told: str = ""
    tracking: str | None = None


@dataclass
class Outcome:
    """What became of everything; ``faults`` says in words what must not be."""

    handed: list[Handed]
    seconds: float
    memory: Peak
    ends: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many ended how, by way and end."""
    delays: list[float] = field(default_factory=list)
    """Seconds from handing a good file in to its confirmation."""
    faults: list[str] = field(default_factory=list)
    beside: Sequence[Beside] = ()


class Sender:
    """Hands files in by both ways, and knows what it handed in."""

    def __init__(self, up: Up, address: str) -> None:
        self.handed: list[Handed] = []
        self._up, self._address = up, address
        self._outside = up.home / "outside"
        self._outside.mkdir()

    def by_folder(self, file: Sent) -> None:
        """As a scanner that writes elsewhere and renames."""
        draft = self._outside / file.name
        draft.write_bytes(file.data)
        self.handed.append(Handed(file, Channel.FOLDER, time.time()))
        draft.replace(self._up.home / "inbox" / file.name)

    def by_upload(self, file: Sent) -> None:
        """As a program of a customer; notes what it is told."""
        one = Handed(file, Channel.UPLOAD, time.time())
        self.handed.append(one)
        try:
            answer = httpx.post(
                self._address + _UPLOAD, files={"file": (file.name, file.data)}, timeout=_ANSWER_SECONDS
            )
            one.status = answer.status_code
            body = answer.json()
            one.tracking, one.told = body.get("tracking"), _code_of(body)
        except (httpx.HTTPError, ValueError) as error:
            one.told = type(error).__name__


def send_all(sender: Sender, files: Iterable[Sent], until: float) -> None:
    """Every second file by folder, the others by upload; no more at once than can be expected to be done."""
    waiting: Queue[Sent | None] = Queue(_UPLOADERS)

    def upload() -> None:
        while (file := waiting.get()) is not None:
            sender.by_upload(file)

    with ThreadPoolExecutor(_UPLOADERS) as crew:
        ends = [crew.submit(upload) for _ in range(_UPLOADERS)]
        for number, file in enumerate(files):
            if time.monotonic() > until:
                break
            while _under_way() >= _MOST_OPEN and time.monotonic() < until:
                time.sleep(_GLANCE)
            if number // EVERY_TENTH % 2 == number % 2:  # so that good files go both ways
                sender.by_folder(file)
            else:
                waiting.put(file)
        for _ in ends:
            waiting.put(None)
        for end in ends:
            end.result()


def send_at_once(sender: Sender, files: Sequence[Sent]) -> None:
    """All of them by both ways, each upload in a connection of its own."""
    with ThreadPoolExecutor(len(files)) as crew:
        ends = [crew.submit(sender.by_upload, file) for file in files]
        for file in files:
            # Another file than the one uploaded, which would be known already.
            sender.by_folder(Sent(f"folder-{file.name}", file.kind, file.data + b" "))
        for end in ends:
            end.result()


def wait_for_all() -> None:
    """Until nothing is left to do, or nothing has changed for long."""
    before, changed = (-1, -1), time.monotonic()
    while time.monotonic() - changed < _STUCK_SECONDS:
        left = (_under_way(), len(_lying()))
        if left == (0, 0):
            return
        if left != before:
            before, changed = left, time.monotonic()
        time.sleep(_GLANCE)


def outcome(handed: list[Handed], memory: Peak, begun: float) -> Outcome:
    """Hold what was handed in against what the register says."""
    found = Outcome(handed, time.monotonic() - begun, memory)
    with transaction() as session:
        documents = list(session.scalars(select(Document)))
        rows = session.execute(select(Transition).where(Transition.to_state == State.CONFIRMED.value)).scalars()
        confirmed = {row.document_id: row.at.timestamp() for row in rows}
        sighted = session.scalar(select(func.count()).select_from(Sighting)) or 0
    by_tracking = {one.tracking: one for one in documents}
    by_name: dict[str | None, list[Document]] = {}
    for one in documents:
        by_name.setdefault(one.file_name, []).append(one)
    for each in handed:
        of_file = by_name.get(each.file.name, []) if each.channel is Channel.FOLDER else []
        if each.tracking is not None:
            of_file = [by_tracking[each.tracking]]
        end = _end_of(each, of_file)
        found.ends[each.channel.value, end] += 1
        if end.startswith("!"):
            found.faults.append(f"{each.file.name} ({each.file.kind}) by {each.channel.value}: {end[1:]}")
        elif each.file.good and any(one.state != State.CONFIRMED for one in of_file):
            found.faults.append(f"{each.file.name} is good and ended {end}")
        elif each.file.good:
            found.delays.append(max(confirmed[one.id] for one in of_file) - each.at)
    if lying := _lying():
        found.faults.append(f"{len(lying)} files lie in the folder still, {sighted} are known to lie there")
    if memory.most > MOST_MEGABYTES:
        found.faults.append(f"{memory.most:.0f} MB of memory")
    for log in sorted((get_settings().home / "logs").glob("*.log")):  # they go with the installation
        told = [line for line in log.read_text(errors="replace").splitlines() if _FAULT.search(line)]
        found.faults += [f"{log.name}: {line[:500]}" for line in told[:_MOST_TOLD]]
    return found


def _end_of(one: Handed, documents: Sequence[Document]) -> str:
    """In words; what must not be begins with '!'."""
    if one.channel is Channel.UPLOAD and one.status not in (200, 202):
        refused = one.status is not None and 400 <= one.status < 500 and one.told
        return f"{one.status} {one.told}" if refused and not one.file.good else f"!answered {one.status} {one.told}"
    if not documents:
        return "!no document"
    open_ones = [each for each in documents if each.at in OPEN]
    if open_ones:
        return f"!stuck as {open_ones[0].state} after {open_ones[0].attempts} tries ({open_ones[0].last_fault})"
    first = min(documents, key=lambda each: each.part)
    why = f" {first.reason_code}" if first.state in (State.QUARANTINED, State.REJECTED) else ""
    return f"{first.state}{why}"


def report(found: Outcome) -> str:
    """What happened, as Markdown."""
    by_way = Counter(one.channel.value for one in found.handed)
    kinds = Counter(one.file.kind.partition(":")[0] for one in found.handed)
    lines = [
        f"{len(found.handed)} files in {found.seconds / 60:.1f} minutes "
        f"({', '.join(f'{count} by {way}' for way, count in sorted(by_way.items()))}; "
        f"{', '.join(f'{count} {kind}' for kind, count in kinds.most_common())}).",
        f"Memory of all processes together, at most: {found.memory.most:.0f} MB ("
        + ", ".join(f"{kind} {size:.0f}" for kind, size in sorted(found.memory.at_most.items()))
        + ").",
    ]
    if found.delays:
        lines.append(
            f"Good files confirmed: {len(found.delays)} of {kinds['good']}; seconds from handing in to confirmation: "
            f"median {statistics.median(found.delays):.1f}, p95 {p95(found.delays):.1f}, max {max(found.delays):.1f}."
        )
    rows = [(end, way, str(count)) for (way, end), count in sorted(found.ends.items(), key=lambda item: -item[1])]
    lines.append(table(("end", "way", "files"), rows))
    if found.beside:
        lines.append(
            table(("beside them", "requests", "median ms", "p95 ms", "max ms", "failed"), map(_row, found.beside))
        )
    lines.append(f"Faults: {len(found.faults)}." + "".join(f"\n- {fault}" for fault in found.faults[:50]))
    return "\n\n".join(lines)


def p95(times: Sequence[float]) -> float:
    """The time that one in twenty exceeds."""
    return statistics.quantiles([*times, *times], n=20, method="inclusive")[18]


def _row(one: Beside) -> tuple[str, ...]:
    times = [seconds * 1000 for seconds in one.seconds]
    middle = (statistics.median(times), p95(times), max(times)) if times else (0.0, 0.0, 0.0)
    return one.what, str(len(times)), *(f"{each:.0f}" for each in middle), str(one.failed)


def drawn_files(count: int, seed: int, minutes: float, settings: Mapping[str, str] | None = None) -> Outcome:
    """Send drawn files, as many as the minutes allow, and see what becomes of them."""
    customers = customers_with_email(count // EVERY_TENTH + 1)
    with running({**SETTINGS, **(settings or {})}) as (up, address), memory_of(up.home) as memory:
        office.fill_register(customers)
        sender, begun = Sender(up, address), time.monotonic()
        send_all(sender, drawn(count, seed, customers), begun + minutes * 60)
        wait_for_all()
        return outcome(sender.handed, memory, begun)


def cases(folder: Path, times: int, settings: Mapping[str, str] | None = None) -> Outcome:
    """Send all files of a folder that often, all at once by both ways, beside others at work."""
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    # One byte behind the end makes another file of it, which is not taken for a repetition.
    files = [
        Sent(f"{again}-{path.name}", "case", path.read_bytes() + b"\n" * again)
        for again in range(times)
        for path in paths
    ]
    with running({**SETTINGS, **(settings or {})}) as (up, address), memory_of(up.home) as memory:
        customers = customers_with_email(2_000)
        office.fill_register(customers)
        with clerk_at_work(address) as clerk, sender_of_json(address, customers) as json:
            sender, begun = Sender(up, address), time.monotonic()
            send_at_once(sender, files)
            wait_for_all()
        found = outcome(sender.handed, memory, begun)
        found.beside = [*clerk.told(), *json.told()]
        found.faults += [f"{one.failed} of the {one.what} failed" for one in found.beside if one.failed]
        return found


def _under_way() -> int:
    """How many documents and files of the folder the machine still owes a step."""
    with transaction() as session:
        wanted = [state.value for state in OPEN]
        documents = session.scalar(select(func.count()).select_from(Document).where(Document.state.in_(wanted))) or 0
    return documents + len(_lying())


def _lying() -> list[Path]:
    return list(get_settings().inbox.iterdir())


def _code_of(body: dict[str, Any]) -> str:
    """The code of what is wrong, or the sentence that says it."""
    problems = body.get("problems") or [{}]
    return str(problems[0].get("code") or body.get("detail") or body.get("state") or "")


def main() -> None:
    """Run it; exit status 1 when something is as it must not be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--minutes", type=float, default=60 * 24, help="stop sending after so many")
    parser.add_argument("--cases", type=Path, help="send the files of this folder instead")
    parser.add_argument("--times", type=int, default=10, help="how often each of them")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    found = cases(given.cases, given.times) if given.cases else drawn_files(given.count, given.seed, given.minutes)
    print(report(found))
    sys.exit(bool(found.faults))


if __name__ == "__main__":
    main()
