"""A command imports what it needs and no more: what it costs to start is paid at every call."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks.office import people
from specimens.people import write_customers
from tests.cli.samples import run
from tests.flows.samples import fillable, scanned

SLOW = frozenset({"alembic", "fastapi", "matplotlib", "pandas", "prefect", "scipy", "sqlalchemy", "structlog"})
READING = frozenset({"cv2", "numpy", "onnxruntime", "pdfplumber", "pikepdf", "pypdfium2", "tesserocr"})
_TELL = """
import contextlib, json, sys
from cli.main import main
with contextlib.suppress(SystemExit):
    main()
sys.stderr.write(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def imported(*arguments: str | Path) -> set[str]:
    """The packages that a command has imported when it ends."""
    done = run(*arguments, program=(sys.executable, "-c", _TELL))
    assert done.stdout
    return set(json.loads(done.stderr))


@pytest.mark.parametrize("command", [("--help",), ("read", "--help"), ("customers", "import", "--help")])
def test_help_imports_nothing_slow(home: Path, command: tuple[str, ...]) -> None:
    assert imported(*command) & ((SLOW - {"structlog"}) | READING | {"reportlab"}) == set()


@pytest.mark.parametrize("main", ["cli.entry", "flows.run"])
def test_a_process_that_reads_files_begins_by_importing_next_to_nothing(main: str) -> None:
    told = run(program=(sys.executable, "-c", f"import sys, {main}; print(*sys.modules)")).stdout.split()
    assert {name.partition(".")[0] for name in told} & (SLOW | READING | {"pydantic", "rich", "typer"}) == set()


def test_the_forms_are_told_without_any_library_that_reads_or_stores(home: Path) -> None:
    assert imported("forms", "--json") & (SLOW | {"cv2", "onnxruntime", "pdfplumber", "pypdfium2"}) == set()


def test_pages_are_read_without_pandas_and_without_any_database(home: Path, tmp_path: Path) -> None:
    papers = [paper(tmp_path / f"{paper.__name__}.pdf", "einvoice_acceptance") for paper in (scanned, fillable)]
    assert imported("read", *papers, "--json") & SLOW == set()


def test_a_list_of_customers_is_asked_without_what_reads_it_or_recognises_or_writes(home: Path, tmp_path: Path) -> None:
    listed = write_customers(people(10), tmp_path / "customers.csv")
    path = scanned(tmp_path / "a.pdf", "einvoice_acceptance")
    found = imported("read", path, "--json", "--customers", listed)
    assert found & {"alembic", "cv2", "onnxruntime", "pandas"} == set()


LONG = ("api.app", "flows.sweep")
"""What processes that live long begin with: of pandas they have no need."""
_THREADS = """
import os, sys, {}, numpy
print(len(os.listdir("/proc/self/task")), *{{"pandas", "matplotlib", "scipy"}} & set(sys.modules))
"""


@pytest.mark.parametrize("module", ["cli.read", "cli.customers", *LONG, "forms.page", "ocr.handprint.recogniser"])
def test_no_process_of_the_house_has_threads_of_libraries_beside_it(home: Path, module: str) -> None:
    told = run(program=(sys.executable, "-c", _THREADS.format(module)))
    threads, *loaded = told.stdout.split()
    assert (threads, told.stderr) == ("1", "")
    assert not loaded or module not in LONG
