"""All that is held of one customer as a folder: an index to read and one for programs, originals and messages.

Files are the owner's only. Of a file that others share, which is a batch of the mailroom, the export has pictures of
this customer's pages and nothing of the others'.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from audit import trail
from billing.dispatched import how_went
from billing.metering.erasing import readings_of
from billing.metering.tables import ReportedReading
from billing.statement import everything_of
from confirmations.archive import KeptMessage, addresses_of, kept_message, kept_messages, text_of
from confirmations.rendering import as_text
from confirmations.tables import Message
from customers.acting import told_of
from customers.register import changes_of
from customers.tables import (
    Account,
    AccountNumber,
    Authority,
    Consent,
    Customer,
    LetterCode,
    Passkey,
    Proof,
    Request,
    TermsAnswer,
)
from database.engine import Session, reading, transaction
from documents import summaries
from documents.erasing import ERASED
from documents.originals import ENDINGS, OriginalError, chunks_of, opened
from documents.tables import Document, Original
from documents.values import known_form
from environment import clock
from environment.settings import get_settings
from notices.erasing import everything_of as everything_told
from ocr.errors import DocumentError
from portal.conversations import KINDS, Conversation
from readers.pictures import PagePicture
from readers.pool import ReadersUnavailableError
from retention.holdings import Held, personal_data_of, require_known

_Row = (
    Customer
    | Consent
    | Account
    | AccountNumber
    | Authority
    | LetterCode
    | Passkey
    | TermsAnswer
    | Proof
    | Request
    | ReportedReading
)
_OF_A_CASE: Final = ("tracking", "form", "version", "state", "reason", "channel", "file", "pages")
_OF_A_VALUE: Final = ("field", "value", "source", "reader", "at", "superseded")
_OF_A_MESSAGE: Final = ("channel", "recipient", "template", "state", "created_at", "sent_at", "erased_at")
_SECRET: Final = frozenset(
    {
        *("password_hash", "content_digest", "name_key", "address_key", "pesel_key", "nonce", "token_digest"),
        "mark",
        *("credential_id", "public_key", "owner", "counter", "identity_digest", "code_digest"),
    }
)
"""Columns that say nothing about a person that others do not, or open something."""
_SHARED: Final = "plik zawiera też formularze innych osób: są tu tylko obrazy stron tej osoby"
_LOST: Final = "nie udało się otworzyć; plik jest w magazynie"
_NAMED: Final = (
    "W tych sprawach podano ten numer albo PESEL, ale nikt nie ustalił, że to ten klient. Danych z nich tu nie ma, bo "
    "mogą być cudze; sprawdź je w Biurze."
)


@dataclass(slots=True)
class Exported:
    """What was written: ``incomplete`` names cases whose original could not be given."""

    folder: Path
    files: int = 0
    incomplete: list[str] = field(default_factory=list)


def export(customer_no: str, folder: Path, actor: str) -> Exported:
    """Write all that is held of that customer into a folder that is not there yet or empty.

    UnknownCustomerError when nothing is held of him; FileExistsError when the folder holds something. That it was given
    out stands in the audit.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(folder)
    with transaction() as session:
        require_known(session, customer_no)
        trail.record(session, actor=actor, action="customer_exported", subject=f"customer:{customer_no}")
    with reading() as session:
        found = personal_data_of(session, customer_no)
        index = _index(session, found)
        texts = {number: kept_messages(session, number) for number in found.trackings}
        of_invoices = [kept_message(one) for one in found.messages if not one.tracking]
        media = {sha: session.get_one(Original, sha).media_type for sha in _digests(found)}
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    done = Exported(folder)
    for case in index["cases"]:
        case["files"] = list(_originals(done, found, case["tracking"], media))
        files = _messages(done, case["tracking"], texts[case["tracking"]])
        case["messages"] = [{**told, "file": file} for told, file in zip(case["messages"], files, strict=True)]
    for told, file in zip(index["invoice_messages"], _messages(done, "invoice", of_invoices), strict=True):
        told["file"] = file
    _invoices(done, index["billing"]["invoices"])
    _photos(done, index["reported_readings"])
    for asked, talk in zip(index["questions"], found.questions, strict=True):
        _attachments(done, asked, talk)
    _write(done, "index.json", json.dumps(index, ensure_ascii=False, indent=2, default=str).encode())
    _write(done, "index.html", _page(index).encode())
    return done


