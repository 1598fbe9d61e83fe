"""Documents against their transitions, their originals, each other, and what the audit knows to have come in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, false, func, not_, or_, select
from sqlalchemy.orm import aliased

from audit.tables import AuditEntry, AuditHead
from database.engine import Session
from documents.entries import TAKEN_IN
from documents.erasing import RECORD_ERASED, erase_values
from documents.states import OPEN, State, may_follow
from documents.tables import Document, Reading, Transition
from environment import clock
from integrity.differences import Comparison, DifferenceKind
from integrity.rows import Rows
from review.tables import SecondLook

_CASES: Final = "Sprawy"
_STEPS: Final = "Przejścia spraw"
_FROM_BACKUP: Final = (
    "Porównaj historię sprawy (ebok show, ebok audit list --document) z kopią zapasową bazy i przywróć."
)
_WITH_ORIGINAL: Final = (State.RECEIVED, State.IN_REVIEW, State.READY, State.APPLIED, State.CONFIRMED)
"""States that no document reaches whose file could not be kept."""
_LONG_OVER: Final = timedelta(days=1)


def known(tracking: Any) -> ColumnElement[bool]:
    """Condition: there is a document of that number."""
    other = aliased(Document)
    return exists().where(other.tracking == tracking)


def lost(tracking: Any) -> ColumnElement[bool]:
    """Condition: there is no document of that number, and its record was not erased because its time was over.

    Where the beginning of the audit is no longer kept, nobody can tell of a number that it does not name.
    """
    entry, erased, head = aliased(AuditEntry), aliased(AuditEntry), aliased(AuditHead)
    shortened = exists().where(head.removed_through > 0)
    came = exists().where(entry.subject == tracking, entry.action == TAKEN_IN)
    went = exists().where(erased.subject == tracking, erased.action == RECORD_ERASED)
    return and_(not_(known(tracking)), not_(went), or_(came, not_(shortened)))


def _state_differs() -> ColumnElement[bool]:
    last = select(Transition.to_state).where(Transition.document_id == Document.id).order_by(Transition.id.desc())
    return last.limit(1).scalar_subquery().is_distinct_from(Document.state)


def _before() -> Any:
    """The state that the step before led to, None for the first step."""
    earlier = aliased(Transition)
    steps = select(earlier.to_state).where(earlier.document_id == Transition.document_id, earlier.id < Transition.id)
    return steps.order_by(earlier.id.desc()).limit(1).scalar_subquery()


def _gap() -> ColumnElement[bool]:
    return Transition.from_state.is_distinct_from(_before())


def _forbidden() -> ColumnElement[bool]:
    pairs = [(one, other) for one in State for other in State if may_follow(one, other)]
    allowed = (and_(Transition.from_state == one.value, Transition.to_state == other.value) for one, other in pairs)
    return and_(Transition.from_state.is_not(None), not_(or_(false(), *allowed)))


def _without_original() -> ColumnElement[bool]:
    return and_(Document.original_sha256.is_(None), Document.state.in_([state.value for state in _WITH_ORIGINAL]))


def _vanished() -> ColumnElement[bool]:
    return and_(AuditEntry.action == TAKEN_IN, lost(AuditEntry.subject))


def _repeats_nothing() -> ColumnElement[bool]:
    return and_(Document.duplicate_of.is_not(None), lost(Document.duplicate_of))


def _part_of_nothing() -> ColumnElement[bool]:
    return and_(Document.parent_tracking.is_not(None), lost(Document.parent_tracking))


def _part_of_other_file() -> ColumnElement[bool]:
    parent = aliased(Document)
    return exists().where(
        parent.tracking == Document.parent_tracking,
        parent.original_sha256.is_distinct_from(Document.original_sha256),
    )


def _look_of_nothing() -> ColumnElement[bool]:
    return not_(known(SecondLook.tracking))


def _values_left() -> ColumnElement[bool]:
    return and_(Document.values_erased_at.is_not(None), exists().where(Reading.document_id == Document.id))


def _held_though_ended() -> ColumnElement[bool]:
    return and_(
        Document.lease_owner.is_not(None),
        Document.state.not_in([state.value for state in OPEN]),
        func.coalesce(Document.lease_until, Document.updated_at) < clock.now() - _LONG_OVER,
    )


def _erase_values(session: Session, document: Document, _actor: str) -> None:
    erase_values(session, document)


def _let_go(_session: Session, document: Document, _actor: str) -> None:
    document.lease_owner = document.lease_until = None


def _tracking_of_step() -> Any:
    return select(Document.tracking).where(Document.id == Transition.document_id).scalar_subquery()


COMPARISONS: Final[tuple[Comparison, ...]] = (
    Rows(
        "Sprawy według dziennika",
        DifferenceKind(
            "case_lost",
            "Dziennik mówi, że sprawa wpłynęła, a w bazie jej nie ma.",
            "Odszukaj sprawę w kopii zapasowej bazy i ustal, kto ją usunął (ebok audit list --document).",
        ),
        AuditEntry.id,
        AuditEntry.subject,
        _vanished,
    ),
    Rows(
        _CASES,
        DifferenceKind(
            "state_without_step", "Stan sprawy jest inny niż ten, do którego doprowadził ostatni krok.", _FROM_BACKUP
        ),
        Document.id,
        Document.tracking,
        _state_differs,
    ),
    Rows(
        _STEPS,
        DifferenceKind(
            "step_missing",
            "W historii sprawy brakuje kroku: następny nie zaczyna się tam, gdzie skończył poprzedni.",
            _FROM_BACKUP,
        ),
        Transition.id,
        _tracking_of_step(),
        _gap,
    ),
    Rows(
        _STEPS,
        DifferenceKind("step_forbidden", "W historii sprawy jest krok, którego program nie robi.", _FROM_BACKUP),
        Transition.id,
        _tracking_of_step(),
        _forbidden,
    ),
    Rows(
        _CASES,
        DifferenceKind(
            "case_without_original",
            "Sprawa nie ma oryginału, choć w tym stanie musi go mieć.",
            "Odszukaj pismo w kopii zapasowej albo poproś klienta o nowe.",
        ),
        Document.id,
        Document.tracking,
        _without_original,
    ),
    Rows(
        _CASES,
        DifferenceKind(
            "repeats_nothing",
            "Sprawa jest oznaczona jako powtórzenie innej, a tamtej nie ma.",
            "Otwórz sprawę w biurze jeszcze raz i rozpatrz ją; tamtej szukaj w kopii zapasowej.",
        ),
        Document.id,
        Document.tracking,
        _repeats_nothing,
    ),
    Rows(
        _CASES,
        DifferenceKind("part_of_nothing", "Formularz pochodzi z pliku sprawy, której nie ma.", _FROM_BACKUP),
        Document.id,
        Document.tracking,
        _part_of_nothing,
    ),
    Rows(
        _CASES,
        DifferenceKind(
            "part_of_other_file", "Formularz pochodzi z pliku innej sprawy, a ma inny oryginał niż ona.", _FROM_BACKUP
        ),
        Document.id,
        Document.tracking,
        _part_of_other_file,
    ),
    Rows(
        _CASES,
        DifferenceKind(
            "values_left",
            "Dane sprawy są zapisane jako usunięte, a nadal są w bazie.",
            "Usuń je: ebok check --repair.",
            mending="usuwa te dane",
        ),
        Document.id,
        Document.tracking,
        _values_left,
        _erase_values,
    ),
    Rows(
        "Druga kontrola",
        DifferenceKind("look_of_nothing", "Druga kontrola dotyczy sprawy, której nie ma.", _FROM_BACKUP),
        SecondLook.id,
        SecondLook.tracking,
        _look_of_nothing,
    ),
    Rows(
        _CASES,
        DifferenceKind(
            "lease_left",
            "Sprawa jest załatwiona, a wciąż zapisano, że jakiś proces nad nią pracuje.",
            "Nic nie trzeba robić.",
            mending="usuwa ten zapis",
        ),
        Document.id,
        Document.tracking,
        _held_though_ended,
        _let_go,
    ),
)
"""What is compared here."""
