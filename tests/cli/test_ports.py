"""A port that the settings name is the one that is listened on, or an error says who has it."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from cli.console import CommandError
from cli.ports import free_port, require_port
from cli.stack import Stack
from environment.settings import get_settings


@pytest.mark.parametrize("setting", ["EBOK_API_PORT", "EBOK_PREFECT_PORT"])
def test_a_busy_port_is_told_with_who_has_it_and_no_other_one_is_taken(
    home: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    for name in ("EBOK_API_PORT", "EBOK_PREFECT_PORT"):
        monkeypatch.setenv(name, "0")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv(setting, str(port))
        get_settings.cache_clear()
        with pytest.raises(CommandError) as told:
            Stack(tell=print, stopped=lambda _seconds: False)
    assert f"Port {port} jest zajęty" in str(told.value)
    assert f"proces {os.getpid()})" in str(told.value)
    assert setting in str(told.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_of_nobody_is_taken_as_it_is_named(host: str) -> None:
    port = free_port(host, 0)
    assert require_port(host, port, "EBOK_API_PORT", 8000) == port


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(CommandError, match=r"192\.0\.2\.7 nie należy do tej maszyny.*EBOK_API_HOST"):
        require_port("192.0.2.7", 8000, "EBOK_API_PORT", 8000)


def test_the_desk_is_told_by_the_address_at_which_staff_open_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EBOK_API_PORT", "EBOK_PREFECT_PORT"):
        monkeypatch.setenv(name, "0")
    get_settings.cache_clear()
    stack = Stack(tell=print, stopped=lambda _seconds: False)
    assert stack.addresses["Biuro (praca nad dokumentami)"] == f"{stack.api}/biuro/"
    monkeypatch.setenv("EBOK_PUBLIC_URL", "https://formularze.example.com")
    monkeypatch.setenv("EBOK_DESK_URL", "https://biuro.example.com")
    get_settings.cache_clear()
    assert stack.addresses["Biuro (praca nad dokumentami)"] == "https://biuro.example.com/biuro/"
