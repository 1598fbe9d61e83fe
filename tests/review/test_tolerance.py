"""The tolerance in force: documents judged by it, looks that tighten it, a manager who turns it; all in the audit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from audit.tables import AuditEntry
from database.engine import transaction
from documents import loading, splitting
from documents.splitting import FoundForm
from documents.states import State
from documents.tables import Document
from documents.values import submission_of
from environment import clock
from flows import steps
from forms.catalogue import form_by_code
from forms.kinds import Value
from forms.submission import FieldValue, Source, Submission
from review import decisions, queue, second_look
from review.case_sheet import seen_of
from review.queue import Clerk
from review.tables import SecondLook, Tolerance
from review.tolerance import stored
from review.tolerance.considering import TOO_MANY
from review.tolerance.evidence import Relied
from review.tolerance.reliance import DOUBT_HELD, DOUBT_STEP
from review.tolerance.section import holding, quality_section
from review.tolerance.stored import ToleranceError
from specimens.files import letter
from tests.confirmations.conftest import set_settings
from tests.flows.samples import fill_register, received, values
from tests.review.stacks import document_of

__all__ = ["set_settings"]

NEW = "new.address@example.com"
"""The register knows it of nobody."""
NOW = clock.now()


@pytest.fixture(autouse=True)
def _office(database: str, set_settings: Callable[..., None]) -> None:
    set_settings(second_look_rate=1.0, second_looks_a_day=0)
    fill_register()


def judged(
    folder: Path,
    number: int = 1,
    sure: float = 0.99,
    source: Source = Source.HANDPRINT,
    person: int = 0,
    doubted: str | None = None,
) -> str:
    """An acceptance as a machine read it, by pen or in print, held against the register; its tracking number."""
    path = folder / f"{number}.pdf"
    path.write_bytes(letter(number))
    tracking = received(path)
    form = form_by_code("einvoice_acceptance")
    read: dict[str, Value] = {**values(form.code, person), "email": NEW}
    fields = {
        name: FieldValue(value, sure, source=source if isinstance(value, str) else Source.TICK, page=1)
        for name, value in read.items()
        if name in form
    }
    if doubted:
        fields[doubted] = replace(fields[doubted], trusted=False, doubt="Nieczytelne.")
    with transaction() as session:
        splitting.split(
            session,
            loading.load(session, tracking),
            [FoundForm(form.code, form.version, (1,), Submission(form, fields, paper=True), "scan")],
        )
    steps._match(tracking)
    return tracking


def looked(tracking: str, **right: Value) -> None:
    """The document is applied, drawn and compared."""
    steps._apply(tracking)
    with transaction() as session:
        second_look.claim(session, tracking, "clerk:anna")
        read = second_look.compared_fields(session, loading.load(session, tracking))
        second_look.finish(
            session, tracking, "clerk:anna", {name: right.get(name, one.value) for name, one in read.items()}
        )


def proven_wrong(folder: Path) -> None:
    """Of nine values by pen three were wrong, in three documents."""
    for tracking in [judged(folder, number, person=number - 9) for number in (11, 12, 13)]:
        looked(tracking, email="other@example.com")


def changes(subject: str = "threshold") -> list[tuple[str, str, object]]:
    """What was changed of what begins so, by whom, and to what."""
    with transaction() as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.subject == "tolerance").order_by(AuditEntry.id))
        return [
            (one.actor, one.action, (one.detail or {}).get("to")) for one in found if one.action.startswith(subject)
        ]


def test_a_document_keeps_on_what_it_rests_and_how_sure_that_was(tmp_path: Path) -> None:
    by_pen, printed = document_of(judged(tmp_path)), document_of(judged(tmp_path, 2, source=Source.PRINT))
    assert by_pen.at is State.READY
    assert by_pen.relied_on is not None and printed.relied_on is not None
    assert set(by_pen.relied_on) == {"customer_no", "email", "accept_terms", "date_signed", "signature"}
    assert by_pen.relied_on["email"] == by_pen.relied_on["customer_no"] == ["hand", 0.99]
    assert by_pen.relied_on["accept_terms"] == ["mark", 0.99]
    assert printed.relied_on["customer_no"] == ["print", 1.0], "the register confirms print, whatever the threshold"
    assert printed.relied_on["email"] == ["print", 0.99]


def test_an_error_that_is_proven_tightens_and_what_is_less_sure_then_waits_for_a_clerk(tmp_path: Path) -> None:
    proven_wrong(tmp_path)
    with transaction() as session:
        assert stored.in_force(session).thresholds == {"hand/sent": 0.9925}
    assert changes() == [("machine", "threshold_tightened", 2)]
    stopped, surer = document_of(judged(tmp_path, 2)), document_of(judged(tmp_path, 3, sure=0.9999))
    assert (stopped.at, stopped.reason_code) == (State.IN_REVIEW, "doubtful_field")
    assert surer.at is State.READY
    with transaction() as session:
        read = submission_of(session, stopped).fields["email"]
    assert (read.trusted, read.doubt) == (False, DOUBT_STEP)
    assert stopped.relied_on and stopped.relied_on["email"] == ["hand", 0.99], "what it would have rested on"


def test_two_wrong_documents_prove_nothing_but_hold_what_is_like_them_until_they_are_old_and_others_right(
    tmp_path: Path,
) -> None:
    with transaction() as session:
        for number in range(200, 240):
            quiet(session, number)
    for tracking in [judged(tmp_path, number, person=number) for number in (2, 3)]:
        looked(tracking, email="other@example.com")
    assert changes() == [] and set(changes("values")) == {("machine", "values_held", None)}
    stopped = judged(tmp_path, 4, sure=0.9999)
    with transaction() as session:
        held = stored.in_force(session).held
        assert held["hand/sent"] == "suspected" and all(one.endswith("/sent") for one in held)
        assert submission_of(session, loading.load(session, stopped)).fields["email"].doubt == DOUBT_HELD
        (sentence,) = holding(quality_section(session))
        assert sentence.startswith("Wstrzymane: pismo ręczne, pliki od klientów")
    settled(stopped)
    with transaction() as session:
        assert [one.values[0].wrong for one in stored.stopped(session, clock.now() - timedelta(days=1), 9)] == [False]
        session.execute(update(SecondLook).values(looked_at=clock.now() - timedelta(days=29)))
        for number in range(200):
            quiet(session, number)
        stored.reconsider(session)
        assert stored.in_force(session).held == {}
    with transaction() as session:
        told = [one.sentence for one in quality_section(session).changes]
        assert "Program przestał wstrzymywać: pismo ręczne, pliki od klientów." in told
    assert document_of(judged(tmp_path, 5, sure=0.9999)).at is State.READY


def test_a_way_in_is_held_while_its_second_looks_are_overdue(tmp_path: Path) -> None:
    with transaction() as session:
        for number in range(TOO_MANY):
            quiet(session, number, looked_at=None)
    document = document_of(judged(tmp_path))
    assert (document.at, changes("values")[0][1]) == (State.IN_REVIEW, "values_held")
    with transaction() as session:
        assert "dłużej niż 3 dni" in holding(quality_section(session))[0]
        session.execute(update(SecondLook).values(verdict="right", looked_at=clock.now()))
        session.execute(update(Tolerance).values(considered_at=None))
    assert document_of(judged(tmp_path, 2)).at is State.READY, "it is considered again when a document is judged"


def quiet(session: Session, number: int, looked_at: datetime | None = NOW) -> None:
    """A document that was drawn ten days ago, and found right since."""
    before, tracking = NOW - timedelta(days=10), f"T{number:08}"
    relied = {"email": ["hand", 0.9999], "date_signed": ["hand", 0.9999], "signature": ["mark", 0.998]}
    kept = {"channel": "upload", "state": "applied", "received_at": before, "updated_at": before}
    session.add(Document(tracking=tracking, relied_on=relied, **kept))
    verdict = looked_at and "right"
    session.add(SecondLook(tracking=tracking, chosen_at=before, rate=1.0, looked_at=looked_at, verdict=verdict))


def settled(tracking: str, **right: Value) -> None:
    """A clerk approves it with what he sees."""
    ola = Clerk("ola")
    with transaction() as session:
        queue.claim(session, tracking, ola)
        read = submission_of(session, loading.load(session, tracking))
        doubted = {name: one.value for name, one in read.fields.items() if not one.trusted}
        seen = seen_of(loading.load(session, tracking))
        decisions.approve(session, tracking, ola, seen=seen, values={**doubted, **right})


def test_what_a_clerk_finds_of_a_doubted_value_by_pen_is_evidence(tmp_path: Path) -> None:
    settled(judged(tmp_path, sure=0.9, doubted="email"), email="right@example.com")
    settled(judged(tmp_path, 2, sure=0.8, doubted="email"))
    settled(judged(tmp_path, 3, sure=0.3, doubted="email"))
    settled(judged(tmp_path, 4, sure=0.9, doubted="email", source=Source.PRINT), email="right@example.com")
    judged(tmp_path, 5, sure=0.9, doubted="email")
    with transaction() as session:
        found = stored.settled_doubts(session, clock.now() - timedelta(days=1), 9)
        assert [(one.way, *one.values) for one in found] == [
            ("sent", Relied("hand", 0.8, wrong=False)),
            ("sent", Relied("hand", 0.9, wrong=True)),
        ]
        assert stored.settled_doubts(session, clock.now() - timedelta(days=1), 1) == found[:1], "the newest"
        assert stored.settled_doubts(session, clock.now(), 9) == []


def test_what_a_tightened_threshold_stopped_tells_what_a_looser_one_would_bring(tmp_path: Path) -> None:
    proven_wrong(tmp_path)
    settled(judged(tmp_path, 2), email="right@example.com")
    with transaction() as session:
        quality = quality_section(session)
    (part,) = [one for one in quality.parts if one.step]
    assert (part.stratum, part.least, part.looser is None) == ("hand/sent", 0.9925, False)
    assert part.looser is not None
    assert (part.looser.proven.values, part.looser.proven.wrong) == (12, 4), "the three looked at, and the one stopped"
    assert quality.standing == "unproven" and quality.documents == 4
    assert "Program podniósł próg" in [one.sentence.partition(":")[0] for one in quality.changes]


def test_a_manager_sets_what_he_tolerates_within_bounds_and_it_is_told_who(tmp_path: Path) -> None:
    with transaction() as session:
        stored.tolerate(session, "clerk:maria", 2.0)
    assert changes("tolerance") == [("clerk:maria", "tolerance_set", 2.0)]
    for wrong in (0.0, 0.1, 21.0, float("nan")):
        with transaction() as session, pytest.raises(ToleranceError, match="od 0,2 do 20"):
            stored.tolerate(session, "clerk:maria", wrong)
    with transaction() as session:
        assert stored.in_force(session).tolerated == 0.002
        assert quality_section(session).changes[0].sentence == "Tolerancja zmieniona z 1 na 2 na 1000."


def test_a_manager_loosens_one_step_of_what_he_saw_and_only_later_looks_count(tmp_path: Path) -> None:
    proven_wrong(tmp_path)
    with transaction() as session, pytest.raises(ToleranceError, match="zmienił się"):
        stored.loosen(session, "clerk:maria", "hand/sent", seen=1)
    with transaction() as session:
        stored.loosen(session, "clerk:maria", "hand/sent", seen=2)
        assert stored.in_force(session).steps == {"hand/sent": 1}
        assert stored.reconsider(session) == [], "the error found before does not tighten it again"
    assert changes()[-1] == ("clerk:maria", "threshold_loosened", 1)


def test_a_document_is_drawn_at_the_rate_of_its_kind_which_the_look_keeps(
    tmp_path: Path, set_settings: Callable[..., None]
) -> None:
    set_settings(second_look_rate=0.001, second_looks_a_day=1)
    first = judged(tmp_path)
    steps._apply(first)
    document = document_of(first)
    with transaction() as session:
        look = session.scalar(select(SecondLook).where(SecondLook.tracking == first))
        assert look is not None and look.rate == 1.0, "nothing is proven yet: all of one a day"
        session.add(SecondLook(tracking="T0", chosen_at=clock.now(), rate=1.0))
        session.flush()
        assert stored.rate_of(session, document) == 0.001, "twice the day's number is reached"
        session.execute(update(SecondLook).values(chosen_at=clock.now() - timedelta(days=2)))
        assert stored.rate_of(session, document) == 1.0


def test_rates_are_considered_once_an_hour(tmp_path: Path, set_settings: Callable[..., None]) -> None:
    set_settings(second_look_rate=0.001, second_looks_a_day=5)
    document = document_of(judged(tmp_path))
    with transaction() as session:
        stored.reconsider(session)
        session.execute(update(Tolerance).values(rates={"hand/sent": 0.25, "mark/sent": 0.5}))
    with transaction() as session:
        assert stored.rate_of(session, document) == 0.5
        session.execute(update(Tolerance).values(considered_at=clock.now() - timedelta(hours=1, seconds=1)))
        session.expire_all()
        assert stored.rate_of(session, document) == 1.0


def test_papers_that_are_read_less_often_than_before_are_told_as_changed(tmp_path: Path) -> None:
    """100 of 120 before, 20 of 60 this week: more than six standard errors."""
    begun = clock.now() - timedelta(days=10)
    with transaction() as session:
        for number in range(180):
            at, relied = (begun, number < 100) if number < 120 else (clock.now() - timedelta(hours=1), number < 140)
            session.add(
                Document(
                    tracking=f"T{number:08}",
                    channel="folder",
                    state="applied",
                    received_at=at,
                    updated_at=at,
                    relied_on={"email": ["hand", 0.999]} if relied else {},
                )
            )
    with transaction() as session:
        stored.reconsider(session)
        quality = quality_section(session)
    assert quality.drifting == ("skany z kancelarii",)
    assert quality.present is not None and quality.present.through == pytest.approx(120 / 180)
