"""Files are shown to clamd before anything else looks at them: a real one where it is installed, and one that fails."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import socket
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from access.roles import Role
from api.app import create_app
from cli import doctor, overview
from database.engine import transaction
from documents.folder import ScanFolder
from documents.intake import receive_stored, receive_unusable
from documents.originals import store_file
from documents.states import IntakeChannel, State
from environment.settings import get_settings
from flows.process_document import process_document
from readers import antivirus
from readers.antivirus import AntivirusUnavailableError, InfectedFileError
from readers.looks import check_whole
from tests.api.desk.staff import Desk, browser, enter, hire
from tests.api.pictures import picture
from tests.documents.scanning import Clock, documents

BAD = b"no virus, but our own signature says so " * 3
Use = Callable[[str], None]


@pytest.fixture
def use(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> Use:
    """Names the antivirus in the settings."""

    def named(where: str) -> None:
        monkeypatch.setenv("EBOK_CLAMAV", where)
        monkeypatch.setenv("EBOK_CLAMAV_SECONDS", "10")
        get_settings.cache_clear()

    return named


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real clamd that knows one signature, of our own; gives its socket."""
    program = shutil.which("clamd")
    if program is None:
        pytest.skip("clamd is not installed")
    home = tmp_path_factory.mktemp("clamd")
    home.chmod(0o755)
    (home / "own.hdb").write_text(f"{hashlib.md5(BAD).hexdigest()}:{len(BAD)}:Own.Test\n")
    place = home / "clamd.ctl"
    settings = {"DatabaseDirectory": home, "LocalSocket": place, "Foreground": "yes", "StreamMaxLength": "1M"}
    (home / "clamd.conf").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    with subprocess.Popen(
        [program, "--config-file", str(home / "clamd.conf")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert any("Self checking" in line or "Listening" in line for line in process.stdout)
            yield str(place)
        finally:
            process.terminate()


@pytest.fixture
def speaking(tmp_path: Path) -> Iterator[Callable[[bytes | None], str]]:
    """A clamd whose answer the test chooses; None: it hangs up. Gives its socket."""
    ends: list[socket.socket] = []

    def serve(answer: bytes | None) -> str:
        place = str(tmp_path / f"{len(ends)}.ctl")
        door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        door.bind(place)
        door.listen()
        ends.append(door)

        def talk() -> None:
            while True:
                try:
                    link = door.accept()[0]
                except OSError:
                    return
                with link, link.makefile("rb") as told:
                    told.read(len(b"zINSTREAM\0"))
                    while answer is not None and (size := struct.unpack("!I", told.read(4))[0]):
                        told.read(size)
                    if answer is not None:
                        link.sendall(answer)

        threading.Thread(target=talk, daemon=True).start()
        return place

    yield serve
    for door in ends:
        door.shutdown(socket.SHUT_RDWR)
        door.close()


def written(folder: Path, data: bytes) -> Path:
    path = folder / "plik.png"
    path.write_bytes(data)
    return path


def test_a_real_clamd_lets_clean_files_in_and_stops_what_it_knows(use: Use, clamd: str, tmp_path: Path) -> None:
    use(clamd)
    assert antivirus.answers()
    check_whole(written(tmp_path, picture()))
    with pytest.raises(InfectedFileError):
        check_whole(written(tmp_path, BAD))
    with pytest.raises(AntivirusUnavailableError):
        check_whole(written(tmp_path, picture() + bytes(2 << 20)))  # beyond its StreamMaxLength: not seen, not let in


def test_an_infected_upload_is_refused_and_nothing_is_kept(use: Use, clamd: str) -> None:
    use(clamd)
    client = TestClient(create_app(), base_url="http://ebok.example")
    answer = client.post("/api/v1/uploads", files={"file": ("a.pdf", BAD)})
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["code"] == "infected"
    assert documents() == []
    assert client.post("/api/v1/uploads", files={"file": ("a.png", picture())}).status_code == 202


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: OK or so\0", None])
def test_whatever_is_no_clear_answer_lets_nothing_in(
    use: Use, speaking: Callable[[bytes | None], str], tmp_path: Path, answer: bytes | None
) -> None:
    use(speaking(answer))
    with pytest.raises(AntivirusUnavailableError):
        check_whole(written(tmp_path, picture()))


def test_an_answer_that_drips_in_for_ever_is_none(use: Use, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    use(str(tmp_path / "clamd.ctl"))
    monkeypatch.setenv("EBOK_CLAMAV_SECONDS", "0.5")
    get_settings.cache_clear()
    monkeypatch.setattr(antivirus, "_connected", lambda _: ours)
    over = threading.Event()

    def drip() -> None:
        while not over.wait(0.05):
            theirs.sendall(b"s")

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        with pytest.raises(AntivirusUnavailableError):
            check_whole(written(tmp_path, picture()))
    finally:
        over.set()
        dripping.join()
        theirs.close()


@pytest.mark.parametrize("where", ["/nigdzie/clamd.ctl", "127.0.0.1:1"])
def test_while_it_is_down_uploads_are_put_off_and_scans_wait_for_as_long_as_it_takes(
    use: Use, speaking: Callable[[bytes | None], str], tmp_path: Path, where: str
) -> None:
    use(where)
    client = TestClient(create_app(), base_url="http://ebok.example")
    answer = client.post("/api/v1/uploads", files={"file": ("a.png", picture())})
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert [one.holds for one in doctor._antivirus()] == [False]

    inbox, clock = tmp_path / "inbox", Clock()
    inbox.mkdir()
    scan = written(inbox, picture())
    folder = ScanFolder(inbox, now=clock)
    folder.take(check_whole)
    for _ in range(get_settings().max_attempts + 5):
        clock.wait(1000)
        assert [one.code for one in folder.take(check_whole)] == ["antivirus_unavailable"]
    assert scan.exists()
    assert documents() == []

    use(speaking(b"stream: OK\0"))
    clock.wait(1000)
    assert [one.state for one in folder.take(check_whole)] == [State.RECEIVED]


def by_command(tracking: str) -> None:
    overview.retry(tracking)


def at_the_desk(tracking: str) -> None:
    opened = browser()
    hire("ola", Role.CLERK)
    enter(opened, "ola")
    assert Desk(opened).post("/biuro/do-wyjasnienia", co="ponownie", sprawa=tracking).status_code == 200


@pytest.mark.parametrize("again", [by_command, at_the_desk])
def test_a_file_that_it_stopped_is_read_after_a_retry_only_if_it_is_clean_now(
    use: Use, speaking: Callable[[bytes | None], str], engine: str, tmp_path: Path, again: Callable[[str], None]
) -> None:
    use(speaking(b"stream: Own.Test FOUND\0"))
    inbox, clock = tmp_path / "inbox", Clock()
    inbox.mkdir()
    written(inbox, picture())
    folder = ScanFolder(inbox, now=clock)
    folder.take(check_whole)
    clock.wait(1000)
    (stopped,) = folder.take(check_whole)
    assert (stopped.state, stopped.code) == (State.QUARANTINED, "infected")

    again(stopped.tracking or "")
    asyncio.run(process_document(stopped.tracking or ""))  # type: ignore[arg-type]
    (document,) = documents()
    assert (document.at, document.reason_code, document.pages) == (State.QUARANTINED, "infected", None)

    use(speaking(b"stream: OK\0"))
    by_command(document.tracking)
    asyncio.run(process_document(document.tracking))  # type: ignore[arg-type]
    assert [(one.at, one.reason_code) for one in documents()] == [(State.IN_REVIEW, "unknown_form")]


def test_a_file_from_before_there_was_one_is_shown_to_it_before_it_is_read_and_waits_while_it_is_down(
    use: Use, speaking: Callable[[bytes | None], str], engine: str, tmp_path: Path
) -> None:
    with transaction() as session:
        tracking = receive_stored(
            session, store_file(written(tmp_path, picture())), channel=IntakeChannel.UPLOAD
        ).tracking
    use("/nigdzie/clamd.ctl")
    with pytest.raises(AntivirusUnavailableError):
        asyncio.run(process_document(tracking))  # type: ignore[arg-type]
    assert [(one.at, one.pages, one.last_fault) for one in documents()] == [
        (State.RECEIVED, None, "AntivirusUnavailableError")
    ]
    use(speaking(b"stream: Own.Test FOUND\0"))
    by_command(tracking)
    asyncio.run(process_document(tracking))  # type: ignore[arg-type]
    assert [(one.at, one.reason_code, one.pages) for one in documents()] == [(State.QUARANTINED, "infected", None)]


def test_what_it_stopped_is_handed_out_to_nobody(
    use: Use, speaking: Callable[[bytes | None], str], tmp_path: Path
) -> None:
    use(speaking(b"stream: Own.Test FOUND\0"))
    with transaction() as session:
        bad = receive_unusable(
            session, written(tmp_path, picture()), channel=IntakeChannel.FOLDER, code="infected", message="Zagrożenie."
        )
    opened = browser()
    hire("ola", Role.CLERK)
    enter(opened, "ola")
    answer = opened.get(f"/biuro/sprawy/{bad.tracking}/oryginal")
    assert answer.status_code == 403
    assert "antywirus" in answer.text


def test_without_one_in_the_settings_nothing_is_asked(sqlite_database: str, tmp_path: Path) -> None:
    assert antivirus.answers() is None
    assert doctor._antivirus() == []
    check_whole(written(tmp_path, picture()))
