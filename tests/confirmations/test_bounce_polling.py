"""E-mails that came back are read from a mailbox of a real IMAP server; none is lost, each trouble is told once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from imapclient import SocketTimeout
from sqlalchemy import update

from confirmations import bounce_mailbox, bounce_polling
from confirmations.bounce_mailbox import BounceMailbox
from confirmations.bounce_polling import look_into_mailbox
from confirmations.reading_health import mailbox_state
from confirmations.tables import ReturnedMailbox
from database.engine import transaction
from environment.clock import now
from tests.confirmations.conftest import Mailbox
from tests.confirmations.reports import BOUNCES, dsn, in_words
from tests.confirmations.samples import return_address, sendings, sent, stored
from tests.imap import PASSWORD, USER, ImapServer, running_imap


@pytest.fixture(scope="module")
def server() -> Iterator[ImapServer]:
    """A running server."""
    with running_imap() as started:
        yield started


@pytest.fixture
def imap(
    server: ImapServer,
    database: str,
    mailbox: Mailbox,
    tmp_path: Path,
    set_settings: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> ImapServer:
    """The server with an empty mailbox, which the settings name; a look has time enough on a slow machine."""
    return _named(server, tmp_path, set_settings, monkeypatch)


@pytest.fixture
def imap_here(
    server: ImapServer,
    sqlite_database: str,
    mailbox: Mailbox,
    tmp_path: Path,
    set_settings: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> ImapServer:
    """The same, where the kind of database does not matter."""
    return _named(server, tmp_path, set_settings, monkeypatch)


def _named(
    server: ImapServer, folder: Path, set_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> ImapServer:
    monkeypatch.setattr(bounce_polling, "_ENOUGH", 600.0)
    server.empty()
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    set_settings(**server.settings(folder))
    return server


def _later() -> None:
    """Let the time come to look again."""
    with transaction() as session:
        session.execute(update(ReturnedMailbox).values(next_look_at=now() - timedelta(seconds=1)))


def _state() -> dict[str, object]:
    with transaction() as session:
        found = mailbox_state(session)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("status", "said", "reason", "state"),
    [
        ("5.1.1", "550 5.1.1 User unknown", "unknown_user", "bounced"),
        ("5.2.2", "552 5.2.2 Quota exceeded", "mailbox_full", "pending"),
        ("5.7.1", "554 5.7.1 Message rejected as spam", "refused_as_spam", "bounced"),
        ("4.4.1", "connection timed out", "not_reached", "pending"),
        ("5.3.4", "552 message too big", "refused", "bounced"),
    ],
)
def test_a_report_is_read_and_moved_to_the_folder_of_those_that_are_done(
    imap: ImapServer, status: str, said: str, reason: str, state: str
) -> None:
    imap.put(dsn(status, said, to=sent()))
    assert look_into_mailbox() == {reason: 1}
    assert (stored().state, sendings()[0].bounce) == (state, reason)
    assert (imap.lying(), imap.lying("ebok")) == (0, 1)


def test_what_is_no_report_of_ours_stays_with_a_flag_and_is_told(imap_here: ImapServer) -> None:
    sent()
    stranger = dsn("5.1.1", to="zwroty+00000000000000000000@mzk.example", message_id="<forged@example.com>")
    answer = in_words(
        "Jestem na urlopie. Tel. 500 600 700.", to=return_address(), sender="jan@example.com", Return_Path="<>"
    )
    automatic = in_words(
        "550 5.1.1 I am away", to=return_address(), sender="postmaster@example.com", Auto_Submitted="auto-replied"
    )
    broken = b'From: \xff\xfe\r\nContent-Type: multipart/report; boundary="x\r\n\r\n\x00--x'
    imap_here.put(stranger, answer, automatic, broken)
    with structlog.testing.capture_logs() as lines:
        assert look_into_mailbox() == {"other": 4}
        _later()
        assert look_into_mailbox() == {}
    assert (stored().state, sendings()[0].bounce) == ("sent", None)
    assert (imap_here.lying(), imap_here.lying("INBOX", "FLAGGED"), imap_here.lying("ebok")) == (4, 4, 0)
    assert _state() == {"trouble": None, "since": None, "left_alone": 4}
    assert [line["messages"] for line in lines if line["event"] == "bounces_left_alone"] == [4]


def test_a_message_whose_flag_is_taken_away_is_read_again(imap_here: ImapServer) -> None:
    imap_here.put(b"Subject: hello\r\n\r\nhello")
    look_into_mailbox()
    with imap_here.opened() as client:
        client.remove_flags(client.search(["ALL"]), [rb"\Flagged"])
    _later()
    assert look_into_mailbox() == {"other": 1}


def test_a_report_in_another_encoding_and_one_of_many_megabytes_are_read(imap_here: ImapServer) -> None:
    told = dsn("5.2.2", "552 skrzynka przepełniona", to=sent("one")).decode().encode("iso-8859-2")
    huge = dsn("5.1.1", to=sent("two"), returned="message/rfc822") + b"x" * 78 * 100_000
    imap_here.put(told, huge)
    assert look_into_mailbox() == {"mailbox_full": 1, "unknown_user": 1}
    assert (stored("one").state, stored("two").state) == ("pending", "bounced")


def test_of_a_message_no_more_is_fetched_than_tells_what_it_reports(imap_here: ImapServer) -> None:
    imap_here.put(b"Subject: x\r\n\r\n" + b"y" * 2_000_000)
    with bounce_polling.open_mailbox() as opened:
        (number,) = opened.waiting()
        data = opened.read(number)
    assert data is not None
    assert len(data) == 1024**2


def test_the_same_report_twice_counts_once(imap: ImapServer) -> None:
    report = dsn("5.2.2", to=sent())
    imap.put(report, report)
    assert look_into_mailbox() == {"mailbox_full": 2}
    assert (stored().bounces, imap.lying("ebok")) == (1, 2)


def test_a_crash_between_noting_and_putting_away_loses_nothing_and_counts_nothing_twice(
    imap: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As when the process is killed."""

    def dies(_box: BounceMailbox, _number: int) -> None:
        raise Killed

    imap.put(dsn("5.2.2", to=sent()))
    with monkeypatch.context() as patched:
        patched.setattr(BounceMailbox, "put_away", dies)
        with pytest.raises(Killed):
            look_into_mailbox()
    assert (stored().bounces, imap.lying(), imap.lying("ebok")) == (1, 1, 0)
    _later()
    assert look_into_mailbox() == {"mailbox_full": 1}
    assert (stored().bounces, imap.lying(), imap.lying("ebok")) == (1, 0, 1)


