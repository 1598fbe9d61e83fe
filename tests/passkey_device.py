"""A device that makes passkeys and answers with them, as a browser hands its answers on; it lies where told to."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(f"{text}==")


@dataclass
class Device:
    """One passkey and where it is used; ``flags`` say that somebody touched the device and showed who he is."""

    origin: str
    host: str
    counter: int = 0
    flags: int = PRESENT | VERIFIED
    owner: str = ""
    name: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def made(self, offer: dict[str, Any]) -> str:
        """What it makes of an offer."""
        self.owner = offer["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
        of_key = bytes(16) + len(self.name).to_bytes(2) + self.name + public
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(WITH_KEY) + of_key})
        told = {"clientDataJSON": self._client("webauthn.create", offer), "attestationObject": encoded(attested)}
        return self._answer(told)

    def answer(self, question: dict[str, Any]) -> str:
        """What it answers a question."""
        data, client = self._data(), self._client("webauthn.get", question)
        signed = data + hashlib.sha256(decoded(client)).digest()
        told = {
            "clientDataJSON": client,
            "authenticatorData": encoded(data),
            "signature": encoded(self.key.sign(signed, ec.ECDSA(SHA256()))),
            "userHandle": self.owner,
        }
        return self._answer(told)

    def _data(self, more: int = 0) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([self.flags | more]) + self.counter.to_bytes(4)

    def _client(self, kind: str, asked: dict[str, Any]) -> str:
        return encoded(json.dumps({"type": kind, "challenge": asked["challenge"], "origin": self.origin}).encode())

    def _answer(self, told: dict[str, str]) -> str:
        name = encoded(self.name)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": told})
