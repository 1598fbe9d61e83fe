"""An office with sample customers and papers in the database in force, for a look or a measurement at the desk.

Everything goes through the real functions, but for the reading: what the machine is meant to have read is given, so
that a paper with chosen doubts is there at once. People are invented, addresses lie in domains reserved for examples.
"""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from collections.abc import Collection, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final, TypeVar

import pyotp
from PIL import Image
from sqlalchemy import update
from sqlalchemy.orm import Session

from access import second_factor
from access.passwords import hashed
from access.sessions import Owed, begin_sign_in, sign_in, who
from access.staff import Role, StaffError, add_staff, set_password
from billing.importing import import_delivery
from billing.sample import CUSTOMERS, write_sample
from billing.sources import FolderSource
from billing.tables import SETTLEMENTS
from confirmations import outbox
from confirmations.composing import compose_proof
from customers.accounts import open_account as open_account_of
from customers.customer_list import CustomerList, read_customers
from customers.importing import import_customers
from customers.proving import prove
from customers.tables import Account
from database.engine import transaction
from documents import loading, splitting
from documents.intake import receive_file, receive_values
from documents.originals import store_bytes
from documents.splitting import FoundForm
from documents.states import IntakeChannel, State
from environment import clock
from environment.settings import get_settings
from flows import steps
from forms.catalogue import form_by_code
from forms.form import Form
from forms.kinds import FieldKind, Value
from forms.layout import layout
from forms.submission import FieldValue, Source, Submission, submission_from_values
from portal import answering, questions
from portal.conversations import QuestionKind
from portal.questions import Asker, SentFile, Written
from portal.sessions import begin_session
from specimens import names
from specimens.files import image_pdf
from specimens.paper import handwrite_form
from specimens.people import CustomerRow, invented_customers, values_for, write_customers
from specimens.scanner import scan

Result = TypeVar("Result")
_NONE_OF_OURS: Final = FoundForm(None, None, (1,), None, "scan")

_LINK: Final = re.compile(r"https?://[^/\s]+(/(?:potwierdzenie|haslo)/\S+)")


def _picture() -> bytes:
    """A small picture of nothing in particular."""
    out = BytesIO()
    Image.new("L", (413, 584), 200).save(out, "PNG")
    return out.getvalue()


_ANSWER: Final = (
    "Dzień dobry,\n\nna tej fakturze jest odczyt z wizyty inkasenta, a na poprzedniej był szacunek. Dlatego ta kwota "
    "jest wyższa. Od następnego miesiąca rachunek wróci do zwykłej wysokości."
)
_QUESTIONS: Final = (
    ("Dzień dobry,\ndlaczego ostatnia faktura jest wyższa niż zwykle?", b""),
    ("Wodomierz zaparował od środka i nie widać cyfr. Zdjęcie w załączniku. Co mam zrobić?", _picture()),
)
DOUBT: Final = "Pismo jest niewyraźne."
"""Why a doubtful field of a sample paper is doubtful."""


@cache
def people(count: int = 12) -> tuple[CustomerRow, ...]:
    """Customers, persons all, each with PESEL, e-mail and telephone; always the same."""
    drawn = invented_customers(count * 3 + 30, 7, domains=names.SAFE_DOMAINS)
    return tuple([row for row in drawn if row["email"] and row["phone"] and row["pesel"]][:count])


def fill_register(customers: Collection[CustomerRow] | None = None) -> None:
    """The customers into the register."""
    listed = _listed(customers) if customers else _people_listed()
    with transaction() as session:
        import_customers(session, listed.records)


def newcomer(place: int) -> str:
    """The number of one more customer of the register, none of ``people``: nobody has an account of his yet."""
    row = people(40)[20 + place]
    fill_register([row])
    return str(row["customer_no"])


@cache
def _people_listed() -> CustomerList:
    return _listed(people())


def _listed(customers: Collection[CustomerRow]) -> CustomerList:
    """As the company's list has them."""
    with tempfile.TemporaryDirectory() as folder:
        return read_customers(write_customers(customers, Path(folder) / "customers.csv"))


def values(code: str, person: int = 0, **changed: Value) -> dict[str, Value]:
    """What that customer writes on that form today."""
    drawn = values_for(form_by_code(code), people()[person], person, clock.today(), domains=names.SAFE_DOMAINS)
    return {**drawn, "date_signed": clock.today().isoformat(), **changed}


def online(code: str, person: int = 0, *, channel: IntakeChannel = IntakeChannel.WEB, **changed: Value) -> str:
    """A form sent online, not yet looked at; gives its tracking number."""
    form, given = form_by_code(code), values(code, person, **changed)
    given = {name: value for name, value in given.items() if not form[name].on_paper_only}
    submission, problems = submission_from_values(form, given, clock.today())
    if problems:
        raise ValueError(f"a sample with problems: {[problem.code for problem in problems]}")
    with transaction() as session:
        return receive_values(session, submission, channel=channel, raw=json.dumps(given).encode()).tracking


