"""A check while everybody works: what is under way is no difference."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks import office
from benchmarks.office import Paper
from database.engine import transaction
from documents import loading, transitions
from documents.folder import ScanFolder
from documents.states import State
from environment.settings import get_settings
from integrity.checking import check
from retention import nightly

MOMENTS = (0.2, 1.0, 5.0)


def work(person: int) -> None:
    """What one customer's papers cause, from the folder to a withdrawal."""
    inbox = get_settings().inbox
    (inbox / f"{person}.pdf").write_bytes(b"%%PDF-1.7 %d" % person)
    for taken in ScanFolder().take(lambda _: True):
        tracking = office.read(taken.tracking or "", Paper(person=person))
        with transaction() as session:
            document = loading.load(session, tracking)
            transitions.move(session, document, State.REJECTED, actor="machine", reason_code="not_ours")
    office.on_einvoice(person)
    office.worked_off(office.online("einvoice_withdrawal", person))


def test_nothing_differs_while_documents_are_under_way(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_INTAKE_STABLE_SECONDS", "0")
    monkeypatch.setenv("EBOK_KEEP_ORIGINALS_DAYS", "1")
    get_settings.cache_clear()
    office.fill_register()
    get_settings().inbox.mkdir()
    rounds = 0
    with ThreadPoolExecutor(1) as busy:
        going = busy.submit(lambda: [work(person) for person in range(6)] and nightly.run("machine"))
        while not going.done() or not rounds:
            assert check(moments=MOMENTS).differences == ()
            rounds += 1
        going.result()
    assert check(moments=MOMENTS).differences == ()
