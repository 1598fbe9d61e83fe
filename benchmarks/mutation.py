"""Whether the tests would notice: mutants of our code by mutmut, and how many of them some test fails with.

``python -m benchmarks.mutation customers --share 0.1 --seed 1`` breaks a tenth of the places of one package, one at a
time; without a package all are tried, without ``--share`` every mutant. It needs mutmut beside the packages of the
tests: ``pip install -r benchmarks/mutation-requirements.txt``. Only tests that reach a changed function are run, the
first that fails ends the try, and so does a limit of time. Survivors are printed with their change.

Mutants of wording (a changed text of several words: Polish messages, log events of a sentence) are counted and not
tried. Mutmut changes neither code outside of functions (tables, thresholds) nor decorated functions (properties,
routes, cached ones).
"""

from __future__ import annotations

import argparse
import ast
import difflib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Final

from benchmarks.scoring import share, table

ROOT: Final = Path(__file__).parents[1]
_NOBODY: Final = "no.mutant.of.this.name"
"""Asked for it, mutmut makes the mutants and learns which test reaches which function, and ends before trying any."""
_NO_TEST: Final = 33
_OWN_PROCESS: Final = "asked_of_the_operating_system"


@dataclass(frozen=True)
class Scope:
    """What is changed, and the tests that ought to notice; both relative to the repository."""

    sources: tuple[str, ...]
    tests: tuple[str, ...]


_HAND: Final = (
    *("trust", "customer_identity", "decoding", "likelihood", "text_decoding", "email_decoding"),
    *("local_parts", "value_priors", "field_scores", "writings", "postcode_and_town", "page"),
)
"""Modules of ``ocr.handprint`` that decode and decide, without a picture; their tests are quick."""
_MARKS: Final = (
    *(f"fields/{name}" for name in ("strikes", "struck_ticks", "visibility", "stray_ink", "ticks", "signatures")),
    *("additions/crossed_out", "lexicons/remarks", "files/layers"),
)
"""Modules of ``ocr`` that decide on what was drawn in, over and beside the boxes, or written beside a value."""
_OF_MARKS: Final = (
    *(f"fields/test_marks_{name}" for name in ("measured", "reference", "signatures", "strays", "ticks")),
    *(f"fields/test_{name}_measured" for name in ("struck", "strikes", "strays")),
    *("fields/test_struck_ticks", "fields/test_visibility", "lexicons/test_remarks", "files/test_uncertain_layers"),
)
"""Those of theirs that need not read whole files, but one."""
_PRINT: Final = ("machine_print/plausibility", "machine_print/printed", "files/joining", "handprint/print_or_hand")
"""Those that decide who wrote a field and whether what was read in print is trusted."""
_OF_PRINT: Final = (
    *(f"machine_print/test_{name}" for name in ("plausibility", "doubtful_values", "printed", "printed_readings")),
    *("test_page_judgement", "files/test_joining", "handprint/test_print_or_hand", "handprint/test_marks_writers"),
    "typeset/test_typeset",
)
_WHOLE: Final = (
    *("page_reading", "unfilled", "fields/witnesses", "fields/drawn_over", "files/annotations", "files/pdf_nature"),
    *("letters/separators", "segmentation/traces"),
)
"""Modules of ``ocr`` that decide on a whole page: who says what of it, what lies over it, and whether it is a form of
ours at all; the others find and clean pictures."""
_OF_WHOLE: Final = (
    *("test_page_judgement", "test_digital_cases", "test_unfilled"),
    *(f"fields/test_{name}" for name in ("witnesses", "drawn_over", "marks_on_drawn_pages")),
    *(f"files/test_{name}" for name in ("annotations", "pdf_nature", "pdf_scans")),
    *("letters/test_parting", "segmentation/test_pen_strokes"),
)
"""The quick ones of theirs: those that scan pages and read batches would take a minute for each survivor."""

_BY_HAND: Final = "tests/customers/test_handwriting.py"

