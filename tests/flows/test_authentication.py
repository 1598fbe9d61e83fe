"""What our processes sign in with at the workflow engine: made once, read by its owner, asked for by every server."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from environment.settings import get_settings
from flows.authentication import (
    AuthenticationFileError,
    authentication_file,
    authentication_string,
    has_authentication,
)
from flows.engine_setup import RUN_COMMAND, engine_environment, is_loopback
from tests.cli.samples import run

_MAKE = """
import os, sys
from flows.authentication import authentication_string
os.umask(int(sys.argv[1], 8))
sys.stdin.readline()
print(authentication_string())
"""


@pytest.mark.parametrize("mask", ["0", "022", "0777"])
def test_all_who_begin_at_once_get_the_same_string_in_a_file_of_their_own(home: Path, mask: str) -> None:
    command = [sys.executable, "-c", _MAKE, mask]
    makers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    for maker in makers:
        assert maker.stdin is not None
        maker.stdin.write("now\n")
        maker.stdin.flush()
    said = {maker.communicate()[0].strip() for maker in makers}
    assert said == {authentication_string()}
    assert stat.S_IMODE(authentication_file().stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["prefect.auth"]


def test_a_copy_that_others_may_read_is_closed_again(home: Path) -> None:
    first = authentication_string()
    authentication_file().chmod(0o644)
    assert authentication_string() == first
    assert stat.S_IMODE(authentication_file().stat().st_mode) == 0o600


def test_every_installation_has_a_string_of_its_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = authentication_string()
    assert authentication_string() == first
    monkeypatch.setenv("EBOK_HOME", str(home / "other"))
    get_settings.cache_clear()
    assert authentication_string() != first


@pytest.mark.parametrize(
    "content", ["", "ebok:", "short:word", "no-colon-" * 8, "ebok:" + "ż" * 40, "a:b\nc:" + "d" * 40]
)
def test_a_file_without_a_string_is_told_with_its_remedy_and_opens_nothing(home: Path, content: str) -> None:
    (home / "prefect.auth").write_text(content)
    with pytest.raises(AuthenticationFileError):
        engine_environment("http://127.0.0.1:4200/api")
    refused = run("up")
    assert refused.returncode == 1
    assert "prefect.auth" in refused.stderr
    assert "Usuń" in refused.stderr


def test_pages_of_other_origins_are_allowed_nothing_by_any_engine(home: Path) -> None:
    address = "http://127.0.0.1:4200/api"
    for temporary, expected in ((True, "http://ebok.invalid"), (False, "http://127.0.0.1:4200")):
        allowed = engine_environment(address, temporary=temporary)["PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS"]
        assert allowed == expected


def test_the_command_of_a_flow_run_imports_nothing_heavy_before_it_runs(home: Path) -> None:
    heavy = "{'prefect', 'pydantic', 'sqlalchemy', 'yaml', 'numpy'}"
    told = run(program=(sys.executable, "-c", f"import sys, flows.run; print({heavy} & set(sys.modules))"))
    assert (told.stdout.strip(), told.stderr) == ("set()", "")


def test_the_command_of_a_flow_run_looks_for_modules_only_where_it_is_installed(home: Path, tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "__init__.py").write_text("raise SystemExit('planted')")
    environment = {**os.environ, "PREFECT__FLOW_RUN_ID": "no identifier"}
    done = subprocess.run(
        RUN_COMMAND.split(), cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert "planted" not in done.stderr
    assert done.returncode != 0


def test_only_addresses_of_this_machine_alone_are_loopback() -> None:
    ours = ("127.0.0.1", "127.8.8.8", "localhost")
    others = ("0.0.0.0", "::", "::1", "", "10.0.0.1", "127.0.0.1.example.com", "127.1", "biuro.example.com")
    assert [host for host in (*ours, *others) if is_loopback(host)] == list(ours)


def test_a_string_that_is_set_counts_before_the_file_and_none_is_made(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_PREFECT_AUTH", "ebok:" + "s" * 32)
    get_settings.cache_clear()
    assert has_authentication()
    assert authentication_string() == "ebok:" + "s" * 32
    assert list(home.iterdir()) == []
    refused = run("up", EBOK_PREFECT_AUTH="ebok:short")
    assert refused.returncode == 1
    assert "EBOK_PREFECT_AUTH" in refused.stderr and "short" not in refused.stderr


def test_before_the_first_string_is_made_there_is_none(home: Path) -> None:
    assert not has_authentication()
    authentication_string()
    assert has_authentication()
