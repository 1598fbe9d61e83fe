"""The keys of an installation: where they are kept, which is in use, and what each is used for.

A key is 32 random bytes with an identifier. The newest encrypts, all decrypt, so that a key can be replaced while data
still wait for it; the oldest, which stays, makes the digests by which things are looked up. No key is used itself: for
each purpose one is derived (HKDF-SHA256, RFC 5869), so that what one purpose gives away does not help with another.

They are, the first that there is: the setting ``EBOK_SECRET_KEY`` (one key), the file ``EBOK_SECRET_KEY_FILE``, the
credential ``ebok.keys`` of systemd, or the file ``keys/secret.keys`` in the home folder, made at first use. That folder
belongs into no backup of the data: without it a backup is of no use to a thief.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from database.private_files import alone, made_once, replaced
from environment import clock
from environment.settings import get_settings

_FOLDER: Final = "keys"
_FILE: Final = "secret.keys"
_BEFORE: Final = "secret.key"
"""Where the one key lay before there were several."""
_CREDENTIAL: Final = "ebok.keys"
_RAW: Final = "raw"
"""Marks a key of that time: it was used itself, for encryption and for digests."""
_LENGTH: Final = 32
_HEAD: Final = (
    "# Klucze eBOK: identyfikator i klucz. Bez tego pliku danych nie da się odczytać; kopię trzymaj osobno od danych.\n"
)


_EXCHANGED: Final = "The file of keys is gone, or lacks keys that it had. Put it back from its copy."
"""What would be encrypted with others then would be lost as soon as somebody puts it back."""


class SecretKeyError(RuntimeError):
    """The key for encryption at rest is missing or does not fit the data."""


@dataclass(frozen=True, slots=True)
class SecretKey:
    """One key; ``raw`` when it is one that was used itself."""

    id: str
    secret: bytes
    raw: bool = False

    def __repr__(self) -> str:
        """Tell no secret in tracebacks."""
        return f"Key({self.id})"

    def derived(self, purpose: str) -> bytes:
        """The key for one purpose."""
        return HKDF(SHA256(), _LENGTH, salt=None, info=f"ebok {purpose}".encode()).derive(self.secret)


@dataclass(frozen=True)
class KeyRing:
    """All keys of an installation, the oldest first; never empty."""

    keys: tuple[SecretKey, ...]

    @property
    def newest(self) -> SecretKey:
        """The one that encrypts."""
        return self.keys[-1]

    @cached_property
    def encryption(self) -> MultiFernet:
        """Encrypts with the newest key, decrypts with any."""
        derived = [_fernet(key.derived("encryption")) for key in reversed(self.keys)]
        return MultiFernet([*derived, *(_fernet(key.secret) for key in self.keys if key.raw)])

    @cached_property
    def encryption_of_newest(self) -> Fernet:
        """Encrypts as ``encryption`` does, and decrypts only what it encrypted."""
        return _fernet(self.newest.derived("encryption"))

    @cached_property
    def audit(self) -> tuple[bytes, ...]:
        """What seals the audit trail: the last one seals, the earlier ones are for what they sealed."""
        return tuple(key.derived("audit") for key in self.keys)

    @cached_property
    def lookup(self) -> bytes:
        """The key of digests: of the oldest key, since what was digested once cannot be digested anew."""
        oldest = self.keys[0]
        return base64.urlsafe_b64encode(oldest.secret) if oldest.raw else oldest.derived("look-up")


_in_use: Final[dict[Path, KeyRing]] = {}
"""The keys that this process has worked with, by their files."""


def key_ring() -> KeyRing:
    """The keys in force, made at first use; a file that was changed is read anew.

    SecretKeyError when it is damaged, or no longer has a key that this process has worked with.
    """
    given = get_settings().secret_key
    if given is not None:
        return _given(given.get_secret_value())
    path = key_file()
    # Known first and looked at then: whatever another thread does meanwhile, the file has all that was known before.
    before, version = _in_use.get(path), _version(path)
    if version is None:
        if before is not None:
            raise SecretKeyError(_EXCHANGED)
        _make(path)
        version = _version(path) or (0, 0)
    ring = _read(path, version)
    if ring is not before:
        if before is not None and not set(before.keys) <= set(ring.keys):
            raise SecretKeyError(_EXCHANGED)
        _in_use[path] = ring
    return ring


def has_keys() -> bool:
    """Whether there are keys already; ``key_ring`` would make one otherwise."""
    return get_settings().secret_key is not None or key_file().exists() or _before().exists()


def key_file() -> Path:
    """The file of keys in force, whether it is there or not."""
    settings = get_settings()
    if settings.secret_key_file is not None:
        return settings.secret_key_file
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    if given is not None and (credential := Path(given) / _CREDENTIAL).exists():
        return credential
    return _in_home(settings.home)


def add_key() -> SecretKey:
    """Make a new key, the newest from now on.

    SecretKeyError where the keys are not ours to write: the setting, or a credential of systemd.
    """
    key_ring()
    path = key_file()
    if get_settings().secret_key is not None or path.name == _CREDENTIAL:
        raise SecretKeyError(
            "The key comes from EBOK_SECRET_KEY or from systemd, where none can be added: write it to a file of keys, "
            "name that in EBOK_SECRET_KEY_FILE, and try again."
        )
    key = _new_key()
    with alone(path):  # two at once would each write a file without the other's key
        replaced(path, _written((*_ring(path.read_text("utf-8")).keys, key)))
    return key


def _make(path: Path) -> None:
    """The file of keys: with the key that there was before there were files of keys, or with a new one."""
    before = _before()

    def first() -> bytes:
        if before.exists():
            return _written((SecretKey("1", _decoded(before.read_text().strip()), raw=True),))
        return _written((_new_key(),))

    made_once(path, first)
    before.unlink(missing_ok=True)


def _before() -> Path:
    return get_settings().home / _BEFORE


def _new_key() -> SecretKey:
    return SecretKey(f"{clock.today().isoformat()}-{secrets.token_hex(3)}", secrets.token_bytes(_LENGTH))


def _written(keys: tuple[SecretKey, ...]) -> bytes:
    lines = [" ".join((key.id, _encoded(key.secret), *([_RAW] if key.raw else []))) for key in keys]
    return (_HEAD + "\n".join(lines) + "\n").encode()


@cache
def _in_home(home: Path) -> Path:
    """One path for all who ask: each value that is encrypted or looked up asks, and paths are slow to make."""
    return home / _FOLDER / _FILE


@cache
def _given(text: str) -> KeyRing:
    return _ring(text)


def _version(path: Path) -> tuple[int, int] | None:
    """What tells a file from the one before it, two of which may come within one tick of the clock of files."""
    try:
        facts = path.stat()
    except FileNotFoundError:
        return None
    return facts.st_mtime_ns, facts.st_ino


@cache
def _read(path: Path, _version: tuple[int, int]) -> KeyRing:
    return _ring(path.read_text("utf-8"))


def _ring(text: str) -> KeyRing:
    lines = [line.split() for line in text.splitlines() if line.strip() and line[0] != "#"]
    if not lines:
        raise SecretKeyError("The file of keys is empty. Put it back from its copy.")
    return KeyRing(tuple(_key(line, number) for number, line in enumerate(lines, 1)))


def _key(line: list[str], number: int) -> SecretKey:
    """One line of a file; a key alone, as there was before there were files of keys, is one that was used itself."""
    if len(line) == 1:
        return SecretKey(str(number), _decoded(line[0]), raw=True)
    return SecretKey(line[0], _decoded(line[1]), raw=line[2:] == [_RAW])


def _encoded(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).decode()


def _decoded(text: str) -> bytes:
    try:
        secret = base64.urlsafe_b64decode(text)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != _LENGTH:
        raise SecretKeyError(
            "What stands in EBOK_SECRET_KEY or in the file of keys is no key. Put back the file from its copy. "
            "A new key: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
        )
    return secret


def _fernet(secret: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(secret))