SCOPES: Final = {
    "confirmations": Scope(
        ("confirmations/*",),
        ("tests/confirmations", "tests/api/test_cases.py", "tests/api/test_proofs.py"),
    ),
    "customers": Scope(("customers/*",), ("tests/customers", "tests/api/test_proofs.py", "tests/api/test_cases.py")),
    "documents": Scope(
        ("documents/*",),
        tuple(
            f"tests/documents/test_{name}.py"
            for name in (
                *("drafts", "folder", "intake", "leases", "originals", "splitting", "stories", "summaries", "tracking"),
                *("transitions", "values"),
            )
        ),
    ),
    "review": Scope(("review/*",), ("tests/review", "tests/api/desk")),
    "forms/kinds": Scope(("forms/kinds/*",), ("tests/forms/test_kinds.py", "tests/forms/test_form.py")),
    "ocr/handprint": Scope(tuple(f"ocr/handprint/{name}.py" for name in _HAND), ("tests/ocr/handprint", _BY_HAND)),
    "ocr/marks": Scope(
        tuple(f"ocr/{name}.py" for name in _MARKS),
        tuple(f"tests/ocr/{name}.py" for name in _OF_MARKS),
    ),
    "ocr/print": Scope(tuple(f"ocr/{name}.py" for name in _PRINT), tuple(f"tests/ocr/{name}.py" for name in _OF_PRINT)),
    "ocr/pages": Scope(tuple(f"ocr/{name}.py" for name in _WHOLE), tuple(f"tests/ocr/{name}.py" for name in _OF_WHOLE)),
}


@dataclass(frozen=True)
class Mutant:
    """One change: ``name`` is mutmut's, ``change`` its lines as a diff, ``wording`` says that only a text differs."""

    name: str
    change: str
    wording: bool


@dataclass(frozen=True)
class Tried:
    """What became of a package: all its mutants, those of wording, those tried and those that no test noticed."""

    package: str
    count: int
    wording: int
    tried: int
    survivors: tuple[tuple[Mutant, str], ...]

    @property
    def row(self) -> tuple[str, ...]:
        """For the table."""
        killed = self.tried - len(self.survivors)
        told = (str(self.count), str(self.wording), str(self.tried), str(killed), share(killed, self.tried))
        return (f"`{self.package}`", *told)


def try_package(package: str, part: float, seed: int, *, jobs: int, folder: Path, only: Sequence[str] = ()) -> Tried:
    """Make all mutants of a package, draw a share of them (of its modules ``only``), run the tests against each."""
    place = folder / package.replace("/", "-")
    _lay_out(place, SCOPES[package])
    _mutmut(place, jobs, [_NOBODY], may_fail=True)
    if not (place / "mutants" / "mutmut-stats.json").exists():
        raise SystemExit(f"{package}: its tests fail before anything is changed, see {place / 'mutmut.log'}")
    metas = sorted(path for path in (place / "mutants").rglob("*.py.meta") if not only or path.name[:-8] in only)
    mutants = [mutant for path in metas for mutant in mutants_of(path)]
    told = sorted((mutant for mutant in mutants if not mutant.wording), key=lambda mutant: mutant.name)
    drawn = Random(seed).sample(told, max(1, round(part * len(told))))
    _mutmut(place, jobs, [mutant.name for mutant in drawn])
    ends = _ends(place)
    survivors = tuple(
        (mutant, "no test reaches it" if ends[mutant.name] == _NO_TEST else "survived")
        for mutant in sorted(drawn, key=lambda mutant: mutant.name)
        if ends[mutant.name] in (0, _NO_TEST, None)
    )
    return Tried(package, len(mutants), len(mutants) - len(told), len(drawn), survivors)


