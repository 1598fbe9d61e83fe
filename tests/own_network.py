"""A program in a network that ends at this machine and writes down whatever it asks of the rest of the world.

``isolated(record, keep)`` gives the words to put before a command; afterwards ``attempts(record)`` tells

* names that it asked for: ``name mail.example.com``,
* packets to any address but this machine's own: ``tcp 192.0.2.1:443``,
* files that it left in the temporary folders of the system: ``file /var/tmp/cache``.

It runs in namespaces of its own in which every address leads to the loopback device and every name is unknown at once,
with the temporary folders of the system empty; the folder to keep stays as it is. No privilege is needed, but a kernel
that gives namespaces to everybody, and ``ip``.
"""

from __future__ import annotations

import ctypes
import ipaddress
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path
from shutil import which

_SPACES = ("unshare", "--user", "--map-root-user", "--net", "--mount")
_TEMPORARY = ("/tmp", "/var/tmp", "/dev/shm")
_IPV4, _IPV6 = 0x0800, 0x86DD
_TRANSPORTS = {socket.IPPROTO_TCP: "tcp", socket.IPPROTO_UDP: "udp"}
_SYN, _SYN_ACK = 0x02, 0x12
_OUTGOING, _ATTACH_FILTER, _EVERY_PROTOCOL = 4, 26, 3
_BEYOND_LOOPBACK = (
    # What the kernel passes on to us (classic BPF): all but IPv4 to 127.0.0.0/8 and IPv6 to ::1.
    (0x28, 0, 0, 12),
    (0x15, 0, 3, _IPV4),
    (0x20, 0, 0, 30),
    (0x54, 0, 0, 0xFF000000),
    (0x15, 6, 5, 0x7F000000),
    (0x15, 0, 4, _IPV6),
    (0x20, 0, 0, 50),
    (0x15, 0, 2, 1),
    (0x20, 0, 0, 38),
    (0x15, 1, 0, 0),
    (0x06, 0, 0, 0x40000),
    (0x06, 0, 0, 0),
)


def refusal() -> str | None:
    """Why no program can be run like this here; None where it can."""
    for program in ("unshare", "ip", "mount"):
        if which(program) is None:
            return f"there is no program {program!r}"
    tried = subprocess.run([*_SPACES, "true"], capture_output=True, text=True, check=False)
    return tried.stderr.strip() or "the kernel refuses namespaces" if tried.returncode else None


def isolated(record: Path, keep: Path) -> tuple[str, ...]:
    """The words before a command."""
    return (*_SPACES, sys.executable, str(Path(__file__)), str(record), str(keep))


def attempts(record: Path) -> list[str]:
    """What the command asked of the world."""
    return list(json.loads(record.read_text()))


def run(record: Path, keep: Path, command: list[str]) -> int:
    """Make the network, run the command in it, write down what it asked; gives its status."""
    _furnish(keep)
    asked: set[str] = set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as names, _listening() as wire:
        names.bind(("127.0.0.1", 53))
        threading.Thread(target=_know_no_name, args=(names, asked), daemon=True).start()
        with subprocess.Popen(command) as program:
            signal.signal(signal.SIGTERM, lambda number, _frame: program.send_signal(number))
            status = program.wait()
        asked.update(_sent(wire))
    asked.update(f"file {path}" for folder in _TEMPORARY for path in _left(Path(folder), keep))
    record.write_text(json.dumps(sorted(asked)))
    return status


def _furnish(keep: Path) -> None:
    for words in ("link set lo up", "route add local 0.0.0.0/0 dev lo", "-6 route add local ::/0 dev lo"):
        subprocess.run(["ip", *words.split()], check=True)
    _mount("--make-rprivate", "/")
    settings = {"/etc/resolv.conf": "nameserver 127.0.0.1\n", "/etc/nsswitch.conf": "hosts: files dns\n"}
    _mount("-t", "tmpfs", "none", "/mnt")
    for number, (path, content) in enumerate(settings.items()):
        own = Path(f"/mnt/{number}")
        own.write_text(content)
        _mount("--bind", str(own), path)
    Path("/mnt/keep").mkdir()
    _mount("--bind", str(keep), "/mnt/keep")
    for folder in (*_TEMPORARY, "/run/nscd"):  # the last one would ask for names on behalf of others
        if Path(folder).is_dir():
            _mount("-t", "tmpfs", "-o", "mode=1777", "none", folder)
    keep.mkdir(parents=True, exist_ok=True)
    _mount("--bind", "/mnt/keep", str(keep))
    os.chdir(Path.cwd())  # into what is mounted there now


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


def _listening() -> socket.socket:
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_EVERY_PROTOCOL))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in _BEYOND_LOOPBACK))
    wire.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, struct.pack("HL", len(_BEYOND_LOOPBACK), ctypes.addressof(code)))
    wire.bind(("lo", 0))
    return wire


def _sent(wire: socket.socket) -> set[str]:
    """Where the packets went that wait to be read."""
    found = set()
    wire.setblocking(False)
    while True:
        try:
            packet, (_, kind, direction, *_rest) = wire.recvfrom(256)
        except BlockingIOError:
            return found
        if direction == _OUTGOING and (address := _destination(kind, packet[14:])) is not None:
            found.add(address)


def _destination(kind: int, packet: bytes) -> str | None:
    """Where a packet goes; None when it only answers another."""
    if kind == _IPV4:
        protocol, address, rest = packet[9], packet[16:20], packet[(packet[0] & 15) * 4 :]
    elif kind == _IPV6:
        protocol, address, rest = packet[6], packet[24:40], packet[40:]
    else:
        return f"frame of kind {kind:#x}"
    if (protocol == socket.IPPROTO_TCP and rest[13] & _SYN_ACK != _SYN) or protocol == socket.IPPROTO_ICMP:
        return None
    transport = _TRANSPORTS.get(protocol)
    shown = ipaddress.ip_address(address)
    return f"{transport} {shown}:{int.from_bytes(rest[2:4])}" if transport else f"protocol {protocol} {shown}"


def _know_no_name(names: socket.socket, asked: set[str]) -> None:
    """Answer at once that there is no such name, so that nobody waits."""
    while True:
        question, sender = names.recvfrom(4096)
        asked.add(f"name {_asked_for(question)}")
        names.sendto(question[:2] + b"\x81\x83" + question[4:6] + bytes(6) + question[12:], sender)


def _asked_for(question: bytes) -> str:
    labels, at = [], 12
    while question[at]:
        labels.append(question[at + 1 : at + 1 + question[at]].decode(errors="replace"))
        at += 1 + question[at]
    return ".".join(labels)


def _left(folder: Path, keep: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not keep.is_relative_to(path)] if folder.is_dir() else []


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
