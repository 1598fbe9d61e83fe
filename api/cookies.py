"""How every cookie is set: out of reach of scripts and other sites, and over HTTPS bound to this host.

Where the public address is https a name begins with ``__Host-``: a browser then takes the cookie only from this very
host, for all of it, and over TLS. Cookies of one address below keep their path, and begin with ``__Secure-``.
"""

from __future__ import annotations

from typing import Final

from fastapi import Request
from starlette.responses import Response

from environment.settings import get_settings

_FORWARDED: Final = "x-forwarded-proto"
_BEGUN: Final = "ebok_formularz"
"""The token of the draft that this browser began: leads it back there where the back button meets an empty form."""


def loses_cookies(request: Request) -> bool:
    """Whether the browser that asks will not keep our cookies: they are for TLS only, and it came without.

    What a proxy says of that is looked at even where the proxy is not believed: who lies only misleads himself.
    """
    came_by = request.headers.get(_FORWARDED, request.url.scheme).partition(",")[0].strip().lower()
    return get_settings().served_by_https and came_by != "https"


def cookie_name(name: str, *, scoped: bool = False) -> str:
    """The name that a cookie has in browsers; ``scoped`` for one that belongs to a part of the site."""
    if not get_settings().served_by_https:
        return name
    return f"__Secure-{name}" if scoped else f"__Host-{name}"


def cookie_of(request: Request, name: str, *, scoped: bool = False) -> str:
    """The value of a cookie, '' when the browser has none."""
    return request.cookies.get(cookie_name(name, scoped=scoped), "")


def give_cookie(
    response: Response, name: str, value: str, path: str, *, scoped: bool = False, max_age: int | None = None
) -> None:
    """Give a browser a cookie, for ``max_age`` seconds or until it is closed."""
    https = get_settings().served_by_https
    response.set_cookie(
        cookie_name(name, scoped=scoped),
        value,
        max_age=max_age,
        path="/" if https and not scoped else path,
        secure=https,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, name: str, path: str, *, scoped: bool = False) -> None:
    """Take a cookie out of a browser."""
    https = get_settings().served_by_https
    response.delete_cookie(
        cookie_name(name, scoped=scoped),
        path="/" if https and not scoped else path,
        secure=https,
        httponly=True,
        samesite="lax",
    )


def begun_form(request: Request) -> str:
    """The token of the draft of the form asked for that this browser began, '' when of none."""
    return cookie_of(request, _BEGUN, scoped=True)


def give_begun_form(response: Response, code: str, token: str) -> None:
    """Have a browser keep that it began that draft of the form of that code."""
    give_cookie(response, _BEGUN, token, _form_path(code), scoped=True)


def drop_begun_forms(response: Response, *codes: str) -> None:
    """Have a browser forget which drafts of these forms it began."""
    for code in codes:
        drop_cookie(response, _BEGUN, _form_path(code), scoped=True)


def _form_path(code: str) -> str:
    return f"/formularze/{code}"
