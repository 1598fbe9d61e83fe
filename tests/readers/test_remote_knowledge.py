"""A reader asks what is known of customers, and whoever gave it the file answers: in time, truly, and to the end."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Mapping
from concurrent.futures import Future, wait
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from customers.knowledge import ListKnowledge
from customers.records import CustomerRecord
from environment import clock
from environment.settings import get_settings
from ocr import reading
from ocr.errors import TooCostlyError
from ocr.installation import Installation
from ocr.knowledge import Knowledge
from readers import looks, pool
from specimens.files import image_pdf, write
from specimens.paper import handwrite_form
from specimens.people import CustomerRow, invented_customers, values_for
from specimens.scanner import scan
from tests.readers.conftest import FORM

PEOPLE = invented_customers(40, 5)


def test_a_reader_that_hangs_without_working_ends_by_the_clock(
    home: Path, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_READ_SECONDS", "2")
    get_settings.cache_clear()

    class Stopping(Installation):
        def words(self, field: str) -> Mapping[str, float]:
            stopped.extend(process.pid or 0 for process in multiprocessing.active_children())
            for pid in stopped:
                os.kill(pid, signal.SIGSTOP)
            return super().words(field)

    stopped = list[int]()
    with pytest.raises(TooCostlyError, match=r"wiele stron, podziel go.*najwyżej 300 dpi"):
        looks.read_file(_by_hand(filled.parent, PEOPLE[0]), knowledge=Stopping())
    for pid in stopped:  # readers for other purposes, too, which a later test would wait for
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
    assert looks.check_whole(filled)


def test_a_register_that_cannot_answer_is_no_fault_of_the_file_or_its_reader(home: Path, tmp_path: Path) -> None:
    class Away(Installation):
        def words(self, field: str) -> Mapping[str, float]:
            raise ConnectionResetError("the database went away")

    path = _by_hand(tmp_path, PEOPLE[0])
    with pytest.raises(ConnectionResetError, match="the database went away"):
        looks.read_file(path, knowledge=Away())
    assert looks.read_file(path, knowledge=Installation()) == reading.read_file(path)


def test_a_register_that_answers_too_late_is_no_fault_of_the_file(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_READ_SECONDS", "8")  # most of which the reading itself may take on a busy machine
    get_settings.cache_clear()

    class Slow(Installation):
        def words(self, field: str) -> Mapping[str, float]:
            time.sleep(8.5)  # that it is slow is what is tried
            return super().words(field)

    with pytest.raises(TimeoutError):
        looks.read_file(_by_hand(tmp_path, PEOPLE[0]), knowledge=Slow())


@pytest.mark.usefixtures("one_reader")
def test_a_look_whose_end_was_heard_late_leaves_nothing_to_the_next(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under load the result of a look may be there before its asker has heard that nothing more will be asked."""
    monkeypatch.setenv("EBOK_READ_SECONDS", "15")
    get_settings.cache_clear()
    path, asked, looking = _by_hand(tmp_path, PEOPLE[0]), [0], list[Future[Any]]()
    schedule, answer = pool.ProcessPool.schedule, pool.Answers.answer

    def noted(*given: Any, **named: Any) -> Any:
        looking.append(schedule(*given, **named))
        return looking[-1]

    def late(answers: pool.Answers, knowledge: Knowledge | None) -> bool:
        goes_on = answer(answers, knowledge)
        asked[0] += goes_on
        if asked[0] == last:
            wait(looking[-1:])
        return goes_on

    monkeypatch.setattr(pool.ProcessPool, "schedule", noted)
    monkeypatch.setattr(pool.Answers, "answer", late)
    last = -1
    found = looks.read_file(path, knowledge=Installation())
    last, asked[0] = asked[0], 0  # as many questions as before: the answer to the last is where its asker is held up
    assert last > 0
    for _ in range(2):
        assert looks.read_file(path, knowledge=Installation()) == found


def test_the_register_is_asked_across_the_border_and_answers_the_same(home: Path, tmp_path: Path) -> None:
    records = [CustomerRecord(**{name: value or None for name, value in row.items()}) for row in PEOPLE]  # type: ignore[arg-type]
    knowledge = Installation(ListKnowledge(records))
    path = _by_hand(tmp_path, PEOPLE[7])
    here = reading.read_file(path, knowledge=knowledge)
    assert here != reading.read_file(path)
    for _ in range(2):  # what a reader holds already is not told again
        assert looks.read_file(path, knowledge=knowledge) == here


def _by_hand(folder: Path, person: CustomerRow) -> Path:
    paper = handwrite_form(FORM, values_for(FORM, person, 3, clock.today()), 3)
    return write(folder / "hand.pdf", image_pdf(scan(paper, "gray200", 3)))


@pytest.mark.usefixtures("one_reader")
def test_a_reader_has_no_thread_beside_it_while_it_reads(home: Path, tmp_path: Path) -> None:
    """Of OpenCV there would be one for each core, and on a machine of many their memory alone ends every look."""
    threads = list[int]()

    class Watching(Installation):
        def words(self, field: str) -> Mapping[str, float]:
            threads.extend(len([*Path(f"/proc/{one.pid}/task").iterdir()]) for one in multiprocessing.active_children())
            return super().words(field)

    looks.read_file(_by_hand(tmp_path, PEOPLE[0]), knowledge=Watching())
    assert set(threads) == {1}