def _lay_out(place: Path, scope: Scope) -> None:
    """A folder that looks like the repository, where mutmut makes its copies and finds its settings.

    Begun afresh when the repository is another than last time: mutmut renews no copy of a template or another data file
    and keeps tests that are gone, so that tests would fail before anything is changed.
    """
    packages = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
    tree, known = _tree((*packages, "tests")), place / "tree"
    if not known.exists() or known.read_text(encoding="ascii") != tree:
        shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True, exist_ok=True)
    known.write_text(tree, encoding="ascii")
    for name in (*packages, "tests"):
        if not (place / name).is_symlink():
            (place / name).symlink_to(ROOT / name, target_is_directory=True)
    settings = {
        "source_paths": packages,
        "only_mutate": list(scope.sources),
        "pytest_add_cli_args_test_selection": list(scope.tests),
        # A second database would double the time of each try and tell nothing of our code; a process of its own that a
        # test starts knows nothing of mutmut, which its changed code asks for.
        "pytest_add_cli_args": ["-k", f"not postgresql and not {_OWN_PROCESS}", "-p", "no:cacheprovider"],
        "process_isolation": "forkserver",
        "timeout_multiplier": 5.0,
        "timeout_constant": 2.0,
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    ours = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (place / "pyproject.toml").write_text("\n".join([ours, "[tool.mutmut]", *lines, ""]), encoding="utf-8")


def _tree(folders: Iterable[str]) -> str:
    """A digest of which files lie in these folders of the repository, and of when each was written."""
    paths = (path for folder in folders for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts)
    told = (f"{path.relative_to(ROOT)} {path.stat().st_mtime_ns}" for path in paths if path.is_file())
    return sha256("\n".join(sorted(told)).encode()).hexdigest()


def _mutmut(place: Path, jobs: int, names: Iterable[str], *, may_fail: bool = False) -> None:
    command = [str(Path(sys.executable).with_name("mutmut")), "run", "--max-children", str(jobs), *names]
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    with (place / "mutmut.log").open("w", encoding="utf-8") as log:
        ended = subprocess.run(command, cwd=place, stdout=log, stderr=log, check=False, env=environment)
    if ended.returncode and not may_fail:
        raise SystemExit(f"mutmut ended with {ended.returncode}, see {place / 'mutmut.log'}")


def _ends(place: Path) -> dict[str, int | None]:
    """The exit code of the tests by mutant; None where it was not tried."""
    found: dict[str, int | None] = {}
    for path in (place / "mutants").rglob("*.meta"):
        found |= json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


def mutants_of(meta: Path) -> list[Mutant]:
    """The mutants of one module, from what mutmut wrote of it and the changed module beside that."""
    names = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    if not names:
        return []
    module = ast.parse(meta.with_suffix("").read_text(encoding="utf-8"))
    functions = {
        node.name: node for node in ast.walk(module) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    return [_mutant(name, functions) for name in names]


def _mutant(name: str, functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef]) -> Mutant:
    own = name.rpartition(".")[2]
    changed, original = functions[own], functions[own.rpartition("__mutmut_")[0] + "__mutmut_orig"]
    before, after = ast.unparse(original.body).splitlines(), ast.unparse(changed.body).splitlines()  # type: ignore[arg-type]
    lines = difflib.unified_diff(before, after, lineterm="", n=0)
    change = "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))
    return Mutant(name, change, _without_wording(original) == _without_wording(changed))


def _without_wording(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The body as text, its texts of several words left out."""
    body = ast.dump(ast.Module(function.body, []))
    for node in ast.walk(function):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            body = body.replace(repr(node.value), "''")
    return body


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help=f"{', '.join(SCOPES)} (default: all)")
    parser.add_argument("--share", type=float, default=1.0, help="share of the mutants that is tried")
    parser.add_argument("--seed", type=int, default=1, help="which of them")
    parser.add_argument("--only", nargs="+", default=(), metavar="MODULE", help="modules, without .py (default: all)")
    parser.add_argument("--jobs", type=int, default=1, help="mutants tried at a time")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "mutation", help="where mutmut works")
    options = parser.parse_args()
    unknown = [name for name in options.packages if name not in SCOPES]
    if unknown:
        parser.error(f"no such package: {', '.join(unknown)}")
    return options


def _told(tried: Sequence[Tried]) -> str:
    heads = ("package", "mutants", "of wording", "tried", "killed", "share killed")
    lines = [table(heads, [one.row for one in tried])]
    for one in tried:
        lines += [f"\n{why}: {mutant.name}\n{mutant.change}" for mutant, why in one.survivors]
    return "\n".join(lines)


def main() -> None:
    """Try the packages that are asked for and print what became of them."""
    options = _options()
    which, how = (options.share, options.seed), {name: getattr(options, name) for name in ("jobs", "folder", "only")}
    print(_told([try_package(name, *which, **how) for name in options.packages or SCOPES]))


if __name__ == "__main__":
    main()
