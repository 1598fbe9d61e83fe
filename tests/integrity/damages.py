"""Ways of damaging an installation, each with what a check must say of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import delete, select, update

from benchmarks.office import people
from billing.dispatch_tables import DeliveredInvoice, PrintRun
from billing.metering.tables import ReadingExport, ReportedReading
from confirmations.outbox import enqueue, enqueue_notices
from confirmations.tables import Medium, Message, Sending
from customers.tables import (
    Account,
    AccountNumber,
    Authority,
    Change,
    Consent,
    Customer,
    LetterCode,
    NameWord,
    RegisterIndex,
    RegisterWord,
    Request,
)
from database.engine import Session, transaction
from database.envelopes import sealed_bytes
from documents.drafts import Draft
from documents.loading import load
from documents.originals import store_bytes
from documents.tables import Document, Original, Reading, Transition
from environment import clock
from environment.settings import get_settings
from notices.tables import ToldNotice
from review.tables import SecondLook
from tests.integrity.installation import Cases
from tests.stored import original_path

NOBODY = "XXXX-XXXX"
"""A number that no case has."""
CUSTOMERS = [str(row["customer_no"]) for row in people()]


def _joined(number: str) -> Callable[[Cases], None]:
    """A number that became one of an account's without anybody having looked."""

    def join(cases: Cases) -> None:
        with transaction() as session:
            account = session.scalars(select(Account).where(Account.tracking == cases["account"])).one()
            session.add(
                AccountNumber(
                    account_id=account.id, customer_no=number, state="active", agreed="name", asked_at=clock.now()
                )
            )

    return join


def _authority_of_nobody(cases: Cases) -> None:
    with transaction() as session:
        session.add(
            Authority(
                customer_no=CUSTOMERS[0],
                email="zarzadca@example.com",
                scope="see",
                given_by="customer",
                given_at=clock.now(),
                until=clock.today(),
                link_ends=clock.now(),
                accepted_at=clock.now(),
            )
        )


@dataclass(frozen=True)
class Damage:
    """``do`` damages an installation, ``code`` is what is found then; ``mended`` says whether it is by itself."""

    code: str
    do: Callable[[Cases], None]
    mended: bool = False
    also: frozenset[str] = frozenset()
    """What else does not fit together then."""


def ago(**how_long: int) -> datetime:
    return clock.now() - timedelta(**how_long)


def document(session: Session, tracking: str) -> Document:
    return load(session, tracking)


def changed(table: type, *where: Any, **values: Any) -> None:
    """Rows of a table that are otherwise now."""
    with transaction() as session:
        touched = session.execute(update(table).where(*where).values(**values))
        assert touched.rowcount, table  # type: ignore[attr-defined]


def case(tracking: str, **values: Any) -> None:
    changed(Document, Document.tracking == tracking, **values)


def file_of(tracking: str) -> Path:
    with transaction() as session:
        return original_path(load(session, tracking).original_sha256 or "")


def rewritten(path: Path, content: bytes) -> None:
    path.unlink()
    path.write_bytes(content)
    path.chmod(0o400)


def aged(path: Path) -> None:
    os.utime(path, (0, 0))


def _other_key(cases: Cases) -> None:
    os.environ["EBOK_SECRET_KEY"] = Fernet.generate_key().decode()
    get_settings.cache_clear()
    foreign = sealed_bytes(b"%PDF-1.7")
    del os.environ["EBOK_SECRET_KEY"]
    get_settings.cache_clear()
    rewritten(file_of(cases["accepted"]), foreign)


def _unreadable(cases: Cases) -> None:
    path = file_of(cases["accepted"])
    path.unlink()
    path.symlink_to(path)  # a loop, since root may read whatever the mode


def _not_erased(cases: Cases) -> None:
    sha256 = store_bytes(b"%PDF-1.7 of a case long over").sha256
    with transaction() as session:
        row = {"size": 1, "media_type": "", "path": "", "stored_at": ago(days=9), "erased_at": ago(days=8)}
        session.add(Original(sha256=sha256, **row))
    aged(original_path(sha256))


def _foreign_file(cases: Cases) -> None:
    (file_of(cases["accepted"]).parent / "Thumbs.db").write_bytes(b"x")
    (file_of(cases["accepted"]).parent / "Thumbs.db").chmod(0o400)


def _let_go(cases: Cases) -> None:
    case(cases["unusable"], original_released_at=ago(days=9))
    with transaction() as session:
        sha256 = load(session, cases["unusable"]).original_sha256
    changed(Original, Original.sha256 == sha256, stored_at=ago(days=10))


