"""The folder of bounces is read to its end whatever happens to one file; what is lost to nobody is told once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from confirmations import bounce_folder
from confirmations.bounce_folder import bounces_wait, take_bounces
from confirmations.reading_health import mailbox_state
from database.engine import transaction
from tests.confirmations.reports import dsn
from tests.confirmations.samples import put_in, sent, stored

_HEALTHY = {"trouble": None, "since": None, "left_alone": 0}


@pytest.fixture
def returned(returned: Path) -> Iterator[Path]:
    """The folder, of a process that has read none yet."""
    bounce_folder._put_by.clear()
    yield returned
    bounce_folder._put_by.clear()


def _state() -> dict[str, Any] | None:
    with transaction() as session:
        return mailbox_state(session)


def _later() -> None:
    """Let the time come to try again."""
    for path in bounce_folder._put_by:
        bounce_folder._put_by[path] = time.monotonic()


def _refused(monkeypatch: pytest.MonkeyPatch, method: str, name: str, fault: type[OSError]) -> None:
    """A file of that name with which something does not work, as for a service without the right to it."""
    works = getattr(Path, method)

    def refuses(path: Path, *given: Any, **named: Any) -> Any:
        if path.name == name:
            raise fault(13, "Permission denied", str(path))
        return works(path, *given, **named)

    monkeypatch.setattr(Path, method, refuses)


@pytest.mark.parametrize("method", ["stat", "read_bytes", "unlink"])
def test_a_file_that_another_sweep_has_read_meanwhile_is_none_of_ours(
    returned: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    for key in ("one", "two"):
        put_in(returned, dsn("5.1.1", to=sent(key)), f"{key}.eml")
    works, remove = getattr(Path, method), Path.unlink

    def late(path: Path, *given: Any, **named: Any) -> Any:
        if path.name == "one.eml":
            remove(path)
            monkeypatch.setattr(Path, method, works)
        return works(path, *given, **named)

    monkeypatch.setattr(Path, method, late)
    take_bounces()
    assert stored("two").state == "bounced"
    assert (list(returned.iterdir()), bounces_wait(), _state()) == ([], False, _HEALTHY)


def test_what_is_no_report_may_be_gone_when_it_is_to_be_put_aside(
    returned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in(returned, b"hello", "1.eml")
    works, remove = Path.replace, Path.unlink

    def late(path: Path, target: Path) -> Path:
        remove(path)
        return works(path, target)

    monkeypatch.setattr(Path, "replace", late)
    assert take_bounces() == {}
    assert (list((returned / "inne").iterdir()), _state()) == ([], _HEALTHY)


@pytest.mark.parametrize(
    ("method", "data"), [("read_bytes", None), ("unlink", None), ("replace", b"no report"), ("stat", None)]
)
def test_a_file_that_cannot_be_read_or_put_away_keeps_no_other_and_is_told_until_it_can(
    returned: Path, monkeypatch: pytest.MonkeyPatch, method: str, data: bytes | None
) -> None:
    first = put_in(returned, data or dsn("5.1.1", to=sent("one")), "1.eml")
    second = put_in(returned, dsn("5.1.1", to=sent("two")), "2.eml")
    with structlog.testing.capture_logs() as lines:
        with monkeypatch.context() as patched:
            _refused(patched, method, "1.eml", PermissionError)
            assert take_bounces() == {"unknown_user": 1}
            assert (stored("two").state, second.exists()) == ("bounced", False)
            assert first in returned.iterdir()
            assert bounces_wait() is False, "not again at once"
            for _ in range(2):
                _later()
                assert bounces_wait()
                assert take_bounces() == {}
            told = _state()
        assert told is not None and "EBOK_BOUNCES_DIR" in told["trouble"] and told["since"]
        _later()
        assert take_bounces() == ({"other": 1} if data else {"unknown_user": 1})
    assert [line["event"] for line in lines if "bounces_dir" in line["event"]] == [
        "bounces_dir_trouble",
        "bounces_dir_back",
    ]
    assert (_state(), bounces_wait()) == (_HEALTHY, False)


def test_a_folder_that_cannot_be_read_is_told_and_read_when_it_can(
    returned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in(returned, dsn("5.1.1", to=sent("one")), "1.eml")
    with monkeypatch.context() as patched:

        def refuses(path: Path) -> None:
            raise PermissionError(13, "Permission denied", str(path))

        patched.setattr(bounce_folder.os, "scandir", refuses)
        assert bounces_wait(), "it is to be told"
        assert take_bounces() == {}
        assert bounces_wait() is False
    told = _state()
    assert told is not None and told["trouble"]
    _later()
    assert bounces_wait()
    assert take_bounces() == {"unknown_user": 1}
    assert _state() == _HEALTHY


def test_a_trouble_that_ended_while_no_process_looked_is_told_to_be_over(returned: Path) -> None:
    bounce_folder._put_by[returned] = time.monotonic() + 60
    take_bounces()
    assert _state() != _HEALTHY
    bounce_folder._put_by.clear()
    assert bounces_wait()
    take_bounces()
    assert (_state(), bounces_wait()) == (_HEALTHY, False)


def test_what_lies_aside_is_never_overwritten(returned: Path) -> None:
    for said in (b"first", b"second", b"third"):
        put_in(returned, said, "1.eml")
        assert take_bounces() == {"other": 1}
    found = {path.name: path.read_bytes() for path in (returned / "inne").iterdir()}
    assert found == {"1.eml": b"first", "1-1.eml": b"second", "1-2.eml": b"third"}


def test_what_a_look_has_no_time_for_waits_for_the_next(returned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = put_in(returned, dsn("5.1.1", to=sent("one")), "1.eml")
    with monkeypatch.context() as patched:
        patched.setattr(bounce_folder, "_ENOUGH", 0.0)
        assert take_bounces() == {}
    assert report.exists() and bounces_wait()
    assert take_bounces() == {"unknown_user": 1}
