"""The image, and everything on one machine in containers: no engine runs here, so what can be told without one is."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema.validators import validator_for

from environment.settings import Settings, get_settings
from flows.authentication import authorization

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


@pytest.fixture(scope="module")
def dockerfile() -> str:
    """How the image is made."""
    return (DEPLOY / "Dockerfile").read_text()


@pytest.fixture(scope="module")
def compose() -> Mapping[str, Any]:
    """What runs on one machine."""
    found: Mapping[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of secrets, made by somebody who need not be root."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "chown").write_text(f'#!/bin/sh\necho "$@" >>"{tmp_path}/given"\n')
    (programs / "chown").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    folder = tmp_path / "secrets"
    new_secrets(folder)
    return folder


def new_secrets(folder: Path) -> None:
    """The script, as the guide tells to run it."""
    subprocess.run([DEPLOY / "new-secrets", folder], check=True, capture_output=True)


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    program = Path(sys.executable).with_name("hadolint")
    said = subprocess.run([program, DEPLOY / "Dockerfile"], check=False, capture_output=True, text=True)
    assert (said.returncode, said.stdout) == (0, "")


def test_the_image_has_the_debian_packages_that_an_installation_has(dockerfile: str) -> None:
    asked = re.search(r"^system_packages=\((.+)\)", (ROOT / "scripts" / "install").read_text(), re.MULTILINE)
    assert asked
    of_containers = {"ca-certificates", "postgresql-client", "tini"}
    installed = re.findall(r"apt-get install --no-install-recommends -y(?: \\\n)?\s+([\w -]+)", dockerfile)
    build, final = (set(names.split()) for names in installed)
    assert build == {"ca-certificates", "python3-venv"}
    assert (build | final) - {"python3"} - of_containers == set(asked[1].split())
    assert "python3" in final


def test_the_image_is_made_with_the_uv_of_an_installation(dockerfile: str) -> None:
    wanted = re.search(r"'uv[^']+'", (ROOT / "scripts" / "install").read_text())
    assert wanted
    assert re.findall(r"'uv[^']+'", dockerfile) == [wanted[0]]


def test_the_image_is_made_of_what_the_wheel_is_made_of_and_of_nothing_else() -> None:
    taken = re.findall(r"^!(.+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["build-backend"]["module-name"]
    assert sorted(taken) == sorted([*packages, "pyproject.toml", "requirements.lock", "README.md", "prefect.yaml"])


def test_what_the_image_says_to_the_program_are_settings(dockerfile: str) -> None:
    said = re.findall(r"\bEBOK_(\w+)=", dockerfile)
    assert said
    assert {name.lower() for name in said} <= set(Settings.model_fields)


def test_compose_keeps_to_its_schema(compose: Mapping[str, Any]) -> None:
    schema = json.loads(files("check_jsonschema").joinpath("builtin_schemas/vendor/compose-spec.json").read_text())
    faults = [error.message for error in validator_for(schema)(schema).iter_errors(compose)]
    assert faults == []


def test_every_container_gives_up_what_it_does_not_need_and_tells_how_it_is(compose: Mapping[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert {"healthcheck", "mem_limit", "restart"} <= set(service), name


def test_only_the_pages_are_published_beyond_this_machine(compose: Mapping[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {
        "proxy": [
            "443:8443",
            "${EBOK_DESK_BIND:-127.0.0.1}:8443:8444",
            "${EBOK_DESK_BIND:-127.0.0.1}:8444:8445",
            "127.0.0.1:4200:4201",
        ],
    }
    assert compose["networks"]["inside"]["internal"] is True
    assert compose["services"]["database"]["networks"] == ["inside"]
    assert compose["services"]["ebok"]["network_mode"] == "service:proxy"


def test_no_password_stands_in_a_file_of_the_repository(compose: Mapping[str, Any]) -> None:
    told = {
        name: value
        for service in compose["services"].values()
        for name, value in service.get("environment", {}).items()
        if re.search("PASSWORD|SECRET|KEY|TOKEN", name)
    }
    assert told == {"POSTGRES_PASSWORD_FILE": "/run/secrets/database_password", "EBOK_SECRETS_DIR": "/run/secrets"}
    assert "/deploy/secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    assert not re.search("PASSWORD|SECRET|TOKEN", (DEPLOY / "example.env").read_text())


def test_the_script_makes_every_secret_that_the_containers_ask_for(compose: Mapping[str, Any], secrets: Path) -> None:
    asked = {name for service in compose["services"].values() for name in service.get("secrets", ())}
    assert asked == set(compose["secrets"]) == {path.name for path in secrets.iterdir()}
    assert {one["file"] for one in compose["secrets"].values()} == {f"secrets/{name}" for name in asked}
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets.iterdir()} == {0o400}


def test_secrets_belong_to_the_user_that_reads_them(
    compose: Mapping[str, Any], dockerfile: str, secrets: Path, tmp_path: Path
) -> None:
    owners = {file: owner for owner, file in map(str.split, (tmp_path / "given").read_text().splitlines())}
    of_service = {"ebok": re.findall(r"^USER (\S+)$", dockerfile, re.MULTILINE)[-1]}
    of_service["database"] = compose["services"]["database"]["user"]
    of_service["proxy"] = "101:101"
    wanted = {file: of_service[name] for name, one in compose["services"].items() for file in one["secrets"]}
    assert owners == wanted


def test_the_database_has_a_password_of_its_own_that_a_second_run_keeps(secrets: Path) -> None:
    password = (secrets / "database_password").read_text()
    assert re.fullmatch("[0-9a-f]{64}", password)
    assert (secrets / "ebok_database_url").read_text() == f"postgresql://ebok:{password}@database/ebok"
    new_secrets(secrets)
    assert (secrets / "database_password").read_text() == password


def test_the_proxy_signs_managers_in_with_the_password_that_the_program_has(
    home: Path, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_SECRETS_DIR", str(secrets))
    (name, value), *_ = authorization().items()
    assert (secrets / "prefect_proxy").read_text() == f'proxy_set_header {name} "{value}";'


def test_the_program_takes_its_secrets_from_the_folder(
    home: Path, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_SECRETS_DIR", str(secrets))
    settings = get_settings()
    assert settings.url == (secrets / "ebok_database_url").read_text()
    assert settings.smtp_password is None  # the file is there and empty
