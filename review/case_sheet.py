"""One document as the desk shows it: fields with their doubts, objections, and whom it may come from.

Everything is judged anew from what stands now, so a correction or another customer number shows at once what it
changes. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from rapidfuzz.distance import Levenshtein
from sqlalchemy.orm import Session

from customers import matching
from customers.effect import AgreedDay
from customers.effects import effect_of
from customers.records import CustomerRecord, RegisterLookup
from documents.loading import load
from documents.tables import Document
from documents.values import known_form, signatures_of, submission_of
from forms.electronic_signature import ElectronicSignature
from forms.form import Field, Form
from forms.kinds import Pesel, Value
from forms.layout import layout
from forms.submission import Box, FieldValue, Submission
from ocr.lexicons.mail_slips import question
from ocr.results import PROPOSALS
from review.candidates import Candidate, candidates
from review.objections import Objections, nothing_read, objections_to
from review.queue import Clerk
from review.reasons import overrulable

_IDENTITY: Final = frozenset({"unknown_customer", "second_factor_missing"})
_WHO: Final = frozenset({"name", "pesel", "nip"})
_ALIKE: Final = 0.5
_ANOTHER: Final = "całkiem inny"
_SOMEBODY_ELSE: Final = "Pod tym numerem jest w rejestrze chyba ktoś inny: porównaj numer z obrazem."
_UNREAD: Final = "Nie udało się odczytać."
_OTHERWISE: Final = "Inaczej niż w rejestrze klientów."
_PROPOSED: Final = "Odczytano z treści pisma, nie z naszego druku."

Piece = tuple[str, bool]
"""A part of a text, and whether it differs from the other text."""


@dataclass(frozen=True, slots=True)
class SheetField:
    """A field on the desk. ``text`` goes into its input; ``doubts`` are Polish; ``register`` is what stands there.

    ``register`` is None where it agrees or says nothing; ``written`` is the text in pieces beside it. ``listed`` is
    what the customer list has there where that is no value to use.
    """

    item: Field
    text: str
    reading: FieldValue | None = field(repr=False)
    doubts: tuple[str, ...]
    written: tuple[Piece, ...] = field(default=(), repr=False)
    register: tuple[Piece, ...] | None = field(default=None, repr=False)
    listed: str | None = field(default=None, repr=False)
    place: tuple[int, Box] | None = None
    """The page of the original and where on it the field stands."""

    @property
    def name(self) -> str:
        """The field's name on the form."""
        return self.item.name

    @property
    def value(self) -> Value:
        """The value in force. What is so or not so is asked of it: ``text`` only tells how it reads."""
        return None if self.reading is None else self.reading.value

    @property
    def ticked(self) -> bool:
        """Whether a box is ticked, or a signature there."""
        return self.value is True

    @property
    def doubtful(self) -> bool:
        """Whether it asks for a look."""
        return bool(self.doubts)


@dataclass(frozen=True, slots=True)
class Remark:
    """What stands against the document as a whole; ``overrulable``: a human may accept it in spite of that."""

    code: str
    message: str
    overrulable: bool
    overruled: bool = False


@dataclass(frozen=True, slots=True)
class CaseSheet:
    """A document on the desk; ``form`` is None when it is none of ours. ``seen`` marks the state that is shown."""

    tracking: str
    form: Form | None
    seen: str
    received_at: datetime
    channel: str
    authority: int | None
    reason: str | None
    note: str | None
    level: str
    pages: tuple[int, ...]
    turns: Mapping[int, int]
    """Quarter turns clockwise by page, of pages that are shown turned."""
    has_picture: bool
    fields: tuple[SheetField, ...]
    remarks: tuple[Remark, ...]
    candidates: tuple[Candidate, ...]
    customer: CustomerRecord | None = field(repr=False)
    outlook: str | None
    paper_from: date | None
    agreed_day: AgreedDay | None
    signatures: tuple[ElectronicSignature, ...]

    @property
    def doubtful(self) -> tuple[SheetField, ...]:
        """The fields that ask for a look, in the order of the form."""
        return tuple(one for one in self.fields if one.doubtful)

    @property
    def settled(self) -> tuple[SheetField, ...]:
        """All other fields."""
        return tuple(one for one in self.fields if not one.doubtful)


def seen_of(document: Document) -> str:
    """The mark of a document's present state: whoever decides tells which state he saw."""
    return document.updated_at.isoformat()


def sheet(session: Session, tracking: str, clerk: Clerk) -> CaseSheet:
    """The document for the clerk who holds it; for all others sensitive values are masked and nobody is proposed."""
    document = load(session, tracking)
    holds = document.desk_owner == clerk.login
    form = known_form(document)
    submission = submission_of(session, document) if form else None
    overruled = frozenset(document.overruled or ())
    objections = (
        objections_to(session, document, submission, document.paper_from) if submission else nothing_read(document)
    )
    number = submission.text("customer_no") if submission else None
    customer = RegisterLookup(session).find(number) if number else None
    codes = {problem.code for problem in (*objections.of_fields, *objections.of_document)}
    unsure = customer is None or bool(codes & _IDENTITY) or any(code.startswith("mismatch_") for code in codes)
    fields = _fields(submission, document, objections, customer, masked=not holds) if submission else ()
    return CaseSheet(
        tracking=document.tracking,
        form=form,
        seen=seen_of(document),
        received_at=document.received_at,
        channel=document.channel,
        authority=document.authority,
        reason=document.reason,
        note=document.desk_note,
        level=document.desk_level,
        pages=tuple(document.pages or ()),
        turns={int(page): turn for page, turn in (document.turns or {}).items()},
        has_picture=bool(document.original_sha256 and document.pages),
        fields=fields,
        remarks=tuple(
            Remark(one.code, one.message, one.code in overrulable(), one.code in overruled)
            for one in objections.of_document
        ),
        candidates=candidates(session, submission, but=number) if submission and unsure and holds else (),
        customer=customer if holds else None,
        outlook=objections.outcome.message if objections.outcome and objections.outcome.kind != "needs_human" else None,
        paper_from=document.paper_from,
        agreed_day=None if form is None else effect_of(form).agreed_day,
        signatures=tuple(_signature(each, masked=not holds) for each in signatures_of(document)),
    )


