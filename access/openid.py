"""Signing in at a provider of identities: OpenID Connect's authorization code flow with PKCE, and nothing of our own.

Whom an identity lets in is not decided here, so staff today and customers later use the same two steps::

    begun = begin(client)               # keep it for this browser, and send that to begun.address
    identity = finish(client, begun, answer)    # answer: the parameters with which the browser comes back, once

The messages are Authlib's, signatures joserfc's. No session, cookie or database is used, and no token is kept.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, ClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from environment import clock

_DISCOVERY: Final = "/.well-known/openid-configuration"
_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures with a key that only the provider has; whatever a token says of itself, no other is looked at."""
_KEYS_OF: Final = frozenset({"RSA", "EC"})
_KNOWN_FOR: Final = 600.0
"""Seconds for which what a provider tells of itself is not asked again."""
_DRIFT: Final = 60
"""Seconds by which the provider's clock may be wrong."""
LONGEST_SUBJECT: Final = 255
"""Characters of what names a person at a provider, as the standard bounds it."""
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class ProviderError(Exception):
    """Nobody is identified; ``code`` says why, and holds nothing that the provider or a browser has told."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class UnreachableError(ProviderError):
    """The provider gives no usable answer: it is down, or not what the settings say."""


class CancelledError(ProviderError):
    """The provider sent the browser back without an identity: the person stopped, or may not come here."""


class UntrustedError(ProviderError):
    """What came back is not the provider's answer to what this browser began."""


@dataclass(frozen=True, slots=True)
class Client:
    """We, as the provider knows us. ``secret`` is None for a client that has none and shows itself by PKCE alone."""

    issuer: str
    client_id: str
    redirect_uri: str
    scopes: str = "openid"
    acr_values: str = ""
    secret: str | None = field(default=None, repr=False)
    seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that a browser was sent away for; all of it is for that browser and us only."""

    address: str = field(repr=False)
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at a provider: the two together name one person for ever, no other claim does."""

    issuer: str
    subject: str = field(repr=False)
    claims: Mapping[str, Any] = field(repr=False)

    def was_shown_by(self, *, amr: Collection[str], acr: Collection[str]) -> bool:
        """Whether the provider says that one of these methods was used, or one of these levels reached."""
        methods = self.claims.get("amr")
        used = {each for each in methods if isinstance(each, str)} if isinstance(methods, list) else set[str]()
        return not used.isdisjoint(amr) or self.claims.get("acr") in tuple(acr)


@dataclass(slots=True)
class _Known:
    """What a provider told of itself, and when."""

    metadata: Mapping[str, Any]
    keys: KeySet | None
    asked_at: float


_lock: Final = Lock()
_providers: Final[dict[str, _Known]] = {}


def begin(client: Client) -> Begun:
    """Where a browser is to be sent, with secrets that no other sign-in has. UnreachableError."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    asked = {"acr_values": client.acr_values} if client.acr_values else {}
    with _session(client) as session:
        endpoint = _endpoint(client, "authorization_endpoint")
        address, _ = session.create_authorization_url(
            endpoint, state=state, nonce=nonce, code_verifier=verifier, **asked
        )
    return Begun(address, state, nonce, verifier)


def finish(client: Client, begun: Begun, answer: Mapping[str, str]) -> Identity:
    """Who came back with that answer; ProviderError with the reason why nobody is known by it.

    Must be called once for what was begun: a code that is used again is the provider's to refuse.
    """
    if not hmac.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
        raise UntrustedError("state")
    _require_issuer(client, answer.get("iss"))
    if "error" in answer:
        raise CancelledError("access_denied" if answer["error"] == "access_denied" else "provider_error")
    if not answer.get("code"):
        raise UntrustedError("code")
    token = _exchanged(client, begun, answer["code"])
    id_token = token.get("id_token")
    if not isinstance(id_token, str):
        raise UntrustedError("id_token")
    try:
        claims = _verified(client, begun, id_token, token.get("access_token"))
    except ClaimError as error:
        raise UntrustedError(error.claim) from error
    except JoseError as error:
        raise UntrustedError(error.error) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:  # what a token may hold has no bounds
        raise UntrustedError("id_token") from error
    subject = claims["sub"]
    if not isinstance(subject, str) or not 1 <= len(subject) <= LONGEST_SUBJECT:
        raise UntrustedError("sub")
    return Identity(client.issuer, subject, claims)


def sign_out_address(client: Client) -> str | None:
    """Where one signs out at the provider, if that is known without asking it now."""
    with _lock:
        known = _providers.get(client.issuer)
    address = None if known is None else known.metadata.get("end_session_endpoint")
    return address if isinstance(address, str) and is_safe(address) else None


def answers(client: Client) -> bool:
    """Whether the provider tells what a sign-in needs, asked anew."""
    with _lock:
        _providers.pop(client.issuer, None)
    try:
        for name in ("authorization_endpoint", "token_endpoint"):
            _endpoint(client, name)
        _keys(client, anew=False)
    except ProviderError:
        return False
    return True


def secret_of(file: Path | None) -> str | None:
    """Our secret at a provider; UnreachableError where its file cannot be read."""
    try:
        return None if file is None else file.read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        raise UnreachableError("secret_unreadable") from error


def listed(told: str) -> list[str]:
    """What a setting lists with commas."""
    return [each.strip() for each in told.split(",") if each.strip()]


def is_safe(address: str) -> bool:
    """Whether nobody on the way can read or change what goes there: TLS, or this very machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


