"""A real OpenID Connect provider on loopback, with keys of its own, that can be told to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from joserfc.jws import JWSRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from environment.settings import get_settings

CLIENT_ID = "ebok-biuro"
SECRET = "sekret-tylko-dla-nas-i-dla-dostawcy-0123456789"
OTHER = "https://inny.example"
_ANY = JWSRegistry(algorithms=["RS256", "ES256", "HS256"])


@dataclass
class Provider:
    """What it says of the person who signs in, and which lie it tells."""

    issuer: str
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "osoba-1"})
    lie: str = ""
    algorithm: str = "RS256"
    asks: bool = False
    extra: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.new_keys("1")

    def new_keys(self, number: str) -> None:
        """Keys as after a change of them: those of before are gone."""
        self.keys = {
            "RS256": RSAKey.generate_key(2048, parameters={"kid": f"rsa-{number}", "use": "sig"}),
            "ES256": ECKey.generate_key("P-256", parameters={"kid": f"ec-{number}", "use": "sig"}),
        }

    def discovery(self, _request: Request) -> Response:
        """What it tells of itself."""
        if self.lie == "discovery_html":
            return HTMLResponse("<h1>Przerwa</h1>")
        told = {
            "issuer": OTHER if self.lie == "discovery_issuer" else self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": "http://inny.example/token" if self.lie == "plain_http" else f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/wyloguj",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
            **self.extra,
        }
        return JSONResponse(told)

    def jwks(self, _request: Request) -> Response:
        """Its public keys, one of a kind that is none of ours, and, as a lie, a secret one for all to see."""
        listed = [key.as_dict(private=False) for key in self.keys.values()]
        listed.append({"kty": "OKP", "crv": "X25519", "kid": "do-szyfrowania", "use": "enc", "x": "AAAA"})
        if self.lie == "hs256_of_jwks":
            listed.append({"kty": "oct", "kid": "oct", "k": base64.urlsafe_b64encode(SECRET.encode()).decode()})
        return JSONResponse({"keys": listed})

    async def authorize(self, request: Request) -> Response:
        """The page for people; where nobody is asked the browser comes back at once."""
        wanted = dict(request.query_params)
        self.asked.append(wanted)
        if self.asks and request.method == "GET":
            page = "<!doctype html><html lang='pl'><title>Dostawca</title><h1>Konto firmowe</h1>"
            return HTMLResponse(f"{page}<form method='post'><button>Dalej</button></form>")
        if self.lie == "access_denied":
            back = {"error": "access_denied", "error_description": "tajne@example.com", "state": wanted["state"]}
            return RedirectResponse(f"{wanted['redirect_uri']}?{urlencode(back)}", 302)
        code = secrets.token_urlsafe(16)
        self.codes[code] = wanted
        back = {"code": code, "state": "inny" if self.lie == "state" else wanted["state"]}
        if self.lie == "iss_parameter":
            back["iss"] = OTHER
        return RedirectResponse(f"{wanted['redirect_uri']}?{urlencode(back)}", 302)

    async def token(self, request: Request) -> Response:
        """Tokens for a code, once, to who shows the secret and the verifier of the challenge."""
        if self.lie == "token_500":
            return HTMLResponse("Przerwa", 500)
        if self.lie == "token_list":
            return JSONResponse(["nie to"])
        form = await request.form()
        basic = base64.b64encode(f"{CLIENT_ID}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return JSONResponse({"error": "invalid_client"}, 401)
        wanted = self.codes.pop(str(form.get("code")), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(str(form.get("code_verifier")).encode()).digest())
        if (
            wanted is None
            or wanted.get("code_challenge_method") != "S256"
            or wanted.get("code_challenge") != challenge.rstrip(b"=").decode()
            or wanted["redirect_uri"] != form.get("redirect_uri")
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        told = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 300}
        if self.lie != "no_id_token":
            told["id_token"] = self.id_token(wanted)
        return JSONResponse(told)

    def id_token(self, wanted: dict[str, str]) -> str:
        """The ID token, true or not."""
        at = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": at,
            "exp": at + 300,
            "nonce": wanted["nonce"],
            **self.claims,
        }
        claims |= {
            "nonce": {"nonce": "inny"},
            "aud": {"aud": "inny-klient"},
            "aud_of_others": {"aud": ["inny-klient", "i-jeszcze-jeden"]},
            "aud_without_azp": {"aud": [CLIENT_ID, "inny-klient"]},
            "azp": {"aud": [CLIENT_ID, "inny-klient"], "azp": "inny-klient"},
            "expired": {"iat": at - 900, "exp": at - 600},
            "future": {"iat": at + 900, "exp": at + 1200},
            "exp_text": {"exp": "jutro"},
            "iss": {"iss": OTHER},
            "iss_list": {"iss": [OTHER, self.issuer]},
            "at_hash": {"at_hash": "nie-ten-skrot"},
            "sub_list": {"sub": ["osoba-1"]},
            "sub_empty": {"sub": ""},
        }.get(self.lie, {})
        for name in {"no_nonce": ["nonce"], "no_exp": ["exp"], "no_aud": ["aud"], "no_sub": ["sub"]}.get(self.lie, []):
            del claims[name]
        key = self.keys[self.algorithm]
        header: dict[str, Any] = {"alg": self.algorithm, "kid": key.kid}
        match self.lie:
            case "none" | "none_with_kid":
                head = {"alg": "none", **({"kid": key.kid} if self.lie == "none_with_kid" else {})}
                return ".".join(_part(one) for one in (head, claims)) + "."
            case "hs256" | "hs256_of_jwks":
                kid = "oct" if self.lie == "hs256_of_jwks" else key.kid
                return jwt.encode({"alg": "HS256", "kid": kid}, claims, OctKey.import_key(SECRET), registry=_ANY)
            case "other_key":
                key = RSAKey.generate_key(2048, parameters={"kid": key.kid})
            case "unknown_kid":
                key = RSAKey.generate_key(2048, parameters={"kid": "nieznany"})
                header["kid"] = "nieznany"
            case "no_kid":
                del header["kid"]
            case "changed":
                head, _, signature = jwt.encode(header, claims, key, registry=_ANY).split(".")
                return f"{head}.{_part({**claims, 'sub': 'osoba-2'})}.{signature}"
            case "rubbish":
                return "to.nie.token"
        return jwt.encode(header, claims, key, registry=_ANY)


@contextmanager
def providing() -> Iterator[Provider]:
    """A provider that runs."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # A folder of its own: what we know of a provider is kept by its address, and ports come again.
        folder = f"/{secrets.token_hex(4)}"
        provider = Provider(f"http://127.0.0.1:{listening.getsockname()[1]}{folder}")
        routes = [
            Route("/.well-known/openid-configuration", provider.discovery),
            Route("/jwks", provider.jwks),
            Route("/authorize", provider.authorize, methods=["GET", "POST"]),
            Route("/token", provider.token, methods=["POST"]),
        ]
        app = Starlette(routes=[Mount(folder, routes=routes)])
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none", lifespan="off"))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]}, name="provider")
        thread.start()
        try:
            yield provider
        finally:
            server.should_exit = True
            thread.join()


def use(provider: Provider, patch: pytest.MonkeyPatch, folder: Path, desk: str, **more: str) -> None:
    """Name the provider in the settings; ``more`` are other settings, without their prefix."""
    secret = folder / "oidc.secret"
    secret.write_text(f"{SECRET}\n")
    named = {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret_file": str(secret),
        "desk_url": desk,
        **more,
    }
    for name, value in named.items():
        patch.setenv(f"EBOK_{name.upper()}", value)
    get_settings.cache_clear()


def _part(told: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()
