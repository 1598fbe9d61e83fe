"""What runs goes on while a disk takes nothing more, and is written down once it does."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import running
from cli.stack import Stack
from environment.settings import get_settings


class _Quiet:
    """Looks after nothing."""

    def look(self) -> None:
        """Do nothing."""


@pytest.fixture
def stack(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    for name in ("EBOK_API_PORT", "EBOK_PREFECT_PORT"):
        monkeypatch.setenv(name, "0")
    get_settings.cache_clear()
    made = Stack(tell=print, stopped=lambda _seconds: False)
    monkeypatch.setattr(made, "sweeps", _Quiet())
    monkeypatch.setattr(made, "alarms", _Quiet())
    yield made
    made.children.stop("api")


@pytest.mark.parametrize(("number", "goes_on"), [(errno.ENOSPC, True), (errno.EROFS, True), (errno.EIO, False)])
def test_a_process_that_is_started_again_on_a_full_disk_ends_nothing_and_is_noted_later(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, number: int, goes_on: bool
) -> None:
    child = stack.children.launch("api", ("timeit", "-n", "1", "pass"), {})
    assert child.process is not None
    child.process.wait()
    first = running.noted()["names"]
    with monkeypatch.context() as full:

        def refuse(*_: object) -> None:
            raise OSError(number, "")

        full.setattr(running, "note", refuse)
        if not goes_on:
            with pytest.raises(OSError, match=str(number)):
                stack.watch()
            return
        stack.watch()
        assert running.noted()["names"] == first
    child.process.wait()
    stack.watch()
    assert running.noted()["names"] == {str(child.process.pid): "api"} != first
