"""`ebok read`: from files to values, without a database."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from os import cpu_count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.causes import ENGINE_MISSING
from cli.console import err, json_line, on_a_line, out, progress
from forms.submission import FieldValue, Submission
from ocr.errors import DocumentError, TesseractMissingError
from ocr.results import PROPOSALS, DocumentReading
from readers.fork_server import fork_origin
from readers.looks import read_file

if TYPE_CHECKING:
    from cli.listed import Listed

_EMPTY = FieldValue(None, confidence=0.0, trusted=False)


def prepare() -> None:
    """Before a file of settings is read: what that says is in no reader's memory then, and all is imported once."""
    fork_origin()


def run(files: Sequence[Path], *, as_json: bool, customers: Path | None) -> None:
    """Read the files and tell each in the order given; exit status 1 when any of them was unusable."""
    listed = None if customers is None else _listed(customers)
    failed = False
    for read in _watched(_in_order(files, listed), len(files)):
        failed = failed or read["error"] is not None
        if as_json:
            json_line(read)
        else:
            _print(read)
    if failed:
        sys.exit(1)


def _watched(reads: Iterator[dict[str, Any]], total: int) -> Iterator[dict[str, Any]]:
    """The same, with a progress bar where somebody may see one; drawing on a terminal takes a while to import."""
    if not sys.stderr.isatty():
        yield from reads
        return
    with progress() as bar:
        task = bar.add_task("Odczytuję", total=total)
        for read in reads:
            yield read
            bar.advance(task)


def _listed(customers: Path) -> Listed:
    from cli.listed import Listed  # noqa: PLC0415  half of the time to read one page goes by importing pandas

    return Listed.of(customers)


def _in_order(files: Sequence[Path], listed: Listed | None) -> Iterator[dict[str, Any]]:
    with ThreadPoolExecutor(max(1, min(4, cpu_count() or 1, len(files)))) as crew:
        yield from crew.map(partial(_read, listed=listed), files)


def _read(path: Path, listed: Listed | None) -> dict[str, Any]:
    told: dict[str, Any] = {"file": str(path), "error": None, "ignored_pages": [], "signatures": [], "documents": []}
    try:
        reading = read_file(path, knowledge=None if listed is None else listed.knowledge)
        told["ignored_pages"] = list(reading.ignored_pages)
        told["signatures"] = [each.as_json() for each in reading.signatures]
        told["documents"] = [_document(one, listed) for one in reading.documents]
    except DocumentError as error:
        told["error"] = {"code": error.code, "message": error.message}
    except TesseractMissingError:
        told["error"] = {"code": "engine_missing", "message": ENGINE_MISSING}
    except Exception as error:  # a fault of the program with one file must not hide what the others say
        err().print(traceback.format_exc(), markup=False)
        told["error"] = {"code": "fault", "message": f"Błąd programu przy tym pliku ({type(error).__name__})."}
    return told


def _document(reading: DocumentReading, listed: Listed | None) -> dict[str, Any]:
    submission = reading.submission
    proposed = any(problem.code in PROPOSALS for problem in reading.problems)
    if submission is not None and listed is not None and not proposed:
        submission = listed.corroborate(submission)
    return {
        "form": reading.form_code,
        "version": reading.version,
        "pages": list(reading.pages),
        "source": reading.source,
        "fields": {} if submission is None else _fields(submission),
        "problems": [{"field": one.field, "code": one.code, "message": one.message} for one in reading.problems],
    }


def _fields(submission: Submission) -> dict[str, Any]:
    return {item.name: submission.fields.get(item.name, _EMPTY).as_json() for item in submission.form.fields}


def _print(read: dict[str, Any]) -> None:
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    out().rule(on_a_line(read["file"]), align="left")
    if read["error"] is not None:
        out().print(read["error"]["message"], style="red")
    for signature in read["signatures"]:
        by = signature["signer"] or signature["organisation"] or "nie wiadomo, kto"
        out().print(f"Podpis elektroniczny: {by}. {signature['reason'] or 'Prawidłowy.'}", markup=False)
    for document in read["documents"]:
        pages = ", ".join(map(str, document["pages"]))
        table = Table("pole", "wartość", "pewność", "zaufane", "wątpliwość", title_justify="left")
        table.title = f"{document['form'] or 'obcy dokument'} · strony {pages} · {document['source']}"
        for name, field in document["fields"].items():
            value = {None: "", True: "tak", False: "nie"}.get(field["value"], field["value"])
            trusted = Text("tak") if field["trusted"] else Text("nie", "yellow")
            table.add_row(name, str(value), f"{field['confidence']:.0%}", trusted, field["doubt"] or "")
        out().print(table)
        for problem in document["problems"]:
            out().print(problem["message"], style="yellow", markup=False)
    if read["ignored_pages"]:
        out().print(f"Pominięte strony: {', '.join(map(str, read['ignored_pages']))}")
