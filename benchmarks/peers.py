"""The same pages by others: Tesseract, OCRmyPDF and RapidOCR over the whole page, then label patterns.

Every engine gets the same PDF and gives fields; all in one run, on one core, in turn, so that a busy machine slows all
alike. A peer that is not installed is left out and said to be.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pypdfium2
import pytesseract
from PIL import Image

from benchmarks.drawing import EVERY_CONDITION, TODAY, PrintingDesk, Specimen
from benchmarks.eight_thousand import customers
from benchmarks.handwritten import Writers, WritingDesk
from benchmarks.label_patterns import values_in
from benchmarks.scoring import FieldScore, group_of
from benchmarks.sharing import one_thread
from forms.kinds import Value
from ocr.handprint.training.writers import Half
from ocr.reading import read_file
from specimens.paper import rasterise

OURS: Final = "ebok"
TESSERACT: Final = "Tesseract, label patterns"
OCRMYPDF: Final = "OCRmyPDF, label patterns"
RAPIDOCR: Final = "RapidOCR, label patterns"
_CONDITIONS: Final = ("gray200", "gray300", "colour200", "jpeg")
"""Those whose pages always come as PDF."""

Engine = Callable[[Specimen], Mapping[str, Value]]


@dataclass(frozen=True)
class PeerPage:
    """One page: by engine, the seconds from PDF to fields, and the fields against what stands there.

    ``seconds`` are by the clock, ``worked`` those that the processor worked for the engine: on a busy machine only the
    latter can be compared.
    """

    specimen: int
    way: str
    condition: str
    seconds: dict[str, float]
    worked: dict[str, float]
    scores: dict[str, tuple[FieldScore, ...]]

    def as_json(self) -> dict[str, Any]:
        """For storing."""
        return asdict(self)


@dataclass(frozen=True)
class PeerRun:
    """All pages, the versions of the engines that took part, and why others did not."""

    pages: tuple[PeerPage, ...]
    versions: dict[str, str]
    absent: dict[str, str]


def measure(count: int, seed: int, half: Half, data: Path, environment: Path | None) -> PeerRun:
    """Read that many pages with every engine there is; every other page by pen where the data lies in ``data``.

    ``environment`` is the Python environment that holds the peers (default: this one, and programs of the path).
    """
    everyone, versions, absent = (
        customers(),
        {OURS: "this one", TESSERACT: str(pytesseract.get_tesseract_version())},
        {},
    )
    engines: dict[str, Engine] = {OURS: _ours, TESSERACT: _tesseract}
    with _one_core(), tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        folder = Path(scratch)
        program = _program("ocrmypdf", environment)
        if program is None:
            absent[OCRMYPDF] = "not installed"
        else:
            engines[OCRMYPDF] = lambda page: _ocrmypdf(page, program)
            versions[OCRMYPDF] = _version([program, "--version"])
        rapid = _rapid(environment)
        if rapid is None:
            absent[RAPIDOCR] = "not installed"
        else:
            engines[RAPIDOCR] = lambda page: values_in(rapid.text_of(_rasterised(page)), page.form)
            versions[RAPIDOCR] = rapid.version
        printing = PrintingDesk(seed, _CONDITIONS, folder, everyone)
        writing = (
            WritingDesk(Writers.of(half, data), seed, _CONDITIONS, folder, everyone) if data.exists() else printing
        )
        _ours(writing.page(count))  # the network and Tesseract's words are loaded before the clock runs
        pages = []
        for turn in range(count):
            page = (printing if turn % 2 else writing).page(turn // 2)
            pages.append(_page(page, engines, turn, rapid))
        if rapid is not None:
            rapid.close()
    return PeerRun(tuple(pages), versions, absent)


def _page(page: Specimen, engines: Mapping[str, Engine], turn: int, rapid: _Rapid | None) -> PeerPage:
    seconds, worked, scores = {}, {}, {}
    names = list(engines)
    for name in names[turn % len(names) :] + names[: turn % len(names)]:
        start, before = time.perf_counter(), _worked(rapid)
        values = engines[name](page)
        seconds[name], worked[name] = time.perf_counter() - start, _worked(rapid) - before
        scores[name] = _scores(page, values)
    return PeerPage(page.number, page.way, page.condition, seconds, worked, scores)


def _worked(rapid: _Rapid | None) -> float:
    """Seconds that the processor worked for this process, for those that it ran, and for RapidOCR's."""
    times = os.times()
    here = times.user + times.system + times.children_user + times.children_system
    return here + (0.0 if rapid is None else rapid.worked)


def _scores(page: Specimen, values: Mapping[str, Value]) -> tuple[FieldScore, ...]:
    return tuple(
        FieldScore(
            page.number, page.condition, page.way, item.name, group_of(item), page.expected[item.name],
            values.get(item.name), 0.0, False,
        )
        for item in page.form.fields
    )  # fmt: skip


def _ours(page: Specimen) -> Mapping[str, Value]:
    documents = read_file(page.path, today=TODAY).documents
    submission = documents[0].submission if documents else None
    return {} if submission is None else submission.values


def _tesseract(page: Specimen) -> Mapping[str, Value]:
    return values_in(pytesseract.image_to_string(str(_rasterised(page)), lang="pol"), page.form)


def _rasterised(page: Specimen) -> Path:
    """The PDF's page as a picture of the resolution that it was scanned at, in a format quick to write and to open."""
    picture = Image.fromarray(rasterise(page.path.read_bytes(), EVERY_CONDITION[page.condition].dpi)[0])
    path = page.path.with_suffix(".page.bmp")
    picture.save(path)
    return path


def _ocrmypdf(page: Specimen, program: str) -> Mapping[str, Value]:
    made = page.path.with_suffix(".read.pdf")
    options = ["--quiet", "--output-type", "pdf", "--language", "pol", "--jobs", "1"]
    done = subprocess.run([program, *options, str(page.path), str(made)], check=False, capture_output=True)
    if done.returncode:
        return {}  # an engine that gives a page up has read nothing of it
    document = pypdfium2.PdfDocument(made)
    text = document[0].get_textpage().get_text_bounded()
    document.close()
    return values_in(text, page.form)


class _Rapid:
    """RapidOCR in a process of its own, its networks loaded."""

    def __init__(self, python: str) -> None:
        script = Path(__file__).with_name("rapid_words.py")
        self._process = subprocess.Popen(
            [python, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        self._answer()
        self.version = _version([python, "-c", "from importlib.metadata import version; print(version('rapidocr'))"])

    def text_of(self, picture: Path) -> str:
        """The lines of a page."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{picture}\n")
        self._process.stdin.flush()
        return self._answer()

    @property
    def worked(self) -> float:
        """Seconds that the processor worked for it; 0 where the system does not tell."""
        path = Path(f"/proc/{self._process.pid}/stat")
        if not path.exists():
            return 0.0
        fields = path.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("RapidOCR ended")
        text: str = json.loads(line)
        return text


def _rapid(environment: Path | None) -> _Rapid | None:
    python = str(environment / "bin" / "python") if environment else sys.executable
    if environment is None and find_spec("rapidocr") is None:
        return None
    return _Rapid(python) if shutil.which(python) else None


def _program(name: str, environment: Path | None) -> str | None:
    inside = None if environment is None else shutil.which(name, path=str(environment / "bin"))
    return inside or shutil.which(name)


def _version(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def _one_core() -> Iterator[None]:
    """Keep this process and those that it starts on one core."""
    one_thread()
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
