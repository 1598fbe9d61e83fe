"""A real IMAP server (Dovecot) in a temporary folder and on free ports, with one mailbox; as root or as anybody."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from imapclient import IMAPClient

from tests.certificates import self_signed
from tests.confirmations.reports import BOUNCES

USER = "zwroty@mzk.example"
PASSWORD = "różowy parasol"
_PACKAGES_USER = "dovecot"

_OLD = """
mail_location = maildir:{folder}/mail/%u
ssl_cert = <{certificate}
ssl_key = <{key}
passdb {{
  driver = passwd-file
  args = scheme=plain {users}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
"""
_NEW = """
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
mail_driver = maildir
mail_path = {folder}/mail/%{{user}}
ssl_server_cert_file = {certificate}
ssl_server_key_file = {key}
passdb passwd-file {{
  passwd_file_path = {users}
  default_password_scheme = plain
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {folder}/mail/%{{user}}
  }}
}}
"""
_BOTH = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
first_valid_uid = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
auth_mechanisms = plain
auth_failure_delay = 0
protocol imap {{
  imap_capability = {capability}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {encrypted}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True)
class ImapServer:
    """A running server: ``encrypted`` is the port of IMAPS, ``plain`` that of STARTTLS; ``certificate`` vouches."""

    encrypted: int
    plain: int
    certificate: Path

    def settings(self, folder: Path) -> dict[str, object]:
        """What names it in EBOK_* settings, with its password in a file of that folder."""
        secret = folder / "secret"
        secret.write_text(f"{PASSWORD}\n", encoding="utf-8")
        return {
            "bounce_address": BOUNCES,
            "bounces_imap_host": "127.0.0.1",
            "bounces_imap_port": self.encrypted,
            "bounces_imap_user": USER,
            "bounces_imap_password_file": secret,
        }

    @contextmanager
    def opened(self) -> Iterator[IMAPClient]:
        """The mailbox as its owner sees it."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        with IMAPClient("127.0.0.1", self.encrypted, ssl_context=context, timeout=30) as client:
            client.plain_login(USER, PASSWORD)
            client.select_folder("INBOX")
            yield client

    def put(self, *mails: bytes) -> None:
        """Let e-mails arrive."""
        with self.opened() as client:
            for mail in mails:
                client.append("INBOX", mail)

    def lying(self, folder: str = "INBOX", criterion: str = "ALL") -> int:
        """How many lie in a folder."""
        with self.opened() as client:
            if not client.folder_exists(folder):
                return 0
            client.select_folder(folder, readonly=True)
            return len(client.search([criterion]))

    def empty(self) -> None:
        """Take everything away."""
        with self.opened() as client:
            client.delete_messages(client.search(["ALL"]))
            client.expunge()
            for *_, name in client.list_folders():
                if name != "INBOX":
                    client.delete_folder(name)


@contextmanager
def running_imap(*, capability: str = "") -> Iterator[ImapServer]:
    """Start a server; as root it runs as the user of its package. ``capability`` is what it says it can, '' for all."""
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise RuntimeError("Dovecot is missing (Debian package 'dovecot-imapd'): run scripts/test, it installs it")
    folder = Path(tempfile.mkdtemp(prefix="ebok-imap-"))
    own = pwd.getpwnam(_PACKAGES_USER) if os.geteuid() == 0 else pwd.getpwuid(os.getuid())
    as_user = []
    if os.geteuid() == 0:
        as_user = ["setpriv", f"--reuid={own.pw_uid}", f"--regid={own.pw_gid}", "--clear-groups"]
    encrypted, plain = _free_ports()
    certificate, key = self_signed(folder)
    users = folder / "users"
    users.write_text(f"{USER}:{{plain}}{PASSWORD}\n", encoding="utf-8")
    for name in ("run", "state", "mail"):
        (folder / name).mkdir()
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
    config = folder / "dovecot.conf"
    text = (_OLD if version.startswith("2.3") else _NEW) + _BOTH
    lines = text.format(
        folder=folder,
        certificate=certificate,
        key=key,
        users=users,
        uid=own.pw_uid,
        gid=own.pw_gid,
        user=own.pw_name,
        group=grp.getgrgid(own.pw_gid).gr_name,
        capability=capability,
        plain=plain,
        encrypted=encrypted,
    ).splitlines()
    # The version of the configuration has to come first; an empty capability means its own.
    config.write_text("\n".join(line for line in lines if capability or "imap_capability" not in line), "utf-8")
    if as_user:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, own.pw_uid, own.pw_gid)
    process = subprocess.Popen(
        [*as_user, program, "-F", "-c", str(config)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder
    )
    try:
        server = ImapServer(encrypted, plain, certificate)
        _wait(server, process, folder / "log")
        yield server
    finally:
        process.terminate()
        process.communicate(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: ImapServer, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", server.encrypted), timeout=5):
            return
        time.sleep(0.05)  # a port says nothing before somebody listens
    told = log.read_text("utf-8", "replace") if log.exists() else ""
    process.kill()
    raise RuntimeError(f"Dovecot did not start: {told}{process.communicate()[0].decode(errors='replace')}")


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])
