"""The shell scripts: what they install, and how they are checked themselves."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import py_compile
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
_CHATTY = "head -c 300000 /dev/zero | tr '\\0' '\\n'"
"""More lines than any pipe holds: their writer is killed when its reader does not wait for them."""


def shell_files() -> list[str]:
    """All shell files of the repository, relative to it."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    paths = [ROOT / line for line in listed.splitlines()]
    return [
        str(path.relative_to(ROOT))
        for path in paths
        if path.is_file() and re.match(rb"#!\s*/\S*(env )?(ba|da)?sh\b", path.read_bytes()[:40])
    ]


def programs(folder: Path, **bodies: str) -> Path:
    """A folder of shell programs, by name."""
    folder.mkdir()
    for name, body in bodies.items():
        program = folder / name.replace("_", "-")
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
    return folder


def test_every_shell_file_is_checked_by_shellcheck() -> None:
    found = shell_files()
    command = next(line for line in (ROOT / "scripts" / "test").read_text().splitlines() if "shellcheck" in line)
    patterns = command.split()[1:]
    assert "scripts/install" in found
    assert [name for name in found if not any(fnmatch.fnmatch(name, pattern) for pattern in patterns)] == []


def test_no_shell_file_pipes_into_a_reader_that_stops_early() -> None:
    early = re.compile(
        r"\|\s*(?:LC_ALL=\S+\s+)?(?:[ef]?grep\s+(?:-\w*[qlm]|--quiet)|head\b|read\b|sed\b.*\bq\b|awk\b.*\bexit\b)"
    )
    found = {name: early.findall((ROOT / name).read_text()) for name in shell_files()}
    assert {name: pipes for name, pipes in found.items() if pipes} == {}


@pytest.mark.parametrize("offered", ["chromium-headless-shell", "chromium"])
def test_a_browser_comes_from_apt_however_much_apt_has_to_tell(tmp_path: Path, offered: str) -> None:
    house = tmp_path / "house"
    for name in ("scripts/install", "requirements.lock", "pyproject.toml"):
        (house / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, house / name)
    (house / "ebok").mkdir()
    (house / "ebok" / "__init__.py").touch()
    programs_of_house = house / ".venv" / "bin"
    programs_of_house.parent.mkdir()
    programs(programs_of_house, ebok="exit 0", python=f'[ "$2" != playwright ] && exec {sys.executable} "$@"')
    told = b"".join((house / name).read_bytes() for name in ("requirements.lock", "pyproject.toml", "scripts/install"))
    (house / ".venv" / ".installed").write_text(f"{hashlib.sha256(told).hexdigest()}  -")
    installed = tmp_path / "installed"
    stubs = programs(
        tmp_path / "stubs",
        chromium="exit 1",
        chromium_headless_shell="exit 1",
        chromium_browser="exit 1",
        dpkg_query=f'[ "$4" = {offered} ] && exit 1; echo "install ok installed"; {_CHATTY}',
        apt_cache=f'[ "$2" = {offered} ] && printf "%s:\\n  Candidate: 136.0.1\\n" "$2"; {_CHATTY}',
        apt_get=f'echo "$@" >>{installed}',
        id="echo 0",
    )
    done = subprocess.run(
        [house / "scripts" / "install", "test"],
        env={**os.environ, "PATH": f"{stubs}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list((house / "ebok" / "__pycache__").glob("__init__.*.pyc")), (
        "own modules are compiled at every installation"
    )
    assert installed.read_text().splitlines() == ["update", f"install --no-install-recommends -y {offered}"]


def test_the_clean_room_finds_its_steps_in_the_administrators_guide() -> None:
    script, guide = ((ROOT / name).read_text() for name in ("scripts/clean-room", "docs/administrator.md"))
    wanted = re.findall(r"\(?block '([^']+)' (\w+)", script)
    assert len(wanted) == 5
    for words, language in wanted:
        assert re.search(rf"^.*{re.escape(words)}.*$(?:\n(?!```).*)*\n```{language}\n", guide, re.MULTILINE), words


@pytest.mark.skipif(sys.prefix == sys.base_prefix, reason="no virtual environment of scripts/install")
def test_every_library_is_compiled_for_a_user_who_may_not_write_it(tmp_path: Path) -> None:
    packages = list((Path(sys.prefix) / "lib").rglob("*.py"))
    bare = [path for path in packages if not any((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"))]
    assert len(packages) > 5000
    assert len(bare) < 20, bare[:20]
    for path in bare:
        with pytest.raises(py_compile.PyCompileError):
            py_compile.compile(str(path), cfile=str(tmp_path / "a.pyc"), doraise=True)
