"""The house as such: its two commands, its README, its packages."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from retention.table import KINDS
from tests.alone import asked_of_the_world, run_alone, user

__all__ = ["user"]

ROOT = Path(__file__).parent.parent
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["build-backend"]["module-name"]


def readme_commands() -> list[str]:
    blocks = re.findall(r"^```bash\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line and not line.startswith("#")]


def test_the_readme_names_the_two_commands_and_ci_runs_the_tests() -> None:
    assert {"scripts/run --once", "scripts/test"} <= set(readme_commands())
    assert "scripts/test" in (ROOT / ".ci" / "run").read_text()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("command", [command for command in readme_commands() if command != "scripts/test"])
def test_every_command_of_the_readme_ends_well_and_asks_nobody(
    command: str, user: Mapping[str, str], tmp_path: Path
) -> None:
    """The demo among them, of which ``user`` sees that it takes all of it away."""
    subprocess.run(ROOT / "scripts" / "install", check=True)  # what is missing, nothing as a rule, comes from the world
    command = command.replace(" blanks blanks", f" blanks {tmp_path / 'blanks'}")
    ended = run_alone(("bash", "-c", command), user, tmp_path, ROOT)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    assert asked_of_the_world(tmp_path) == []


def test_every_link_of_the_readme_leads_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / "README.md").read_text())
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_no_dependency_ships_a_top_level_package_of_one_of_our_names() -> None:
    owners = importlib.metadata.packages_distributions()
    assert {name: owners[name] for name in PACKAGES if set(owners.get(name, [])) - {"ebok"}} == {}


def test_every_package_of_the_house_is_known_to_build_types_and_layers() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    on_disk = sorted({path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"})
    assert on_disk == sorted(PACKAGES)
    assert sorted(project["tool"]["mypy"]["packages"]) == sorted([*on_disk, "benchmarks"])
    assert sorted(project["tool"]["importlinter"]["root_packages"]) == on_disk


def test_the_lock_has_hashes_and_names_no_index() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert lock.count("==") > 50
    assert "--hash=sha256:" in lock
    assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links", lock)
    assert not (ROOT / "uv.lock").exists()


def test_nothing_of_an_installation_lies_among_what_is_ours() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    known = {place for kind in KINDS for place in kind.places}
    assert [path for path in listed.splitlines() if known & set(Path(path).parts)] == []
