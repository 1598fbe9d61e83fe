"""What opens the page of a case besides its number: an e-mail address or post code, as sent or as registered."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.records import CustomerRecord, RegisterLookup
from documents.tables import Document
from documents.values import known_form, submission_of
from forms.kinds import Email, FieldKind, Postcode

_KINDS: tuple[FieldKind, ...] = (Email(), Postcode())


def is_secret(text: str) -> bool:
    """Whether a text may be one at all: an e-mail address or a post code."""
    return bool(_normalised(text))


def knows_secret(session: Session, tracking: str, typed: str) -> bool:
    """Whether the text is a secret of that case; False where there is no such case, or no secret of it is known yet."""
    document = session.scalar(select(Document).where(Document.tracking == tracking))
    known = set() if document is None else _sent(session, document) | _in_register(session, document)
    return not known.isdisjoint(_normalised(typed))


def _sent(session: Session, document: Document) -> set[str]:
    if known_form(document) is None:
        return set()
    submission = submission_of(session, document)
    wanted = (item.name for item in submission.form.fields if isinstance(item.kind, Email | Postcode))
    return _normalised(*(submission.text(name) for name in wanted))


def _in_register(session: Session, document: Document) -> set[str]:
    record: CustomerRecord | None = None
    if document.customer_no is not None:
        record = RegisterLookup(session).find(document.customer_no)
    return set() if record is None else _normalised(record.email, record.invoice_email, record.postcode)


def _normalised(*texts: str | None) -> set[str]:
    """Each text as the kind writes it that finds no fault in it."""
    parsed = (kind.parse(text) for text in texts for kind in _KINDS)
    return {each.value for each in parsed if isinstance(each.value, str) and each.fault is None}
