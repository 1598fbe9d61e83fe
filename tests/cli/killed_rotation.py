"""``ebok keys rotate`` that is killed: once the new key is in its file, in the midst of values, or of files."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator

from cli import keys
from cli.main import main


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed_after_one(work: Callable[[], Iterator[int]]) -> Callable[[], Iterator[int]]:
    """One bundle of values, or one file, is done by then."""

    def some() -> Iterator[int]:
        for number, changed in enumerate(work()):
            if number == 1:
                kill()
            yield changed

    return some


match sys.argv.pop(1):
    case "key":
        keys.note_keys = kill  # type: ignore[attr-defined]
    case "values":
        keys.encrypt_anew = killed_after_one(keys.encrypt_anew)  # type: ignore[attr-defined]
    case "files":
        keys.seal_anew = killed_after_one(keys.seal_anew)  # type: ignore[attr-defined]
main()
