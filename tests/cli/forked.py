"""Processes of `ebok` that begin with its modules imported: most of what a short command costs is to import them.

One process imports them, and each command is a fork of it: a process of its own, with the environment, the folder and
the streams that it was given, and nothing of another one.
"""

from __future__ import annotations

import array
import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from environment.settings import get_settings

_STREAMS = 3
_SIZE = 1 << 20
_ROOT = Path(__file__).parent.parent.parent


def run_forked(
    arguments: Sequence[str], environment: Mapping[str, str], timeout: float, script: Path | None = None
) -> tuple[int, str, str]:
    """Run `ebok`, or a script of the tests in its place, to its end; its exit status and what it wrote.

    TimeoutExpired after so long.
    """
    order = {
        "script": None if script is None else str(script),
        "arguments": arguments,
        "environment": dict(environment),
        "folder": str(Path.cwd()),
    }
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, Path(os.devnull).open("rb") as nothing:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(timeout)
            line.connect(_address())
            socket.send_fds(line, [b"s"], [nothing.fileno(), out.fileno(), err.fileno()])
            line.sendall(json.dumps(order).encode())
            line.shutdown(socket.SHUT_WR)
            answers = line.makefile()
            number = int(answers.readline())
            try:
                status = int(answers.readline())
            except TimeoutError:
                os.kill(number, signal.SIGKILL)
                raise subprocess.TimeoutExpired(["ebok", *arguments], timeout) from None
        told = []
        for file in (out, err):
            file.seek(0)
            told.append(file.read().decode())
    return status, *told  # type: ignore[return-value]


@cache
def _address() -> str:
    """Where the process listens that has all imported; it ends with this one."""
    folder = tempfile.mkdtemp(prefix="ebok-forks-")
    address = f"{folder}/forks"
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("EBOK_", "PREFECT_"))}
    command = [sys.executable, "-c", f"from tests.cli.forked import serve; serve({address!r})"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_ROOT, env=ours)

    def end() -> None:
        process.kill()
        process.communicate()
        Path(address).unlink(missing_ok=True)
        Path(folder).rmdir()

    atexit.register(end)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return address


def serve(address: str) -> NoReturn:
    """Import what commands import, then fork for each order, until the standard input ends."""
    import cli  # noqa: PLC0415  in this process alone

    for module in pkgutil.iter_modules(cli.__path__, "cli."):
        importlib.import_module(module.name)
    get_settings.cache_clear()  # the fields of forms were made by what is so by default
    assert "prefect" not in sys.modules, "its settings are read when it is imported"
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.bind(address)
        door.listen(16)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while door in select.select([door, sys.stdin], [], [])[0]:
            line, _ = door.accept()
            if os.fork() == 0:
                door.close()
                _answer(line)
            line.close()
    sys.exit()


def _answer(line: socket.socket) -> NoReturn:
    """Start the command that is asked for, tell its number, wait for it, tell its status."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, streams, _, _ = socket.recv_fds(line, 1, _STREAMS)
    told = b""
    while part := line.recv(_SIZE):
        told += part
    order = json.loads(told)
    number = os.fork()
    if number == 0:
        line.close()
        _become(order, streams)
    with suppress(OSError):
        line.sendall(f"{number}\n".encode())
        _, ended = os.waitpid(number, 0)
        line.sendall(f"{os.waitstatus_to_exitcode(ended)}\n".encode())
    os._exit(0)


def _become(order: Mapping[str, Any], streams: array.array[int] | Sequence[int]) -> NoReturn:
    """Be the command."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    os.chdir(order["folder"])
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    status: Any = 0
    try:
        sys.argv[:] = ["ebok", *order["arguments"]]
        if order["script"] is not None:
            runpy.run_path(order["script"], run_name="__main__")
        else:
            from cli.entry import main  # noqa: PLC0415

            main()
    except SystemExit as end:
        status = end.code
    except BaseException:
        traceback.print_exc()
        status = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(status if isinstance(status, int) else status is not None)
