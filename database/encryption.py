"""Encryption at rest of personal values, and keyed digests to compare them without reading them.

Fernet (AES-128-CBC with HMAC-SHA256) from the cryptography library, with the keys of ``database.keys``.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from typing import Any, Final

from cryptography.fernet import InvalidToken
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from database.keys import SecretKeyError, key_ring

_JSON: Final = json.JSONEncoder(ensure_ascii=False)


def encrypt(text: str) -> bytes:
    """Encrypt a text."""
    return key_ring().encryption.encrypt(text.encode())


def encrypter() -> Callable[[str], bytes]:
    """``encrypt`` for many at once: the keys are looked for only now."""
    newest = key_ring().encryption_of_newest
    return lambda text: newest.encrypt(text.encode())


def decrypt(token: bytes) -> str:
    """Decrypt; SecretKeyError when the key is another one."""
    return decrypt_bytes(token).decode()


def decrypt_bytes(token: bytes) -> bytes:
    """As ``decrypt``, for what is no text."""
    try:
        return key_ring().encryption.decrypt(token)
    except InvalidToken as error:
        raise SecretKeyError(another_key()) from error


def another_key() -> str:
    """What is wrong and what to do where the key in force is not the one of the data."""
    return (
        "The data was encrypted with another key. Put back the file of keys of this installation, as it was after its "
        "last change (keys/secret.keys in EBOK_HOME, or what EBOK_SECRET_KEY_FILE names), or set EBOK_SECRET_KEY."
    )


def fingerprint() -> str:
    """What tells the oldest key in force from any other, and nothing of it; SecretKeyError when it is no key at all."""
    return digest("fingerprint of the key")


def fingerprints() -> tuple[str, ...]:
    """The same of each key in force, the oldest first."""
    later = (hmac.digest(key.derived("mark"), b"fingerprint", "sha256").hex() for key in key_ring().keys[1:])
    return fingerprint(), *later


def digest(*parts: str) -> str:
    """Keyed SHA-256 of the parts, hexadecimal: equal for equal parts, telling nothing of them."""
    return digester()(*parts)


def digester() -> Callable[..., str]:
    """``digest`` for many at once: the keys are looked for only now."""
    key = key_ring().lookup
    return lambda *parts: hmac.digest(key, _JSON.encode(parts).encode(), "sha256").hex()


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