def test_a_server_that_cannot_move_copies_and_marks_as_deleted_what_is_done(
    database: str, mailbox: Mailbox, set_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_imap(capability="IMAP4rev1 LITERAL+") as old:
        monkeypatch.setenv("SSL_CERT_FILE", str(old.certificate))
        set_settings(bounce_address=BOUNCES, bounces_imap_host="127.0.0.1", bounces_imap_port=old.encrypted)
        set_settings(bounces_imap_user=USER, bounces_imap_password=PASSWORD)
        old.put(dsn("5.1.1", to=sent()))
        assert look_into_mailbox() == {"unknown_user": 1}
        assert (old.lying("INBOX", "DELETED"), old.lying("ebok")) == (1, 1)
        _later()
        assert look_into_mailbox() == {}


@pytest.mark.parametrize(
    ("settings", "code", "told"),
    [
        ({"bounces_imap_port": 1}, "unreachable", "EBOK_BOUNCES_IMAP_HOST"),
        ({"bounces_imap_password_file": "wrong"}, "login_refused", "EBOK_BOUNCES_IMAP_USER"),
        ({"bounces_imap_password_file": "missing"}, "login_unreadable", "EBOK_BOUNCES_IMAP_PASSWORD_FILE"),
        ({"bounces_imap_folder": "Brak"}, "no_folder", "EBOK_BOUNCES_IMAP_FOLDER"),
        ({"bounces_imap_encryption": "starttls"}, "tls_failed", "certyfikat"),
        ({"bounces_imap_encryption": "tls"}, "tls_failed", "certyfikat"),
    ],
)
def test_a_mailbox_that_cannot_be_read_is_one_trouble_until_it_can(
    imap_here: ImapServer,
    tmp_path: Path,
    set_settings: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, object],
    code: str,
    told: str,
) -> None:
    (tmp_path / "wrong").write_text("nie to")
    paths = {name: tmp_path / str(value) for name, value in settings.items() if name.endswith("_file")}
    right = {name: getattr(bounce_polling.get_settings(), name) for name in (*settings, "bounces_imap_port")}
    if "bounces_imap_encryption" in settings:
        set_settings(
            bounces_imap_port=imap_here.plain
            if settings["bounces_imap_encryption"] == "starttls"
            else imap_here.encrypted
        )
        monkeypatch.delenv("SSL_CERT_FILE")  # nobody vouches for the certificate
    imap_here.put(dsn("5.1.1", to=sent()))
    set_settings(**{**settings, **paths})
    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            assert look_into_mailbox() == {}
            _later()
        since = _state()["since"]
        assert told in str(_state()["trouble"]) and since is not None
        set_settings(**right)
        monkeypatch.setenv("SSL_CERT_FILE", str(imap_here.certificate))
        assert look_into_mailbox() == {"unknown_user": 1}
    assert [line["code"] for line in lines if line["event"] == "bounce_mailbox_trouble"] == [code]
    assert [line["event"] for line in lines].count("bounce_mailbox_back") == 1
    assert _state() == {"trouble": None, "since": None, "left_alone": 0}


