"""Sends mutants, bombs and good files to a whole installation, by folder and by upload, and looks for the end of each.

``python -m benchmarks.hostile [--from F] [--count N] [--seed S] [--minutes M]`` sends drawn files, one in ten of them
good; the same seed gives the same files, so 10,000 may be sent in parts: ``--results FOLDER`` keeps each part, goes on
where those before end, and tells of all together, as ``--sum`` does without sending any.
``--cases FOLDER --times T`` sends the files of a folder T times over, all at once by both ways, beside a clerk at work
and a program that sends good forms as JSON. Prints what ``docs/benchmarks.md`` has under 'Hostile files'.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Queue
from typing import Any, Final

import httpx
from sqlalchemy import func, select

from benchmarks import office
from benchmarks.beside import clerk_at_work, sender_of_json
from benchmarks.hostile_files import EVERY_TENTH, MOST, Sent, customers_of_good_files, customers_with_email, drawn
from benchmarks.hostile_outcome import Outcome, parts_in, report, sum_of
from benchmarks.installation import memory_of, running
from database.engine import transaction
from documents.states import OPEN, IntakeChannel, State
from documents.tables import Document, Sighting, Transition
from environment.settings import get_settings
from tests.cli.running_up import Up

SEED: Final = 1
SETTINGS: Final = {
    "EBOK_INTAKE_STABLE_SECONDS": "1",
    "EBOK_INTAKE_PATIENCE_SECONDS": "20",
    "EBOK_SWEEP_INTERVAL_SECONDS": "2",
    "EBOK_SUBMISSIONS_PER_HOUR": "1000000",
    "EBOK_SUBMISSIONS_PER_DAY": "1000000",
    "EBOK_UPLOAD_BYTES_PER_DAY": "1000000000000",
}
"""Files stand still at once, what is cut off need not be waited for, and ten addresses send what thousands would; all
limits of a look are the default ones."""
_UPLOADERS: Final = 4
_ADDRESSES: Final = 10
"""Senders who upload, each at an address of its own: one of them alone never has the whole door."""
_MOST_OPEN: Final = 24
"""Files under way at most, twice what can be at work at once, so that nobody has to wait for our sending: a third of
them lie still, cut off, until nobody waits for their end any more."""
_GLANCE: Final = 0.5
_UPLOAD: Final = "/api/v1/uploads"
_ANSWER_SECONDS: Final = 600.0
_COME_AGAIN: Final = (429, 503)
_TIMES_AGAIN: Final = 3
_FAULT: Final = re.compile(r"\] fault\b")
"""How the log of the web server begins to tell of a fault of the program."""
_MOST_TOLD: Final = 10
_STUCK_SECONDS: Final = 400.0
"""So long nothing may change, then what is left is stuck."""


@dataclass
class Handed:
    """One file on its way: when it was handed in, and what an upload was answered. Its bytes are not kept."""

    file: Sent
    channel: IntakeChannel
    at: float
    status: int | None = None
    told: str = ""
    tracking: str | None = None
    again: int = 0
    """So often it was told to come again later, and did."""


class Sender:
    """Hands files in by both ways, and knows what it handed in."""

    def __init__(self, up: Up, address: str) -> None:
        self.handed: list[Handed] = []
        self.loads = [os.getloadavg()[0]]
        self._up, self._address = up, address
        self._outside = up.home / "outside"
        self._outside.mkdir()

    def by_folder(self, file: Sent) -> None:
        """As a scanner that writes elsewhere and renames."""
        draft = self._outside / file.name
        draft.write_bytes(file.data)
        self._noted(file, IntakeChannel.FOLDER)
        draft.replace(self._up.home / "inbox" / file.name)

    def by_upload(self, file: Sent) -> None:
        """As a program of a customer at some address, that comes again when told; notes what it is told at last."""
        one = self._noted(file, IntakeChannel.UPLOAD)
        try:
            answer = self._posted(file)
            for _ in range(_TIMES_AGAIN):
                if answer.status_code not in _COME_AGAIN or "Retry-After" not in answer.headers:
                    break
                one.again += 1
                time.sleep(float(answer.headers["Retry-After"]))
                answer = self._posted(file)
            one.status = answer.status_code
            body = answer.json()
            one.tracking, one.told = body.get("tracking"), _code_of(body)
        except (httpx.HTTPError, ValueError) as error:
            one.told = type(error).__name__

    def _posted(self, file: Sent) -> httpx.Response:
        way = httpx.HTTPTransport(local_address=f"127.0.0.{2 + file.number % _ADDRESSES}")
        with httpx.Client(transport=way, timeout=_ANSWER_SECONDS) as client:
            return client.post(self._address + _UPLOAD, files={"file": (file.name, file.data)})

    def _noted(self, file: Sent, channel: IntakeChannel) -> Handed:
        one = Handed(replace(file, data=b""), channel, time.time())
        self.handed.append(one)
        self.loads.append(os.getloadavg()[0])
        return one


def send_all(sender: Sender, files: Iterable[Sent], until: float) -> None:
    """Every second file by folder, the others by upload; no more at once than can be expected to be done."""
    waiting: Queue[Sent | None] = Queue(_UPLOADERS)

    def upload() -> None:
        while (file := waiting.get()) is not None:
            sender.by_upload(file)

    with ThreadPoolExecutor(_UPLOADERS) as crew:
        ends = [crew.submit(upload) for _ in range(_UPLOADERS)]
        for file in files:
            if time.monotonic() > until:
                break
            while _under_way() >= _MOST_OPEN and time.monotonic() < until:
                time.sleep(_GLANCE)
            if file.number // EVERY_TENTH % 2 == file.number % 2:  # so that good files go both ways
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
            sender.by_folder(replace(file, name=f"folder-{file.name}", data=file.data + b" "))
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


def outcome(seed: int, sender: Sender, seconds: float) -> Outcome:
    """Hold what was handed in against what the register says."""
    handed = sender.handed
    numbers = [each.file.number for each in handed]
    load = min(sender.loads), max(sender.loads)
    found = Outcome(seed, [(min(numbers), max(numbers) + 1)], seconds, 0.0, {}, load)
    found.by_way = Counter(each.channel.value for each in handed)
    found.kinds = Counter(each.file.kind.partition(":")[0] for each in handed)
    with transaction() as session:
        documents = list(session.scalars(select(Document)))
        rows = session.execute(select(Transition).where(Transition.to_state == State.CONFIRMED.value)).scalars()
        confirmed = {row.document_id: row.at.timestamp() for row in rows}
        sighted = session.scalar(select(func.count()).select_from(Sighting)) or 0
    by_tracking = {one.tracking: one for one in documents}
    by_name: dict[str | None, list[Document]] = {}
    for one in documents:
        by_name.setdefault(one.file_name, []).append(one)
    found.again = sum(each.again for each in handed)
    for each in handed:
        of_file = by_name.get(each.file.name, []) if each.channel is IntakeChannel.FOLDER else []
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
    for log in sorted((get_settings().home / "logs").glob("*.log")):  # they go with the installation
        told = [line for line in log.read_text(errors="replace").splitlines() if _FAULT.search(line)]
        found.faults += [f"{log.name}: {line[:500]}" for line in told[:_MOST_TOLD]]
    return found


def _end_of(one: Handed, documents: Sequence[Document]) -> str:
    """In words; what must not be begins with '!'."""
    if one.channel is IntakeChannel.UPLOAD and one.status not in (200, 202):
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


def drawn_files(
    numbers: range,
    seed: int,
    minutes: float,
    settings: Mapping[str, str] | None = None,
    logs: Path | None = None,
) -> Outcome:
    """Send the drawn files of these numbers, as many as the minutes allow, and see what becomes of them.

    Where something is as it must not be, the logs of the installation, which goes, are copied into ``logs``.
    """
    with running({**SETTINGS, **(settings or {})}) as (up, address), memory_of(up.home) as memory:
        office.fill_register(customers_of_good_files())
        sender, begun = Sender(up, address), time.monotonic()
        send_all(sender, drawn(numbers, seed), begun + minutes * 60)
        wait_for_all()
        found = outcome(seed, sender, time.monotonic() - begun)
        found.remember(memory)
        if found.faults and logs is not None:
            shutil.copytree(up.home / "logs", logs / f"logs-{numbers.start:05}", dirs_exist_ok=True)
        return found


def cases(folder: Path, times: int, settings: Mapping[str, str] | None = None) -> Outcome:
    """Send all files of a folder that often, all at once by both ways, beside others at work."""
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    # One byte behind the end makes another file of it, which is not taken for a repetition.
    files = [
        Sent(again, f"{again}-{path.name}", "case", path.read_bytes() + b"\n" * again)
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
        found = outcome(0, sender, time.monotonic() - begun)
        found.remember(memory)
        found.numbers = []
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
    parser.add_argument("--from", type=int, dest="first", help="number of the first file; default: where parts end")
    parser.add_argument("--count", type=int, default=MOST, help="how many from there; default: all")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--minutes", type=float, default=60 * 24, help="stop sending after so many")
    parser.add_argument("--results", type=Path, help="keep this part in that folder, and tell of all parts there")
    parser.add_argument("--sum", type=Path, help="tell of the parts in this folder, and send nothing")
    parser.add_argument("--cases", type=Path, help="send the files of this folder instead")
    parser.add_argument("--times", type=int, default=10, help="how often each of them")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    if given.cases:
        found = cases(given.cases, given.times)
    elif given.sum:
        found = sum_of(parts_in(given.sum, given.seed))
    else:
        before = parts_in(given.results, given.seed) if given.results else []
        first = given.first if given.first is not None else before[-1].numbers[0][1] if before else 0
        numbers = range(first, min(first + given.count, MOST))
        found = drawn_files(numbers, given.seed, given.minutes, logs=given.results)
        if given.results:
            found.keep(given.results)
            print(report(found), end="\n\n")
            found = sum_of(parts_in(given.results, given.seed))
    print(report(found))
    sys.exit(bool(found.faults))


if __name__ == "__main__":
    main()
