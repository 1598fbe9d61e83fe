"""A throw-away PostgreSQL cluster for the tests, started and stopped by themselves."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg


@dataclass(frozen=True)
class Cluster:
    """A running server; ``url`` names one of its databases. ``stop`` cuts everybody off, until ``start``."""

    port: int
    stop: Callable[[], None]
    start: Callable[[], None]

    def url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def create(self, name: str) -> str:
        """Make an empty database; gives its URL."""
        self._run("postgres", f'CREATE DATABASE "{name}"')
        return self.url(name)

    def empty(self, name: str) -> None:
        """Take all rows out of a database, but for the note of its revision; far faster than making a new one."""
        self._run(
            name,
            # As a replica does, past the triggers that keep the audit. To truncate all would make new files of all.
            """DO $$ DECLARE one record; BEGIN
            PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE datname = current_database() AND pid <> pg_backend_pid();
            PERFORM set_config('session_replication_role', 'replica', true);
            FOR one IN SELECT tablename FROM pg_tables
              WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
              EXECUTE format('DELETE FROM %I', one.tablename);
            END LOOP;
            FOR one IN SELECT * FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
              PERFORM setval(format('%I', one.sequencename)::regclass, one.start_value, false);
            END LOOP; END $$""",
        )

    def _run(self, name: str, statement: str) -> None:
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute(statement.encode())


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parent.parent.name))
    if not found:
        raise RuntimeError("PostgreSQL is missing (Debian package 'postgresql'): run scripts/test, it installs it")
    return found[-1].parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Start a cluster in a temporary folder; as root it runs as the user postgres, which the package made."""
    programs, folder, port = _programs(), Path(tempfile.mkdtemp(prefix="ebok-postgres-")), _free_port()
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]

    def call(*command: str) -> None:
        done = subprocess.run(
            [*as_user, *command], check=False, cwd=folder, capture_output=True, text=True, timeout=120
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {done.stdout}{done.stderr}")

    data, log = str(folder / "data"), str(folder / "log")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
    control = (str(programs / "pg_ctl"), "-D", data)
    start = partial(call, *control, "-l", log, "-w", "-t", "90", "-o", options, "start")
    stop = partial(call, *control, "-m", "immediate", "-w", "stop")
    try:
        call(str(programs / "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        start()
        try:
            yield Cluster(port, stop, start)
        finally:
            stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
