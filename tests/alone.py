"""A user who may write nothing but his own folder, in a network that ends at this machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import pytest

from tests.own_network import attempts, isolated, refusal

REFUSED = refusal()
AS_ANYBODY = (
    ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
    if (os.geteuid() == 0 or not REFUSED) and which("setpriv") is not None
    else ()
)
"""Takes from root what lets it write where it may not; in namespaces of his own everybody is root."""


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


def run_alone(
    command: Sequence[str | Path], user: Mapping[str, str], folder: Path, at: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run it as that user, in a network of its own where the kernel has one to give; at his home, or elsewhere."""
    alone = () if REFUSED else isolated(folder / "asked", folder.parent)  # where the environment lies, too
    return subprocess.run(
        [*alone, *AS_ANYBODY, *command],
        env=user,
        cwd=at or folder / "nobody",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def asked_of_the_world(folder: Path) -> list[str]:
    """What it asked of anybody but this machine, and what it left in the temporary folders of the system."""
    if REFUSED:
        pytest.skip(f"it went well, but what it asks of the world is not seen here: {REFUSED}")
    return attempts(folder / "asked")
