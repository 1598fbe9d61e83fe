"""Ports on which our processes listen: those that the settings name, or an error that says who has one."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from cli.console import CommandError

_LISTENS: Final = "0A"
"""The state of a socket that waits for connections, as the kernel writes it."""
_BUSY: Final = (
    "Port {port} jest zajęty ({holder}). Zatrzymaj to, co na nim słucha, albo wpisz w {setting} inny port. eBOK nie "
    "wybiera portu sam: serwer pośredniczący i zakładki w biurze szukałyby go na próżno."
)
_SOMEBODY: Final = "nie wiadomo przez co; powie to root poleceniem: ss -ltnp 'sport = :{port}'"
_CAUSES: Final = {
    errno.EACCES: "{setting}={port}: portów poniżej 1024 może używać tylko root. Wpisz wyższy, na przykład {usual}.",
    errno.EADDRNOTAVAIL: "Adres {host} nie należy do tej maszyny, więc nic nie może na nim słuchać (port {port}). "
    "Popraw go w ustawieniach (EBOK_API_HOST, EBOK_PREFECT_HOST).",
}


def require_port(host: str, port: int, setting: str, usual: int) -> int:
    """The port, on which nobody listens yet, or any free one for 0; CommandError when it cannot be had.

    ``setting`` names it, ``usual`` is its value by default.
    """
    try:
        return free_port(host, port)
    except OSError as error:
        cause = _CAUSES.get(error.errno or 0)
        if cause is not None:
            raise CommandError(cause.format(setting=setting, port=port, host=host, usual=usual)) from error
        if error.errno != errno.EADDRINUSE:
            raise CommandError(
                f"Nie można słuchać na {host}, port {port}: {error.strerror}. Popraw {setting}."
            ) from error
        holder = ", ".join(sorted(_holders(port))) or _SOMEBODY.format(port=port)
        raise CommandError(_BUSY.format(port=port, holder=holder, setting=setting)) from error


def free_port(host: str, wanted: int) -> int:
    """The wanted port, or any free one for 0; OSError when it cannot be had."""
    family, _, _, _, address = socket.getaddrinfo(host, wanted, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
        return int(probe.getsockname()[1])


def _holders(port: int) -> set[str]:
    """The processes that listen on a port, as far as this user may know them."""
    wanted = {f"socket:[{inode}]" for inode in _listening(port)}
    return {name for name, held in _sockets() if held in wanted} if wanted else set()


def _listening(port: int) -> Iterator[str]:
    """The kernel's numbers of the sockets that listen on a port."""
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == _LISTENS and int(columns[1].rpartition(":")[2], 16) == port:
                    yield columns[9]


def _sockets() -> Iterator[tuple[str, str]]:
    """What each process that we may look into has open, with its name."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            name = f"{(process / 'comm').read_text().strip()}, proces {process.name}"
            for handle in (process / "fd").iterdir():
                with suppress(OSError):
                    yield name, str(handle.readlink())
