"""What all tests share: a home folder of their own, and a migrated database of either kind."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from sqlalchemy import delete

from access import passwords
from database.engine import engine_for, forget_engines
from database.key_mark import KeyMark
from database.upgrading import upgrade
from environment.settings import get_settings
from tests.engine import running_engine
from tests.postgres import Cluster, running_cluster
from tests.s3 import S3, running_s3

_DATABASE = "ebok_tests"


@pytest.fixture(autouse=True)
def _nothing_of_the_process_is_changed() -> Iterator[None]:
    """A test leaves the working folder and the environment to the next one as it found them."""
    before = Path.cwd(), _environment()
    yield
    assert (Path.cwd(), _environment()) == before, "the next test of this worker would find another world"


def _environment() -> dict[str, str]:
    """Without what pytest says of the test at work, and what OpenCV adds when the first test of a process loads it."""
    ours = (name for name in os.environ if not name.startswith("PYTEST_") and name != "LD_LIBRARY_PATH")
    return {name: os.environ[name] for name in ours}


_LONG = ("test_wheel.py", "test_house.py", "test_machines.py", "test_personal_data.py")
"""Files whose tests take minutes: begun last, one process would work on them alone."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those files before all others."""
    items.sort(key=lambda item: item.path.name not in _LONG)


# What is made while tests are collected stays: each process would look through it again and again for what could go.
gc.set_threshold(200_000, 50, 1_000)


def pytest_collection_finish() -> None:
    """What is imported by now stays, too: looked through with each test, it took a tenth of all.

    When the process ends all goes: libraries that count their objects would call what stays lost. Not before: pytest
    looks through everything twice at its end.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    atexit.register(gc.unfreeze)


@pytest.fixture(scope="session", autouse=True)
def real_hasher() -> Iterator[PasswordHasher]:
    """What makes digests of passwords in the product; meanwhile they are made in no time."""
    real: PasswordHasher = vars(passwords)["_hasher"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield real


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty EBOK_HOME with the default settings."""
    for name in list(os.environ):
        if name.startswith("EBOK_"):
            monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("EBOK_HOME", str(folder))
    monkeypatch.setenv("EBOK_ALLOWED_HOSTS", "ebok.example, testserver")  # by these names the test clients call us
    get_settings.cache_clear()
    yield folder
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: faster than migrating for every test."""
    path = tmp_path_factory.mktemp("template") / "ebok.sqlite"
    _build(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A running PostgreSQL server with a migrated database."""
    with running_cluster() as cluster:
        _build(cluster.create(_DATABASE))
        yield cluster


@pytest.fixture
def sqlite_database(home: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A fresh migrated SQLite database in force; gives its URL.

    All have one, so that what SQLAlchemy has compiled for a test is there for the next.
    """
    shutil.copyfile(sqlite_template, home / "ebok.sqlite")
    here = sqlite_template.with_name("home")
    here.unlink(missing_ok=True)
    here.symlink_to(home)
    yield from _in_force(f"sqlite:///{here}/ebok.sqlite", monkeypatch)


@pytest.fixture
def postgres_database(home: Path, postgres: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A migrated PostgreSQL database without rows, in force; gives its URL."""
    yield from _in_force(postgres.url(_DATABASE), monkeypatch)
    postgres.empty(_DATABASE)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """A migrated database without rows, in force, of each kind in turn; gives its URL."""
    wanted = {"sqlite": "sqlite_database", "postgresql": "postgres_database"}
    return str(request.getfixturevalue(wanted[request.param]))


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """A running S3 server with a bucket."""
    with running_s3() as server:
        yield server


@pytest.fixture
def bucket(home: Path, s3: S3, monkeypatch: pytest.MonkeyPatch) -> S3:
    """A store of originals in that server, in force, empty."""
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    return s3


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest) -> str:
    """A store of originals of each kind in turn, in force; gives its kind."""
    request.getfixturevalue({"folder": "home", "bucket": "bucket"}[request.param])
    return str(request.param)


def _in_force(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("EBOK_DATABASE_URL", url)
    get_settings.cache_clear()
    yield url
    forget_engines(url)
    get_settings.cache_clear()


def _build(url: str) -> None:
    """A migrated database that no key has marked yet: every test's home has a key of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EBOK_DATABASE_URL", url)
        patch.setenv("EBOK_SECRET_KEY", Fernet.generate_key().decode())
        get_settings.cache_clear()
        upgrade()
        with engine_for(url).begin() as connection:
            connection.execute(delete(KeyMark))
        engine_for(url).dispose()
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prefect server of the tests' own, started once; gives the address of its API."""
    with pytest.MonkeyPatch.context() as patch, running_engine(tmp_path_factory.mktemp("prefect"), patch) as api_url:
        yield api_url
