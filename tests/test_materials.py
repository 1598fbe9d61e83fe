"""What is checked and told of ourselves in CI: unsafe code, and what an installation is made of."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tokenize
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.utils import canonicalize_name

from benchmarks.materials import Bill, asked_for, bill, needed, system_packages, written

ROOT = Path(__file__).parent.parent
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["build-backend"]["module-name"]
UNSAFE = 'bandit --quiet --configfile pyproject.toml --recursive "${rooms[@]%/__init__.py}"'
SPDX = re.compile(r"\(*[A-Za-z0-9.+-]+( (AND|OR|WITH) \(*[A-Za-z0-9.+-]+\)*)*")


@pytest.fixture(scope="module")
def told() -> Bill:
    """The bill of this environment."""
    return bill()


@pytest.fixture
def components(told: Bill) -> list[Bill]:
    """What it lists."""
    return list(told["components"])


def locked() -> dict[str, str]:
    """The versions that the lock names for this machine."""
    found = {}
    for name, version, marker in re.findall(
        r"^([\w.-]+)==(\S+)(?: ; ([^\\\n]+?))? \\$", (ROOT / "requirements.lock").read_text(), re.MULTILINE
    ):
        if not marker or Marker(marker).evaluate():
            found[canonicalize_name(name)] = version
    return found


def comments(path: Path) -> list[str]:
    """The comments of a module."""
    with tokenize.open(path) as text:
        return [one.string for one in tokenize.generate_tokens(text.readline) if one.type == tokenize.COMMENT]


def licences(component: Bill) -> list[str]:
    """How its licences are named."""
    return [
        one.get("expression") or one["license"].get("id") or one["license"]["name"]
        for one in component.get("licenses", ())
    ]


def test_every_package_of_the_lock_stands_in_the_bill_with_its_version(components: list[Bill]) -> None:
    told = {canonicalize_name(one["name"]): one["version"] for one in components if one["purl"].startswith("pkg:pypi/")}
    wanted = locked()
    assert len(wanted) > 100
    assert {name: (version, told.get(name)) for name, version in wanted.items() if told.get(name) != version} == {}


def test_the_licence_of_everything_is_known(components: list[Bill]) -> None:
    assert [one["name"] for one in components if not licences(one)] == []
    nameless = {
        one["name"]: licences(one)
        for one in components
        if one["purl"].startswith("pkg:pypi/")
        and not any(name.startswith("License :: OSI Approved") or SPDX.fullmatch(name) for name in licences(one))
    }
    assert nameless == {}


@pytest.mark.skipif(not system_packages(), reason="no Debian: what its packages are is not known")
def test_the_system_packages_stand_in_it_with_all_that_they_need(components: list[Bill]) -> None:
    told = {one["name"]: one["version"] for one in components if one["purl"].startswith("pkg:deb/debian/")}
    version = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", "tesseract-ocr"], capture_output=True, text=True, check=True
    ).stdout
    assert told["tesseract-ocr"] == version
    assert {"tesseract-ocr-pol", "tesseract-ocr-eng", "libtesseract5", "libc6"} <= set(told)
    assert {package.name for package in needed(system_packages(), asked_for())} == set(told)


def test_the_bill_is_the_same_each_time_and_tells_nothing_of_this_machine(told: Bill) -> None:
    again = bill()
    assert again == told
    text = written(again)
    assert "timestamp" not in again["metadata"]
    assert "serialNumber" not in again
    assert str(ROOT) not in text


def test_a_bill_that_is_not_as_the_standard_wants_it_is_refused(told: Bill) -> None:
    nameless = {"type": "library", "version": "1"}
    with pytest.raises(ValueError, match="not as the standard wants it"):
        written({**told, "components": [nameless]})


def test_ci_looks_for_unsafe_code_and_writes_the_bill() -> None:
    script = (ROOT / "scripts" / "test").read_text()
    assert f"beside {UNSAFE}" in script.splitlines()
    assert "\nbeside python -m benchmarks.materials " in script
    assert "scripts/sbom" in (ROOT / "docs" / "administrator.md").read_text()


def test_what_is_unsafe_is_found_in_whatever_package_it_stands(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    for package in PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
        (tmp_path / package / "unsafe.py").write_text("import subprocess\nsubprocess.run(input(), shell=True)\n")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = f"rooms=(*/__init__.py)\n{UNSAFE}"
    found = subprocess.run(
        ["bash", "-c", command],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1
    assert found.stdout.count("Issue: [B602:") == len(PACKAGES)


def test_every_exception_from_what_is_unsafe_names_it_and_says_why() -> None:
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    excused = [f"{path.name}: {comment}" for path in files for comment in comments(path) if "nosec" in comment]
    assert excused
    assert [one for one in excused if not re.fullmatch(r"\S+: # nosec B\d{3}  # \w.{5,}", one)] == []