def _require_issuer(client: Client, told: str | None) -> None:
    """An answer of another provider must not be taken to this one's token endpoint (RFC 9207)."""
    owed = _metadata(client).get("authorization_response_iss_parameter_supported") is True
    if (told is None and owed) or (told is not None and told != client.issuer):
        raise UntrustedError("iss")


def _exchanged(client: Client, begun: Begun, code: str) -> Mapping[str, Any]:
    """The tokens for a code."""
    endpoint = _endpoint(client, "token_endpoint")
    try:
        with _session(client) as session:
            token: Mapping[str, Any] = session.fetch_token(
                endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=begun.verifier,
                timeout=client.seconds,
                allow_redirects=False,
            )
    except OAuthError as error:
        refused = (
            UntrustedError("code_refused") if error.error == "invalid_grant" else UnreachableError("client_refused")
        )
        raise refused from error
    except (requests.RequestException, ValueError, TypeError, AttributeError) as error:
        raise UnreachableError("token_endpoint") from error
    return token


def _verified(client: Client, begun: Begun, id_token: str, access_token: object) -> CodeIDToken:
    """The claims of an ID token that this provider signed, for us, for this sign-in, and that is still good."""
    try:
        token = _decoded(id_token, _keys(client, anew=False))
    except (InvalidKeyIdError, BadSignatureError):  # perhaps signed with a key that is new
        token = _decoded(id_token, _keys(client, anew=True))
    wanted = {
        "iss": {"essential": True, "value": client.issuer},
        "aud": {"essential": True, "value": client.client_id},
    }
    told = {"nonce": begun.nonce, "client_id": client.client_id, "access_token": access_token}
    claims = CodeIDToken(token.claims, token.header, wanted, told)
    claims.validate(now=int(clock.now().timestamp()), leeway=_DRIFT)
    return claims


def _decoded(id_token: str, keys: KeySet) -> jwt.Token:
    return jwt.decode(id_token, keys, registry=JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False))


def _session(client: Client) -> OAuth2Session:
    methods = _metadata(client).get("token_endpoint_auth_methods_supported")
    only_in_body = (
        isinstance(methods, list) and "client_secret_basic" not in methods and "client_secret_post" in methods
    )
    by = "none" if client.secret is None else "client_secret_post" if only_in_body else "client_secret_basic"
    return OAuth2Session(
        client.client_id,
        client.secret,
        token_endpoint_auth_method=by,
        scope=client.scopes,
        redirect_uri=client.redirect_uri,
        code_challenge_method="S256",
    )


def _endpoint(client: Client, name: str) -> str:
    address = _metadata(client).get(name)
    if not isinstance(address, str) or not is_safe(address):
        raise UnreachableError(name)
    return address


def _metadata(client: Client) -> Mapping[str, Any]:
    """What the provider tells of itself; one that gives another name than ours for it is another one."""
    return _known(client).metadata


def _known(client: Client) -> _Known:
    now = clock.now().timestamp()
    with _lock:
        known = _providers.get(client.issuer)
    if known is None or not 0 <= now - known.asked_at < _KNOWN_FOR:
        metadata = _asked(client, client.issuer.rstrip("/") + _DISCOVERY)
        if metadata.get("issuer") != client.issuer:
            raise UnreachableError("issuer")
        known = _Known(metadata, None, now)
        with _lock:
            _providers[client.issuer] = known
    return known


def _keys(client: Client, *, anew: bool) -> KeySet:
    """The provider's public keys for signatures; those of other kinds are none of ours."""
    known = _known(client)
    if known.keys is None or anew:
        told = _asked(client, _endpoint(client, "jwks_uri")).get("keys")
        listed = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
        ours = [each for each in listed if each.get("kty") in _KEYS_OF and each.get("use", "sig") == "sig"]
        try:
            known.keys = KeySet.import_key_set({"keys": ours})
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise UnreachableError("jwks_uri") from error
    return known.keys


def _asked(client: Client, address: str) -> Mapping[str, Any]:
    """The JSON object at an address of the provider."""
    try:
        answer = requests.get(address, timeout=client.seconds, allow_redirects=False)
        told = answer.json() if answer.status_code == requests.codes.ok else None
    except (requests.RequestException, ValueError) as error:
        raise UnreachableError("no_answer") from error
    if not isinstance(told, dict):
        raise UnreachableError("no_answer")
    return told
