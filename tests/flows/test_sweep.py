"""The sweep: from the scan folder to the end of every document, whatever happens to one of them."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from threading import Event, Thread
from typing import Any, BinaryIO

import pytest
from prefect.client.schemas.objects import State as RunState
from sqlalchemy import delete

from confirmations.overview import messages_of
from customers.applying import approvable
from database.engine import transaction
from documents import leases, loading, summaries, transitions
from documents.leases import QueuePlace
from documents.originals import chunks_of
from documents.states import State
from documents.tables import Document, Reading
from environment import clock
from environment.settings import get_settings
from flows import arrival_order, crew, steps
from flows.message_sending import deliver_messages
from flows.process_document import bring_forward
from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from ocr.errors import TooCostlyError
from ocr.results import FileReading
from specimens.files import blank_page, joined
from specimens.strangers import stranger
from tests.flows.samples import fillable, online, received, scanned
from tests.flows.sweeps import look_often, states, sweep_once
from tests.stored import original_path
from tests.waiting import pause


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, office: Path) -> None:
    look_often(monkeypatch)


def test_files_of_the_scan_folder_end_as_confirmed_documents_and_leave_it(office: Path, tmp_path: Path) -> None:
    inbox = get_settings().inbox
    shutil.move(scanned(tmp_path / "a.pdf", "einvoice_acceptance", 0), inbox / "skan 1.pdf")
    shutil.move(fillable(tmp_path / "b.pdf", "ebok_signup", 1), inbox / "skan 2.pdf")
    assert sweep_once().is_completed()
    assert sorted(states().values()) == [State.CONFIRMED, State.CONFIRMED]
    assert list(inbox.iterdir()) == []


def test_a_fault_of_one_document_is_told_by_its_kind_and_place_and_keeps_neither_others_nor_that_one_for_good(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = received(scanned(tmp_path / "a.pdf", "einvoice_acceptance", 0))
    other = received(fillable(tmp_path / "b.pdf", "ebok_signup", 1))
    begun = list[str]()

    async def process(tracking: str, owner: str, claimed: Document) -> State | None:
        begun.append(tracking)
        if tracking == first and begun.count(first) == 1:
            raise ConnectionError("what Jan Kowalski wrote")
        return await bring_forward(tracking, owner, claimed)

    monkeypatch.setattr(crew, "bring_forward", process)
    assert sweep_once().is_completed()
    assert states() == {first: State.RECEIVED, other: State.CONFIRMED}
    assert f"Document {first} met a fault and is tried again later: ConnectionError in test_sweep.py" in caplog.text
    assert "Kowalski" not in caplog.text
    with transaction() as session:
        loading.load(session, first).lease_until = clock.now()
    assert sweep_once().is_completed()
    assert set(states().values()) == {State.CONFIRMED}


def test_a_withdrawal_that_is_read_faster_does_not_overtake_the_acceptance_before_it(
    office: Path, tmp_path: Path
) -> None:
    acceptance = received(scanned(tmp_path / "a.pdf", "einvoice_acceptance", 0))
    withdrawal = online("einvoice_withdrawal", 0, email_current=None)
    assert sweep_once().is_completed()
    assert states() == {acceptance: State.CONFIRMED, withdrawal: State.CONFIRMED}


def test_of_those_before_it_a_document_follows_the_same_customers_and_perhaps_what_is_not_read_yet(
    office: Path, tmp_path: Path
) -> None:
    scan = received(scanned(tmp_path / "a.pdf", "einvoice_acceptance", 0))
    own, strange, last = (online("einvoice_acceptance", person) for person in (0, 1, 0))
    with transaction() as session:
        assert len(leases.claim_open(session, "somebody", 10)) == 4

    def place(tracking: str) -> QueuePlace:
        with transaction() as session:
            return leases.queue_place(session, tracking)

    def before(tracking: str) -> tuple[set[str], set[str]]:
        """Those that it follows, and those that it may follow."""
        with transaction() as session:
            under_way = leases.places_under_way(session)
        mine = place_of[tracking]
        return named(filter(mine.comes_after, under_way)), named(filter(mine.may_come_after, under_way))

    def named(found: Iterable[QueuePlace]) -> set[str]:
        return {known for one in found for known in place_of if place_of[known] == one}

    place_of = {tracking: place(tracking) for tracking in (scan, own, strange, last)}
    assert before(scan) == (set(), set())
    assert before(strange) == (set(), {scan}), "the other customer's, known, is none of its business"
    assert before(last) == ({own}, {scan})
    with transaction() as session:
        letter = loading.load(session, scan)
        letter.pages, letter.form = [1], None
    assert (before(strange), before(last)) == ((set(), set()), ({own}, set()))
    with transaction() as session:
        session.execute(delete(Reading).where(Reading.field == "customer_no"))
    place_of = {tracking: place(tracking) for tracking in (own, strange, last)}
    assert before(last) == (set(), set()), "it takes effect on nobody"


def test_forms_that_need_no_reading_go_on_while_files_hold_all_readers(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = get_settings().sweep_parallel + 2
    for number in range(files):
        path = tmp_path / f"{number}.pdf"
        path.write_bytes(b"%%PDF %d" % number)
        received(path)
    form, done, in_time = online("ebok_signup", 1), Event(), list[bool]()

    def read(path: Path, **how: object) -> FileReading:
        in_time.append(done.wait(60))
        raise TooCostlyError

    def watch() -> None:
        while states()[form] != State.CONFIRMED:
            pause()
        done.set()

    monkeypatch.setattr(arrival_order, "_LONGEST_WAIT", 60.0)
    monkeypatch.setattr(steps, "read_file", read)
    watching = Thread(target=watch, daemon=True)
    watching.start()
    assert sweep_once().is_completed()
    assert Counter(states().values()) == {State.CONFIRMED: 1, State.QUARANTINED: files}
    assert in_time == [True] * files, "the form waits for no file"


def test_documents_that_wait_for_one_that_is_read_slowly_keep_no_others_from_being_read(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_SWEEP_PARALLEL", "4")
    get_settings.cache_clear()
    # Nobody has accepted e-invoices: each withdrawal may hang on what stands in a file before it.
    sent = [received(fillable(tmp_path / f"{person}.pdf", "einvoice_withdrawal", person)) for person in range(6)]
    begun, all_begun, waited, read_file = Counter[str](), Event(), list[bool](), steps.read_file

    def read(original: BinaryIO, **how: Any) -> FileReading:
        begun["files"] += 1
        if begun["files"] == len(sent):
            all_begun.set()
        if begun["files"] == 1:
            waited.append(all_begun.wait(15))
        return read_file(original, **how)

    monkeypatch.setattr(arrival_order, "_LONGEST_WAIT", 60.0)
    monkeypatch.setattr(steps, "read_file", read)
    assert sweep_once().is_completed()
    assert waited == [True]
    assert states() == dict.fromkeys(sent, State.IN_REVIEW)


def test_a_document_with_a_fault_stops_no_other(office: Path, tmp_path: Path) -> None:
    broken = received(fillable(tmp_path / "a.pdf", "einvoice_acceptance", 0))
    with transaction() as session:
        original = loading.load(session, broken).original_sha256
    original_path(original or "").unlink()
    fine = online("ebok_signup", 1)
    assert sweep_once().is_completed()
    assert states() == {broken: State.RECEIVED, fine: State.CONFIRMED}


def test_messages_left_behind_by_a_crash_leave_with_the_next_sweep(office: Path) -> None:
    tracking = _applied()
    assert sweep_once().is_completed()
    assert states() == {tracking: State.CONFIRMED}


def test_due_messages_leave_without_their_document_being_claimed(office: Path) -> None:
    tracking = _applied()
    with transaction() as session:
        leases.claim(session, tracking, "somebody else")
    end: RunState[Any] = asyncio.run(deliver_messages(return_state=True))  # type: ignore[arg-type]
    assert end.message == "wysłana: 1."
    with transaction() as session:
        assert [message["state"] for message in messages_of(session, tracking)] == ["sent"]
        assert loading.load(session, tracking).at is State.CONFIRMED


def _applied() -> str:
    """A document whose worker died between the change of the register and the delivery."""
    tracking = online("ebok_signup")
    asyncio.run(steps.match(tracking))
    asyncio.run(steps.apply(tracking))
    assert states()[tracking] == State.APPLIED
    return tracking


def test_a_clerk_who_overrules_a_reason_lets_the_machine_go_on(office: Path) -> None:
    first = online("einvoice_acceptance")
    asyncio.run(steps.match(first))
    asyncio.run(steps.apply(first))
    tracking = online("einvoice_withdrawal", email_current="inny@example.com")
    asyncio.run(steps.match(tracking))
    asyncio.run(steps.apply(tracking))
    with transaction() as session:
        document = loading.load(session, tracking)
        assert document.reason_code in approvable()
        transitions.move(session, document, State.READY, actor="clerk:7", reason_code=document.reason_code)
    asyncio.run(steps.apply(tracking))
    assert states()[tracking] == State.APPLIED


def test_a_file_that_the_program_fails_to_read_is_quarantined_after_so_many_tries_and_keeps_no_other_waiting(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_MAX_ATTEMPTS", "2")
    monkeypatch.setenv("EBOK_SWEEP_INTERVAL_SECONDS", "0")
    get_settings.cache_clear()
    broken, read = fillable(tmp_path / "a.pdf", "einvoice_acceptance", 0), steps.read_file
    content = broken.read_bytes()

    def fails(original: BinaryIO, **more: Any) -> Any:
        if original.read() == content:
            raise AttributeError("an unforeseen fault")
        return read(original, **more)

    monkeypatch.setattr(steps, "read_file", fails)
    tracking = received(broken)
    for _ in range(3):
        assert sweep_once().is_completed()
    fine = received(fillable(tmp_path / "b.pdf", "ebok_signup", 1))
    assert sweep_once().is_completed()
    assert states() == {tracking: State.QUARANTINED, fine: State.CONFIRMED}
    with transaction() as session:
        document = loading.load(session, tracking)
        stuck = summaries.counts(session)["stuck"]
    assert document.reason_code == steps.READ_FAILED
    assert b"".join(chunks_of(document.original_sha256 or "")) == content
    assert [(one["tracking"], one["code"], one["reason"]) for one in stuck] == [
        (tracking, steps.READ_FAILED, document.reason)
    ]


def test_a_blank_from_the_scan_folder_is_put_aside_with_its_reason_and_is_nobody_s_repetition(office: Path) -> None:
    inbox = get_settings().inbox
    blank = draw_fillable(form_by_code("einvoice_withdrawal"), {})
    for number in (1, 2):
        (inbox / f"skan {number}.pdf").write_bytes(blank)
    assert sweep_once().is_completed()
    assert sweep_once().is_completed()
    (inbox / "skan 3.pdf").write_bytes(blank)
    assert sweep_once().is_completed()
    with transaction() as session:
        found = list(summaries.list_documents(session))
        stories = [summaries.story(session, one.tracking) for one in found]
    assert [(one.state, one.reason_code, one.duplicate_of) for one in found] == [
        (State.QUARANTINED, "blank_form", None)
    ] * 3
    for told in stories:
        assert "Pusty druk" in told["reason"]
        assert told["original"]["sound"]
        assert not any(other.tracking in told["reason"] for other in found)


def test_a_batch_ends_with_each_form_done_the_letter_at_the_desk_and_every_page_accounted_for(
    office: Path, tmp_path: Path
) -> None:
    pages = [
        (tmp_path / "a.pdf", "einvoice_acceptance", 0),
        (tmp_path / "b.pdf", "ebok_signup", 1),
    ]
    first, last = (scanned(*page).read_bytes() for page in pages)
    batch = joined(first, blank_page(), stranger("complaint"), last)
    (get_settings().inbox / "partia.pdf").write_bytes(batch)
    assert sweep_once().is_completed()
    with transaction() as session:
        found = list(summaries.list_documents(session))
        went = [summaries.story(session, one.tracking)["file_pages"] for one in found]
    by_pages = {tuple(one.pages or ()): one for one in found}
    assert {pages: one.state for pages, one in by_pages.items()} == {
        (1,): State.CONFIRMED,
        (3,): State.IN_REVIEW,
        (4,): State.CONFIRMED,
    }
    assert by_pages[(3,)].reason_code == "letter_in_batch"
    assert by_pages[(1,)].parent_tracking is None
    told = [{"page": 2, "tracking": None}]
    told += [{"page": pages[0], "tracking": one.tracking} for pages, one in by_pages.items()]
    assert went == [sorted(told, key=lambda one: one["page"])] * 3