def _case_deleted(cases: Cases) -> None:
    with transaction() as session:
        gone = load(session, cases["unusable"])
        for table in (Transition, Reading):
            session.execute(delete(table).where(table.document_id == gone.id))
        session.delete(gone)


def _step_deleted(cases: Cases) -> None:
    with transaction() as session:
        steps = session.scalars(
            select(Transition)
            .join(Document, Document.id == Transition.document_id)
            .where(Document.tracking == cases["accepted"])
            .order_by(Transition.id)
        ).all()
        session.delete(steps[1])


def _steps_forged(cases: Cases) -> None:
    with transaction() as session:
        steps = session.scalars(
            select(Transition).where(Transition.document_id == document(session, cases["rejected"]).id)
        ).all()
        steps[0].to_state = steps[1].from_state = "confirmed"


def _part_moved(cases: Cases) -> None:
    with transaction() as session:
        document(session, cases["part"]).original_sha256 = document(session, cases["rejected"]).original_sha256


def _invoice(message_key: str) -> None:
    with transaction() as session:
        row = {"customer_no": CUSTOMERS[0], "issued_on": clock.today(), "decided_at": clock.now()}
        session.add(DeliveredInvoice(invoice_no="FV/1", message_key=message_key, uncertain=False, **row))


def _message_alone(_cases: Cases) -> None:
    told = {"tracking": "", "channel": Medium.EMAIL, "recipient": "x@example.com", "template": "invoice"}
    with transaction() as session:
        enqueue(session, key="invoice:FV/2", context={"tracking": ""}, **told)


def _notice(**keys: str) -> None:
    told = {"kind": "leak", "subject": "1", "customer_no": CUSTOMERS[0], "decided_at": clock.now()}
    with transaction() as session:
        session.add(ToldNotice(**told, **keys))


def _notice_alone(_cases: Cases) -> None:
    told = {"channel": Medium.EMAIL, "recipient": "x@example.com", "template": "notice_leak"}
    with transaction() as session:
        enqueue_notices(session, [{"key": "notice:leak:x", "context": {"tracking": ""}, "customer_no": None, **told}])


def _print_run(begun_at: datetime) -> None:
    with transaction() as session:
        session.add(PrintRun(number=1, begun_at=begun_at))


def _reading(state: str, **values: Any) -> None:
    with transaction() as session:
        row = {"customer_no": CUSTOMERS[0], "meter_no": "W1", "read_on": clock.today(), "value": 1, "source": "web"}
        session.add(ReportedReading(number=f"OD-{state}", state=state, taken_at=clock.now(), **row, **values))


def _rejection_told(_cases: Cases) -> None:
    told = {"tracking": "", "channel": Medium.EMAIL, "recipient": "x@example.com", "template": "reading_rejected"}
    with transaction() as session:
        enqueue(session, key="reading:1", context={"tracking": ""}, **told)


def _reading_export(begun_at: datetime) -> None:
    with transaction() as session:
        session.add(ReadingExport(number=1, begun_at=begun_at))


def change_row(session: Session, like: str, **values: Any) -> Change:
    """A change as that case has one, but for ``values``."""
    row = session.scalars(select(Change).where(Change.tracking == like)).one()
    columns = {name: getattr(row, name) for name in Change.__table__.columns.keys() if name != "id"}  # noqa: SIM118
    return Change(**{**columns, **values})


def _change_added(tracking: str) -> Callable[[Cases], None]:
    def do(cases: Cases) -> None:
        with transaction() as session:
            session.add(change_row(session, cases["accepted"], tracking=cases.get(tracking, tracking)))

    return do


def _change_deleted(cases: Cases) -> None:
    with transaction() as session:
        session.execute(delete(Change).where(Change.tracking == cases["change"]))


def _request_added(cases: Cases) -> None:
    with transaction() as session:
        session.add(Request(customer_no=CUSTOMERS[7], form="x", tracking=cases["rejected"], values={}, at=clock.now()))


def _consent_added(tracking: str) -> Callable[[Cases], None]:
    """A consent that is over, of that case."""

    def do(cases: Cases) -> None:
        with transaction() as session:
            row = session.scalars(select(Consent).where(Consent.tracking == cases["accepted"])).one()
            columns = {name: getattr(row, name) for name in Consent.__table__.columns.keys() if name != "id"}  # noqa: SIM118
            over = {"effective_to": clock.today(), "tracking": cases[tracking], "original_sha256": None}
            session.add(Consent(**{**columns, **over}))

    return do


