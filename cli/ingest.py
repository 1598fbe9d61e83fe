"""`ebok ingest`: takes files in and processes them to the end, in this process."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from cli.causes import MESSAGE_NOT_SENT, fault_in_polish
from cli.console import err, json_line, on_a_line, out, progress
from cli.temporary_engine import workflow_engine
from database.engine import Session, reading, transaction
from database.upgrading import upgrade
from documents import loading
from documents.intake import IntakeReceipt, receive_file, receive_unusable
from documents.litter import is_litter, is_litter_folder
from documents.progress import further_parts
from documents.states import OPEN, IntakeChannel, State
from documents.tables import Document
from ocr.errors import DocumentError, MissingFileError
from readers.looks import check_whole


def run(paths: Sequence[Path], *, as_json: bool) -> None:
    """Take the files in, process their documents, tell each; exit status 1 when one was unusable or met a fault."""
    files = list(_files(paths))
    upgrade()
    with progress() as bar:
        task = bar.add_task("Przyjmuję pliki", total=len(files))
        receipts = []
        for file in files:
            receipts.append(_take_in(file))
            bar.advance(task)
    taken = [receipt for receipt in receipts if receipt is not None]
    _process([tracking for receipt in taken for tracking in (receipt.tracking, receipt.duplicate_of) if tracking])
    lines = [line for file, receipt in zip(files, receipts, strict=True) for line in _lines(file, receipt)]
    if as_json:
        for line in lines:
            json_line(line)
    else:
        _print(lines)
    if any(line["state"] in (None, State.QUARANTINED, *OPEN) for line in lines):
        sys.exit(1)


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    """The files named, and those in the folders named, by name; hidden ones and litter left out."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            inside = (one for one in path.rglob("*") if one.is_symlink() or not one.is_dir())
            yield from sorted(one for one in inside if not _left_out(one.relative_to(path)))
        else:
            yield path


def _left_out(path: Path) -> bool:
    return path.name.startswith(".") or is_litter(path.name) or any(map(is_litter_folder, path.parts[:-1]))


def _take_in(path: Path) -> IntakeReceipt | None:
    """The receipt of a file, usable or not; None when there is no such file: a typing error is no document."""
    try:
        check_whole(path)
    except MissingFileError:
        return None
    except DocumentError as error:
        with transaction() as session:
            return receive_unusable(session, path, channel=IntakeChannel.CLI, code=error.code, message=error.message)
    with transaction() as session:
        return receive_file(session, path, channel=IntakeChannel.CLI)


def _process(trackings: Sequence[str]) -> None:
    """Run the flow over what is open, on the server of a running `ebok up` or a temporary one."""
    with reading() as session:
        wanted = [one for one in trackings if _is_open(session, one)]
    if not wanted:
        return
    with progress() as bar:
        task = bar.add_task("Uruchamiam silnik procesów", total=len(wanted))

        def finished(tracking: str) -> None:
            bar.update(task, description="Załatwiam dokumenty", advance=1)

        with workflow_engine():
            from flows.ingestion import bring_to_end  # noqa: PLC0415  Prefect reads its settings when it is imported

            bring_to_end(wanted, finished)


def _is_open(session: Session, tracking: str) -> bool:
    parts = [tracking, *further_parts(session, loading.load(session, tracking))]
    return any(loading.load(session, one).at in OPEN for one in parts)


def _lines(file: Path, receipt: IntakeReceipt | None) -> list[dict[str, Any]]:
    if receipt is None:
        unknown = dict.fromkeys(("tracking", "form", "state", "reason", "customer_no"))
        return [{"file": str(file), **unknown, "reason": MissingFileError.message}]
    with reading() as session:
        first = loading.load(session, receipt.tracking)
        found = [first, *(loading.load(session, part) for part in further_parts(session, first))]
        return [
            {
                "file": str(file),
                "tracking": one.tracking,
                "form": one.form,
                "state": one.state,
                "reason": one.reason or _why_not_done(one),
                "customer_no": one.customer_no,
            }
            for one in found
        ]


def _why_not_done(document: Document) -> str | None:
    """What keeps the machine from its next step, in Polish."""
    left = MESSAGE_NOT_SENT if document.at is State.APPLIED else document.last_fault
    return fault_in_polish(left) if left else None


def _print(lines: list[dict[str, Any]]) -> None:
    table = Table("plik", "numer sprawy", "formularz", "stan", "klient", "powód")
    for line in lines:
        name = on_a_line(Path(line["file"]).name)
        table.add_row(name, *(line[key] or "" for key in ("tracking", "form", "state", "customer_no", "reason")))
    out().print(table)
    err().print("Historia jednego dokumentu: ebok show NUMER --json")
