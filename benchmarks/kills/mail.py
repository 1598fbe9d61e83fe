"""Mail servers of every temper and an SMS gateway, in a process of their own; what they took is written down first.

What was taken of an installation stands in a file named by the domain of its senders, one line a message.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Final

from aiosmtpd.smtp import SMTP, Envelope, Session

_FOREVER: Final = 3600.0


class Temper(StrEnum):
    """What a mail server does to those who come."""

    TAKES = "takes"
    SLOW = "slow"
    """Takes, after a while."""
    DEFERS = "defers"
    """Has each message come a second time (451)."""
    REFUSES = "refuses"
    """Has no such recipient (550)."""
    HANGS_AT_MAIL = "hangs at MAIL"
    HANGS_BEFORE = "hangs before it takes"
    HANGS_AFTER = "hangs after it took"
    DIES_AT_RCPT = "dies at RCPT"
    DIES_BEFORE = "dies before it takes"
    DIES_AFTER = "dies after it took"


@dataclass(frozen=True)
class AcceptedMail:
    """What was taken of one installation: Message-ID, or reference of an SMS, and recipient of each message."""

    mails: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MailServers:
    """Their ports by temper, and where they write."""

    ports: dict[Temper, int]
    folder: Path
    gate: int
    sms: int

    def gateway(self, domain: str) -> str:
        """The address of the SMS gateway for an installation that sends from that domain."""
        return f"http://127.0.0.1:{self.sms}/{domain}"

    def taken(self, domain: str) -> AcceptedMail:
        """What they took from senders of that domain, once all who were cut off are gone."""
        asyncio.run(_all_gone(self.gate))
        file = self.folder / f"{domain}.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return AcceptedMail(tuple((one["id"], one["to"]) for one in map(json.loads, lines)))


@contextmanager
def mail_servers(folder: Path) -> Iterator[MailServers]:
    """Servers of all tempers, running inside the block."""
    folder.mkdir(parents=True, exist_ok=True)
    command = (sys.executable, "-m", "benchmarks.kills.mail", str(folder))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        try:
            yield MailServers(
                {Temper(name): port for name, port in told["ports"].items()}, folder, told["gate"], told["sms"]
            )
        finally:
            process.terminate()


async def _all_gone(gate: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gate)
    await reader.readline()
    writer.close()


@dataclass
class _Post:
    """One server: its temper, and what it deferred already."""

    temper: Temper
    folder: Path
    deferred: set[str] = field(default_factory=set)

    async def handle_MAIL(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.temper is Temper.HANGS_AT_MAIL:
            await asyncio.sleep(_FOREVER)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.temper is Temper.REFUSES:
            return "550 No such user"
        if self.temper is Temper.DIES_AT_RCPT:
            await _hang_up(server)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        message_id = str(
            message_from_bytes(envelope.content)["Message-ID"]
        ).strip()  # long ones stand on a line of their own
        if self.temper is Temper.DIES_BEFORE:
            await _hang_up(server)
        if self.temper is Temper.HANGS_BEFORE:
            await asyncio.sleep(_FOREVER)
        if self.temper is Temper.SLOW:
            await asyncio.sleep(1)
        if self.temper is Temper.DEFERS and message_id not in self.deferred:
            self.deferred.add(message_id)
            return "451 Come again"
        self._take(message_id, envelope)
        if self.temper is Temper.DIES_AFTER:
            await _hang_up(server)
        if self.temper is Temper.HANGS_AFTER:
            await asyncio.sleep(_FOREVER)
        return "250 OK queued"

    def _take(self, message_id: str, envelope: Envelope) -> None:
        for recipient in envelope.rcpt_tos:
            _note(self.folder, (envelope.mail_from or "").rpartition("@")[2], message_id, recipient)


def _note(folder: Path, domain: str, identifier: str, recipient: str) -> None:
    with (folder / f"{domain}.jsonl").open("a") as file:
        file.write(json.dumps({"id": identifier, "to": recipient}) + "\n")


async def _take_sms(folder: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One POST to the gateway."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = next(int(line.split(":")[1]) for line in head.splitlines() if line.lower().startswith("content-length"))
    body = json.loads(await reader.readexactly(length))
    _note(folder, head.split()[1].strip("/"), body["reference"], body["to"])
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
    with suppress(ConnectionError):
        await writer.drain()
    writer.close()


async def _hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()
    await asyncio.sleep(_FOREVER)  # until aiosmtpd ends what belongs to a lost connection


class _Counted(SMTP):
    """A session that is known to be open."""

    open: int = 0

    def connection_made(self, transport: Any) -> None:
        _Counted.open += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        _Counted.open -= 1
        super().connection_lost(error)


async def _serve(folder: Path) -> None:
    loop, ports = asyncio.get_running_loop(), {}
    for temper in Temper:
        session = partial(_Counted, _Post(temper, folder), enable_SMTPUTF8=True)
        server = await loop.create_server(session, "127.0.0.1", 0)
        ports[temper.value] = server.sockets[0].getsockname()[1]

    async def wait(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while _Counted.open:
            await asyncio.sleep(0.005)
        writer.write(b"gone\n")
        await writer.drain()
        writer.close()

    gate = await asyncio.start_server(wait, "127.0.0.1", 0)
    sms = await asyncio.start_server(partial(_take_sms, folder), "127.0.0.1", 0)
    doors = {name: server.sockets[0].getsockname()[1] for name, server in (("gate", gate), ("sms", sms))}
    print(json.dumps({"ports": ports, **doors}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
