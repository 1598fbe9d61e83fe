"""`ebok admin install`: writes what a machine needs, once, and leaves what an administrator has changed."""

from __future__ import annotations

import base64
import os
import pty
import stat
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from cli.machine_files import is_untouched
from environment.settings_file import read_settings
from tests.cli.samples import EBOK, Done, run

OPTIONS = (
    "--inbox", "/mnt/skany", "--public-url", "https://formularze.example.com", "--desk-url", "https://biuro.example.com",
    "--smtp-host", "poczta.example.com", "--mail-from", "eBOK <ebok@example.com>",
)  # fmt: skip
ENV, UNIT, SITE = "etc/ebok.env", "etc/systemd/system/ebok.service", "etc/nginx/sites-available/ebok"


@pytest.fixture
def machine(home: Path, tmp_path: Path) -> Path:
    """A folder that stands for a machine with nginx and a certificate."""
    root = tmp_path / "machine"
    for folder in ("etc/nginx/sites-available", "etc/nginx/sites-enabled", "etc/ssl/private", "usr/local/bin", "mnt"):
        (root / folder).mkdir(parents=True)
    for file in ("etc/ssl/ebok.pem", "etc/ssl/private/ebok.key"):
        (root / file).touch()
    return root


def install(machine: Path, *options: str) -> Done:
    done = run("admin", "install", "--root", machine, *options)
    assert done.returncode == 0, done.stderr
    return done


