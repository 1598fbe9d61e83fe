"""All that is held of one customer, as a folder that he can be handed, and nothing of anybody else."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from benchmarks import office
from benchmarks.office import Paper
from confirmations import outbox
from customers.acting import agent
from customers.tables import Account, Proof
from database.engine import transaction
from documents import loading, transitions
from documents.drafts import keep, new_token
from documents.erasing import ERASED, release_original
from documents.states import State
from documents.tables import Document
from environment import clock
from portal import authorities, questions
from portal.conversations import QuestionKind
from portal.questions import Asker, Written
from portal.views import Scope
from retention.export import export
from retention.holdings import UnknownCustomerError
from specimens.files import joined
from tests.stored import original_path

EWA, JAN = 0, 1


def number(person: int) -> str:
    return str(office.people()[person]["customer_no"])


def index_of(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "index.json").read_text()))


def assigned(tracking: str, person: int) -> str:
    with transaction() as session:
        row = loading.load(session, tracking)
        row.customer_no = number(person)
        transitions.move(session, row, State.REJECTED, actor="machine", reason_code="missing_signature", reason="Brak.")
    return tracking


def test_everything_is_there_to_read_and_for_programs_and_for_the_owner_only(database: str, tmp_path: Path) -> None:
    office.fill_register()
    typed = office.on_einvoice(EWA)
    outbox.deliver(transaction)
    scan = office.scanned(Paper())
    paper = assigned(office.read(office.received(scan, "moje podanie.pdf"), Paper()), EWA)
    with transaction() as session:
        keep(session, "ebok_signup", new_token(), {"customer_no": number(EWA), "name": "Zaczęte"}, own=False)

    done = export(number(EWA), tmp_path / "dane", "command line:test")

    index, person = index_of(done.folder), office.people()[EWA]
    assert not done.incomplete
    assert {index["register"][name] for name in ("name", "pesel", "email")} == {
        person["name"],
        person["pesel"],
        person["email"],
    }
    assert [(one["subject"], one["email"], one["tracking"]) for one in index["consents"]] == [
        ("einvoice", person["email"], typed)
    ]
    assert index["consents"][0]["original_sha256"] and index["consents"][0]["email_proven_at"]
    cases = {one["tracking"]: one for one in index["cases"]}
    assert set(cases) == {typed, paper}
    assert {one["field"]: one["value"] for one in cases[paper]["values"]}["pesel"] == person["pesel"]
    assert cases[paper]["file"] == "moje podanie.pdf"
    assert (done.folder / cases[paper]["files"][0]["file"]).read_bytes() == scan
    assert json.loads((done.folder / cases[typed]["files"][0]["file"]).read_text())["email"] == person["email"]
    assert [one["recipient"] for one in cases[typed]["messages"]] == [person["email"]] * 2
    texts = [(done.folder / one["file"]).read_text() for one in cases[typed]["messages"]]
    assert all(typed in each for each in texts)
    assert index["drafts"] == [{"customer_no": number(EWA), "name": "Zaczęte"}]
    assert "customer_exported" in {one["action"] for one in index["audit"]}
    page = (done.folder / "index.html").read_text()
    assert all(str(person[name]) in page for name in ("name", "pesel", "email"))
    assert "Nie ma wpisu" not in page and "moje podanie.pdf" in page
    paths = [done.folder, *done.folder.rglob("*")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_dir()} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_file()} == {0o600}
    assert sum(path.is_file() for path in paths) == done.files


def test_no_secret_of_ours_and_nobody_elses_data_is_in_it(database: str, tmp_path: Path) -> None:
    office.fill_register()
    office.on_einvoice(EWA)
    office.on_einvoice(JAN)
    done = export(number(EWA), tmp_path / "dane", "command line:test")
    everything = b"".join(path.read_bytes() for path in done.folder.rglob("*") if path.is_file())
    other = office.people()[JAN]
    assert not any(str(other[name]).encode() in everything for name in ("name", "pesel", "email", "customer_no"))
    with transaction() as session:
        for proof in session.query(Proof):
            assert proof.nonce.encode() not in everything and proof.token_digest.encode() not in everything
    assert b"potwierdzenie/" not in everything


def test_of_a_batch_with_forms_of_others_only_his_pages_are_given(database: str, tmp_path: Path) -> None:
    office.fill_register()
    data = joined(office.scanned(Paper()), office.scanned(Paper(person=JAN)))
    his = office.read(office.received(data), Paper(), Paper(person=JAN))
    with transaction() as session:
        other = session.query(Document).filter_by(parent_tracking=his).one().tracking
    assigned(his, EWA)
    assigned(other, JAN)
    done = export(number(JAN), tmp_path / "dane", "command line:test")
    (case,) = index_of(done.folder)["cases"]
    assert [one["file"] for one in case["files"]] == [f"originals/{other}-page-2.jpg"]
    assert "innych osób" in case["files"][0]["note"]
    assert (done.folder / case["files"][0]["file"]).read_bytes().startswith(b"\xff\xd8\xff")
    assert not list(done.folder.rglob("*.pdf"))


def test_what_is_no_longer_kept_is_said_and_what_cannot_be_opened_is_told(database: str, tmp_path: Path) -> None:
    office.fill_register()
    gone = assigned(office.read(office.received(office.scanned(Paper())), Paper()), EWA)
    lost = assigned(office.read(office.received(office.scanned(Paper(seed=2))), Paper(seed=2)), EWA)
    with transaction() as session:
        release_original(session, loading.load(session, gone))
        original_path(loading.load(session, lost).original_sha256 or "").unlink()
    done = export(number(EWA), tmp_path / "dane", "command line:test")
    assert done.incomplete == [lost]
    cases = {one["tracking"]: one["files"] for one in index_of(done.folder)["cases"]}
    assert cases[gone][0]["note"] == ERASED
    assert cases[lost][0]["file"] is None


def test_a_folder_that_holds_something_is_left_alone(database: str, tmp_path: Path) -> None:
    office.fill_register()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("x")
    with pytest.raises(FileExistsError):
        export(number(EWA), tmp_path / "mine", "command line:test")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
    with pytest.raises(UnknownCustomerError):
        export("99999999", tmp_path / "new", "command line:test")
    assert not (tmp_path / "new").exists()


def test_what_an_agent_did_is_told_to_the_customer_without_the_number_of_his_account(
    database: str, tmp_path: Path
) -> None:
    office.fill_register()
    for person, login in ((EWA, "ewa@example.com"), (JAN, "jan@example.com")):
        office.open_account(number(person), login)
    with transaction() as session:
        account = session.scalars(select(Account.id).where(Account.login == "jan@example.com")).one()
        token = authorities.give(session, number(EWA), "jan@example.com", Scope.ACT, clock.today())
        authorities.take_up(session, token, account, "jan@example.com")
        by_jan = agent(number(JAN), 1)
        questions.ask(
            session,
            Asker(number(EWA), "jan@example.com", sees_all=False, actor=by_jan),
            Written("Skąd ta kwota?", "a"),
            kind=QuestionKind.BILLING,
        )
        authorities.give_back(session, account, number(EWA))
    case = office.online("tank_collection", EWA)
    with transaction() as session:
        loading.load(session, case).authority = 1
    office.worked_off(case)
    ewa = index_of(export(number(EWA), tmp_path / "ewa", "command line:test").folder)
    assert number(JAN) not in json.dumps(ewa)
    assert ("agent/1", "question_asked") in {(one["actor"], one["action"]) for one in ewa["audit"]}
    assert ([one["ended_by"] for one in ewa["authorities"]], ewa["questions"][0]["turns"][0]["authority"]) == (
        ["agent/1"],
        1,
    )
    assert [one["authority"] for one in ewa["cases"]] == [1]
    jan = index_of(export(number(JAN), tmp_path / "jan", "command line:test").folder)
    assert [one["ended_by"] for one in jan["authorities"]] == [by_jan], "his own is his to know"
