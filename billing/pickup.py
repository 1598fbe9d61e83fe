"""Deliveries in the folder of billing: each new one is imported, a bad one stays with a report beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from billing.importing import applied_before, import_delivery
from billing.manifest import NAME, read_manifest
from billing.refusal import BillingRefusedError, DeliveryProblem
from billing.sources import FolderSource
from billing.wording import summary

REPORT: Final = "raport-ebok.txt"
"""In the folder of a delivery that was refused; it goes once the delivery is taken."""


class MissingFolderError(RuntimeError):
    """The folder of deliveries is not there: a share that is not mounted, or a setting that names another place."""


@dataclass(frozen=True, slots=True)
class PickedUp:
    """What came of a look: deliveries that were imported, each with what changed, and the one that was refused."""

    taken: tuple[tuple[str, tuple[str, ...]], ...]
    refused: str | None = None
    problems: int = 0


def pick_up(place: Path, actor: str) -> PickedUp:
    """Import what is new in that folder, in the order of its periods.

    One that is refused ends the look: those after it may rest on it, and must not come before it.
    """
    if not place.is_dir():
        raise MissingFolderError
    taken: list[tuple[str, tuple[str, ...]]] = []
    for folder in sorted(_new(place), key=_order):
        try:
            done = import_delivery(FolderSource(folder), actor)
        except BillingRefusedError as error:
            _report(folder, error.problems)
            return PickedUp(tuple(taken), folder.name, len(error.problems))
        with suppress(OSError):
            (folder / REPORT).unlink(missing_ok=True)
        taken.append((folder.name, tuple(summary(done, dry_run=False))))
    return PickedUp(tuple(taken))


def _new(place: Path) -> Iterator[Path]:
    """Folders with a manifest that was not applied yet; one whose manifest cannot be read is among them."""
    for folder in place.iterdir():
        if folder.is_symlink() or not (folder / NAME).is_file():
            continue
        try:
            known = applied_before(read_manifest(folder)[1]) is not None
        except BillingRefusedError:
            known = False
        if not known:
            yield folder


def _order(folder: Path) -> tuple[str, str]:
    try:
        return read_manifest(folder)[0].period.last.isoformat(), folder.name
    except BillingRefusedError:
        return "", folder.name


def _report(folder: Path, problems: list[DeliveryProblem]) -> None:
    """All causes, for whoever writes the export; a folder that we may not write to goes without."""
    with suppress(OSError):
        (folder / REPORT).unlink(missing_ok=True)
        number = os.open(folder / REPORT, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "w", encoding="utf-8-sig") as file:
            file.write("Dostawy nie wczytano, niczego z niej. Popraw i zapisz ją jeszcze raz.\n")
            file.writelines(f"{one.told}\n" for one in problems)
