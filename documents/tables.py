"""Tables of what came in: originals, documents, their transitions and readings, files seen in the folder.

Personal values are encrypted; trackings, states and codes are plain, so that documents can be searched by them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import JSON, BigInteger, Date, Double, ForeignKey, Index, Integer, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from database.encryption import EncryptedJson, EncryptedText
from database.engine import Base, Instant
from documents.states import IntakeChannel, State

_NOT_SHOWN: Final = text("shown IS NULL")
BY_HAND: Final = text("source = 'handprint'")
"""Condition of a reading of handwriting: written out, so that the index of just these is used."""

CHECK_FAILED: Final = "check_failed"
"""Code of a file in the scan folder whose check ended in a fault of the program."""


class Original(Base):
    """A file as it came, stored once by content; ``path`` is relative to ``settings.originals``.

    ``erased_at`` is set when its time of keeping was over: then the row is all there is. ``kept_for`` names the rooms
    above that have a claim to it beside documents (``documents.claims``), with spaces; None where none has.
    """

    __tablename__ = "originals"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(100))
    path: Mapped[str] = mapped_column(String(200))
    stored_at: Mapped[datetime] = mapped_column(Instant)
    erased_at: Mapped[datetime | None] = mapped_column(Instant)
    kept_for: Mapped[str | None] = mapped_column(String(60))


class Document(Base):
    """One form on its way: the row is work list, review list and memory at once.

    ``pages`` (1-based, of the original) and ``form`` are set once the original was read and split; several documents
    of one batch share the original, those after the first have ``parent_tracking`` and count ``part`` from 2.
    ``turns`` are the quarter turns clockwise by which pages are shown that lie otherwise, by number of the page.
    ``signatures`` are the electronic signatures of its file, each as it was verified.
    ``source_key`` is the keyed digest of a path that could not be read, so that it is told only once.
    At the review desk ``desk_owner`` (a login) holds it until ``desk_until``; ``desk_level`` is 'clerk' or
    'supervisor', ``overruled`` are codes in spite of which a clerk accepts it, ``paper_from`` is the day agreed for a
    withdrawal.
    ``authority`` is the number of that by which somebody sent it for a customer, from an account.
    ``turn`` is when its turn to be read comes where that is not simply when it came: the last of many files that came
    together stand back for what comes alone after them.
    ``relied_on`` tells, by field, of which kind and how sure what the machine read was that its effect rests on; empty
    where it was for a clerk with the thresholds that were fitted, None where nothing was read from a page.
    ``shown`` is how the workflow engine shows it, as the run ``shown_run``; None once that is no longer true.
    ``told_step`` is the last of its transitions that the engine was told of as an event.
    Once ``values_erased_at`` is set, its values, names and words are gone. With ``original_released_at`` it has no
    claim to its original any more; the file goes with the last claim.
    """

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("parent_tracking", "part"),
        Index("ix_documents_state_received_at", "state", "received_at"),
        Index("ix_documents_received_at_id", "received_at", "id"),
        Index("ix_documents_channel_received_at_id", "channel", "received_at", "id"),
        Index("ix_documents_form_received_at_id", "form", "received_at", "id"),
        Index("ix_documents_desk_owner_state_received_at", "desk_owner", "state", "received_at"),
        Index("ix_documents_state_desk_level_received_at", "state", "desk_level", "received_at"),
        Index("ix_documents_state_desk_level_form_reason_code", "state", "desk_level", "form", "reason_code"),
        Index("ix_documents_not_shown", "updated_at", sqlite_where=_NOT_SHOWN, postgresql_where=_NOT_SHOWN),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    tracking: Mapped[str] = mapped_column(String(12), unique=True)
    original_sha256: Mapped[str | None] = mapped_column(ForeignKey("originals.sha256"), index=True)
    file_name: Mapped[str | None] = mapped_column(EncryptedText)
    source_path: Mapped[str | None] = mapped_column(EncryptedText)
    source_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    channel: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(12))
    reason_code: Mapped[str | None] = mapped_column(String(60))
    reason: Mapped[str | None] = mapped_column(EncryptedText)
    problems: Mapped[list[dict[str, Any]] | None] = mapped_column(EncryptedJson)
    form: Mapped[str | None] = mapped_column(String(60))
    version: Mapped[str | None] = mapped_column(String(20))
    pages: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    turns: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    paper: Mapped[bool] = mapped_column(default=False)
    signatures: Mapped[list[dict[str, Any]] | None] = mapped_column(EncryptedJson)
    signed_on: Mapped[date | None] = mapped_column(Date)
    customer_no: Mapped[str | None] = mapped_column(String(12), index=True)
    authority: Mapped[int | None]
    parent_tracking: Mapped[str | None] = mapped_column(String(12))
    part: Mapped[int] = mapped_column(default=1)
    duplicate_of: Mapped[str | None] = mapped_column(String(12), index=True)
    received_at: Mapped[datetime] = mapped_column(Instant)
    idempotency_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    request_digest: Mapped[str | None] = mapped_column(String(64))
    lease_owner: Mapped[str | None] = mapped_column(String(100))
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    last_fault: Mapped[str | None] = mapped_column(String(100))
    desk_owner: Mapped[str | None] = mapped_column(String(40))
    desk_until: Mapped[datetime | None] = mapped_column(Instant)
    desk_level: Mapped[str] = mapped_column(String(10), default="clerk", server_default="clerk")
    desk_note: Mapped[str | None] = mapped_column(EncryptedText)
    overruled: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    paper_from: Mapped[date | None] = mapped_column(Date)
    relied_on: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    updated_at: Mapped[datetime] = mapped_column(Instant)
    values_erased_at: Mapped[datetime | None] = mapped_column(Instant)
    original_released_at: Mapped[datetime | None] = mapped_column(Instant)
    turn: Mapped[datetime | None] = mapped_column(Instant)
    shown: Mapped[str | None] = mapped_column(String(12))
    shown_run: Mapped[str | None] = mapped_column(String(36))
    told_step: Mapped[int | None] = mapped_column(Integer)

    @property
    def at(self) -> State:
        """The state, typed."""
        return State(self.state)

    @property
    def way_in(self) -> IntakeChannel:
        """The channel, typed."""
        return IntakeChannel(self.channel)


class FileWord(Base):
    """A word or number in the name of a scan's file, as a keyed digest; it goes with the name."""

    __tablename__ = "file_words"

    word: Mapped[str] = mapped_column(String(64), primary_key=True)
    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Transition(Base):
    """One step of a document from state to state; ``from_state`` is None at its birth."""

    __tablename__ = "transitions"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    from_state: Mapped[str | None] = mapped_column(String(12))
    to_state: Mapped[str] = mapped_column(String(12))
    actor: Mapped[str] = mapped_column(String(100))
    reason_code: Mapped[str | None] = mapped_column(String(60))
    note: Mapped[str | None] = mapped_column(EncryptedText)


