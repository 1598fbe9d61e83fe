"""The web application behind its real server in a thread, and a real Chromium to look at it.

For the tests in a browser, for screenshots and for measurements; production starts uvicorn by itself.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Final

import uvicorn
from playwright.sync_api import Browser, sync_playwright

from api.app import create_app
from database.settings import get_settings

PHONE: Final = (360, 740)
WIDE: Final = (1280, 900)
"""Sizes of screens, in CSS pixels: a small phone, and a screen in an office."""

_FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
_NOWHERE_ELSE: Final = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
_PUBLIC_URL: Final = "EBOK_PUBLIC_URL"


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
        server = uvicorn.Server(uvicorn.Config(create_app(), log_level="warning", ws="none", lifespan="on"))
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
def chromium() -> Iterator[Browser]:
    """A headless Chromium that reaches nothing but this machine: the system's own, else the one of Playwright.

    While it runs, an event loop belongs to the calling thread: ``asyncio.run`` needs another thread.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*_FLAGS, _NOWHERE_ELSE])
        try:
            yield browser
        finally:
            browser.close()
