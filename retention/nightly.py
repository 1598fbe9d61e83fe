"""Carrying the table out: everything whose time is over, kind by kind, in bundles; safe to interrupt and repeat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from audit import trail
from database.engine import transaction
from environment import clock
from retention import files
from retention.bundles import Bundle
from retention.table import KINDS, DataCategory

_SUBJECT = "retention"


@dataclass(frozen=True, slots=True)
class ErasureCount:
    """What happened to one kind: how many were erased, and how many stay past their time because still in use."""

    kind: DataCategory
    erased: int
    at_work: int


@dataclass(frozen=True, slots=True)
class Night:
    """What came of a run; ``originals`` is how many files of the store went with it."""

    outcomes: tuple[ErasureCount, ...]
    originals: int
    dry: bool

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind were erased, by code."""
        return {one.kind.code: one.erased for one in self.outcomes if one.erased}


def run(actor: str, *, dry: bool = False) -> Night:
    """Erase what is no longer kept; ``dry`` only counts it. What is erased stands in the audit by numbers."""
    if not dry:
        files.part_logs()
    outcomes = tuple(_outcome(kind, dry=dry) for kind in KINDS if kind.rows or kind.files)
    originals = 0 if dry else files.erase_unclaimed()
    night = Night(outcomes, originals, dry)
    if night.counts or originals:
        detail = {"erased": night.counts, "originals": originals}
        with transaction() as session:
            if not dry:
                trail.record(session, actor=actor, action="retention", subject=_SUBJECT, detail=detail)
    return night


def run_for_logs() -> None:
    """Do for the logs of this home what ``run`` does for everything: the rest is done for all machines at once."""
    files.part_logs()
    for kind in KINDS:
        if kind.files is files.logs:
            _outcome(kind, dry=False)


def _outcome(kind: DataCategory, *, dry: bool) -> ErasureCount:
    if kind.days == 0:
        return ErasureCount(kind, 0, 0)
    cutoff = clock.now() - timedelta(days=kind.days or 0)
    erased = at_work = 0
    for bundle in _bundles(kind, cutoff, dry=dry):
        erased += bundle.erased
        at_work += bundle.at_work
    return ErasureCount(kind, erased, at_work)


def _bundles(kind: DataCategory, cutoff: datetime, *, dry: bool) -> Iterator[Bundle]:
    if kind.files is not None:
        for path in list(kind.files(cutoff)):
            if not dry:
                path.unlink(missing_ok=True)
            yield Bundle(1)
    after: int | None = 0
    while kind.rows is not None and after is not None:
        with transaction() as session:
            bundle = kind.rows(session, cutoff, after)
            if dry:
                session.rollback()
        yield bundle
        after = bundle.last
