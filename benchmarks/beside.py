"""Who works beside the senders of hostile files: a clerk at the desk and a program that sends forms as JSON."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, Final

import httpx

from api.desk.access import COOKIE
from benchmarks import office
from benchmarks.office import Paper
from environment import clock
from forms.catalogue import form_by_code
from specimens import names
from specimens.people import CustomerRow, values_for

_FORM: Final = "ebok_signup"
_PAPERS: Final = 6
_OF_A_CLERK: Final = 0.3
_OF_A_PROGRAM: Final = 3.0
"""Seconds between what one does and the next."""
_PATIENCE: Final = 60.0


@dataclass
class Beside:
    """How long requests of one sort took, and how many failed."""

    what: str
    seconds: list[float] = field(default_factory=list)
    failed: int = 0


@dataclass
class Timed:
    """Requests by what they were for, each with its time."""

    client: httpx.Client
    sorts: dict[str, Beside] = field(default_factory=dict)

    def ask(self, what: str, method: str, path: str, **sent: Any) -> httpx.Response | None:
        """Ask, and look at the clock; None when there was no answer."""
        noted = self.sorts.setdefault(what, Beside(what))
        begun = time.monotonic()
        try:
            answer = self.client.request(method, path, **sent)
        except httpx.HTTPError:
            answer = None
        noted.seconds.append(time.monotonic() - begun)
        noted.failed += answer is None or not answer.is_success
        return answer

    def told(self) -> list[Beside]:
        """All sorts."""
        return list(self.sorts.values())


@contextmanager
def clerk_at_work(address: str) -> Iterator[Timed]:
    """A clerk who looks at the queue, at papers with their pictures, and searches, until the block ends."""
    papers = [office.waiting(Paper(person=person, seed=person)) for person in range(_PAPERS)]
    cookies = {COOKIE: office.session_of("ewa")}
    with httpx.Client(base_url=address, cookies=cookies, headers={"Accept": "text/html"}, timeout=_PATIENCE) as client:
        timed = Timed(client)

        def work() -> Iterator[None]:
            for paper in cycle(papers):
                for what, path in (
                    ("pages of the desk", "/biuro/"),
                    ("pages of the desk", f"/biuro/sprawy/{paper}"),
                    ("pictures of the desk", f"/biuro/sprawy/{paper}/strona/1.jpg"),
                    ("pictures of the desk", f"/biuro/sprawy/{paper}/pole/email.png"),
                    ("pages of the desk", "/biuro/szukaj?stan=in_review"),
                    ("pages of the desk", f"/biuro/sprawy/{paper}/historia"),
                    ("pages of the desk", "/biuro/do-wyjasnienia"),
                ):
                    timed.ask(what, "GET", path)
                    yield

        with _again_and_again(work(), _OF_A_CLERK):
            yield timed


@contextmanager
def sender_of_json(address: str, customers: Sequence[CustomerRow]) -> Iterator[Timed]:
    """A program that sends a good form of one customer after the other."""
    form = form_by_code(_FORM)
    on_paper = {each.name for each in form.fields if each.on_paper_only}
    with httpx.Client(base_url=address, timeout=_PATIENCE) as client:
        timed = Timed(client)

        def work() -> Iterator[None]:
            for customer in cycle(customers):
                given: Mapping[str, Any] = values_for(form, customer, 5, clock.today(), domains=names.SAFE_DOMAINS)
                body = {name: value for name, value in given.items() if name not in on_paper and value is not None}
                timed.ask("forms sent as JSON", "POST", f"/api/v1/forms/{_FORM}/submissions", json=body)
                yield

        with _again_and_again(work(), _OF_A_PROGRAM):
            yield timed


@contextmanager
def _again_and_again(work: Iterator[None], pause: float) -> Iterator[None]:
    over = threading.Event()

    def go_on() -> None:
        for _ in work:
            if over.wait(pause):
                break

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
