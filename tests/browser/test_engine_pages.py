"""The pages of the workflow engine in a real browser: who signs in sees them, a page of a stranger gets nothing."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from cli.ports import free_port
from cli.processes import Child
from cli.running import answers
from environment.settings import get_settings
from flows.authentication import authentication_string
from flows.engine import children_environment, server_command
from tests.engine_tables import with_engine_tables
from tests.waiting import pause

_ASK = """async ([url, secret]) => {
    const headers = {'Content-Type': 'application/json', 'Authorization': 'Basic ' + btoa(secret)};
    const read = await fetch(`${url}/api/flow_runs/filter`, {method: 'POST', headers, body: '{}'})
        .then((answer) => answer.status, () => 'refused');
    const seen = await fetch(`${url}/api/health`).then((answer) => answer.status, () => 'refused');
    const socket = await new Promise((done) => {
        const one = new WebSocket(`${url.replace('http', 'ws')}/api/events/out`, 'prefect');
        one.onopen = () => done('open');
        one.onerror = () => done('refused');
    });
    return [read, seen, socket];
}"""

_FRAME = """async (url) => {
    const frame = document.createElement('iframe');
    const there = new Promise((done) => { frame.onload = done; });
    frame.src = url;
    document.body.append(frame);
    await there;
}"""


@pytest.fixture(scope="module")
def home_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of the one engine here, in force for all tests of this file."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("EBOK_")]:
            patch.delenv(name)
        folder = tmp_path_factory.mktemp("engine") / "home"
        patch.setenv("EBOK_HOME", str(folder))
        get_settings.cache_clear()
        with_engine_tables(folder / "prefect")
        yield folder
    get_settings.cache_clear()


@pytest.fixture(scope="module")
def engine_pages(home_of_all: Path) -> Iterator[str]:
    """The address of the engine's own server."""
    port = free_port("127.0.0.1", 0)
    url = f"http://127.0.0.1:{port}"
    command = server_command("create_server", "127.0.0.1", port, log_level="warning")
    environment = children_environment(os.environ, f"{url}/api")
    server = Child("server", (sys.executable, "-m", *command), environment, home_of_all / "server.log")
    server.start()
    try:
        while not answers(f"{url}/api/health"):
            assert server.alive, server.last_words()
            pause()
        yield url
    finally:
        server.terminate()
        server.await_end(time.monotonic() + 10)


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[str]:
    """The address of another site on this machine, with an empty page."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<!doctype html><title>Stranger</title>")
    port = free_port("127.0.0.1", 0)
    command = (sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", tmp_path / "site")
    site = Child("site", tuple(map(str, command)), os.environ, tmp_path / "site.log")
    site.start()
    try:
        while not answers(f"http://127.0.0.1:{port}/"):
            assert site.alive, site.last_words()
            pause()
        yield f"http://127.0.0.1:{port}/"
    finally:
        site.terminate()
        site.await_end(time.monotonic() + 10)


@pytest.fixture
def page_of_nobody(browser: Browser) -> Iterator[Page]:
    """A page that may ask any port of this machine."""
    with browser.new_context() as context:
        yield context.new_page()


def sign_in(page: Page, engine_pages: str, *tried: str) -> None:
    """Open the engine's pages and try these strings, the last of which is right."""
    page.goto(engine_pages)
    asked = page.get_by_placeholder("admin:pass")
    for one in tried:
        expect(asked).to_be_visible(timeout=60_000)
        asked.fill(one)
        page.keyboard.press("Enter")
    page.wait_for_url("**/dashboard**", timeout=60_000)
    expect(page.get_by_text("Run a task or flow to get started")).to_be_visible(timeout=60_000)


def test_a_manager_signs_in_with_the_string_and_nobody_else_is_told(engine_pages: str, page_of_nobody: Page) -> None:
    page, hosts = page_of_nobody, set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    sign_in(page, engine_pages, "ebok:wrong", authentication_string())
    assert {host for host in hosts if host} == {urlsplit(engine_pages).netloc}


def test_no_page_of_the_engine_asks_anybody_else_for_anything(engine_pages: str, page_of_nobody: Page) -> None:
    page, foreign = page_of_nobody, set()
    own = (engine_pages, engine_pages.replace("http", "ws", 1), "data:", "blob:", "about:")

    def asked(url: str) -> None:
        if not url.startswith(own):
            foreign.add(url)

    page.on("request", lambda request: asked(request.url))
    page.on("websocket", lambda socket: asked(socket.url))
    sign_in(page, engine_pages, authentication_string())
    listed = page.locator("a[href^='/']").evaluate_all("links => links.map((one) => one.getAttribute('href'))")
    pages = sorted(set(listed))
    assert len(pages) >= 8, pages
    for path in pages:
        page.goto(engine_pages + path)
        expect(page.locator("main").first).to_be_visible(timeout=60_000)
        page.wait_for_load_state("networkidle")
    assert foreign == set()


def test_a_page_of_another_origin_may_neither_ask_nor_frame_it(
    engine_pages: str, stranger: str, page_of_nobody: Page
) -> None:
    page = page_of_nobody
    page.goto(stranger)
    assert page.evaluate(_ASK, [engine_pages, authentication_string()]) == ["refused", "refused", "refused"]
    page.evaluate(_FRAME, f"{engine_pages}/")
    assert page.frames[1].get_by_placeholder("admin:pass").count() == 0
    assert page.frames[1].url.startswith("chrome-error:")
