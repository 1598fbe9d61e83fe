"""One customer's data erased on request: what was said to be gone is in no byte of the database or the home folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, func, select, text, type_coerce
from sqlalchemy.engine import make_url

from audit.tables import AuditEntry
from benchmarks import office, visits
from benchmarks.office import Paper
from confirmations import outbox
from confirmations.composing import compose_proof
from confirmations.tables import Message
from customers.proving import prove
from customers.tables import Account, AccountNumber, Authority, Consent, Customer
from database.encryption import EncryptedJson, EncryptedText, decrypt_bytes
from database.engine import Base, get_engine, reading, transaction
from documents import loading, transitions
from documents.drafts import keep, new_token
from documents.originals import is_sound
from documents.states import State
from documents.tables import Document
from documents.values import submission_of
from environment import clock
from environment.settings import get_settings
from portal import authorities
from portal.question_tables import Question
from portal.views import Scope, views_of
from retention import erasure
from retention.erasure import Erasure, Fate
from retention.holdings import UnknownCustomerError
from review.pages import picture_of
from review.visits import crew_day
from specimens.files import joined
from tests.portal.asking import ask, with_account
from tests.postgres import Cluster
from tests.stored import original_path

EWA, JAN = 0, 1
_PLACES_IN_POSTGRES = """
    SELECT pg_relation_filepath(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('public', 'pg_toast')
"""


@pytest.fixture(autouse=True)
def _sampled_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_SECOND_LOOK_RATE", "0")
    get_settings.cache_clear()


def number(person: int) -> str:
    return str(office.people()[person]["customer_no"])


def lived(person: int) -> dict[str, str]:
    """A customer who asked for an account and for e-invoices and withdrew; values that stand nowhere else."""
    typed = {"phone": "600123987", "email": f"tylko.tu{person}@example.com"}
    signup = office.online("ebok_signup", person, **typed)
    office.worked_off(signup)
    with transaction() as session:
        link = session.scalars(select(Message.context).where(Message.tracking == signup)).one()["link"]
        token = link.rpartition("/")[2]
        compose_proof(session, prove(session, token))
    rejected = office.read(office.received(office.scanned(Paper(person=person))), Paper(person=person))
    with transaction() as session:
        row = loading.load(session, rejected)
        row.customer_no = number(person)
        transitions.move(session, row, State.REJECTED, actor="machine", reason_code="missing_signature", reason="Brak.")
        keep(session, "ebok_signup", new_token(), {"customer_no": number(person), "name": "Z Szuflady"}, own=False)
    with transaction() as session:
        picture = picture_of(session, rejected, 1)
    picture.shown()
    outbox.deliver(transaction)
    return {**typed, "signup": signup, "rejected": rejected, "draft": "Z Szuflady"}


def told(done: Erasure) -> set[tuple[str, str]]:
    return {(line.what, line.fate.value) for line in done.lines}


def ciphertexts() -> list[tuple[bytes, str]]:
    """Every encrypted value in the database, as it lies there and as it reads."""
    found = []
    with transaction() as session:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, EncryptedText | EncryptedJson):
                    rows = session.scalars(select(type_coerce(column, LargeBinary)).where(column.is_not(None)))
                    found += [(bytes(token), decrypt_bytes(bytes(token)).decode()) for token in rows]
    return found


def bytes_on_disk(home: Path, cluster: Cluster | None) -> Iterator[bytes]:
    """All files of the home folder, and of PostgreSQL the files of the tables."""
    for path in home.rglob("*"):
        if path.is_file():
            yield path.read_bytes()
    if cluster is not None:
        with get_engine().connect() as connection:
            folder = Path(str(connection.scalar(text("SHOW data_directory"))))
            places = [row[0] for row in connection.execute(text(_PLACES_IN_POSTGRES)) if row[0]]
        with get_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CHECKPOINT"))
        for place in places:
            for path in folder.glob(f"{place}*"):
                yield path.read_bytes()


def cluster_of(request: pytest.FixtureRequest) -> Cluster | None:
    postgres = make_url(get_settings().url).get_backend_name() == "postgresql"
    return request.getfixturevalue("postgres") if postgres else None


def test_nothing_of_what_is_said_to_be_erased_is_left_in_any_byte(
    database: str, home: Path, request: pytest.FixtureRequest
) -> None:
    office.fill_register()
    secrets = lived(EWA)
    person = office.people()[EWA]
    sealed = original_path(_sha256(secrets["rejected"]))
    begin_of_seal = sealed.read_bytes()[100:200]
    gone = [secrets["phone"], secrets["draft"], person["pesel"], person["phone"], person["email"]]
    words = [*gone, secrets["email"], "Brak."]
    before = [token for token, plain in ciphertexts() if any(word in plain for word in words)]
    assert len(before) > 8
    on_disk = list(bytes_on_disk(home, cluster_of(request)))
    assert any(secrets["email"].encode() in each for each in on_disk)  # the search finds what is there

    done = erasure.erase(number(EWA), "command line:test", departed=True)

    assert done.wiped
    assert told(done) >= {
        ("dane sprawy", "reduced"),
        ("oryginał i obrazy stron", "erased"),
        ("konto eBOK", "erased"),
        ("formularz zaczęty na stronie", "erased"),
        ("zgoda na konto eBOK", "reduced"),
        ("wpis w rejestrze klientów", "reduced"),
    }
    plain = [each for _, each in ciphertexts()]
    assert not any(word in each for word in words for each in plain)
    assert not sealed.exists()
    with transaction() as session:
        proof = session.scalars(select(Consent)).one()
        assert proof.email == secrets["email"]  # the proof of the consent is kept, and that is said
        assert session.scalar(select(func.count()).select_from(Account)) == 0
        row = session.get_one(Customer, number(EWA))
        assert (row.name, row.pesel, row.street, row.phone, row.email) == (person["name"], None, None, None, None)
    for each in bytes_on_disk(home, cluster_of(request)):
        assert not any(value.encode() in each for value in gone), "plain"
        assert not any(token in each for token in before), "encrypted"
        assert begin_of_seal not in each
    assert not list(get_settings().pictures.glob("*.jpg"))


def _sha256(tracking: str) -> str:
    with transaction() as session:
        return loading.load(session, tracking).original_sha256 or ""


def test_a_plan_changes_nothing_and_says_what_the_deed_does(database: str, home: Path) -> None:
    office.fill_register()
    secrets = lived(EWA)
    with transaction() as session:
        audited = session.scalar(select(func.count()).select_from(AuditEntry))
    planned = erasure.plan(number(EWA), departed=True)
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == audited
        assert loading.load(session, secrets["rejected"]).values_erased_at is None
    assert is_sound(_sha256(secrets["rejected"]))
    assert told(planned) == told(erasure.erase(number(EWA), "command line:test", departed=True))


def test_it_may_be_repeated_and_the_audit_has_both(database: str) -> None:
    office.fill_register()
    lived(EWA)
    erasure.erase(number(EWA), "command line:test")
    again = erasure.erase(number(EWA), "command line:test")
    assert {line.fate for line in again.lines} <= {Fate.KEPT, Fate.REDUCED}
    assert not any(line.what.startswith(("dane", "oryginał", "konto", "wiadomości")) for line in again.lines)
    with transaction() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "customer_erased")).all()
        assert [one.subject for one in entries] == [f"customer:{number(EWA)}"] * 2
        assert person_free(entries)


def person_free(entries: object) -> bool:
    written = json.dumps([one.detail for one in entries])  # type: ignore[attr-defined]
    return not any(str(value) in written for value in office.people()[EWA].values() if len(str(value)) > 3)


def test_a_customer_of_the_company_stays_in_its_register_and_a_consent_in_force_keeps_its_original(
    database: str,
) -> None:
    office.fill_register()
    tracking = office.on_einvoice(EWA)
    outbox.deliver(transaction)
    done = erasure.erase(number(EWA), "command line:test", departed=True)
    kept = {line.what: line.why for line in done.lines if line.fate is Fate.KEPT}
    assert "art. 106n" in kept["zgoda na e-faktury"]
    assert "art. 106n" in kept["wpis w rejestrze klientów"]
    assert "dowód zgody" in kept["oryginał"]
    assert is_sound(_sha256(tracking))
    with transaction() as session:
        customer = session.get_one(Customer, number(EWA))
        assert customer.invoice_delivery == "email" and customer.pesel
        assert loading.load(session, tracking).values_erased_at is not None


def test_who_left_and_never_consented_is_gone_altogether(database: str) -> None:
    office.fill_register()
    rejected = office.read(office.received(office.scanned(Paper())), Paper())
    with transaction() as session:
        row = loading.load(session, rejected)
        row.customer_no = number(EWA)
        transitions.move(session, row, State.REJECTED, actor="machine")
    done = erasure.erase(number(EWA), "command line:test", departed=True)
    assert ("wpis w rejestrze klientów", "erased") in told(done)
    with transaction() as session:
        assert session.get(Customer, number(EWA)) is None
        assert loading.load(session, rejected).customer_no is None
    with pytest.raises(UnknownCustomerError):
        erasure.plan(number(EWA))


def test_an_open_case_is_kept_and_said(database: str) -> None:
    office.fill_register()
    waiting = office.waiting(Paper())
    with transaction() as session:
        loading.load(session, waiting).customer_no = number(EWA)
    done = erasure.erase(number(EWA), "command line:test", departed=True)
    assert [(line.what, line.fate.value, line.why) for line in done.lines if line.subject == waiting] == [
        ("sprawa", "kept", "sprawa jest w toku")
    ]
    assert is_sound(_sha256(waiting))
    with transaction() as session:
        assert submission_of(session, loading.load(session, waiting)).fields
        assert session.get_one(Customer, number(EWA)).pesel


def test_a_visit_to_come_and_a_question_that_waits_keep_whose_they_are(database: str) -> None:
    office.fill_register()
    tracking, asked = visits.asked("tank_collection", EWA), ask(with_account(JAN))
    visits.decided(tracking, "propose", visits.day_to_come())
    visits.answered(tracking)
    outbox.deliver(transaction)
    for person in (EWA, JAN):
        done = erasure.erase(number(person), "command line:test", departed=True)
        assert ("wpis w rejestrze klientów", "kept") in told(done)
        with reading() as session:
            assert session.get_one(Customer, number(person)).postcode, "he has to be found and written to"
    with reading() as session:
        (visit,) = crew_day(session, visits.day_to_come())
        assert visit.tracking == tracking
        assert submission_of(session, loading.load(session, tracking)).fields, "his page of the case opens by them"
        assert session.get(Question, asked) is not None
    visits.decided(tracking, "cancel")
    outbox.deliver(transaction)
    erasure.erase(number(EWA), "command line:test", departed=True)
    with reading() as session:
        assert session.get(Customer, number(EWA)) is None


def test_a_link_that_may_still_be_used_keeps_its_case_until_it_is_over(database: str) -> None:
    office.fill_register()
    office.worked_off(office.online("ebok_signup"))
    done = erasure.plan(number(EWA))
    assert {"klient może jeszcze kliknąć odnośnik"} == {line.why for line in done.lines if line.what == "sprawa"}


def test_of_a_batch_with_forms_of_others_his_case_shows_nothing_and_theirs_goes_on(database: str) -> None:
    office.fill_register()
    data = joined(office.scanned(Paper()), office.scanned(Paper(person=JAN)))
    his = office.read(office.received(data), Paper(), Paper(person=JAN))
    with transaction() as session:
        others = session.scalars(select(Document).where(Document.parent_tracking == his)).one()
        others.customer_no = number(JAN)
        row = loading.load(session, his)
        row.customer_no = number(EWA)
        transitions.move(session, row, State.REJECTED, actor="machine")
    done = erasure.erase(number(EWA), "command line:test")
    kept = [line.why for line in done.lines if line.what == "oryginał"]
    assert len(kept) == 1 and "innych osób" in kept[0]
    assert is_sound(_sha256(his))
    with transaction() as session:
        assert submission_of(session, loading.load(session, others.tracking)).fields
        transitions.move(session, loading.load(session, others.tracking), State.REJECTED, actor="machine")
    done = erasure.erase(number(JAN), "command line:test")
    assert ("oryginał i obrazy stron", "erased") in told(done)
    assert not original_path(_sha256(his)).exists()


def test_a_file_with_two_forms_of_his_goes_at_once_unless_one_is_open(database: str) -> None:
    office.fill_register()
    data = joined(office.scanned(Paper()), office.scanned(Paper(seed=2)))
    first = office.read(office.received(data), Paper(), Paper(seed=2))
    with transaction() as session:
        second = session.scalars(select(Document).where(Document.parent_tracking == first)).one().tracking
        for each in (first, second):
            loading.load(session, each).customer_no = number(EWA)
        transitions.move(session, loading.load(session, first), State.REJECTED, actor="machine")
    planned = {line.subject: line for line in erasure.plan(number(EWA)).lines if line.what.startswith("oryginał")}
    assert {subject: line.fate for subject, line in planned.items()} == {first: Fate.KEPT}
    with transaction() as session:
        transitions.move(session, loading.load(session, second), State.REJECTED, actor="machine")
    done = erasure.erase(number(EWA), "command line:test")
    assert {line.subject for line in done.lines if line.fate is Fate.ERASED} == {first, second}
    assert not original_path(_sha256(first)).exists()


def test_a_case_of_nobody_that_names_him_is_told_and_left(database: str) -> None:
    office.fill_register()
    tracking = office.read(office.received(office.scanned(Paper())), Paper())
    with transaction() as session:
        transitions.move(session, loading.load(session, tracking), State.REJECTED, actor="machine")
    done = erasure.erase(number(EWA), "command line:test")
    assert [line.subject for line in done.lines if line.what == "sprawa niczyja"] == [tracking]
    with transaction() as session:
        assert loading.load(session, tracking).values_erased_at is None


def test_nobody_knows_a_number_that_is_none(database: str) -> None:
    with pytest.raises(UnknownCustomerError):
        erasure.erase("99999999", "command line:test")


def test_authority_ends_with_the_customer_who_is_erased_and_whoever_acted_for_him_is_told(database: str) -> None:
    office.fill_register()
    office.open_account(number(EWA), "ewa@example.com")
    office.open_account(number(JAN), "jan@example.com")
    further, paper = str(office.people()[5]["customer_no"]), office.received(b"%PDF-1.7 a letter")
    with transaction() as session:
        accounts = {one.login: one.id for one in session.scalars(select(Account))}
        asked = {"state": "active", "agreed": "", "asked_at": clock.now()}
        session.add(AccountNumber(account_id=accounts["ewa@example.com"], customer_no=further, **asked))
        session.flush()
        for place in (number(EWA), further):
            token = authorities.give(session, place, "jan@example.com", Scope.ACT, clock.today())
            authorities.take_up(session, token, accounts["jan@example.com"], "jan@example.com")
        by_clerk = {"actor": "clerk:ewa", "paper": paper}
        authorities.give(session, number(EWA), "kto@example.com", Scope.SEE, clock.today(), **by_clerk)
        token = authorities.give(session, number(JAN), "ewa@example.com", Scope.SEE, clock.today())
        authorities.take_up(session, token, accounts["ewa@example.com"], "ewa@example.com")
    erasure.erase(number(EWA), "command line:test")
    with reading() as session:
        left = {row.customer_no: (row.ended_by, row.account_id) for row in session.scalars(select(Authority))}
        views = views_of(session, accounts["jan@example.com"], number(JAN), clock.today())
        ended = Message.template == "authority_ended"
        told = [one.recipient for one in session.scalars(select(Message).where(ended))]
    assert left == {further: ("machine", accounts["jan@example.com"]), number(JAN): ("machine", None)}
    assert [one.customer_no for one in views] == [number(JAN)]
    assert told == ["jan@example.com"] * 3, "both that he had, and that his own agent is gone"
