"""Real receivers for what leaves: a mail server and an SMS gateway that remember what they got."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from confirmations import bounce_folder
from environment.settings import get_settings
from tests.confirmations.reports import BOUNCES
from tests.customers.samples import register


@dataclass
class Mailbox:
    """What a mail server took, and what it answers to recipient and content."""

    mails: list[EmailMessage] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    at_sender: str = "250 OK"
    at_recipient: str = "250 OK"
    at_content: str = "250 OK"

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        self.senders.append(address)
        return self.at_sender

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.at_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.at_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.at_content == "hang up":
            assert server.transport is not None
            server.transport.close()
        if self.at_content.startswith("250"):
            mail = message_from_bytes(bytes(envelope.content or b""), policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
        return self.at_content if self.at_content != "hang up" else "250 OK"


class MailServer(Controller):
    """A mail server on a free port, running inside the block."""

    def __init__(self, box: Mailbox, **options: Any) -> None:
        super().__init__(box, hostname="127.0.0.1", port=0, ready_timeout=30, **options)

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]  # the one that port 0 became
        super()._trigger_server()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@dataclass
class Gateway:
    """What an SMS gateway got, and with what it answers."""

    url: str = ""
    status: int = 200
    posts: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def set_settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set EBOK_* settings by name and make them be in force."""

    def put(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"EBOK_{name.upper()}", str(value))
        get_settings.cache_clear()

    return put


@pytest.fixture
def mailbox(set_settings: Callable[..., None]) -> Iterator[Mailbox]:
    """A running mail server that the settings name."""
    box = Mailbox()
    with MailServer(box) as server:
        set_settings(smtp_host="127.0.0.1", smtp_port=server.port, smtp_tls=False)
        yield box


@pytest.fixture
def returned(
    tmp_path: Path,
    database: str,
    mailbox: Mailbox,
    set_settings: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """The folder of bounces, with a mail server that takes what is sent; a look has time enough on a slow machine."""
    return _of_bounces(tmp_path, set_settings, monkeypatch)


@pytest.fixture
def on_postgres(
    tmp_path: Path,
    postgres_database: str,
    mailbox: Mailbox,
    set_settings: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """The same on PostgreSQL, which refuses texts that SQLite keeps."""
    return _of_bounces(tmp_path, set_settings, monkeypatch)


def _of_bounces(folder: Path, set_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bounce_folder, "_ENOUGH", 600.0)
    returned = folder / "returned"
    returned.mkdir()
    set_settings(bounces_dir=returned, bounce_address=BOUNCES)
    return returned


@pytest.fixture
def gateway(set_settings: Callable[..., None]) -> Iterator[Gateway]:
    """A running SMS gateway that the settings name."""
    found = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.posts.append({**body, "headers": dict(self.headers)})
            answer = b'{"id": "sms-1"}'
            self.send_response(found.status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of http.server
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/sms"
    set_settings(sms_gateway_url=found.url, sms_gateway_token="secret-token")
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def customers(database: str) -> None:
    register()


@pytest.fixture
def some_customers(sqlite_database: str) -> None:
    register()
