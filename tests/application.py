"""The web application for test clients: put together once for settings that are alike, since its parts come slowly."""

from __future__ import annotations

from functools import lru_cache

from fastapi import FastAPI

from api.app import create_app
from environment.settings import get_settings

_ASKED_ANEW = {
    *("home", "database_url", "trust_dir", "bounces_dir"),
    *("public_url", "desk_url", "smtp_port", "sms_gateway_url", "bounces_imap_port", "oidc_issuer"),
    "account_oidc_issuer",
}
"""Folders and addresses, which every test has of its own: nothing is put together by them."""


def application() -> FastAPI:
    """The one for the settings in force."""
    return _made_for(get_settings().model_dump_json(exclude=_ASKED_ANEW))


@lru_cache(maxsize=4)
def _made_for(_settings: str) -> FastAPI:
    return create_app()
