"""``ebok customers import`` that is killed once it has committed its second bundle."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cli.main import main
from customers import importing
from database import pace
from database.engine import Session, transaction

committed: list[str] = []


@contextmanager
def killing() -> Iterator[Session]:
    with transaction() as session:
        yield session
        wrote = bool(session.connection().info.pop("wrote", False))
    if wrote:
        committed.append("bundle")
    if len(committed) == 2:
        os.kill(os.getpid(), signal.SIGKILL)


def noting(session: Session, *told: Any) -> None:
    session.connection().info["wrote"] = True
    write(session, *told)


write = importing._write
importing._BUNDLE = 2  # type: ignore[misc]
pace.transaction = killing  # type: ignore[attr-defined, assignment]
importing._write = noting  # type: ignore[assignment]
main()
