"""Keys replaced, lost and mixed up: what is encrypted stays readable, and nothing is written with a wrong one."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

import pytest
from sqlalchemy import inspect, text

from benchmarks import office
from customers.records import RegisterLookup
from database.engine import get_engine, transaction
from database.holders import enter, leave
from database.keys import add_key, key_file, key_ring
from database.reencryption import encrypt_anew
from database.upgrading import upgrade
from documents.originals import chunks_of, seal_anew, store_bytes
from environment.settings import get_settings
from tests.cli.samples import lines, run

KILLED = Path(__file__).with_name("killed_rotation.py")
LETTERS = [b'{"pesel": "90010112345"}', b"%PDF-1.7 a letter"]


@pytest.fixture
def filled(database: str) -> list[str]:
    """A register and two originals, under one key, on either database; gives the originals' digests."""
    return _filled()


@pytest.fixture
def filled_here(sqlite_database: str) -> list[str]:
    """The same on SQLite: what lies beside the database is looked at."""
    return _filled()


def _filled() -> list[str]:
    upgrade()
    office.fill_register()
    return [store_bytes(letter).sha256 for letter in LETTERS]


def content() -> list[str]:
    """All rows of all tables, as they lie in the database."""
    with get_engine().connect() as connection:
        names = inspect(connection).get_table_names()
        return sorted(f"{name}: {row}" for name in names for row in connection.execute(text(f"SELECT * FROM {name}")))


def readable(digests: list[str]) -> bool:
    with transaction() as session:
        found = [RegisterLookup(session).find(one["customer_no"]) for one in office.people()]
    named = [None if one is None else one.pesel for one in found] == [one["pesel"] for one in office.people()]
    return named and [b"".join(chunks_of(each)) for each in digests] == LETTERS


def fits() -> bool:
    """What the doctor says of the keys."""
    return bool(next(line["ok"] for line in lines(run("doctor", "--json")) if line["code"] == "keys_fit"))


@pytest.mark.parametrize(
    ("at", "further"), [("key", "reencrypt"), ("key", "rotate"), ("values", "reencrypt"), ("files", "rotate")]
)
def test_a_rotation_that_was_killed_is_gone_on_with_and_loses_nothing(filled: list[str], at: str, further: str) -> None:
    killed = run(at, "keys", "rotate", script=KILLED)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len(key_ring().keys) == 2
    assert readable(filled)
    assert fits()

    done = run("keys", further)
    assert done.returncode == 0, done.stderr
    assert readable(filled)
    assert (sum(encrypt_anew()), sum(seal_anew())) == (0, 0), "something is under an older key still"
    assert run("audit", "verify").returncode == 0
    assert len(key_ring().keys) == (2 if further == "reencrypt" else 3)


REFUSED = (("keys", "list"), ("keys", "reencrypt"), ("keys", "rotate"), ("status",), ("audit", "verify"), ("up",))


@pytest.mark.parametrize("wrong", ["another", "of before", "none", "damaged"])
def test_with_a_wrong_file_of_keys_everything_says_so_and_nothing_is_written(
    filled_here: list[str], home: Path, wrong: str
) -> None:
    before = key_file().read_bytes()
    assert run("keys", "rotate").returncode == 0
    newest, stored = key_file().read_bytes(), content()
    files = {path: path.read_bytes() for path in (home / "originals").rglob("*") if path.is_file()}
    given = {"another": b"2026-01-01-abcdef " + b"A" * 43 + b"=\n", "of before": before, "none": None, "damaged": b"#"}
    key_file().unlink()
    if (put := given[wrong]) is not None:
        key_file().write_bytes(put)
        key_file().chmod(0o600)

    for command in REFUSED:
        done = run(*command)
        assert done.returncode == 1, command
        assert "Przywróć plik kluczy" in done.stderr and "Traceback" not in done.stderr, command
    assert not fits()
    assert (key_file().read_bytes() if key_file().exists() else None) == put, "a wrong file is not replaced"

    key_file().write_bytes(newest)
    assert (content(), {path: path.read_bytes() for path in files}) == (stored, files)
    assert fits()
    assert readable(filled_here)


def test_two_rotations_at_once_lose_no_key(filled_here: list[str]) -> None:
    with ThreadPoolExecutor(8) as crew:
        made = [each.result() for each in [crew.submit(add_key) for _ in range(24)]]
    assert {each.id for each in made} <= {each.id for each in key_ring().keys}
    assert len(key_ring().keys) == 25


def test_whoever_asks_for_the_keys_while_new_ones_are_made_never_takes_the_file_for_another(home: Path) -> None:
    key_ring()
    over = Event()

    def asking() -> int:
        asked = 0
        while not over.is_set():
            asked += len(key_ring().keys) > 0
        return asked

    with ThreadPoolExecutor(4) as crew:
        crowd = [crew.submit(asking) for _ in range(4)]
        try:
            made = [add_key() for _ in range(60)]
        finally:
            over.set()
        assert all(each.result() for each in crowd)
    assert {each.id for each in made} <= {each.id for each in key_ring().keys}


def test_of_many_who_need_the_first_key_at_once_each_gets_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        monkeypatch.setenv("EBOK_SECRET_KEY_FILE", str(tmp_path / f"keys-{number}"))
        get_settings.cache_clear()
        together = Barrier(8)

        def first(together: Barrier = together) -> str:
            together.wait()
            return key_ring().newest.id

        with ThreadPoolExecutor(8) as crew:
            found = {each.result() for each in [crew.submit(first) for _ in range(8)]}
        assert len(found) == 1


def test_the_doctor_says_nothing_of_keys_where_there_is_no_database_yet(home: Path) -> None:
    told = lines(run("doctor", "--json", EBOK_DATABASE_URL=f"sqlite:///{home / 'none' / 'ebok.sqlite'}"))
    assert "keys_fit" not in {line["code"] for line in told}


def test_no_key_is_added_while_a_machine_works_that_would_not_have_it(postgres_database: str, home: Path) -> None:
    upgrade()
    with transaction() as session:
        enter(session, "run 1", "a test")
        session.execute(text("UPDATE holders SET machine = 'another-1'"))
    refused = run("keys", "rotate")
    assert refused.returncode == 1
    assert "ebok worker" in refused.stderr
    assert len(key_ring().keys) == 1
    with transaction() as session:
        leave(session, "run 1")
    assert run("keys", "rotate").returncode == 0