def consent(of: str, **values: Any) -> Callable[[Cases], None]:
    """The consent of that case is otherwise now."""
    return lambda cases: changed(Consent, Consent.tracking == cases[of], **values)


def messages(of: str, **values: Any) -> Callable[[Cases], None]:
    """The messages of that case are otherwise now."""
    return lambda cases: changed(Message, Message.tracking == cases[of], **values)


def _not_confirmed(cases: Cases) -> None:
    _applied(cases["change"])
    changed(Message, Message.tracking == cases["change"], state="sent", sent_at=ago(hours=2), created_at=ago(hours=3))


def _applied(tracking: str) -> None:
    with transaction() as session:
        row = load(session, tracking)
        session.execute(delete(Transition).where(Transition.document_id == row.id, Transition.to_state == "confirmed"))
        row.state = "applied"


def _in_silence(cases: Cases) -> None:
    _applied(cases["change"])
    with transaction() as session:
        session.execute(delete(Message).where(Message.tracking == cases["change"]))


def _twice(cases: Cases) -> None:
    with transaction() as session:
        message = session.scalars(select(Message).where(Message.tracking == cases["waiting"])).one()
        message.repeatable = False
        for claim in ("first", "second"):
            row = {"channel": "email", "transport": "smtp", "recipient": "", "accepted_at": clock.now()}
            session.add(Sending(message_id=message.id, claim=claim, at=clock.now(), **row))


def _word_added(cases: Cases) -> None:
    with transaction() as session:
        session.add(NameWord(word="zzz", customer_no=CUSTOMERS[0]))


def _word_deleted(cases: Cases) -> None:
    with transaction() as session:
        session.delete(session.scalars(select(NameWord).where(NameWord.customer_no == CUSTOMERS[0])).first())


def _miscounted(cases: Cases) -> None:
    with transaction() as session:
        session.scalars(select(RegisterWord).order_by(RegisterWord.count.desc())).first().count += 2  # type: ignore[union-attr]


def _look_added(cases: Cases) -> None:
    with transaction() as session:
        session.add(SecondLook(tracking=NOBODY, chosen_at=clock.now()))


def _code_of_vouched(cases: Cases) -> None:
    at = clock.now()
    with transaction() as session:
        account = session.scalars(select(Account).where(Account.tracking == cases["account"])).one()
        account.vouched_at, account.vouched_by = at, "letter"
        session.add(LetterCode(account_id=account.id, code_digest="x" * 64, created_at=at, expires_at=at, wrong=0))


def _draft(cases: Cases) -> None:
    with transaction() as session:
        session.add(Draft(token_digest="x" * 64, values={}, revision=1, expires_at=ago(days=5)))


def _picture(cases: Cases) -> None:
    folder = get_settings().pictures
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "0.jpg").write_bytes(b"x")
    aged(folder / "0.jpg")


def _noted_as_erased(cases: Cases) -> None:
    with transaction() as session:
        sha256 = load(session, cases["batch"]).original_sha256
    changed(Original, Original.sha256 == sha256, erased_at=clock.now())


