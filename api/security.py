"""What protects every response: headers, errors that show no internals, and a log without secrets."""

from __future__ import annotations

import logging
import re
import traceback
from ipaddress import IPv4Address, ip_address, ip_network
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import ApiProblem
from environment.settings import get_settings

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; font-src 'self'; script-src 'self'; "
    "connect-src 'self'; img-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
_ONLY_BY_TLS: Final = "max-age=31536000"
"""For a year browsers come by TLS only, without being told so again; other names of the domain are not ours to bind."""
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_FOR_MACHINES: Final = frozenset({"/healthz", "/readyz"})
_CHANGES_NOTHING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FOR_PROGRAMS: Final = "/api/"
ACCOUNT_API: Final = "/api/v1/account"
"""Of what is for programs the part that browsers ask too, with the cookie of a session."""
_NO_PAGE: Final = 'attachment; filename="api.json"'
"""What programs get is never shown as a page, and is saved under a name that its sender cannot choose."""
_SECRET_PATH: Final = re.compile(
    r"(/potwierdzenie/|/email-proofs/|/haslo/|/ebok/e-mail/|/ebok/pelnomocnictwo/|/powiadomienia/wylacz/|/kalendarz/"
    r"|/sms/raport/|/formularze/[^/?\s]+/)[^/?\s]+"
)
_PLAIN_PART: Final = re.compile(r"(?!.*[0-9]{7})[A-Za-z0-9_.~…-]{0,80}")
log = structlog.get_logger("api")


class SecurityHeaders:
    """Adds the headers that an answer does not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Complete the headers as the answer starts."""

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith(_FOR_PROGRAMS) and "json" in headers.get("content-type", ""):
                    headers.setdefault("Content-Disposition", _NO_PAGE)
                if get_settings().served_by_https:
                    headers.setdefault("Strict-Transport-Security", _ONLY_BY_TLS)
            await send(message)

        await self.app(scope, receive, complete)


class HeadAsGet:
    """Answers HEAD as GET would be, without the body: whoever checks a link before it is shown asks so."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask as GET, and keep the body back."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self.app({**scope, "method": "GET"}, receive, without_body)


class HostGuard:
    """Answers only under names that are ours: a stranger's name that leads here must not get our pages or cookies.

    Allowed are the hosts of the public address and the desk's, the address that the server is bound to, this very
    machine, and what the setting ``allowed_hosts`` names. Probes of health may call us anything.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what was asked of another host."""
        if scope["type"] == "http" and scope["path"] not in _FOR_MACHINES:
            settings = get_settings()
            addresses = (urlsplit(settings.public_url).hostname, urlsplit(settings.staff_url).hostname)
            ours = {*addresses, settings.api_host.lower(), *settings.known_hosts}
            if _host_of(Headers(scope=scope).get("host", "")) not in ours | _LOOPBACK:
                advice = (
                    f"Otwórz {settings.public_url}. Jeśli ten adres ma też działać, administrator dopisuje jego nazwę "
                    "do ustawienia EBOK_ALLOWED_HOSTS."
                )
                refusal = ApiProblem(421, advice, title="Pod tą nazwą nie ma naszych stron")
                await refusal.response(Request(scope))(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _host_of(header: str) -> str | None:
    """The host without its port; None where the header names none."""
    try:
        return urlsplit(f"//{header}").hostname
    except ValueError:
        return None


class CrossSiteGuard:
    """Refuses what a page of another site makes a browser send.

    Browsers say so in ``Sec-Fetch-Site``; older ones are known by a foreign ``Origin``. Theirs is 'null' on our own
    pages, as these tell nobody where they were. Programs that call the API send neither; only that of the account
    knows a cookie.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through what changes nothing, what is for programs, and what comes from our own pages."""
        if scope["type"] == "http" and scope["method"] not in _CHANGES_NOTHING:
            request = Request(scope)
            path = request.url.path
            guarded = not path.startswith(_FOR_PROGRAMS) or path.startswith(f"{ACCOUNT_API}/")
            if guarded and _is_foreign(request):
                advice = "Otwórz tę stronę u nas i zrób to jeszcze raz."
                refusal = ApiProblem(403, advice, title="To polecenie przyszło z innej strony")
                await refusal.response(request)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _is_foreign(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin", "null")
    ours = {request.headers.get("host", ""), urlsplit(get_settings().public_url).netloc}
    return origin != "null" and urlsplit(origin).netloc not in ours


def client_key(request: Request) -> str:
    """Who asks, as a key for limits: 'client:203.0.113.7'. Of IPv6 the network, since a household has one of its own.

    Behind a reverse proxy the server puts the sender's address in place of the proxy's (setting ``trusted_proxies``).
    """
    host = "unknown" if request.client is None else request.client.host
    try:
        address = ip_address(host)
    except ValueError:
        return f"client:{host}"
    if isinstance(address, IPv4Address):
        return f"client:{address}"
    return f"client:{address.ipv4_mapped or ip_network((address, 64), strict=False)}"


class FaultShield:
    """Turns a fault of ours into a 500 problem answer.

    Only the type and the places in the code are logged: the text of a fault may quote the values of a customer. The
    framework's own last resort would log it whole, so this stands inside of it and lets nothing through.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, log, and give the sender a number to quote."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def noticed(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noticed)
        except ClientDisconnect:
            log.info("sender_gone", method=scope["method"])
        except Exception as fault:
            number = uuid4().hex[:8]
            route = getattr(scope.get("route"), "path", "unknown")
            log.error("fault", number=number, route=route, type=type(fault).__qualname__, places=_places(fault))
            if not started:
                phones = " lub ".join(get_settings().company_phones)
                advice = (
                    f"Spróbuj ponownie za kilka minut. Jeśli to nie pomoże, zadzwoń: {phones} i podaj numer {number}."
                )
                await ApiProblem(500, advice).response(Request(scope))(scope, receive, noticed)


def _places(fault: Exception) -> list[str]:
    """Where in our own code the fault came up, and its very origin; one of a reader brings along where it was there."""
    found = [(Path(place.filename), place) for place in traceback.extract_tb(fault.__traceback__)]
    told = [f"{'/'.join(path.parts[-2:])}:{place.lineno} {place.name}" for path, place in found]
    ours = [text for text, (path, _) in zip(told, found, strict=True) if "site-packages" not in path.parts]
    return [*ours[-6:], *told[-1:], *getattr(fault, "__notes__", ())]


class HideSecretPaths(logging.Filter):
    """Takes out of the server's access log the tokens of links and of forms begun online, and what may tell of people.

    Anybody may write anybody's data into an address: nothing after '?' is kept, nor a part of a path that is no plain
    word or has a number longer than a day.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the arguments; the record itself is kept."""
        if isinstance(record.args, tuple):
            record.args = tuple(_as_logged(arg) if isinstance(arg, str) else arg for arg in record.args)
        return True


def _as_logged(text: str) -> str:
    """An address as it may stand in a log; other text as it is."""
    if not text.startswith("/"):
        return _SECRET_PATH.sub(r"\1…", text)
    path, asked, _ = _SECRET_PATH.sub(r"\1…", text).partition("?")
    parts = [part if _PLAIN_PART.fullmatch(part) else "…" for part in path.split("/")]
    return "/".join(parts) + ("?…" if asked else "")


def hide_secret_paths() -> None:
    """Put the filter on uvicorn's loggers, whoever has started it and with whichever options."""
    for name in ("uvicorn.access", "uvicorn.error"):
        logger = logging.getLogger(name)
        if not any(isinstance(known, HideSecretPaths) for known in logger.filters):
            logger.addFilter(HideSecretPaths())
