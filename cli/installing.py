"""`ebok admin install`: all that the service needs on this machine, as often as it is asked for."""

from __future__ import annotations

import getpass
import os
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cli.console import CommandError, out
from cli.machine_files import filled, is_untouched, signed
from database.keys import has_keys, key_file, key_ring
from environment.settings import Settings, get_settings
from environment.settings_file import SETTINGS_FILE, quoted, settings_in, text_of
from flows.authentication import authentication_file, authorization

_UNIT: Final = Path("/etc/systemd/system/ebok.service")
_COMMAND: Final = Path("/usr/local/bin/ebok")
_SITE: Final = Path("/etc/nginx/sites-available/ebok")
_ENGINE_SITE: Final = Path("/etc/nginx/sites-available/ebok-prefect")
_ENGINE_SECRET: Final = Path("/etc/nginx/ebok-prefect.conf")
_ENABLED: Final = Path("/etc/nginx/sites-enabled")
_CERTIFICATE: Final = "/etc/ssl/ebok.pem"
_CERTIFICATE_KEY: Final = "/etc/ssl/private/ebok.key"
_ASKED: Final = {
    "EBOK_PUBLIC_URL": "Adres stron dla klientów, na przykład https://formularze.example.com",
    "EBOK_DESK_URL": "Adres biura, na przykład https://biuro.example.com",
    "EBOK_INBOX_DIR": "Folder skanów, na przykład /mnt/skany",
    "EBOK_SMTP_HOST": "Serwer poczty wychodzącej",
    "EBOK_SMTP_USER": "Login do serwera poczty",
    "EBOK_SMTP_PASSWORD": "Hasło do serwera poczty",  # nosec B105  # a question
    "EBOK_MAIL_FROM": "Adres nadawcy wiadomości",
}
"""What is asked for once, at a terminal, where neither the file nor an option says it."""
_NOT_ROOT: Final = (
    "Instalować może tylko root: sudo {program} admin install. Co by zrobiło, pokaże każdemu: {program} admin install "
    "--dry-run"
)
_NO_PROXY: Final = (
    "nginx nie jest zainstalowany: apt-get install nginx, potem wydaj to polecenie jeszcze raz, a zapisze jego stronę."
)
_NO_CERTIFICATE: Final = (
    "Nie ma certyfikatu ({certificate}, {key}), więc strona nginx jest zapisana, ale nie włączona. Połóż tam "
    "certyfikat i klucz (albo wskaż inne: --certificate, --certificate-key) i wydaj to polecenie jeszcze raz."
)


@dataclass(frozen=True, slots=True)
class InstallOptions:
    """What the command was told; ``settings`` by their variables, ``root`` is the folder that stands for ``/``.

    What is None is as an earlier call left it, else as usual.
    """

    settings: Mapping[str, str]
    user: str | None
    certificate: str | None
    certificate_key: str | None
    root: Path | None


def run(wanted: InstallOptions, *, dry: bool) -> None:
    """Make what is missing, renew what is ours and old, leave the rest; with ``dry`` only say so."""
    if os.geteuid() != 0 and wanted.root is None and not dry:
        raise CommandError(_NOT_ROOT.format(program=_program()))
    _Installation(wanted, dry=dry).run()