def test_a_server_that_says_nothing_is_given_up(
    imap_here: ImapServer, set_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounce_mailbox, "_TIMEOUT", SocketTimeout(connect=0.2, read=0.2))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for encryption in ("tls", "none"):
            set_settings(bounces_imap_port=silent.getsockname()[1], bounces_imap_encryption=encryption)
            assert look_into_mailbox() == {}
            assert "nie odpowiada" in str(_state()["trouble"])
            _later()


def test_a_server_that_trickles_is_cut_off(
    imap_here: ImapServer, set_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounce_mailbox, "_LONGEST", 0.3)
    ended = threading.Event()

    def trickle(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.sendall(b"* OK ready\r\n")
            tag = connection.recv(1000).split()[0]
            connection.sendall(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + tag + b" OK done\r\n")
            while not ended.wait(0.02):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=trickle, args=(listening,))
        thread.start()
        set_settings(bounces_imap_port=listening.getsockname()[1], bounces_imap_encryption="none")
        assert look_into_mailbox() == {}
        ended.set()
        thread.join()
    assert "nie odpowiada" in str(_state()["trouble"])


def test_what_a_look_has_no_time_for_waits_for_the_next(imap_here: ImapServer, monkeypatch: pytest.MonkeyPatch) -> None:
    imap_here.put(dsn("5.2.2", to=sent("one")), dsn("5.1.1", to=sent("two")))
    with monkeypatch.context() as patched:
        patched.setattr(bounce_polling, "_ENOUGH", 0.0)
        assert look_into_mailbox() == {}
    assert (imap_here.lying(), _state()["trouble"]) == (2, None)
    _later()
    assert look_into_mailbox() == {"mailbox_full": 1, "unknown_user": 1}


@pytest.mark.parametrize("broken", [ValueError("somebody@example.com"), bounce_mailbox._error("refused")])
def test_one_message_that_cannot_be_read_keeps_no_other_and_is_a_trouble_until_it_can(
    imap_here: ImapServer, monkeypatch: pytest.MonkeyPatch, broken: Exception
) -> None:
    imap_here.put(b"Subject: hello\r\n\r\nhello", dsn("5.1.1", to=sent()))
    read = BounceMailbox.read

    def breaks(box: BounceMailbox, number: int) -> bytes | None:
        if number == min(box.waiting()):
            raise broken
        return read(box, number)

    with monkeypatch.context() as patched, structlog.testing.capture_logs() as lines:
        patched.setattr(BounceMailbox, "read", breaks)
        for _ in range(2):
            look_into_mailbox()
            _later()
    assert stored().state == "bounced"
    assert _state()["trouble"]
    assert [line["event"] for line in lines].count("bounce_mailbox_trouble") == 1
    assert "somebody" not in str(lines) + str(_state())
    assert look_into_mailbox() == {"other": 1}
    assert _state() == {"trouble": None, "since": None, "left_alone": 1}


def test_hostile_reports_get_a_flag_and_those_behind_them_are_read(imap_here: ImapServer) -> None:
    names = " ".join(f"<{n:x}@b>" for n in range(70_000)).encode()
    many = dsn("5.1.1").replace(b"Return-Path: <>", b"References: " + names)
    surrogate = dsn("5.1.1").replace(b"Return-Path: <>", b"References: <\xed\xa0\x80@b>")
    imap_here.put(many, surrogate, dsn("5.1.1", to=sent()))
    assert look_into_mailbox() == {"other": 2, "unknown_user": 1}
    assert (imap_here.lying("INBOX", "FLAGGED"), imap_here.lying("ebok"), _state()["trouble"]) == (2, 1, None)


def test_a_fault_of_everything_is_a_trouble_and_no_exception(imap: ImapServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BounceMailbox, "waiting", lambda _: 1 / 0)
    assert look_into_mailbox() == {}
    assert "ZeroDivisionError" in str(_state()["trouble"])


def test_it_is_read_by_starttls_too(imap_here: ImapServer, set_settings: Callable[..., None]) -> None:
    set_settings(bounces_imap_port=imap_here.plain, bounces_imap_encryption="starttls")
    imap_here.put(dsn("5.1.1", to=sent()))
    assert look_into_mailbox() == {"unknown_user": 1}


def test_of_several_who_come_at_once_one_looks_and_nobody_again_for_a_minute(imap: ImapServer) -> None:
    imap.put(dsn("5.2.2", to=sent()))
    found: list[dict[str, int]] = []
    start = threading.Barrier(3)

    def look() -> None:
        start.wait()
        found.append(look_into_mailbox())

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found, key=len) == [{}, {}, {"mailbox_full": 1}]
    imap.put(b"Subject: hello\r\n\r\nhello")
    assert look_into_mailbox() == {}


def test_an_installation_without_a_mailbox_looks_into_none(database: str) -> None:
    assert look_into_mailbox() == {}
    with transaction() as session:
        assert mailbox_state(session) is None
        assert session.get(ReturnedMailbox, 1) is None
