"""Tables of the desk: documents that went through untouched and are checked once more, and what that leads to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Double, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from database.engine import Base, Instant


class SecondLook(Base):
    """One document drawn for quality control.

    ``verdict`` is None while it waits, then 'right' or 'wrong'; ``checked`` counts the fields that were compared,
    ``wrong`` names those that were read wrong (never their values); ``correction`` is the document that carries the
    right values, where the effect had to be done anew. ``rate`` is the share of documents like it that was drawn then.
    """

    __tablename__ = "second_looks"
    __table_args__ = (Index("ix_second_looks_verdict_chosen_at", "verdict", "chosen_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tracking: Mapped[str] = mapped_column(String(16), unique=True)
    chosen_at: Mapped[datetime] = mapped_column(Instant)
    rate: Mapped[float | None] = mapped_column(Double)
    clerk: Mapped[str | None] = mapped_column(String(100))
    clerk_until: Mapped[datetime | None] = mapped_column(Instant)
    looked_at: Mapped[datetime | None] = mapped_column(Instant)
    verdict: Mapped[str | None] = mapped_column(String(8))
    checked: Mapped[int | None]
    wrong: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    correction: Mapped[str | None] = mapped_column(String(16))


class Tolerance(Base):
    """The one row of what is in force: how many wrong values of a thousand a manager tolerates among those used unseen.

    By stratum (``review.tolerance.evidence``): the step of its threshold, since when looks count (ISO), and the share
    of documents that is looked at again, as it was considered last, and why it is ``held`` for a clerk, if it is.
    ``drifting`` are the ways in whose papers changed. Who changed what and why stands in the audit.
    """

    __tablename__ = "tolerance"

    id: Mapped[int] = mapped_column(primary_key=True)
    tolerated: Mapped[float] = mapped_column(Double)
    steps: Mapped[dict[str, int]] = mapped_column(JSON)
    since: Mapped[dict[str, str]] = mapped_column(JSON)
    rates: Mapped[dict[str, float]] = mapped_column(JSON)
    drifting: Mapped[list[str]] = mapped_column(JSON)
    held: Mapped[dict[str, Any]] = mapped_column(JSON, server_default="{}")
    considered_at: Mapped[datetime | None] = mapped_column(Instant)
