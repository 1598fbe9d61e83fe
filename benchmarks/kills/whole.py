"""A whole installation: `ebok up` as an administrator starts it, people who hand things in, and what is seen of it."""

from __future__ import annotations

import json
import signal
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Final

import httpx
from sqlalchemy import select

from benchmarks.installation import kind_of, processes_of
from benchmarks.kills.scenes import Ending, Handed, Way
from database.engine import DatabaseBrokenError, reading
from documents.states import State
from documents.tables import Document, Transition
from environment import clock
from environment.settings import get_settings
from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from specimens import names
from specimens.people import CustomerRow, values_for
from tests.cli.running_up import Up

FORMS: Final = {"einvoice_acceptance": "einvoice_link", "ebok_signup": "account_link"}
"""What is handed in, and what its customer is told."""
_GLANCE: Final = 0.2


@dataclass
class Whole:
    """A running `ebok up` in ``home``, with the settings of this process; what was handed in, and what was seen."""

    home: Path
    handed: list[Handed] = field(default_factory=list)
    handed_at: dict[str, float] = field(default_factory=dict)
    """When each was handed in, by the monotonic clock, and its SHA-256."""
    confirmed_at: dict[str, float] = field(default_factory=dict)
    """When each was seen to be confirmed."""
    moved: list[float] = field(default_factory=list)
    """When documents were seen to have moved."""
    gave_up: list[str] = field(default_factory=list)
    """Last words of each `ebok up` that ended by itself."""
    _up: Up | None = None
    _over: threading.Event = field(default_factory=threading.Event)
    _starting: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Start it and wait until it says that it works."""
        with self._starting:
            self._begin()

    def kill_stack(self) -> None:
        """Kill `ebok up` itself; what it started goes on without it."""
        with self._starting:
            if self._up is not None and self._up.process.poll() is None:
                self._up.stop(signal.SIGKILL)
            self._up = None

    def stop(self) -> None:
        """Stop it as its administrator does."""
        with self._starting:
            if self._up is not None and self._up.process.poll() is None:
                self._up.stop(signal.SIGTERM)
            self._up = None

    def processes(self, kind: str) -> list[int]:
        """Its processes of that kind, as ``benchmarks.installation`` names kinds."""
        return [int(one.name) for one in processes_of(self.home) if kind == kind_of(one)]

    def feed(self, rows: Sequence[CustomerRow], every: float) -> None:
        """Hand in a form of each customer, by folder and by API in turn, one every so many seconds, till it is over."""
        for number, row in enumerate(rows):
            if self._over.wait(every):
                return
            self.hand_in(number, row, Way.API if number % 2 else Way.FOLDER)

    def hand_in(self, number: int, row: CustomerRow, way: Way) -> None:
        """Hand in a form of that customer, beside everything else."""
        code = list(FORMS)[number // 2 % 2]
        given = values_for(form_by_code(code), row, number, clock.today(), domains=names.SAFE_DOMAINS)
        given["date_signed"] = clock.today().isoformat()
        ending = (Ending(State.CONFIRMED, "done", (FORMS[code],)),)
        if way is Way.API:
            body = json.dumps({name: value for name, value in given.items() if name != "signature"}).encode()
            self._note(Handed(f"json {number}", Way.API, (), ending, real=body))
            threading.Thread(target=self._send, args=(code, body), daemon=True).start()
        else:
            content = draw_fillable(form_by_code(code), given)
            self._note(Handed(f"scan {number}", Way.FOLDER, (), ending, real=content))
            threading.Thread(target=self._drop, args=(number, content), daemon=True).start()

    def watch(self) -> None:
        """Look all the while what has moved, and start again an `ebok up` that has ended by itself."""
        seen = 0
        while not self._over.wait(_GLANCE):
            with suppress(DatabaseBrokenError):
                steps = _steps_after(seen)
                at = time.monotonic()
                self.moved += [at] * bool(steps)
                for number, sha256, confirmed in steps:
                    seen = max(seen, number)
                    if confirmed:
                        self.confirmed_at.setdefault(sha256, at)
            if self._starting.acquire(blocking=False):
                try:
                    self._begin_again()
                finally:
                    self._starting.release()

    def end(self) -> None:
        """End feeding and watching."""
        self._over.set()

    def _begin(self) -> None:
        self._up = Up(self.home)
        self._up.until("Działa")

    def _begin_again(self) -> None:
        """Start it where it has ended by itself, which is noted."""
        if self._up is not None and self._up.process.poll() is not None:
            assert self._up.process.stdout is not None
            with self._up.process.stdout as rest:
                self.gave_up.append(rest.read()[-300:])
            self._begin()

    def _note(self, one: Handed) -> None:
        self.handed_at[one.sha256] = time.monotonic()
        self.handed.append(one)

    def _drop(self, number: int, content: bytes) -> None:
        """As a scanner does: again where the folder is away or full."""
        while True:
            with suppress(OSError):
                draft = get_settings().inbox / f".{number}.part"
                draft.write_bytes(content)
                draft.replace(get_settings().inbox / f"skan {number}.pdf")
                return
            time.sleep(1)

    def _send(self, code: str, body: bytes) -> None:
        """As a partner's program does: again with the same key until it is told a number."""
        headers: Mapping[str, str] = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        url = f"http://127.0.0.1:{get_settings().api_port}/api/v1/forms/{code}/submissions"
        while True:
            with suppress(httpx.HTTPError):
                status = httpx.post(url, content=body, headers=headers, timeout=20).status_code
                if status == HTTPStatus.ACCEPTED:
                    return
                if status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.TOO_MANY_REQUESTS:
                    raise RuntimeError(f"the API refused a form with {status}")
            time.sleep(1)


def _steps_after(seen: int) -> list[tuple[int, str, bool]]:
    """Steps of documents after that one, but for their coming: its number, the original, whether it confirmed."""
    with reading() as session:
        steps = (
            select(Transition.id, Document.original_sha256, Transition.to_state == State.CONFIRMED.value)
            .join(Document, Document.id == Transition.document_id)
            .where(Transition.from_state.is_not(None), Transition.id > seen)
        )
        return [(number, sha256 or "", confirmed) for number, sha256, confirmed in session.execute(steps)]
