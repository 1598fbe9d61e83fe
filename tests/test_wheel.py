"""The built wheel, installed as a package elsewhere, run by a user who may write nothing but his own folder.

Covered: all that our wheel must hold, and where third parties put what is theirs. The libraries come from the
environment of the tests, which is faster than installing them anew; that the wheel names them is compared instead.
"""

from __future__ import annotations

import ast
import os
import re
import signal
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from importlib.metadata import packages_distributions
from pathlib import Path
from shutil import copytree, which

import httpx
import prefect
import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = PROJECT["tool"]["uv"]["build-backend"]["module-name"]
AS_ANYBODY = (
    ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.geteuid() == 0 and which("setpriv") is not None else ()
)
"""Takes from root what lets it write where it may not."""

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a source distribution."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "uv", "build", "--quiet", "--out-dir", folder, ROOT]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of programs of an environment that holds the wheel and that its user may not write."""
    environment = tmp_path_factory.mktemp("opt") / "ebok"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--no-index", "--python", python]
    subprocess.run([*command, wheel], check=True)
    (packages,) = environment.glob("lib/*/site-packages")
    # Prefect alone would write into itself; the other libraries are only looked up.
    copytree(Path(prefect.__file__).parent, packages / "prefect", copy_function=os.link)
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    with unwritable(environment):
        yield environment / "bin"


@pytest.fixture
def user(tmp_path: Path) -> Iterator[Mapping[str, str]]:
    """A user whose home nobody may write, in a system whose temporary folder somebody used before."""
    home, temporary = tmp_path / "nobody", tmp_path / "tmp"
    home.mkdir()
    (temporary / "runner_storage").mkdir(parents=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EBOK_", "PREFECT_", "XDG_"))}
    told = {
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "EBOK_HOME": str(tmp_path / "ebok"),
        "EBOK_API_PORT": "0",
        "EBOK_PREFECT_PORT": "0",
    }
    (temporary / "runner_storage").chmod(0)
    with unwritable(home):
        yield {**kept, **told}
        assert list(home.iterdir()) == []
    (temporary / "runner_storage").chmod(0o700)
    assert [path.name for path in temporary.iterdir()] == ["runner_storage"]


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """Nobody but a privileged user writes into this folder or the packages in it."""
    folders = [folder, *{path.parent for path in folder.rglob("*.py")}]
    for path in folders:
        path.chmod(0o555)
    yield
    for path in folders:
        path.chmod(0o755)


def test_all_files_of_the_packages_are_in_the_wheel(wheel: Path) -> None:
    listed = subprocess.run(["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    with zipfile.ZipFile(wheel) as opened:
        assert set(listed.splitlines()) - set(opened.namelist()) == set()


def test_every_library_that_the_house_imports_is_named_by_the_wheel() -> None:
    named = {_plain(re.split(r"[^\w.-]", one)[0]) for one in PROJECT["project"]["dependencies"]}
    owners = packages_distributions()
    missing = {}
    for path in (
        path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "training" not in path.parts
    ):
        for name in _imported(path) - set(PACKAGES) - set(sys.stdlib_module_names):
            if not {_plain(owner) for owner in owners.get(name, [])} & named:
                missing[name] = str(path.relative_to(ROOT))
    assert missing == {}


def test_the_demo_runs_from_any_folder_of_a_user_who_may_write_next_to_nothing(
    installed: Path, user: Mapping[str, str], tmp_path: Path
) -> None:
    command = [*AS_ANYBODY, installed / "ebok", "demo", "--once"]
    done = subprocess.run(command, env=user, cwd=tmp_path / "nobody", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_everything_starts_for_that_user_with_its_pages_and_prefects_own(
    installed: Path, user: Mapping[str, str], tmp_path: Path
) -> None:
    command = [*AS_ANYBODY, installed / "ebok", "up"]
    with subprocess.Popen(
        command, env=user, cwd=tmp_path / "nobody", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as up:
        assert up.stdout is not None
        said = ""
        while "Działa" not in said:
            line = up.stdout.readline()
            assert line, said
            said += line
        try:
            ours, engine = (
                re.search(rf"{name}\s+(http://[\d.:]+)", said) for name in ("Strony dla klientów", r"Prefect \(.*\)")
            )
            assert ours is not None
            assert engine is not None
            for page in ("/", "/do-pobrania", "/wyslij", "/static/ebok.css", "/readyz"):
                assert httpx.get(ours[1] + page).status_code == HTTPStatus.OK
            assert httpx.get(ours[1] + "/biuro/").status_code == HTTPStatus.UNAUTHORIZED
            assert "<html" in httpx.get(engine[1], follow_redirects=True).text
        finally:
            up.send_signal(signal.SIGTERM)
            said += up.stdout.read()
    assert up.returncode == 0, said
    logs = "".join(path.read_text() for path in (tmp_path / "ebok" / "logs").iterdir())
    assert "UI will not be available" not in logs
    assert "Traceback" not in logs
    assert "uruchamiam go ponownie" not in said


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


def _imported(path: Path) -> set[str]:
    """The top-level packages that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found