def _index(session: Session, found: Held) -> dict[str, Any]:
    return {
        "customer_no": found.customer_no,
        "exported_at": clock.now(),
        "controller": get_settings().company_name,
        "register": None if found.customer is None else _row(found.customer),
        "consents": [_row(one) for one in found.consents],
        "accounts": [_row(one) for one in found.accounts],
        "numbers_in_accounts": [_row(one) for one in found.joined],
        "authorities": [_authority(one, found.customer_no) for one in found.authorities],
        "terms_answers": [_row(one) for one in found.terms_answers],
        "passkeys": [_row(one) for one in found.passkeys],
        "letter_codes": [_row(one) for one in found.letter_codes],
        "links": [_row(one) for one in found.proofs],
        "requests": [_row(one) for one in found.requests],
        "questions": [_question(one) for one in found.questions],
        "cases": [_case(session, found, document) for document in found.documents],
        "reported_readings": [_row(one) for one in readings_of(session, found.customer_no)],
        "billing": _billing(session, found.customer_no),
        "invoice_messages": [_message(session, one) for one in found.messages if not one.tracking],
        "notices": everything_told(session, found.customer_no),
        "drafts": [one.values for one in found.drafts],
        "audit": [
            {
                "at": one.at,
                "actor": told_of(found.customer_no, one.actor),
                "action": one.action,
                "subject": one.subject,
            }
            for one in found.audit
        ],
        "not_assigned": list(found.named),
        "note": _NAMED if found.named else None,
    }


def _case(session: Session, found: Held, document: Document) -> dict[str, Any]:
    told, form = summaries.story(session, document.tracking, masked=False), known_form(document)
    labels = {} if form is None else {item.name: item.label for item in form.fields}
    return {
        **{name: told[name] for name in _OF_A_CASE},
        "signatures": [] if document.tracking in found.shared else told["signatures"],
        "title": form.title if form else None,
        "received_at": document.received_at,
        "authority": document.authority if document.authority in _given_over(found) else None,
        "note": ERASED if document.values_erased_at else None,
        "values": [
            {"label": labels.get(one["field"], one["field"])} | {name: one[name] for name in _OF_A_VALUE}
            for one in told["readings"]
        ],
        "states": told["states"],
        "changes": changes_of(session, document.tracking),
        "messages": [_message(session, one) for one in found.messages if one.tracking == document.tracking],
    }


def _authority(row: Authority, customer_no: str) -> dict[str, Any]:
    return {**_row(row), "ended_by": told_of(customer_no, row.ended_by)}


def _given_over(found: Held) -> set[int]:
    """What was given of authority over his number: who acts for somebody else only is no agent of his."""
    return {one.id for one in found.authorities if one.customer_no == found.customer_no}


def _question(talk: Conversation) -> dict[str, Any]:
    """A question with its turns; who of the staff answered is told by the audit."""
    return {
        "number": talk.number,
        "kind": KINDS[talk.kind],
        "invoice_no": talk.invoice_no,
        "tracking": talk.case_tracking,
        "state": talk.state.value,
        "asked_at": talk.asked_at,
        "turns": [
            {
                "at": turn.at,
                "author": "customer" if turn.clerk is None else "office",
                "authority": turn.authority,
                "text": turn.text,
                "files": [],
            }
            for turn in talk.turns
        ],
    }


def _message(session: Session, message: Message) -> dict[str, Any]:
    return {name: getattr(message, name) for name in _OF_A_MESSAGE} | {"sendings": addresses_of(session, message)}


