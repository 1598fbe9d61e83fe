"""What should be gone by now: forms begun and never sent, pictures that nobody looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement

from database.engine import Session
from documents.drafts import Draft
from environment import clock
from environment.settings import get_settings
from integrity.differences import Comparison, Difference, DifferenceKind, Scope, Whose
from integrity.rows import Rows
from retention import files

_TWO_NIGHTS: Final = timedelta(days=2)
"""By then the night would have cleared it away."""
_AT_NIGHT: Final = "Usuń je: ebok check --repair; zobacz w Prefect, czemu nie zrobił tego przebieg „Usuwanie danych”."

PICTURES: Final = DifferenceKind(
    "pictures_left", "Obrazy stron leżą dłużej, niż mają.", _AT_NIGHT, Whose.OTHER, mending="usuwa te obrazy"
)


class Pictures(Comparison):
    """Pictures of pages for the desk that are older than they may be."""

    name = "Obrazy stron"
    kinds = (PICTURES,)

    def differences(self, scope: Scope) -> Iterator[Difference]:
        """How many, in one."""
        days = get_settings().keep_pictures_days
        old = files.pictures(clock.now() - _TWO_NIGHTS - timedelta(days=days)) if days else ()
        if number := sum(1 for _ in old):
            yield Difference(PICTURES, None, "pictures", f"plików: {number}")

    def remaining(self, found: Collection[Difference], scope: Scope) -> list[Difference]:
        """Count once more."""
        return list(self.differences(scope))

    def mend(self, session: Session, difference: Difference, actor: str) -> bool:
        """Remove them as the night would."""
        for path in list(files.pictures(clock.now() - timedelta(days=get_settings().keep_pictures_days))):
            path.unlink(missing_ok=True)
        return True


def _over() -> ColumnElement[bool]:
    return Draft.expires_at < clock.now() - _TWO_NIGHTS


def _forget(session: Session, draft: Draft, _actor: str) -> None:
    session.delete(draft)


COMPARISONS: Final[tuple[Comparison, ...]] = (
    Pictures(),
    Rows(
        "Formularze zaczęte na stronie",
        DifferenceKind(
            "draft_left",
            "Formularz zaczęty na stronie leży dłużej, niż ma.",
            _AT_NIGHT,
            Whose.OTHER,
            mending="usuwa ten formularz",
        ),
        Draft.id,
        Draft.id,
        _over,
        _forget,
    ),
)
"""What is compared here."""
