"""Encryption at rest of personal values, and keyed digests to compare them without reading them.

Fernet (AES-128-CBC with HMAC-SHA256) from the cryptography library. The key is the setting ``EBOK_SECRET_KEY`` or the
file ``secret.key`` in the home folder, made at first use and readable by its owner only.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from database.private_files import made_once
from database.settings import get_settings

_KEY_FILE: Final = "secret.key"


class SecretKeyError(RuntimeError):
    """The key for encryption at rest is missing or does not fit the data."""


@cache
def _fernet_of(key: bytes) -> Fernet:
    try:
        return Fernet(key)
    except ValueError as error:
        raise SecretKeyError(
            "EBOK_SECRET_KEY is no Fernet key. Make one with: python -c "
            "'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
        ) from error


def secret_key() -> bytes:
    """The key in force; made and written to ``secret.key`` when neither setting nor file exists."""
    settings = get_settings()
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().strip().encode()
    return _key_file(settings.home)


def has_key() -> bool:
    """Whether there is a key already; ``secret_key`` would make one otherwise."""
    settings = get_settings()
    return settings.secret_key is not None or (settings.home / _KEY_FILE).exists()


@cache
def _key_file(home: Path) -> bytes:
    return made_once(home / _KEY_FILE, Fernet.generate_key)


def encrypt(text: str) -> bytes:
    """Encrypt a text."""
    return _fernet_of(secret_key()).encrypt(text.encode())


def decrypt(token: bytes) -> str:
    """Decrypt; SecretKeyError when the key is another one."""
    try:
        return _fernet_of(secret_key()).decrypt(token).decode()
    except InvalidToken as error:
        raise SecretKeyError(another_key()) from error


def another_key() -> str:
    """What is wrong and what to do where the key in force is not the one of the data."""
    return (
        "The data was encrypted with another key. Put back the secret.key of this installation "
        "(it belongs to every backup) or set EBOK_SECRET_KEY."
    )


def fingerprint() -> str:
    """What tells the key in force from any other, and nothing of the key; SecretKeyError when it is no key at all."""
    _fernet_of(secret_key())
    return digest("fingerprint of the key")


def digest(*parts: str) -> str:
    """Keyed SHA-256 of the parts, hexadecimal: equal for equal parts, telling nothing of them."""
    message = json.dumps(parts, ensure_ascii=False).encode()
    return hmac.new(secret_key(), message, hashlib.sha256).hexdigest()


class EncryptedText(TypeDecorator[str]):
    """A text column that is encrypted in the database."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Encrypt on the way in."""
        return None if value is None else encrypt(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """Decrypt on the way out."""
        return None if value is None else decrypt(bytes(value))


class EncryptedJson(TypeDecorator[Any]):
    """A column of JSON values that is encrypted in the database."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """Encrypt on the way in."""
        return None if value is None else encrypt(json.dumps(value, ensure_ascii=False))

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        """Decrypt on the way out."""
        return None if value is None else json.loads(decrypt(bytes(value)))
