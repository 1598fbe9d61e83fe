"""The process that readers come from, forked from a command that has just begun."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from cli import main, read
from readers.work import SECRETIVE

_FORKED = """
import os, tempfile, threading
from multiprocessing import forkserver
from pathlib import Path
from readers.looks import confinement
from readers.fork_server import fork_origin

if __name__ == "__main__":
    os.environ["EBOK_SECRET_KEY"] = "tajne1"
    assert not fork_origin(), "with a secret in its memory"
    del os.environ["EBOK_SECRET_KEY"]
    over = threading.Event()
    beside = threading.Thread(target=over.wait)
    beside.start()
    assert not fork_origin(), "with a thread"
    over.set()
    beside.join()
    with tempfile.TemporaryFile() as mine:
        assert fork_origin()
        assert not fork_origin(), "a second time"
        origin = Path(f"/proc/{forkserver._forkserver._forkserver_pid}")
        assert confinement()["memory"]
        assert (origin / "cmdline").read_bytes() == Path("/proc/self/cmdline").read_bytes(), "it is no fork"
        held = {os.readlink(each) for each in (origin / "fd").iterdir()}
        assert os.readlink(f"/proc/self/fd/{mine.fileno()}") not in held, "it holds our files"
"""


def test_a_command_is_forked_for_readers_unless_it_has_secrets_or_threads_and_that_process_ends_with_it() -> None:
    # It has our output open as well, so this comes back only once it has ended, too.
    plain = {name: value for name, value in os.environ.items() if not name.startswith(SECRETIVE)}
    command = (sys.executable, "-c", _FORKED)
    done = subprocess.run(command, env=plain, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


def test_the_command_is_forked_before_a_file_of_settings_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    order = list[str]()
    monkeypatch.setattr(read, "fork_origin", lambda: order.append("forked"))
    monkeypatch.setattr(main, "take_settings", lambda *_, **__: order.append("settings"))
    CliRunner().invoke(main.app, ["read", "--json", "/no/such/file.pdf"])
    assert order == ["forked", "settings"]
