"""The web application for test clients: put together once for settings that are alike, since its parts come slowly."""

from __future__ import annotations

from functools import lru_cache

from fastapi import FastAPI

from api.app import create_app
from environment.settings import get_settings


def application() -> FastAPI:
    """The one for the settings in force; whose home and whose database it is it asks anew each time."""
    return _made_for(get_settings().model_dump_json(exclude={"home", "database_url"}))


@lru_cache(maxsize=4)
def _made_for(_settings: str) -> FastAPI:
    return create_app()
