"""Where tables of billing come from: what another billing system has to offer, and the documented folder of files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from billing.contract import BY_NAME, BillingTable
from billing.manifest import Manifest, Period, read_manifest
from billing.refusal import BillingRefusedError, DeliveryProblem
from customers.list_files import CustomerFileError, Layout, Piece, read_table

_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class SourceTable:
    """Rows of one table as texts, piece by piece, by line of ``name``.

    ``rows`` is how many there should be, None where nobody says; ``width`` is that of the heading. To go on in
    ``pieces`` may raise CustomerFileError.
    """

    table: BillingTable
    name: str
    pieces: Iterator[Piece]
    width: int
    rows: int | None


class BillingSource(Protocol):
    """A delivery of a billing system: an adapter yields the tables of the contract, and the import does all else.

    BillingRefusedError where the delivery itself is not whole.
    """

    @property
    def digest(self) -> str:
        """What tells that the same delivery comes again: other content, other digest."""

    @property
    def period(self) -> Period:
        """The days of which it tells all."""

    def sheets(self) -> Iterator[SourceTable]:
        """All tables that it has; a table may come in several sheets."""

    def pdf(self, name: str) -> Path:
        """The file of that name, whether it is there or not."""


class FolderSource:
    """A folder of CSV files, workbooks and PDFs with a manifest, as docs/billing.md describes it.

    Nothing of it is believed before the digests of its files are those of the manifest.
    """

    def __init__(self, folder: Path, notice: Callable[[str], None] = lambda _: None) -> None:
        self._folder, self._notice = folder, notice
        self.manifest, self._digest = _checked(folder)

    @property
    def digest(self) -> str:
        """That of the manifest, which has those of all files."""
        return self._digest

    @property
    def period(self) -> Period:
        """As the manifest says."""
        return self.manifest.period

    def sheets(self) -> Iterator[SourceTable]:
        """File by file."""
        for one in self.manifest.files:
            table = BY_NAME[one.table]
            layout = Layout(table.names, f"tabeli {table.name}", "Te dane są")
            try:
                found = read_table(self._folder / one.name, partial(self._told, one.name), layout)
            except CustomerFileError as error:
                raise refused(one.name, error) from error
            yield SourceTable(table, one.name, found.pieces, found.width, one.rows)

    def pdf(self, name: str) -> Path:
        """In this folder."""
        return self._folder / name

    def _told(self, name: str, text: str) -> None:
        self._notice(f"{name}: {text}")


def refused(name: str, error: CustomerFileError) -> BillingRefusedError:
    """What is wrong with the form of a file, told of that file."""
    return BillingRefusedError([DeliveryProblem(name, line, text) for line, text in error.problems])


def _checked(folder: Path) -> tuple[Manifest, str]:
    """The manifest, once all files that it lists are there as it says."""
    manifest, digest = read_manifest(folder)
    problems = []
    for one in manifest.files:
        path = folder / one.name
        if not inside(folder, path):
            problems.append(DeliveryProblem(one.name, 0, "Nie ma tego pliku w folderze dostawy. Skopiuj go tam."))
        elif digest_of(path) != one.sha256:
            text = (
                "Plik jest inny niż zapisany w manifeście: zmieniono go albo nie skopiował się cały. Skopiuj go znowu."
            )
            problems.append(DeliveryProblem(one.name, 0, text))
    if problems:
        raise BillingRefusedError(problems)
    return manifest, digest


def inside(folder: Path, path: Path) -> bool:
    """Whether that is a plain file in the folder, and no link to something else."""
    return path.is_file() and path.resolve().is_relative_to(folder.resolve())


def digest_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
