"""The store of originals against its rows: every file that must be there is, with its bytes, and no other."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select

from database.engine import Session, reading
from database.keys import SecretKeyError
from database.private_files import close_to_others, open_to_others
from documents.erasing import erase_original, erase_stray, stray_files
from documents.originals import (
    MissingOriginalError,
    OriginalError,
    is_digest,
    is_there,
    relative_path,
    size_of,
    stored_files,
)
from documents.store import store
from documents.store_interface import StoreUnreachableError
from documents.tables import Document, Original
from environment import clock
from environment.settings import get_settings
from integrity.differences import Comparison, Difference, DifferenceKind, Scope, Whose, short
from integrity.rows import Rows, windows
from retention.files import STRAY

_PUT_BACK: Final = "Przywróć ten plik folderu oryginałów z kopii zapasowej i sprawdź jeszcze raz: ebok check."
_WINDOW: Final = 500
_TWO_NIGHTS: Final = timedelta(days=2)

MISSING: Final = DifferenceKind(
    "original_missing", "W magazynie nie ma oryginału, choć sprawa go potrzebuje.", _PUT_BACK, Whose.ORIGINAL
)
CHANGED: Final = DifferenceKind(
    "original_changed", "Oryginał w magazynie ma inną treść, niż wpłynęła.", _PUT_BACK, Whose.ORIGINAL
)
UNREADABLE: Final = DifferenceKind(
    "original_unreadable",
    "Oryginału w magazynie nie da się odczytać.",
    "Sprawdź dysk i to, czy użytkownik usługi jest właścicielem plików w folderze oryginałów.",
    Whose.ORIGINAL,
)
LOCKED: Final = DifferenceKind(
    "original_locked",
    "Oryginał zaszyfrowano kluczem, którego nie ma.",
    "Przywróć plik kluczy z kopii zrobionej po ostatniej wymianie kluczy.",
    Whose.ORIGINAL,
)
OF_OTHER_SIZE: Final = DifferenceKind(
    "original_size",
    "Zapisano inną wielkość oryginału, niż ma.",
    "Popraw zapis: ebok check --repair.",
    Whose.ORIGINAL,
    mending="zapisuje wielkość, jaką oryginał ma",
)
ERASED_EARLY: Final = DifferenceKind(
    "original_erased_early",
    "Oryginał jest zapisany jako usunięty, choć sprawa go jeszcze potrzebuje.",
    f"{_PUT_BACK[:-1]} --repair.",
    Whose.ORIGINAL,
    mending="znosi ten zapis, jeśli plik jest w magazynie i ma właściwą treść",
)
NOT_ERASED: Final = DifferenceKind(
    "original_not_erased",
    "Oryginał jest zapisany jako usunięty, a jego plik nadal leży w magazynie.",
    "Usuń go: ebok check --repair (w nocy program zrobi to sam).",
    Whose.ORIGINAL,
    mending="usuwa plik",
)
STRAY_FILE: Final = DifferenceKind(
    "original_stray",
    "W magazynie leży plik, którego nie zapisano: zostawiło go przerwane przyjmowanie.",
    "Usuń go: ebok check --repair (w nocy program zrobi to sam).",
    Whose.ORIGINAL,
    mending="usuwa plik starszy niż doba",
)
FOREIGN: Final = DifferenceKind(
    "store_foreign_file",
    "W folderze oryginałów leży plik, który nie jest oryginałem.",
    "Sprawdź, kto go tam położył, i przenieś go gdzie indziej.",
    Whose.OTHER,
)
OPEN: Final = DifferenceKind(
    "store_open_to_others",
    "Pliki w folderze oryginałów może czytać albo zmieniać ktoś poza użytkownikiem usługi.",
    "Zabierz innym te prawa: ebok check --repair.",
    Whose.OTHER,
    mending="zabiera innym prawa do plików",
)


def _claimed(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    of_documents = exists().where(Document.original_sha256 == Original.sha256, *(more or (_not_let_go(),)))
    return or_(of_documents, Original.kept_for.is_not(None))


def _not_let_go() -> ColumnElement[bool]:
    return Document.original_released_at.is_(None)


class Originals(Comparison):
    """Each row of an original that a document has a claim to, against its file."""

    name = "Oryginały"
    kinds = (MISSING, CHANGED, UNREADABLE, LOCKED, OF_OTHER_SIZE, ERASED_EARLY)

    def differences(self, scope: Scope) -> Iterator[Difference]:
        """Row by row; contents are read as far as the scope says."""
        for window in windows(Original.sha256, _WINDOW):
            yield from self._among(window, scope)

    def remaining(self, found: Collection[Difference], scope: Scope) -> list[Difference]:
        """Look at just these once more."""
        keys = [one.key for one in found]
        bundles = (keys[at : at + _WINDOW] for at in range(0, len(keys), _WINDOW))
        return [one for bundle in bundles for one in self._among((Original.sha256.in_(bundle),), scope)]

    def mend(self, session: Session, difference: Difference, actor: str) -> bool:
        """What is wrong with a row is put right where the file proves it."""
        wanted = select(Original).where(Original.sha256 == difference.key, _claimed()).with_for_update()
        row = session.scalars(wanted.execution_options(populate_existing=True)).first()
        if row is None or _examined(row.sha256) is not None:
            return False
        row.size, row.erased_at = size_of(row.sha256), None
        session.flush()
        return True

    def _among(self, window: tuple[ColumnElement[bool], ...], scope: Scope) -> Iterator[Difference]:
        with reading() as session:
            wanted = select(Original.sha256, Original.size, Original.stored_at, Original.erased_at)
            rows = session.execute(wanted.where(_claimed(), *window).order_by(Original.sha256)).all()
        for sha256, size, stored_at, erased_at in rows:
            if erased_at is not None:
                kind: DifferenceKind | None = ERASED_EARLY
            elif scope.reads(sha256, stored_at):
                kind = _examined(sha256, size)
            else:
                kind = _missed(sha256)
            if kind is not None:
                yield Difference(kind, sha256, short(sha256), _place(sha256))
            scope.progress(1)


def _examined(sha256: str, size: int | None = None) -> DifferenceKind | None:
    """What is wrong with a file of the store, read to its end; its size counts where one is told.

    StoreUnreachableError when it is not this file but the whole store that does not answer.
    """
    try:
        found = size_of(sha256)
    except MissingOriginalError:
        return MISSING
    except OriginalError:
        return CHANGED
    except SecretKeyError:
        return LOCKED
    except StoreUnreachableError:
        store().require()
        return UNREADABLE
    return OF_OTHER_SIZE if size is not None and found != size else None


def _missed(sha256: str) -> DifferenceKind | None:
    """The same without a look into the file."""
    try:
        return None if is_there(sha256) else MISSING
    except StoreUnreachableError:
        store().require()
        return UNREADABLE


class StoreComparison(Comparison):
    """Each file of the store, against the rows; whoever takes a file in stores it first and writes it down then."""

    name = "Pliki w magazynie"
    kinds = (STRAY_FILE, NOT_ERASED, FOREIGN)

    def differences(self, scope: Scope) -> Iterator[Difference]:
        """File by file; those that were stored or kept anew of late may belong to an intake."""
        for name, _ in stored_files():
            if not is_digest(name):
                yield Difference(FOREIGN, name, f"{name[:2]}/…")
            scope.progress(1)
        for sha256 in stray_files(clock.now() - STRAY):
            with reading() as session:
                written = session.get(Original, sha256) is not None
            yield Difference(NOT_ERASED if written else STRAY_FILE, sha256, short(sha256), _place(sha256))

    def remaining(self, found: Collection[Difference], scope: Scope) -> list[Difference]:
        """Walk once more: what an intake took over since is young."""
        keys = {one.key for one in found}
        return [one for one in self.differences(scope) if one.key in keys]

    def mend(self, session: Session, difference: Difference, actor: str) -> bool:
        """Remove the file as the night would."""
        return erase_stray(session, difference.key, clock.now() - STRAY)


class Permissions(Comparison):
    """Whether files of the store are the owner's alone."""

    name = "Prawa do magazynu"
    kinds = (OPEN,)

    def differences(self, scope: Scope) -> Iterator[Difference]:
        """How many are not, in one."""
        number = sum(path.is_file() for path in open_to_others(get_settings().originals))
        if number:
            yield Difference(OPEN, None, "originals", f"plików: {number}")

    def remaining(self, found: Collection[Difference], scope: Scope) -> list[Difference]:
        """Count once more."""
        return list(self.differences(scope))

    def mend(self, session: Session, difference: Difference, actor: str) -> bool:
        """Close them to others."""
        return close_to_others(get_settings().originals) == 0


def _let_go_long_ago() -> ColumnElement[bool]:
    lately = clock.now() - _TWO_NIGHTS
    still = or_(_not_let_go(), Document.original_released_at > lately)
    return and_(Original.erased_at.is_(None), Original.stored_at < lately, not_(_claimed(still)))


def _erase(session: Session, original: Original, _actor: str) -> None:
    erase_original(session, original.sha256)


def _place(sha256: str) -> str:
    return f"plik {relative_path(sha256)}"


COMPARISONS: Final[tuple[Comparison, ...]] = (
    Originals(),
    StoreComparison(),
    Permissions(),
    Rows(
        "Oryginały, których nikt nie potrzebuje",
        DifferenceKind(
            "original_unclaimed",
            "Żadna sprawa nie ma już prawa do oryginału, a nie usunięto go od dwóch nocy.",
            "Usuń go: ebok check --repair; zobacz w Prefect, czemu nie zrobił tego przebieg „Usuwanie danych”.",
            Whose.ORIGINAL,
            mending="usuwa plik",
        ),
        Original.sha256,
        func.substr(Original.sha256, 1, 12),
        _let_go_long_ago,
        _erase,
    ),
)
"""What is compared here."""
