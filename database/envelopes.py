"""Files encrypted at rest, as a stream: each with a key of its own, which stands sealed at its head.

AES-256-GCM of the cryptography library for the content; its key is sealed with the keys of the installation, so that
replacing those rewrites heads only. Layout: mark, length of the sealed key (2 bytes), sealed key, nonce (12), content,
tag (16). What a reader gets before the end is not proven yet: the last step raises where anything was changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import chain
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

from database.encryption import decrypt_bytes
from database.keys import key_ring

MARK: Final = b"eBOK sealed 1\n"
_CHUNK: Final = 1 << 20
_KEY, _NONCE, _TAG, _SIZE = 32, 12, 16, 2


class BrokenSealError(ValueError):
    """The content was changed or cut since it was sealed."""


def sealed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks as a sealed file, bit by bit."""
    key, nonce = os.urandom(_KEY), os.urandom(_NONCE)
    yield _head(key) + nonce
    cipher = Cipher(AES(key), GCM(nonce)).encryptor()
    for chunk in chunks:
        yield cipher.update(chunk)
    yield cipher.finalize() + cipher.tag


def unsealed(file: BinaryIO) -> Iterator[bytes]:
    """The content of a file, sealed or (from before there were seals) plain.

    BrokenSealError, at the end at the latest, where it was changed; SecretKeyError when its key is another
    installation's.
    """
    start = file.read(len(MARK))
    if start != MARK:
        yield start
        yield from _rest(file)
        return
    key = decrypt_bytes(_token(file))
    nonce, begin = file.read(_NONCE), file.tell()
    left = file.seek(0, os.SEEK_END) - begin - _TAG
    if left < 0 or len(nonce) != _NONCE:
        raise BrokenSealError
    tag = _at(file, begin + left)
    file.seek(begin)
    cipher = Cipher(AES(key), GCM(nonce, tag)).decryptor()
    while left > 0:
        chunk = file.read(min(_CHUNK, left))
        if not chunk:
            raise BrokenSealError
        left -= len(chunk)
        yield cipher.update(chunk)
    try:
        yield cipher.finalize()
    except InvalidTag as error:
        raise BrokenSealError from error


def sealed_bytes(data: bytes) -> bytes:
    """As ``sealed``, for what is in memory."""
    return b"".join(sealed([data]))


def unsealed_bytes(data: bytes) -> bytes:
    """As ``unsealed``, for what is in memory."""
    return b"".join(unsealed(BytesIO(data)))


def with_newest_key(file: BinaryIO) -> Iterator[bytes] | None:
    """The file with the key at its head sealed with the newest key, or None where it is so already.

    What is plain is sealed on this occasion.
    """
    start = file.read(len(MARK))
    if start != MARK:
        file.seek(0)
        return sealed(_rest(file))
    token = _token(file)
    try:
        key_ring().encryption_of_newest.decrypt(token)
    except InvalidToken:
        return chain([_head(decrypt_bytes(token))], _rest(file))
    return None


def _rest(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _head(key: bytes) -> bytes:
    token = key_ring().encryption.encrypt(key)
    return MARK + len(token).to_bytes(_SIZE, "big") + token


def _token(file: BinaryIO) -> bytes:
    """The sealed key at the head of a file."""
    size = int.from_bytes(file.read(_SIZE), "big")
    token = file.read(size)
    if not size or len(token) != size:
        raise BrokenSealError
    return token


def _at(file: BinaryIO, place: int) -> bytes:
    file.seek(place)
    return file.read(_TAG)
