"""The pages of a document at the desk: where their pictures come from, turning, splitting off, joining.

What changes a document is for the clerk who holds it and saw its present state, all others meet DeskConflictError; what
cannot be done as it was asked raises RefusedError.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from audit.trail import record
from documents.entries import find_or_add_document
from documents.erasing import require_original
from documents.loading import UnknownDocumentError, load, lock
from documents.originals import opened
from documents.states import State
from documents.tables import Document, Reading
from documents.transitions import move
from documents.values import known_form, record_problems
from environment import clock
from forms.form import Form, Problem
from forms.layout import layout
from forms.submission import Box
from readers.pictures import PagePicture
from review.case_sheet import seen_of
from review.decisions import RefusedError, leased_document
from review.queue import Clerk, claim

JOINED: Final = "joined"
"""Reason of a document whose pages went to another one."""
SPLIT_OFF: Final = "split_off"
"""Reason of a document whose pages were taken out of another one, until its form is chosen."""
_SPLIT_OFF: Final = "Strony wydzielone z innej sprawy. Wybierz, jaki to formularz."
_MOST_OFFERED: Final = 20


class NoPictureError(LookupError):
    """There is nothing to be seen: no original, no such page, no such field, or no place of it."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of an original, by the document under whose number its picture is shown."""

    tracking: str
    page: int