def _signature(signature: ElectronicSignature, *, masked: bool) -> ElectronicSignature:
    return replace(signature, pesel=Pesel().masked(signature.pesel)) if masked and signature.pesel else signature


def _fields(
    submission: Submission,
    document: Document,
    objections: Objections,
    customer: CustomerRecord | None,
    *,
    masked: bool,
) -> tuple[SheetField, ...]:
    against = matching.contradicted(submission, customer) if customer else frozenset()
    every = any(problem.code in PROPOSALS for problem in objections.of_document)
    found = []
    for item in submission.form.fields:
        reading = submission.fields.get(item.name)
        if item.on_paper_only and reading is None and not submission.paper:
            continue
        doubts = _doubts(item, reading, objections, every=every)
        if item.name == "customer_no" and not doubts and len(against) > 1 and against & _WHO:
            doubts = [_SOMEBODY_ELSE]
        text = _shown(item, None if reading is None else reading.value, masked=masked)
        written: tuple[Piece, ...] = ()
        pieces = None
        if item.name in against and customer is not None:
            doubts = doubts or [_OTHERWISE]
            written, pieces = _beside(item, text, _shown(item, getattr(customer, item.name), masked=masked))
        place = _place(document, item, reading)
        listed = _listed(item, text, customer, masked=masked)
        found.append(SheetField(item, text, reading, tuple(doubts), written, pieces, listed, place))
    return tuple(found)


def _doubts(item: Field, reading: FieldValue | None, objections: Objections, *, every: bool) -> list[str]:
    problems = [one for one in objections.of_fields if one.field == item.name]
    told = [one.message for one in problems if one.code != "doubtful_field"]
    asked = any(one.code == "doubtful_field" for one in problems)
    clerk = reading is not None and reading.trusted and reading.source.value == "clerk"
    if (asked or told) and reading is not None and not reading.trusted:
        told.insert(0, reading.doubt or "Odczyt jest niepewny, porównaj z obrazem.")
    elif asked and reading is None:
        told.insert(0, _UNREAD)
    if every and not told and not clerk and (item.required or (reading is not None and reading.value is not None)):
        told.append(_PROPOSED)
    if not told and not clerk and reading is not None and (asked_of := question(item.kind, reading.value)):
        told.append(asked_of)
    return list(dict.fromkeys(told))


def _beside(item: Field, written: str, known: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both in pieces; of a sensitive number that is quite another one, perhaps somebody else's, no more than that."""
    one, other = compared(written, known)
    if item.kind.sensitive and known and not _alike(written, known):
        return one, ((_ANOTHER, True),)
    return one, other


def _listed(item: Field, written: str, customer: CustomerRecord | None, *, masked: bool) -> str | None:
    """What the list has instead of a value; of somebody else's sensitive number, perhaps, nothing."""
    raw = customer.unusable.get(item.name) if customer else None
    if raw is None or not item.kind.sensitive:
        return raw
    if masked:
        return item.kind.masked(raw)
    return "".join(text for text, _ in _beside(item, written, raw)[1])


def _place(document: Document, item: Field, reading: FieldValue | None) -> tuple[int, Box] | None:
    """Where a value was read, or where the form has the field when nothing was."""
    if reading is not None and reading.page is not None and reading.box is not None:
        return reading.page, reading.box
    form, pages = known_form(document), document.pages or []
    if form is None or form.version != document.version:
        return None
    at = layout(form)[item.name]
    return (pages[at.page - 1], at.bounds) if at.page <= len(pages) else None


def _shown(item: Field, value: Value, *, masked: bool) -> str:
    if value is None:
        return ""
    return item.kind.masked(value) if masked and item.kind.sensitive else item.kind.display(value)


def compared(one: str, other: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces that differ from the other one or not; capitals make no difference.

    Where hardly anything is the same, single letters tell nothing: then the whole differs.
    """
    if not _alike(one, other):
        return ((one, True),) if one else (), ((other, True),) if other else ()
    left: list[Piece] = []
    right: list[Piece] = []
    for step in Levenshtein.opcodes(one.casefold(), other.casefold()):
        same = step.tag == "equal"
        left.append((one[step.src_start : step.src_end], not same))
        right.append((other[step.dest_start : step.dest_end], not same))
    return tuple(piece for piece in left if piece[0]), tuple(piece for piece in right if piece[0])


def _alike(one: str, other: str) -> bool:
    return Levenshtein.normalized_similarity(one.casefold(), other.casefold()) >= _ALIKE
