"""The web application behind its real server in a thread, and a real Chromium to look at it.

For the tests in a browser, for screenshots and for measurements; production starts uvicorn by itself.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Final

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from database.engine import engine_for
from database.upgrading import upgrade
from environment.settings import get_settings
from tests.application import application

PHONE: Final = (360, 740)
WIDE: Final = (1280, 900)
"""Sizes of screens, in CSS pixels: a small phone, and a screen in an office."""

Cookies = Mapping[str, tuple[str, str]]
"""Cookies of a browser: value and path by name."""
PATIENCE: Final = 20_000
"""Milliseconds that a page may take on a busy machine."""

_FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
_NOWHERE_ELSE: Final = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
_PUBLIC_URL: Final = "EBOK_PUBLIC_URL"
_MEASURED: Final = {
    "EBOK_SUBMISSIONS_PER_HOUR": "1000000",
    "EBOK_SUBMISSIONS_PER_DAY": "1000000",
    "EBOK_UPLOAD_BYTES_PER_DAY": str(10**12),
    "EBOK_ALLOWED_HOSTS": "testserver",
}
"""A measurement sends from one address what many senders would; clients in the same process call us by that name."""


@contextmanager
def serving() -> Iterator[str]:
    """The application on a free port of this machine, with the settings in force; gives its address.

    ``EBOK_PUBLIC_URL`` is that address meanwhile, so that links in messages lead here.
    """
    before = os.environ.get(_PUBLIC_URL)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        os.environ[_PUBLIC_URL] = address
        get_settings.cache_clear()
        server = uvicorn.Server(uvicorn.Config(application(), log_level="warning", ws="none", lifespan="on"))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]}, name="live server")
        thread.start()
        try:
            yield address
        finally:
            server.should_exit = True
            thread.join()
            os.environ.pop(_PUBLIC_URL)
            if before is not None:
                os.environ[_PUBLIC_URL] = before
            get_settings.cache_clear()


@contextmanager
def throw_away_home(database_url: str | None = None) -> Iterator[Path]:
    """A migrated database (SQLite in the same folder when no other is given) and a home, with settings as by default.

    Only what one sender may send has no bound. The home is gone afterwards; a database given stays as it is.
    """
    before = {name: value for name, value in os.environ.items() if name.startswith("EBOK_")}
    with tempfile.TemporaryDirectory(prefix="ebok-", ignore_cleanup_errors=True) as folder:
        for name in before:
            del os.environ[name]
        os.environ.update(_MEASURED, EBOK_HOME=folder)
        if database_url is not None:
            os.environ["EBOK_DATABASE_URL"] = database_url
        get_settings.cache_clear()
        url = get_settings().url
        upgrade()
        try:
            yield Path(folder)
        finally:
            engine_for(url).dispose()
            for name in [name for name in os.environ if name.startswith("EBOK_")]:
                del os.environ[name]
            os.environ.update(before)
            get_settings.cache_clear()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium that reaches nothing but this machine: the system's own, else the one of Playwright.

    While it runs, an event loop belongs to the calling thread: ``asyncio.run`` needs another thread.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_installed(), args=[*_FLAGS, _NOWHERE_ELSE])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser, site: str, size: tuple[int, int], cookies: Cookies, *, script: bool = True
) -> Iterator[Page]:
    """A page of that size, in a browser of its own that has those cookies."""
    with browser.new_context(
        base_url=site,
        viewport={"width": size[0], "height": size[1]},
        java_script_enabled=script,
        locale="pl-PL",
        timezone_id="Europe/Warsaw",
        reduced_motion="reduce",
    ) as context:
        context.set_default_timeout(PATIENCE)
        give(context, cookies)
        yield context.new_page()


def give(context: BrowserContext, cookies: Cookies) -> None:
    """Have a browser those cookies and no others."""
    context.clear_cookies()
    context.add_cookies(
        [{"name": name, "value": value, "domain": "127.0.0.1", "path": path} for name, (value, path) in cookies.items()]
    )


def _installed() -> str | None:
    """The system's Chromium, best one without windows, which takes a third of the processor for a page.

    None when it has none that starts (Ubuntu's command only tells to install a snap).
    """
    for name in ("chromium-headless-shell", "chromium", "chromium-browser"):
        path = shutil.which(name)
        if path and subprocess.run([path, "--version"], check=False, capture_output=True).returncode == 0:
            return path
    return None