class _Installation:
    def __init__(self, wanted: InstallOptions, *, dry: bool) -> None:
        self._wanted, self._dry = wanted, dry
        self._changed: set[Path] = set()
        self._user = wanted.user or self._earlier(_UNIT, r"(?m)^User=(.+)$") or "ebok"

    def run(self) -> None:
        os.umask(0o022)  # modes are given to each; folders on the way are for all
        text = self._settings_text()
        settings = self._in_force(text)
        home = Path(settings_in(text, SETTINGS_FILE)["EBOK_HOME"])
        self._make_user(home)
        self._make_folder(home, 0o700)
        if settings.inbox_dir is not None:
            self._make_folder(settings.inbox_dir, 0o770)
        self._write(SETTINGS_FILE, text, 0o640, group=self._user)
        self._make_keys()
        names = {"user": self._user, "home": str(home), "settings": str(SETTINGS_FILE), "program": _program()}
        self._keep_or_write(_UNIT, filled("ebok.service", **names), 0o644)
        self._keep_or_write(_COMMAND, filled("ebok.sh", **names), 0o755)
        hints = self._site(settings)
        if _UNIT in self._changed and self._wanted.root is None and Path("/run/systemd/system").is_dir():
            self._do("systemctl daemon-reload", lambda: _call("systemctl", "daemon-reload"))
        for hint in hints:
            out().print(hint, soft_wrap=True)
        if not self._dry:
            out().print("Gotowe. Uruchom usługę: systemctl enable --now ebok", soft_wrap=True)

    def _settings_text(self) -> str:
        """The file of settings as it is to be: what stands there stays, but for what an option says otherwise."""
        path = self._at(SETTINGS_FILE)
        present = text_of(path) if path.exists() else filled("settings.env")
        known = settings_in(present, path)
        given = {name: value for name, value in self._wanted.settings.items() if known.get(name) != value}
        if "EBOK_HOME" not in known:
            given.setdefault("EBOK_HOME", "/var/lib/ebok")
        present += "".join(self._answers(present, known.keys() | given.keys()))
        known = settings_in(present, path) | given
        public = known.get("EBOK_PUBLIC_URL", "")
        if public.startswith("https:"):
            usual = {"EBOK_DESK_URL": f"https://{urlsplit(public).hostname}:8443", "EBOK_TRUSTED_PROXIES": "127.0.0.1"}
            given = {**given, **{name: value for name, value in usual.items() if name not in known}}
        for name, value in given.items():
            line = f"{name}={quoted(value)}"
            present, replaced = re.subn(rf"(?m)^[ \t]*{name}[ \t]*=.*$", lambda _, line=line: line, present)  # type: ignore[misc]
            present = present if replaced else f"{present.rstrip()}\n{line}\n"
        return present

    def _answers(self, present: str, known: Collection[str]) -> Iterator[str]:
        """What somebody at a terminal says to what is not known, as lines; what is passed over is not asked again."""
        for name in _ASKED if sys.stdin.isatty() and not self._dry else ():
            if name not in known and not re.search(rf"(?m)^# ?{name}=", present):
                answer = _answer(name)
                yield f"{name}={quoted(answer)}\n" if answer else f"# {name}=\n"

    def _in_force(self, text: str) -> Settings:
        """Have this process work with these settings; what is wrong with one is told before anything is written."""
        for name in [name for name in os.environ if name.startswith("EBOK_")]:
            del os.environ[name]
        os.environ.update(settings_in(text, SETTINGS_FILE))
        os.environ["EBOK_HOME"] = str(self._at(Path(os.environ["EBOK_HOME"])))
        get_settings.cache_clear()
        return get_settings()

    def _make_user(self, home: Path) -> None:
        if self._wanted.root is not None:
            return
        try:
            pwd.getpwnam(self._user)
        except KeyError:
            command = ("adduser", "--system", "--group", "--no-create-home", "--home", str(home), self._user)
            self._do(f"użytkownik {self._user}", lambda: _call(*command))

    def _make_folder(self, folder: Path, mode: int) -> None:
        place = self._at(folder)
        if not place.exists():
            self._do(f"folder {folder}", lambda: self._own(_made(place, mode), self._user, self._user))

    def _make_keys(self) -> None:
        if self._dry or has_keys():
            return
        key_ring()
        for path in (key_file().parent, key_file()):
            self._own(path, self._user, self._user)
        out().print(f"utworzono: klucze {key_file()}. Zrób ich kopię w innym miejscu niż dane.", soft_wrap=True)

    def _site(self, settings: Settings) -> list[str]:
        """The site of nginx, where the pages are reached over TLS; what is left to do for it."""
        if not settings.served_by_https:
            return []
        if not self._at(_SITE).parent.is_dir():
            return [_NO_PROXY]
        public, desk = urlsplit(settings.public_url), urlsplit(settings.staff_url)
        certificate = self._wanted.certificate or self._earlier(_SITE, r"ssl_certificate\s+(\S+);") or _CERTIFICATE
        key = self._wanted.certificate_key or self._earlier(_SITE, r"ssl_certificate_key\s+(\S+);") or _CERTIFICATE_KEY
        values = {
            "desk_name": str(desk.hostname),
            "port": str(settings.api_port),
            "certificate": certificate,
            "certificate_key": key,
        }
        text = filled(
            "nginx-site.conf",
            **values,
            names=" ".join(dict.fromkeys((str(public.hostname), str(desk.hostname)))),
            public_name=str(public.hostname),
            public_port=str(public.port or 443),
            desk_port=str(desk.port or 443),
        )
        self._keep_or_write(_SITE, text, 0o644)
        sites = [_SITE]
        if settings.prefect_ui_url is not None:
            self._engine_site(settings, settings.prefect_ui_url, values)
            sites.append(_ENGINE_SITE)
        if not all(self._at(Path(each)).exists() for each in (certificate, key)):
            return [_NO_CERTIFICATE.format(certificate=certificate, key=key)]
        for site in sites:
            self._enable(site)
        return ["Sprawdź i przeładuj nginx: nginx -t && systemctl reload nginx"]

    def _engine_site(self, settings: Settings, address: str, values: Mapping[str, str]) -> None:
        """The engine's pages for managers, with the password that the proxy brings along; root alone reads that."""
        text = filled(
            "nginx-engine.conf",
            **values,
            engine_port=str(urlsplit(address).port or 443),
            engine_host=urlsplit(address).netloc,
            prefect_port=str(settings.prefect_port),
            desk_url=settings.staff_url,
        )
        self._keep_or_write(_ENGINE_SITE, text, 0o644)
        if not self._dry:
            secret = engine_secret()
            self._own(authentication_file(), self._user, self._user)
            self._write(_ENGINE_SECRET, secret, 0o600)

    def _enable(self, site: Path) -> None:
        path = _ENABLED / site.name
        enabled = self._at(path)
        if not enabled.is_symlink():
            self._do(f"odnośnik {path}", lambda: enabled.symlink_to(site))

    def _keep_or_write(self, path: Path, text: str, mode: int) -> None:
        """Write a text of ours, beside the present one where somebody has changed that."""
        place, new = self._at(path), signed(text)
        present = place.read_text() if place.exists() else None
        if present is None or present == new or is_untouched(present):
            self._write(path, new, mode, shown=True)
        else:
            out().print(f"zostawiono: {path}, bo ktoś go zmienił; obecny wzór jest w {path}.wzor", soft_wrap=True)
            self._write(path.with_name(f"{path.name}.wzor"), new, mode)

    def _write(self, path: Path, text: str, mode: int, *, group: str | None = None, shown: bool = False) -> None:
        place = self._at(path)
        present = place.read_text() if place.exists() else None
        if present == text and place.stat().st_mode & 0o777 == mode:
            out().print(f"bez zmian: {path}", soft_wrap=True)
            return
        self._changed.add(path)

        def write() -> None:
            place.parent.mkdir(parents=True, exist_ok=True)
            draft = place.with_name(f".{place.name}.ebok")
            draft.touch(0o600)
            draft.write_text(text)
            self._own(draft, "root", group or "root")
            draft.chmod(mode)
            draft.replace(place)

        self._do(f"plik {path}", write, new=present is None)
        if self._dry and shown:
            out().print("".join(f"    {line}\n" for line in text.splitlines()), end="")

    def _do(self, what: str, action: Callable[[], object], *, new: bool = True) -> None:
        if self._dry:
            out().print(f"{'do utworzenia' if new else 'do zmiany'}: {what}", soft_wrap=True)
            return
        action()
        out().print(f"{'utworzono' if new else 'zmieniono'}: {what}", soft_wrap=True)

    def _own(self, path: Path, user: str, group: str) -> None:
        if self._wanted.root is None:
            shutil.chown(path, user, group)

    def _earlier(self, path: Path, pattern: str) -> str | None:
        """What an earlier call wrote into a file."""
        place = self._at(path)
        found = re.search(pattern, place.read_text()) if place.exists() else None
        return found[1] if found else None

    def _at(self, path: Path) -> Path:
        """Where a path of the machine lies."""
        return path if self._wanted.root is None else self._wanted.root / path.relative_to("/")


def engine_secret() -> str:
    """The line of nginx that signs in at the engine, for the site of its pages."""
    (name, value), *_ = authorization().items()
    return f'proxy_set_header {name} "{value}";\n'


def _program() -> str:
    """The command `ebok` of this installation."""
    return str(Path(sys.prefix) / "bin" / "ebok")


def _made(folder: Path, mode: int) -> Path:
    folder.mkdir(parents=True)
    folder.chmod(mode)
    return folder


def _answer(name: str) -> str:
    question = f"{_ASKED[name]} (Enter: bez): "
    return (getpass.getpass(question) if name.endswith("PASSWORD") else input(question)).strip()


def _call(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise CommandError(f"Nie udało się polecenie {' '.join(command)}: {(done.stderr or done.stdout).strip()}")