PASSWORD: Final = "drewniana łyżka pod stołem"
"""Of all sample accounts of staff."""
STAFF: Final = {
    "ewa": ("Ewa Kwiatek", Role.CLERK),
    "olga": ("Olga Zielińska", Role.CLERK),
    "kasia": ("Kasia Kancelaryjna", Role.MAILROOM),
    "bogdan": ("Bogdan Monter", Role.CREW),
    "maria": ("Maria Dyrektor", Role.MANAGER),
    "jan": ("Jan Kierownik", Role.SUPERVISOR),
    "adam": ("Adam Informatyk", Role.ADMINISTRATOR),
}
"""Sample accounts of staff: name and role by login."""


def add_sample_staff(login: str) -> None:
    """One of the sample accounts, its first password changed; nothing when it is there."""
    name, role = STAFF[login]
    with transaction() as session:
        try:
            add_staff(session, login, name, role, _password_hash())
        except StaffError:
            return
        set_password(session, login, _password_hash(), must_change=False)


def session_of(login: str) -> str:
    """Sign a sample account in (added first when needed) with all that it owes; gives the token of the session."""
    token = entered(login)
    with transaction() as session:
        give_second_factor(session, login, token)
    return token


def entered(login: str) -> str:
    """The same with the password only: what else the account owes is still to be done in the session."""
    add_sample_staff(login)
    with transaction() as session:
        token = sign_in(session, begin_sign_in(session, login, "client:127.0.0.1"), browser="Chrome, Linux")
    if token is None:
        raise LookupError(f"{login} is no sample account")
    return token


def give_second_factor(session: Session, login: str, token: str) -> None:
    """Do in a new session what its account owes: set the second factor up, or give it."""
    visit = who(session, token)
    if visit is None or visit.owed is None:
        return
    if visit.owed is Owed.SECOND_FACTOR:
        second_factor.set_up(session, login, token, pyotp.TOTP(second_factor.offer(session, token)).now())
    else:  # by a recovery code: the code of an app counts once in half a minute
        second_factor.verify_code(session, login, token, second_factor.new_recovery_codes(session, login)[0])


def billed_accounts(count: int = 1, *, months: int = 14, pdfs: bool = False) -> list[tuple[str, str]]:
    """Accounts of customers with invoices up to last month, with ``PASSWORD``; customer number and login of each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "delivery"
        write_sample(folder, count, months=months, until=clock.today(), pdfs=pdfs)
        listed = read_customers(folder / CUSTOMERS)
        with transaction() as session:
            import_customers(session, listed.records)
        import_delivery(FolderSource(folder), "machine")
    made = [(record.customer_no, f"klient{place}@example.com") for place, record in enumerate(listed.records)]
    for number, login in made:
        open_account(number, login)
    return made


def owe(customer_no: str, amount: str) -> None:
    """Have that customer owe so much from before his invoices, whatever he paid since."""
    with transaction() as session:
        of_him = SETTLEMENTS.c.customer_no == customer_no
        session.execute(update(SETTLEMENTS).where(of_him).values(opening_balance=Decimal(amount)))


def open_account(customer_no: str, login: str, *, vouched: bool = True) -> None:
    """An account that works, with ``PASSWORD``, of a customer of the register, who is known to be its owner or not."""
    at = clock.now()
    with transaction() as session:
        session.add(
            Account(
                customer_no=customer_no,
                login=login,
                state="active",
                notify_sms=False,
                notify_email=False,
                tracking=f"KONTO-{customer_no}"[:16],
                created_at=at,
                activated_at=at,
                password_hash=_password_hash(),
                password_set_at=at,
                vouched_at=at if vouched else None,
                vouched_by="letter" if vouched else None,
            )
        )


def account_session(customer_no: str) -> str:
    """Sign that customer in; gives the token of the session."""
    with transaction() as session:
        token = begin_session(session, customer_no, "Chrome, Linux")
    if token is None:
        raise LookupError(f"{customer_no} has no account")
    return token


def asked(customer_no: str) -> tuple[int, int]:
    """Two questions of that account: one that was answered, and one with a picture that waits; their numbers."""
    with transaction() as session:
        account = open_account_of(session, customer_no)
        asker = Asker(customer_no, account.login if account else "", sees_all=True)
    numbers = []
    for text, data in _QUESTIONS:
        sent = [SentFile("licznik.png", store_bytes(data))] if data else []
        with transaction() as session:
            turn = Written(text, text, sent)
            numbers.append(questions.ask(session, asker, turn, kind=QuestionKind.BILLING))
    with transaction() as session:
        found = questions.question_of(session, asker, numbers[0])
        assert found is not None
        answering.answer(session, numbers[0], "ewa", _ANSWER, key=_ANSWER, seen=found.last_turn)
    return numbers[0], numbers[1]


@dataclass(frozen=True, slots=True)
class Paper:
    """A sample paper: who wrote what on which form, and how the machine is meant to have read it.

    ``written`` are values on the paper other than the customer's own; ``read`` those that the machine took for
    something else; the fields in ``doubtful`` and those read otherwise are not trusted.
    """

    code: str = "einvoice_acceptance"
    person: int = 0
    doubtful: tuple[str, ...] = ("email", "date_signed")
    written: Mapping[str, Value] | None = None
    read: Mapping[str, Value] | None = None
    seed: int = 1

    @property
    def on_paper(self) -> dict[str, Value]:
        """What stands on it."""
        return values(self.code, self.person, **(self.written or {}))


def scanned(paper: Paper) -> bytes:
    """The paper, filled in by pen and scanned, as PDF."""
    return _scanned(paper.code, tuple(paper.on_paper.items()), paper.seed)


@lru_cache(maxsize=64)
def _scanned(code: str, on_paper: tuple[tuple[str, Value], ...], seed: int) -> bytes:
    """Drawn once, as often as it may be sent."""
    return image_pdf(scan(handwrite_form(form_by_code(code), dict(on_paper), seed), "gray200", seed))


def received(data: bytes, name: str = "SKAN_0001.pdf", channel: IntakeChannel = IntakeChannel.FOLDER) -> str:
    """A file taken in, not yet read; gives its tracking number."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        with transaction() as session:
            return receive_file(session, path, channel=channel).tracking