def _billing(session: Session, customer_no: str) -> dict[str, Any]:
    """What billing told of him; of each invoice also how it went."""
    told = everything_of(session, customer_no)
    went = how_went(session, [row["invoice_no"] for row in told["invoices"]])
    ways = {number: one.told for number, one in went.items()}
    return {**told, "invoices": [{**row, "delivery": ways.get(row["invoice_no"])} for row in told["invoices"]]}


def _row(row: _Row) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns if column.key not in _SECRET}


def _digests(found: Held) -> set[str]:
    return {one.original_sha256 for one in found.documents if one.original_sha256 is not None}


def _originals(done: Exported, found: Held, number: str, media: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The file of a case, or pictures of its pages where others share the file."""
    document = next(one for one in found.documents if one.tracking == number)
    sha256 = document.original_sha256
    if sha256 is None:
        return
    if document.original_released_at is not None:
        yield {"file": None, "sha256": sha256, "note": ERASED}
        return
    try:
        if number not in found.shared:
            name = f"originals/{number}{ENDINGS.get(media[sha256], '.bin')}"
            _write(done, name, *chunks_of(sha256))
            yield {"file": name, "sha256": sha256, "note": None}
            return
        for page in document.pages or ():
            turn = (document.turns or {}).get(str(page), 0)
            picture = PagePicture(partial(opened, sha256), sha256, page, None, turn).shown()
            name = f"originals/{number}-page-{page}.jpg"
            _write(done, name, picture)
            yield {"file": name, "sha256": sha256, "note": _SHARED}
    except (OriginalError, DocumentError, ReadersUnavailableError, ValueError):
        done.incomplete.append(number)
        yield {"file": None, "sha256": sha256, "note": _LOST}


def _invoices(done: Exported, invoices: list[Any]) -> None:
    """The pictures of his invoices, by day and place in the list: a number may hold any sign."""
    for place, row in enumerate(invoices, 1):
        row["file"] = None
        if row["pdf_sha256"] is None:
            continue
        name = f"invoices/{row['issued_on']}-{place}.pdf"
        try:
            _write(done, name, *chunks_of(row["pdf_sha256"]))
            row["file"] = name
        except OriginalError:
            done.incomplete.append(row["invoice_no"])


def _photos(done: Exported, readings: list[Any]) -> None:
    """The photos of his meters, by the number of the reading."""
    for row in readings:
        row["file"] = None
        if row["photo_sha256"] is None:
            continue
        name = f"readings/{row['number']}.jpg"
        try:
            _write(done, name, *chunks_of(row["photo_sha256"]))
            row["file"] = name
        except OriginalError:
            done.incomplete.append(row["number"])


def _attachments(done: Exported, asked: dict[str, Any], talk: Conversation) -> None:
    """The files that came with a question, by its number and their own."""
    for told, turn in zip(asked["turns"], talk.turns, strict=True):
        for file in turn.files:
            name = f"questions/{talk.number}-{file.number}{ENDINGS.get(file.media_type, '.bin')}"
            try:
                _write(done, name, *chunks_of(file.sha256))
                told["files"].append({"file": name, "name": file.name, "sha256": file.sha256})
            except OriginalError:
                done.incomplete.append(f"question {talk.number}")
                told["files"].append({"file": None, "name": file.name, "sha256": file.sha256, "note": _LOST})


def _messages(done: Exported, number: str, kept: list[KeptMessage]) -> Iterator[str]:
    for place, message in enumerate(kept, 1):
        content = text_of(message)
        name = f"messages/{number}-{place}.txt"
        _write(done, name, as_text(content).encode())
        yield name


def _write(done: Exported, name: str, *chunks: bytes) -> None:
    path = done.folder / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        os.fchmod(out.fileno(), 0o600)
        out.writelines(chunks)
    done.files += 1


def _page(index: dict[str, Any]) -> str:
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"), undefined=StrictUndefined, autoescape=True
    )
    return pages.get_template("export.html").render(index=index)