FILES = (
    Damage("original_missing", lambda cases: file_of(cases["accepted"]).unlink()),
    Damage("original_changed", lambda cases: rewritten(file_of(cases["accepted"]), b"{}")),
    Damage("original_locked", _other_key),
    Damage("original_unreadable", _unreadable),
    Damage("original_size", lambda cases: changed(Original, Original.size > 0, size=Original.size + 1), mended=True),
    Damage("original_erased_early", _noted_as_erased, mended=True),
    Damage("original_not_erased", _not_erased, mended=True),
    Damage("original_stray", lambda cases: aged(original_path(store_bytes(b"of a crash").sha256)), mended=True),
    Damage("store_foreign_file", _foreign_file),
    Damage("store_open_to_others", lambda cases: file_of(cases["accepted"]).chmod(0o444), mended=True),
    Damage("original_unclaimed", _let_go, mended=True),
    Damage("pictures_left", _picture, mended=True),
)
"""Of files."""
ROWS = (
    Damage("case_lost", _case_deleted),
    Damage("state_without_step", lambda cases: case(cases["batch"], state="quarantined")),
    Damage("step_missing", _step_deleted),
    Damage("step_forbidden", _steps_forged),
    Damage("case_without_original", lambda cases: case(cases["change"], original_sha256=None)),
    Damage("repeats_nothing", lambda cases: case(cases["repeated"], duplicate_of=NOBODY)),
    Damage("part_of_nothing", lambda cases: case(cases["part"], parent_tracking=NOBODY)),
    Damage("part_of_other_file", _part_moved),
    Damage(
        "lease_left",
        lambda cases: case(cases["rejected"], lease_owner="run of a dead process", lease_until=ago(days=2)),
        mended=True,
    ),
    Damage("applied_without_change", _change_deleted),
    Damage("change_without_case", _change_added(NOBODY)),
    Damage("change_not_applied", _change_added("rejected")),
    Damage(
        "change_of_other_customer",
        lambda cases: changed(Change, Change.tracking == cases["change"], customer_no=CUSTOMERS[7]),
    ),
    Damage("request_without_change", _request_added),
    Damage(
        "visit_without_day",
        lambda cases: changed(Request, Request.tracking == cases["visit"], visit_state="agreed"),
    ),
    Damage("consent_without_change", _consent_added("repeated")),
    Damage("consent_twice", _consent_added("accepted")),
    Damage("consent_end_torn", consent("accepted", withdrawn=True)),
    Damage("consent_ended_by_nothing", consent("ended", ended_by_tracking=NOBODY)),
    Damage(
        "consent_withdrawn_yet_open",
        consent("ended", effective_to=None, withdrawn=False, ended_by_tracking=None),
        also=frozenset({"delivery_against_consent"}),
    ),
    Damage("consent_of_other_original", consent("accepted", original_sha256="0" * 64)),
    Damage("consent_original_let_go", lambda cases: case(cases["accepted"], original_released_at=clock.now())),
    Damage(
        "delivery_against_consent",
        lambda cases: changed(Customer, Customer.invoice_delivery == "email", invoice_email="x@example.com"),
    ),
    Damage("account_without_consent", consent("account", effective_to=clock.today())),
    Damage(
        "consent_without_account", lambda cases: changed(Account, Account.tracking == cases["account"], state="closed")
    ),
    Damage("number_in_two_accounts", _joined(CUSTOMERS[3])),
    Damage("number_of_nobody", _joined("99999999")),
    Damage("authority_torn", _authority_of_nobody),
    Damage(
        "vouching_torn",
        lambda cases: changed(Account, Account.tracking == cases["account"], vouched_at=None, vouched_by="letter"),
    ),
    Damage("letter_code_left", _code_of_vouched, mended=True),
    Damage(
        "link_without_effect",
        consent("moving", email_proven_at=None),
        also=frozenset({"delivery_against_consent"}),
    ),
    Damage("link_of_ended_consent", consent("waiting", effective_to=clock.today()), mended=True),
    Damage("message_of_nothing", messages("ended", tracking=NOBODY)),
    Damage("confirmed_too_early", messages("accepted", state="failed", sent_at=None)),
    Damage("not_confirmed", _not_confirmed, mended=True),
    Damage("applied_in_silence", _in_silence),
    Damage(
        "message_left_in_sending",
        messages("withdrawal", state="sending", leased_until=ago(hours=2), repeatable=False),
        mended=True,
    ),
    Damage("message_passed_over", messages("moving", state="pending", next_attempt_at=ago(days=2))),
    Damage("message_sent_twice", _twice),
    Damage("index_incomplete", lambda cases: changed(RegisterIndex, RegisterIndex.id == 1, reached="0")),
    Damage(
        "index_keys",
        lambda cases: changed(Customer, Customer.customer_no == CUSTOMERS[0], address_key="x"),
        mended=True,
    ),
    Damage("index_word_missing", _word_deleted, mended=True),
    Damage("index_word_left", _word_added, mended=True),
    Damage("index_count", _miscounted, mended=True),
    Damage("draft_left", _draft, mended=True),
    Damage("values_left", lambda cases: case(cases["batch"], values_erased_at=clock.now()), mended=True),
    Damage("look_of_nothing", _look_added),
    Damage("invoice_message_lost", lambda _cases: _invoice("invoice:FV/1")),
    Damage("message_of_no_invoice", _message_alone),
    Damage("notice_message_lost", lambda _cases: _notice(email_key="notice:leak:y")),
    Damage("notice_of_nothing", _notice_alone),
    Damage("print_run_left", lambda _cases: _print_run(ago(days=2))),
    Damage("reading_photo_lost", lambda _cases: _reading("waiting", photo_sha256="0" * 64)),
    Damage("reading_of_no_export", lambda _cases: _reading("exported")),
    Damage("reading_export_left", lambda _cases: _reading_export(ago(days=2))),
    Damage("message_of_no_reading", _rejection_told),
)
"""Of rows: these are tried on PostgreSQL, too."""