def state(machine: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and content of all that lies there."""
    files = (path for path in sorted(machine.rglob("*")) if path.is_file())
    return {str(path.relative_to(machine)): (path.stat().st_mode, path.read_bytes()) for path in files}


def test_all_that_a_machine_needs_is_written_and_a_second_call_changes_nothing(machine: Path) -> None:
    install(machine, *OPTIONS)
    settings = read_settings(machine / ENV)
    assert settings == {
        "EBOK_HOME": "/var/lib/ebok",
        "EBOK_INBOX_DIR": "/mnt/skany",
        "EBOK_PUBLIC_URL": "https://formularze.example.com",
        "EBOK_DESK_URL": "https://biuro.example.com",
        "EBOK_TRUSTED_PROXIES": "127.0.0.1",
        "EBOK_SMTP_HOST": "poczta.example.com",
        "EBOK_MAIL_FROM": "eBOK <ebok@example.com>",
    }
    assert stat.S_IMODE((machine / ENV).stat().st_mode) == 0o640
    unit = (machine / UNIT).read_text()
    assert "User=ebok\n" in unit
    assert "EnvironmentFile=/etc/ebok.env\n" in unit
    (command,) = (line.partition("=")[2].split() for line in unit.splitlines() if line.startswith("ExecStart="))
    assert Path(command[0]).exists() and command[1:] == ["up"]
    assert (machine / "mnt/skany").is_dir()
    keys = machine / "var/lib/ebok/keys/secret.keys"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert (machine / "etc/nginx/sites-enabled/ebok").readlink() == Path("/", SITE)

    before = state(machine)
    again = install(machine)
    assert state(machine) == before
    assert "utworzono" not in again.stdout and "zmieniono" not in again.stdout


def test_what_is_changed_by_an_option_is_changed_and_the_rest_stays_with_its_comments(machine: Path) -> None:
    install(machine, *OPTIONS, "--user", "formularze", "--certificate", "/etc/ssl/moj.pem")
    with (machine / ENV).open("a") as file:
        file.write("# hasło od Ani\nEBOK_SMTP_PASSWORD='a b'\n")
    install(machine, "--smtp-host", "nowa.example.com")
    assert "# hasło od Ani\nEBOK_SMTP_PASSWORD='a b'\n" in (machine / ENV).read_text()
    assert read_settings(machine / ENV)["EBOK_SMTP_HOST"] == "nowa.example.com"
    assert "User=formularze\n" in (machine / UNIT).read_text()
    assert "/etc/ssl/moj.pem;" in (machine / SITE).read_text()


def test_a_file_that_somebody_changed_is_left_and_the_text_of_now_is_beside_it(machine: Path) -> None:
    install(machine, *OPTIONS)
    unit = machine / UNIT
    assert is_untouched(unit.read_text())
    unit.write_text(unit.read_text().replace("RestartSec=5", "RestartSec=50"))
    mine = unit.read_text()
    told = install(machine).stdout
    assert unit.read_text() == mine
    assert f"zostawiono: /{UNIT}" in told
    assert "RestartSec=5\n" in unit.with_name("ebok.service.wzor").read_text()


def test_a_dry_run_shows_all_and_writes_nothing(machine: Path) -> None:
    before = state(machine)
    told = install(machine, *OPTIONS, "--dry-run").stdout
    assert state(machine) == before
    assert not (machine / "var").exists()
    for path in (ENV, UNIT, SITE, "usr/local/bin/ebok"):
        assert f"do utworzenia: plik /{path}" in told
    assert "ExecStart=" in told


def test_a_wrong_setting_is_told_before_anything_is_written(machine: Path) -> None:
    before = state(machine)
    done = run("admin", "install", "--root", machine, "--public-url", "formularze.example.com")
    assert done.returncode == 1
    assert "EBOK_PUBLIC_URL" in done.stderr
    assert state(machine) == before


def test_without_a_certificate_the_site_waits_and_it_is_told_what_for(machine: Path) -> None:
    (machine / "etc/ssl/ebok.pem").unlink()
    told = " ".join(install(machine, *OPTIONS).stdout.split())
    assert "Nie ma certyfikatu (/etc/ssl/ebok.pem" in told
    assert not (machine / "etc/nginx/sites-enabled/ebok").is_symlink()


def test_at_a_terminal_what_nobody_said_is_asked_for_once(machine: Path) -> None:
    answers = {
        "Adres biura": "",
        "poczty wychodzącej": "poczta.example.com",
        "Login": "",
        "Hasło": "a b#",
        "nadawcy": "",
    }
    asked = at_a_terminal(machine, *OPTIONS[:4], answers=answers)
    assert [word for word in answers if word in asked] == list(answers)
    settings = read_settings(machine / ENV)
    assert (settings["EBOK_SMTP_HOST"], settings["EBOK_SMTP_PASSWORD"]) == ("poczta.example.com", "a b#")
    assert settings["EBOK_DESK_URL"] == "https://formularze.example.com:8443"
    before = state(machine)
    assert "(Enter: bez)" not in at_a_terminal(machine, answers={})
    assert state(machine) == before


def at_a_terminal(machine: Path, *options: str, answers: dict[str, str]) -> str:
    """Run it where somebody answers; gives all that the terminal showed."""
    ours, theirs = pty.openpty()
    command = [EBOK, "admin", "install", "--root", machine, *options]
    done = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    shown, left = "", dict(answers)
    with suppress(OSError):  # what Linux says at the end of a terminal
        while part := os.read(ours, 4096):
            shown += part.decode()
            question = shown.rpartition("\n")[2]
            word = next((each for each in left if each in question and question.endswith("(Enter: bez): ")), None)
            if word is not None:
                os.write(ours, f"{left.pop(word)}\n".encode())
    os.close(ours)
    assert done.wait(60) == 0, shown
    assert left == {}
    return shown


def test_the_engine_s_pages_get_a_site_whose_password_only_root_reads(machine: Path) -> None:
    address = "https://biuro.example.com:8444"
    install(machine, *OPTIONS)
    assert not (machine / "etc/nginx/ebok-prefect.conf").exists()
    with (machine / ENV).open("a") as file:
        file.write(f"EBOK_PREFECT_UI_URL={address}\n")
    install(machine)
    secret = machine / "etc/nginx/ebok-prefect.conf"
    given = base64.b64encode((machine / "var/lib/ebok/prefect.auth").read_bytes()).decode()
    assert secret.read_text() == f'proxy_set_header Authorization "Basic {given}";\n'
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    site = (machine / "etc/nginx/sites-available/ebok-prefect").read_text()
    assert given not in site
    assert "listen 8444 ssl;" in site
    assert (machine / "etc/nginx/sites-enabled/ebok-prefect").is_symlink()
    before = state(machine)
    install(machine)
    assert state(machine) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
def test_for_root_the_command_works_as_the_user_of_the_service(machine: Path) -> None:
    install(machine, *OPTIONS, "--user", "nobody")
    script = (machine / "usr/local/bin/ebok").read_text()
    program = next(word for word in script.split() if word.endswith("bin/ebok"))
    shown = machine / "ebok"
    group = subprocess.run(["id", "-gn", "nobody"], capture_output=True, text=True, check=True).stdout.strip()
    told_by = "/bin/sh -c 'echo $(id -un) $HOME $*' ebok"
    shown.write_text(script.replace(program, told_by).replace("--regid=nobody", f"--regid={group}"))
    shown.chmod(0o755)
    told = [
        subprocess.run([shown, *words], capture_output=True, text=True, check=True).stdout.strip()
        for words in (("status", "--json"), ("admin", "install"))
    ]
    assert told == ["nobody /var/lib/ebok status --json", f"root {os.environ['HOME']} admin install"]