@dataclass(frozen=True, slots=True)
class Relative:
    """Another document that pages may come from or go to; ``same_file``: it came in the same original."""

    tracking: str
    form: str | None
    state: State
    pages: tuple[int, ...]
    same_file: bool


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a document and what lies near them.

    ``joined`` are pages that came from other documents, ``loose`` those of the same original that belong to none;
    ``joinable`` documents wait at the desk too.
    """

    tracking: str
    seen: str
    holds: bool
    state: State
    form: str | None
    own: tuple[int, ...]
    turns: Mapping[int, int]
    """Quarter turns clockwise by page, of own pages that are shown turned."""
    joined: tuple[Leaf, ...]
    relatives: tuple[Relative, ...]
    joinable: tuple[Relative, ...]


def pages_of(session: Session, tracking: str, clerk: Clerk) -> Pages:
    """What the page of pages shows; UnknownDocumentError when there is no such document."""
    document = load(session, tracking)
    related = [_relative(document, each) for each in _family(session, document)]
    waiting = (Document.state == State.IN_REVIEW.value, Document.id != document.id)
    same = [Document.original_sha256 == document.original_sha256] if document.original_sha256 else []
    if document.customer_no is not None:
        same.append(Document.customer_no == document.customer_no)
    near = select(Document).where(*waiting, or_(*same)).order_by(Document.received_at, Document.id)
    joinable = session.scalars(near.limit(_MOST_OFFERED)) if same else ()
    return Pages(
        tracking=document.tracking,
        seen=seen_of(document),
        holds=document.at is State.IN_REVIEW and document.desk_owner == clerk.login,
        state=document.at,
        form=document.form,
        own=tuple(document.pages or ()),
        turns={int(page): turned for page, turned in (document.turns or {}).items()},
        joined=joined_pages(session, document),
        relatives=tuple(related),
        joinable=tuple(_relative(document, each) for each in joinable if each.pages),
    )


def joined_pages(session: Session, document: Document) -> tuple[Leaf, ...]:
    """Pages of other originals that belong to the document because a clerk joined them."""
    found = session.scalars(
        select(Document)
        .where(Document.duplicate_of == document.tracking, Document.reason_code == JOINED)
        .order_by(Document.received_at, Document.id)
    )
    others = [each for each in found if each.original_sha256 != document.original_sha256]
    return tuple(Leaf(each.tracking, page) for each in others for page in each.pages or ())


def picture_of(session: Session, tracking: str, page: int) -> PagePicture:
    """The picture of a page of the document's original, as the document shows it that the page belongs to.

    NoPictureError when the document has no pages, ErasedError when they are no longer kept; whether the file has that
    page is found out when it is drawn.
    """
    return _picture_of(session, load(session, tracking), page)


def _picture_of(session: Session, document: Document, page: int) -> PagePicture:
    if document.original_sha256 is None or document.pages == []:
        raise NoPictureError("the document did not come on pages")
    owner = document
    if page not in (document.pages or ()):
        owner = next((each for each in _family(session, document) if page in (each.pages or ())), document)
    require_original(document)
    require_original(owner)
    return PagePicture(
        partial(opened, document.original_sha256),
        document.original_sha256,
        page,
        _laid_out_as(owner, page),
        (owner.turns or {}).get(str(page), 0),
    )


def field_of(session: Session, tracking: str, name: str) -> tuple[PagePicture, Box]:
    """The picture of the page on which a field stands, and where; NoPictureError when nothing tells."""
    document = load(session, tracking)
    if not name.isidentifier():
        raise NoPictureError("no field has such a name")
    wanted = (Reading.document_id == document.id, Reading.field == name, Reading.superseded.is_(False))
    reading = session.scalar(select(Reading).where(*wanted).order_by(Reading.id.desc()).limit(1))
    if reading is not None and reading.page is not None and reading.box is not None:
        x0, top, x1, bottom = reading.box
        return _picture_of(session, document, reading.page), (x0, top, x1, bottom)
    form = known_form(document)
    if form is None or name not in form or document.version != form.version or not document.pages:
        raise NoPictureError("nothing tells where that field stands")
    place = layout(form)[name]
    if place.page > len(document.pages):
        raise NoPictureError("the page of that field is missing")
    return _picture_of(session, document, document.pages[place.page - 1]), place.bounds


def rotate(session: Session, tracking: str, clerk: Clerk, *, page: int, quarter_turns: int) -> int:
    """Show a page turned clockwise by so many quarters more, from now on; gives all its turns.

    What the clerk saw stays what he saw: values that he is typing are not lost by turning a page.
    """
    document = leased_document(session, tracking, clerk)
    _require_own(document, [page])
    turns = dict(document.turns or {})
    turns[str(page)] = (turns.get(str(page), 0) + quarter_turns) % 4
    document.turns = {number: quarters for number, quarters in turns.items() if quarters} or None
    detail = {"page": page, "quarter_turns": turns[str(page)]}
    record(session, actor=clerk.actor, action="page_turned", subject=document.tracking, detail=detail)
    session.flush()
    return turns[str(page)]


def split(session: Session, tracking: str, clerk: Clerk, *, seen: str, pages: Collection[int]) -> str:
    """Make a new document, in review, of some of the pages; gives its tracking number.

    The values that stand on these pages go from the document; what a clerk typed stays. RefusedError when no page is
    named, or none would be left.
    """
    document = leased_document(session, tracking, clerk, seen)
    leaving = sorted(set(pages))
    _require_own(document, leaving)
    left = [page for page in document.pages or () if page not in leaving]
    if not leaving or not left:
        told = "Zaznacz strony do wydzielenia." if left else "W sprawie musi zostać przynajmniej jedna strona."
        raise RefusedError([Problem("pages", "no_pages_left" if leaving else "no_pages", told)])
    child = new_part(session, document, clerk, leaving, code=SPLIT_OFF, reason=_SPLIT_OFF)
    record_problems(session, child, [Problem(None, "unknown_form", _SPLIT_OFF)])
    document.pages = left
    gone = (Reading.document_id == document.id, Reading.superseded.is_(False), Reading.page.in_(leaving))
    for reading in session.scalars(select(Reading).where(*gone)):
        reading.superseded = not reading.reader.startswith("clerk:")
    _changed(session, document, clerk, "pages_split_off", {"pages": leaving, "to": child.tracking})
    return child.tracking


def join(session: Session, tracking: str, clerk: Clerk, *, seen: str, other: str) -> None:
    """Put the pages of another document that waits at the desk to this one; the other ends as its duplicate.

    DeskConflictError also when somebody else holds the other; RefusedError when there is none or it has no pages.
    """
    document = leased_document(session, tracking, clerk, seen)
    try:
        joining = load(session, other)
    except UnknownDocumentError:
        raise RefusedError([Problem("other", "unknown_document", "Nie ma sprawy o tym numerze.")]) from None
    if joining.id == document.id:
        raise RefusedError([Problem("other", "same_document", "To numer tej samej sprawy.")])
    claim(session, joining.tracking, clerk)
    joining = lock(session, joining)
    if not joining.pages:
        raise RefusedError([Problem("other", "no_pages", "Tamta sprawa nie ma stron, które można dołączyć.")])
    if joining.original_sha256 == document.original_sha256:
        document.pages = sorted({*(document.pages or ()), *joining.pages})
        document.turns = {**(joining.turns or {}), **(document.turns or {})} or None
    joining.duplicate_of = document.tracking
    joining.desk_owner = joining.desk_until = None
    for each in session.scalars(
        select(Document).where(Document.duplicate_of == joining.tracking, Document.reason_code == JOINED)
    ):
        each.duplicate_of = document.tracking
    reason = f"Strony dołączono do sprawy {document.tracking}."
    move(session, joining, State.DUPLICATE, actor=clerk.actor, reason_code=JOINED, reason=reason)
    _changed(session, document, clerk, "pages_joined", {"pages": joining.pages, "from": joining.tracking})


def take_back(session: Session, joined: Document) -> None:
    """A document that was joined is opened again: the one that has its pages has them no longer, if it still waits."""
    document = lock(session, load(session, joined.duplicate_of or joined.tracking))
    left = [page for page in document.pages or () if page not in (joined.pages or ())]
    same_file = document.original_sha256 == joined.original_sha256
    if same_file and document.id != joined.id and document.at is State.IN_REVIEW and left:
        document.pages, document.updated_at = left, clock.now()
        session.flush()


def new_part(
    session: Session, document: Document, clerk: Clerk, pages: Sequence[int], *, code: str, reason: str
) -> Document:
    """A further document in review of the same original; the caller has locked ``document``."""
    children = select(func.max(Document.part)).where(Document.parent_tracking == document.tracking)
    child, _ = find_or_add_document(
        session,
        document.way_in,
        State.IN_REVIEW,
        actor=clerk.actor,
        reason_code=code,
        reason=reason,
        original_sha256=document.original_sha256,
        file_name=document.file_name,
        source_path=document.source_path,
        received_at=document.received_at,
        parent_tracking=document.tracking,
        part=(session.scalar(children) or 1) + 1,
        pages=list(pages),
        turns=document.turns,
        paper=document.paper,
        signatures=document.signatures,
        authority=document.authority,
    )
    return child


def _family(session: Session, document: Document) -> list[Document]:
    """The other documents of the same original, in the order in which they were found."""
    if document.original_sha256 is None:
        return []
    same = (Document.original_sha256 == document.original_sha256, Document.id != document.id)
    return list(session.scalars(select(Document).where(*same).order_by(Document.id)))


def _relative(document: Document, other: Document) -> Relative:
    same = other.original_sha256 == document.original_sha256
    return Relative(other.tracking, other.form, other.at, tuple(other.pages or ()), same)


def _laid_out_as(document: Document, page: int) -> Form | None:
    """The form whose layout the page has; None for letters, other editions and pages of no document."""
    form = known_form(document)
    laid_out = form is not None and document.version == form.version and page in (document.pages or ())
    return form if laid_out else None


def _require_own(document: Document, pages: Collection[int]) -> None:
    if not set(pages) <= set(document.pages or ()):
        raise RefusedError([Problem("pages", "unknown_page", "Ta strona nie należy już do tej sprawy.")])


def _changed(session: Session, document: Document, clerk: Clerk, action: str, detail: dict[str, object]) -> None:
    at = clock.now()
    document.updated_at = at
    record(session, actor=clerk.actor, action=action, subject=document.tracking, detail=detail)
    session.flush()