class Reading(Base):
    """One value of one field as one reader saw it; ``reader`` is 'machine', 'online' or 'clerk:ID'.

    The row in force is the one that is not superseded; older ones stay.
    """

    __tablename__ = "readings"
    __table_args__ = (
        Index("ix_readings_document_id_field", "document_id", "field"),
        Index("ix_readings_by_hand", "document_id", sqlite_where=BY_HAND, postgresql_where=BY_HAND),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    field: Mapped[str] = mapped_column(String(60))
    value: Mapped[str | bool | None] = mapped_column(EncryptedJson)
    raw: Mapped[str | None] = mapped_column(EncryptedJson)
    confidence: Mapped[float] = mapped_column(Double)
    trusted: Mapped[bool]
    source: Mapped[str] = mapped_column(String(20))
    page: Mapped[int | None]
    box: Mapped[list[float] | None] = mapped_column(JSON(none_as_null=True))
    doubt: Mapped[str | None] = mapped_column(EncryptedText)
    by_eye: Mapped[bool] = mapped_column(default=False, server_default=false())
    reader: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(Instant)
    superseded: Mapped[bool] = mapped_column(default=False)


class Sighting(Base):
    """A file seen in a scan folder and not yet gone from it; survives restarts and is shared by all sweeps.

    Size and time of change are as last seen, ``unchanged_since`` counts by our clock. ``turn`` is that of its document.
    ``tracking`` is set in the transaction that took the file in: from then on it only waits to be removed
    (``settled``), or, when it could not be kept, to become readable. ``waiting_for`` is a code, None while
    nothing is wrong. ``attempts`` counts looks at it that did not come to an end: a fault of the program, or a process
    that died of it.
    """

    __tablename__ = "sightings"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    folder_key: Mapped[str] = mapped_column(String(64), index=True)
    path_key: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    first_seen: Mapped[datetime] = mapped_column(Instant)
    turn: Mapped[datetime | None] = mapped_column(Instant)
    unchanged_since: Mapped[datetime] = mapped_column(Instant)
    waiting_for: Mapped[str | None] = mapped_column(String(60))
    lease_owner: Mapped[str | None] = mapped_column(String(100))
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    tracking: Mapped[str | None] = mapped_column(String(12))
    settled: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")


class MirrorHolder(Base):
    """The one row of who brings up to date what the workflow engine shows of the documents, until when.

    ``deployment`` is the one there to which its rows belong: another one knows none of them yet.
    """

    __tablename__ = "mirror"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    owner: Mapped[str | None] = mapped_column(String(100))
    until: Mapped[datetime | None] = mapped_column(Instant)
    deployment: Mapped[str | None] = mapped_column(String(36))
