"""The one file of settings: what systemd makes of a line is what a command makes of it, or the line is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cli.console import CommandError
from cli.settings_taken import take_settings
from environment import settings_file
from environment.settings import get_settings
from environment.settings_file import SettingsFileError, quoted, read_settings, settings_in
from tests.cli.samples import run

# Each right side is what the parser of systemd 252 made of the left one; `$` stands for itself in an EnvironmentFile.
AS_SYSTEMD = {
    "A=b": "b",
    "A=": "",
    "  A = b ": "b",
    "A=b c \t": "b c",
    "A=b # c": "b # c",
    "A=b;c": "b;c",
    "A='b c '": "b c ",
    'A="b c "': "b c ",
    "A='it\\s'": "it\\s",
    'A="say \\"b\\" for \\$1 \\\\ \\`x\\` \\n"': 'say "b" for $1 \\ `x` \\n',
    "A=b\\ \\'c\\'\\ ": "b 'c' ",
    "A=b\\\nc": "bc",
    'A="b\\\nc"': "bc",
    'A="b\nc"': "b\nc",
    "A='b'\"c\" d": "bcd",
    "A=b'c'": "b'c'",
    "A=$B${C}": "$B${C}",
    "A=zażółć": "zażółć",
    "A=first\nA=second": "second",
    "# A=x\n; A=y\n\nA=b\r\n": "b",
    'A=["95 111 22 33"]': '["95 111 22 33"]',
}


@pytest.mark.parametrize(("text", "value"), AS_SYSTEMD.items())
def test_a_value_is_read_as_systemd_reads_it(text: str, value: str) -> None:
    assert settings_in(text, Path("a.env")) == {"A": value}


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("A=b\nEBOK_HOME /srv\n", 2, "znaku ="),
        ("\nexport A=b\n", 2, "export"),
        ("A-B=c\n", 1, "nazwa"),
        ("\ufeffA=b\n", 1, "BOM"),
        ("\ufeff# a note\nA=b\n", 1, "BOM"),
        ('A="b\nEBOK_HOME=/srv\nC="d"\n', 1, "niezamknięty"),
        ("A=b\nC='d", 2, "niezamknięty"),
        ("A=b\nC=d\\", 2, "urywa"),
        ("# old settings: \\\nA=b\n", 1, "uwaga"),
    ],
)
def test_what_systemd_would_pass_over_or_take_otherwise_is_told_by_its_line(text: str, line: int, why: str) -> None:
    with pytest.raises(SettingsFileError, match=rf"a\.env, wiersz {line}: .*{why}"):
        settings_in(text, Path("a.env"))


def test_a_file_in_another_encoding_is_told_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "a.env"
    file.write_bytes("A=b\nEBOK_COMPANY_NAME=Wodociągi\n".encode("cp1250"))
    with pytest.raises(SettingsFileError, match=r"wiersz 2: .*UTF-8"):
        read_settings(file)


@pytest.mark.parametrize(
    "value", ["", "/var/lib/ebok", "a b", "tajne#1", 'x"y', "it's", "$HOME", "a\\", "`id`", " a ", "ą"]
)
def test_a_value_that_is_written_is_read_again(value: str) -> None:
    assert settings_in(f"A={quoted(value)}\n", Path("a.env")) == {"A": value}


def test_a_command_takes_the_file_that_is_named_and_the_environment_before_it(tmp_path: Path, home: Path) -> None:
    (tmp_path / "with space").mkdir()
    file = tmp_path / "a.env"
    file.write_text(f'EBOK_HOME=/nowhere\nEBOK_OUTGOING_DIR="{tmp_path}/with space"\nEBOK_API_PORT=8123\n')
    told = " ".join(run("--env-file", file, "up", "--settings").stdout.split())
    assert f"wiadomości i listy: {tmp_path}/with space" in told
    assert f"folder skanów: {home}/inbox" in told


@pytest.mark.usefixtures("home")
def test_a_faulty_file_ends_a_command_with_its_line_and_without_its_values(tmp_path: Path) -> None:
    file = tmp_path / "a.env"
    file.write_text("EBOK_SMTP_PASSWORD='tajne\n")
    done = run("--env-file", file, "status")
    assert done.returncode == 1
    assert f"{file}, wiersz 1" in done.stderr
    assert "Traceback" not in done.stderr and "tajne" not in done.stderr


def test_the_file_of_the_machine_is_found_but_not_by_who_means_another_installation(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ebok.env"
    file.write_text("EBOK_API_PORT=8123\n")
    monkeypatch.setattr(settings_file, "SETTINGS_FILE", file)
    monkeypatch.setenv("EBOK_API_PORT", "8000")  # so that it is as before when the test ends
    monkeypatch.delenv("EBOK_API_PORT")

    take_settings(None, "status", does_without=False)
    assert get_settings().api_port == 8000
    monkeypatch.delenv("EBOK_HOME")
    take_settings(None, "demo", does_without=False)
    assert get_settings().api_port == 8000
    take_settings(None, "status", does_without=False)
    get_settings.cache_clear()
    assert get_settings().api_port == 8123


@pytest.mark.usefixtures("home")
def test_a_file_that_this_user_may_not_read_stops_what_needs_it_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ebok.env"
    file.write_text("")
    monkeypatch.setattr(settings_file, "SETTINGS_FILE", file)
    monkeypatch.delenv("EBOK_HOME")

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(settings_file, "put_in_force", refuse)
    with pytest.raises(CommandError, match="sudo -u ebok"):
        take_settings(None, "status", does_without=False)
    take_settings(None, "forms", does_without=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_root_writes_nothing_into_the_home_of_another_user(home: Path) -> None:
    os.chown(home, 65534, -1)
    done = run("status")
    assert done.returncode == 1
    assert "sudo -u nobody" in done.stderr
    assert list(home.iterdir()) == []
    assert run("forms", "--json").returncode == 0
