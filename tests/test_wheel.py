"""The built wheel, installed as a package elsewhere, run by a user who may write nothing but his own folder.

Covered: all that our wheel must hold, where third parties put what is theirs, and that nothing leaves the machine. The
libraries come from the environment of the tests, which is faster than installing them anew; that the wheel names them
is compared instead.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path
from shutil import copytree

import prefect
import pytest

from tests import whole_day
from tests.alone import REFUSED, asked_of_the_world, run_alone, unwritable, user
from tests.own_network import attempts, isolated

__all__ = ["user"]

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = PROJECT["tool"]["uv"]["build-backend"]["module-name"]
ASKS = """
import socket, sys
for name in ("telemetry.example.com", "localhost"):
    try:
        socket.getaddrinfo(name, 443)
    except OSError:
        pass
for family, address in ((socket.AF_INET, "192.0.2.7"), (socket.AF_INET6, "2001:db8::1")):
    with socket.socket(family) as one:
        one.connect_ex((address, 443))
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
    one.sendto(b"a name", ("8.8.8.8", 53))
with socket.create_server(("127.0.0.1", 0)) as own:
    socket.create_connection(own.getsockname()).close()
open("/var/tmp/left", "w").close()
sys.exit(7)
"""
"""A program that asks for what it should not, and for what every program may."""

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


def test_all_files_of_the_packages_are_in_the_wheel(wheel: Path) -> None:
    listed = subprocess.run(["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    with zipfile.ZipFile(wheel) as opened:
        assert set(listed.splitlines()) - set(opened.namelist()) == set()


def test_every_library_that_the_house_imports_is_named_by_the_wheel() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    wanted = [*PROJECT["project"]["dependencies"], *(one for name in extras if name != "test" for one in extras[name])]
    named = {_plain(re.split(r"[^\w.-]", one)[0]) for one in wanted}
    owners = packages_distributions()
    missing = {}
    for path in (
        path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "training" not in path.parts
    ):
        for name in _imported(path) - set(PACKAGES) - set(sys.stdlib_module_names):
            if not {_plain(owner) for owner in owners.get(name, [])} & named:
                missing[name] = str(path.relative_to(ROOT))
    assert missing == {}


@pytest.mark.skipif(REFUSED is not None, reason=f"no network of its own here: {REFUSED}")
def test_whatever_a_program_asks_of_the_world_or_leaves_behind_is_seen(tmp_path: Path) -> None:
    (tmp_path / "asks.py").write_text(ASKS)
    done = subprocess.run(
        [*isolated(tmp_path / "asked", tmp_path), sys.executable, tmp_path / "asks.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 7, done.stderr
    assert attempts(tmp_path / "asked") == [
        "file /var/tmp/left",
        "name telemetry.example.com",
        "tcp 192.0.2.7:443",
        "tcp 2001:db8::1:443",
        "udp 8.8.8.8:53",
    ]


def test_a_whole_day_of_that_user_asks_nobody_but_the_mail_server_that_he_named(
    installed: Path, user: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "papers").mkdir()
    whole_day.prepare(tmp_path / "papers")
    named = {
        "EBOK_API_PORT": "0",
        "EBOK_PREFECT_PORT": "0",
        "EBOK_INTAKE_STABLE_SECONDS": "0.5",
        "EBOK_SWEEP_INTERVAL_SECONDS": "1",
        "EBOK_SMTP_HOST": "poczta.example.com",
    }
    command = (sys.executable, whole_day.__file__, installed / "ebok", tmp_path / "papers")
    done = run_alone(command, {**user, **named}, tmp_path)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    logs = {path.name: path.read_text() for path in (tmp_path / "ebok" / "logs").iterdir()}
    assert "UI will not be available" not in logs["server.log"]
    assert whole_day.SOMEBODY_ELSE not in logs["api.log"], "no proxy is named, so nobody is believed to be one"
    assert "127.0.0.1" in logs["api.log"]
    assert "Traceback" not in logs["api.log"]  # that of the engine tells of its own retries
    assert asked_of_the_world(tmp_path) == ["name poczta.example.com"]


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