def waiting(paper: Paper | None = None, *, channel: IntakeChannel = IntakeChannel.FOLDER) -> str:
    """A scanned paper that waits at the desk since some of its fields are doubtful; gives its tracking number."""
    paper = paper or Paper()
    return judged(read(received(scanned(paper), channel=channel), paper))


def read(tracking: str, *papers: Paper) -> str:
    """Part a received file into those papers, a page each, with their readings; gives the tracking number again.

    Without papers it is a page that is none of ours.
    """
    parts = [_part(paper, page) for page, paper in enumerate(papers, start=1)] or [_NONE_OF_OURS]
    with transaction() as session:
        splitting.split(session, loading.load(session, tracking), parts)
    return tracking


def judged(tracking: str) -> str:
    """Hold a read document against the register, as the machine does; gives the tracking number again."""
    apart(steps.match(tracking))
    return tracking


def worked_off(tracking: str) -> State:
    """Take a document as far as it gets without a human, as the workflow does but without its engine."""
    with transaction() as session:
        document = loading.load(session, tracking)
    apart(steps.carry_out(document))
    apart(steps.deliver(tracking, "office"))
    with transaction() as session:
        return loading.load(session, tracking).at


def on_einvoice(person: int) -> str:
    """Let a customer get e-invoices: accepted online, address proven by its link; gives the tracking number."""
    tracking = online("einvoice_acceptance", person)
    worked_off(tracking)
    token = link_to(person).rpartition("/")[2]
    with transaction() as session:
        compose_proof(session, prove(session, token))
    return tracking


def link_to(person: int) -> str:
    """The path of the link in the last e-mail to that customer; LookupError when it has none."""
    outbox.deliver(transaction)
    last = mails_to(people()[person]["email"])[-1].get_body(("plain",))
    found = None if last is None else _LINK.search(last.get_content())
    if found is None:
        raise LookupError("the last e-mail has no link")
    return found[1]


def mails_to(address: str) -> list[EmailMessage]:
    """E-mails that have left for an address, oldest first (without a mail server they are files)."""
    files = sorted(get_settings().outgoing.rglob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    mails = [message_from_bytes(path.read_bytes(), policy=modern) for path in files]
    return [mail for mail in mails if mail["To"] == address]


def apart(work: Coroutine[Any, Any, Result]) -> Result:
    """The result of asynchronous work, run in a thread: the calling one may have an event loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@cache
def _password_hash() -> str:
    return hashed(PASSWORD)


def _part(paper: Paper, page: int) -> FoundForm:
    form = form_by_code(paper.code)
    submission = Submission(form, _readings(form, paper, page), paper=True)
    return FoundForm(form.code, form.version, (page,), submission, "scan")


def _readings(form: Form, paper: Paper, page: int) -> dict[str, FieldValue]:
    misread = paper.read or {}
    found = {}
    for place in layout(form).fields:
        name, kind = place.field.name, place.field.kind
        right = paper.on_paper[name]
        seen = FieldValue(
            misread.get(name, right),
            confidence=0.998,
            source=_source(kind),
            page=page,
            box=place.bounds,
            raw=None if right is None else str(misread.get(name, right)).upper(),
        )
        if name in paper.doubtful or name in misread:
            seen = replace(seen, confidence=0.61, trusted=False, doubt=DOUBT)
        found[name] = seen
    return found


def _source(kind: FieldKind) -> Source:
    return {"signature": Source.SIGNATURE, "tick": Source.TICK, "comb": Source.HANDPRINT}[kind.widget]
