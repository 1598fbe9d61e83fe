"""What an installation is made of, as a CycloneDX bill of materials (SBOM).

``python -m benchmarks.materials FILE`` (``scripts/sbom``) lists every Python package of this environment, and on Debian
the system packages that ``scripts/install`` asks for with all that they need. The same installation gives the same file
to the byte; it is checked against the schema of the standard before it is written. Nothing is asked of the network.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any, Final

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

_HOUSE: Final = Path(__file__).parent.parent
_UNTOLD: Final = {
    "IMAPClient": "BSD-3-Clause",
    "axe-playwright-python": "MIT",
    "kubernetes-validate": "Apache-2.0",
    "protobuf": "BSD-3-Clause",
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",
}
"""Licences that stand in a file of the package, and not in what it says of itself."""


Bill = dict[str, Any]
"""A bill of materials, or a component in it, as JSON has it."""


@dataclass(frozen=True)
class SystemPackage:
    """A package of Debian that is installed."""

    name: str
    version: str
    architecture: str
    needs: frozenset[str]


def bill() -> Bill:
    """The bill of this environment and, where there is dpkg, of the system packages that it uses."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", sys.executable, "--output-reproducible"]
    command += ["--pyproject", str(_HOUSE / "pyproject.toml"), "--no-validate"]  # that is done once, of the whole
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    told: Bill = json.loads(listed)
    for component in told["components"]:
        if not component.get("licenses") and component["name"] in _UNTOLD:
            component["licenses"] = [{"expression": _UNTOLD[component["name"]]}]
    told["components"] += map(_component, needed(system_packages(), asked_for()))
    return told


def written(told: Bill) -> str:
    """The bill as JSON, held against the schema of the standard."""
    text = json.dumps(told, indent=2, ensure_ascii=False)
    fault = JsonStrictValidator(SchemaVersion.from_version(told["specVersion"])).validate_str(text)
    if fault is not None:
        raise ValueError(f"the bill of materials is not as the standard wants it: {fault}")
    return text


def asked_for() -> list[str]:
    """The system packages that an installation asks for, as the script that installs them names them."""
    script = (_HOUSE / "scripts" / "install").read_text()
    found = re.search(r"^system_packages=\(([^)]*)\)", script, re.MULTILINE)
    if found is None:
        raise ValueError("scripts/install names no system packages")
    return found[1].split()


def system_packages() -> dict[str, SystemPackage]:
    """All packages that dpkg has installed, by name and by what they stand for; none where there is no dpkg."""
    if which("dpkg-query") is None:
        return {}
    fields = ("Package", "Version", "Architecture", "Depends", "Pre-Depends", "Provides", "db:Status-Abbrev")
    pattern = "\t".join(f"${{{field}}}" for field in fields) + "\n"
    listed = subprocess.run(["dpkg-query", "-W", "-f", pattern], check=True, capture_output=True, text=True).stdout
    known: dict[str, SystemPackage] = {}
    for line in listed.splitlines():
        name, version, architecture, depends, before, provides, status = line.split("\t")
        if status.startswith("ii"):
            package = SystemPackage(name, version, architecture, frozenset(_names(f"{depends}, {before}")))
            known[name] = package
            for other in _names(provides):
                known.setdefault(other, package)
    return known


def needed(known: dict[str, SystemPackage], wanted: Iterable[str]) -> list[SystemPackage]:
    """Those packages and all that they need, as far as they are installed."""
    found: dict[str, SystemPackage] = {}
    left = list(wanted)
    while left:
        package = known.get(left.pop())
        if package is not None and package.name not in found:
            found[package.name] = package
            left += package.needs
    return [found[name] for name in sorted(found)]


def licence_of(package: SystemPackage) -> str | None:
    """What Debian's own file of the package says, or where it stands if it is not made for programs."""
    path = Path("/usr/share/doc") / package.name / "copyright"
    if not path.is_file():
        return None
    text = path.read_text(errors="replace")
    short = re.findall(r"^License:[ \t]*(\S.*)$", text, re.MULTILINE) if text.startswith("Format:") else []
    return "; ".join(dict.fromkeys(one.strip() for one in short)) or f"see {path}"


def _names(relation: str) -> Iterator[str]:
    """The names in a field like 'libc6 (>= 2.34), default-mta | mail-transport-agent'."""
    for part in re.split(r"[,|]", relation):
        name = re.match(r"[a-z0-9][a-z0-9.+-]*", part.strip())
        if name is not None:
            yield name[0]


def _component(package: SystemPackage) -> Bill:
    licence = licence_of(package)
    return {
        "type": "library",
        "bom-ref": f"deb:{package.name}={package.version}",
        "name": package.name,
        "version": package.version,
        "purl": PackageURL("deb", "debian", package.name, package.version, {"arch": package.architecture}).to_string(),
        **({"licenses": [{"license": {"name": licence}}]} if licence is not None else {}),
    }


def main() -> None:
    """Write the bill into the file given, making its folder."""
    path = Path(sys.argv[1])
    told = bill()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(written(told) + "\n", encoding="utf-8")
    print(f"{path}: {len(told['components'])} components")


if __name__ == "__main__":
    main()
