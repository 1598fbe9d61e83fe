"""Passkeys (WebAuthn): what a browser is asked, and whether it answered; no table, session or cookie is known here.

A question has a challenge of ours, which the caller keeps (``access.begun``) and takes once::

    asked = question(site, challenge)       # for navigator.credentials.get
    answer = read(what_came)                # whoever takes what was kept under answer.challenge may go on
    counter = answered(site, answer, public_key)

Messages and signatures are those of py_webauthn. No attestation is asked for: whose make a device is decides nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url, options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

LONGEST_ANSWER: Final = 20_000
"""Characters of what a browser answers; the longest of real ones have a tenth."""
LONGEST_ID: Final = 1366
"""Characters of what names a passkey: 1023 bytes at most, as the standard bounds it."""
_ID: Final = re.compile(rf"[\w-]{{1,{LONGEST_ID}}}", re.ASCII)
LONGEST_KEY: Final = 1000
"""Characters of a public key; one of RSA with 4096 bits has 720."""
_VERIFIED: Final = UserVerificationRequirement.REQUIRED
"""A finger, a face or a PIN is asked for each time: a passkey stands in the place of a password."""
_MILLISECONDS: Final = 300_000
_LOCAL: Final = "localhost"
_PORTS: Final = {"https": 443, "http": 80}


class PasskeyError(Exception):
    """What came is no answer to what was asked; nothing of it is told."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys count: for this host, on pages of this origin."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey that a browser has just made: what names it, and the key of its answers, both as base64url."""

    credential_id: str = field(repr=False)
    public_key: str = field(repr=False)
    counter: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser says before it is checked: under which challenge, with which passkey, of whom."""

    told: dict[str, Any] = field(repr=False)
    challenge: str = field(repr=False)
    credential_id: str = field(repr=False)
    owner: str = field(repr=False)


def site_of(public_url: str) -> Site | None:
    """Where passkeys count under that address; None where browsers have none: without TLS, or without a name."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    if parts.scheme not in _PORTS or _is_number(host) or (parts.scheme != "https" and host != _LOCAL):
        return None
    port = "" if parts.port in (None, _PORTS[parts.scheme]) else f":{parts.port}"
    return Site(host, f"{parts.scheme}://{host}{port}")


def offer(site: Site, challenge: str, *, name: str, login: str, owner: str, others: list[str]) -> dict[str, Any]:
    """What ``navigator.credentials.create`` is given.

    ``name`` is ours, ``login`` what its owner will know the passkey by, ``owner`` what names him in it, and ``others``
    are the passkeys that he has already.
    """
    wanted = AuthenticatorSelectionCriteria(resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED)
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=name,
        user_id=base64url_to_bytes(owner),
        user_name=login,
        challenge=base64url_to_bytes(challenge),
        timeout=_MILLISECONDS,
        authenticator_selection=wanted,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in others],
    )
    return options_to_json_dict(options)


def question(site: Site, challenge: str) -> dict[str, Any]:
    """What ``navigator.credentials.get`` is given: any passkey of ours will do."""
    options = generate_authentication_options(
        rp_id=site.host,
        challenge=base64url_to_bytes(challenge),
        timeout=_MILLISECONDS,
        user_verification=_VERIFIED,
    )
    return options_to_json_dict(options)


def read(answer: str) -> Answer:
    """What a browser answered, not checked yet; PasskeyError."""
    if len(answer) > LONGEST_ANSWER:
        raise PasskeyError
    try:
        told = json.loads(answer)
        of_browser, response = told["id"], told["response"]
        client = json.loads(base64url_to_bytes(response["clientDataJSON"]))
        said = Answer(told, str(client["challenge"]), of_browser, str(response.get("userHandle") or ""))
        named = _ID.fullmatch(of_browser)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise PasskeyError from error
    if named is None:  # a database is asked for it, and none takes every text
        raise PasskeyError
    return said


def added(site: Site, answer: Answer) -> NewPasskey:
    """The passkey that was made for the challenge of that answer; PasskeyError."""
    try:
        found = verify_registration_response(
            credential=answer.told,
            expected_challenge=base64url_to_bytes(answer.challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception as error:  # a stranger's bytes go through parsers of four libraries, each with faults of its own
        raise PasskeyError from error
    name, key = bytes_to_base64url(found.credential_id), bytes_to_base64url(found.credential_public_key)
    if len(name) > LONGEST_ID or len(key) > LONGEST_KEY:
        raise PasskeyError
    return NewPasskey(name, key, found.sign_count)


def answered(site: Site, answer: Answer, public_key: str) -> int:
    """The counter of the passkey with that key, which has signed the challenge of that answer; PasskeyError.

    Whether the counter has gone on, the caller sees: he alone can tell a copied passkey from an answer that is none.
    """
    try:
        found = verify_authentication_response(
            credential=answer.told,
            expected_challenge=base64url_to_bytes(answer.challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception as error:  # as above
        raise PasskeyError from error
    return found.new_sign_count


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
