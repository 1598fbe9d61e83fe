"""The pages of the workflow engine in a real browser: who signs in sees them, a page of a stranger gets nothing.

Managers come by the company's proxy, a real nginx with the site that `ebok admin install` writes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from access import second_factor
from api.app import create_app
from benchmarks import office
from cli.installing import engine_secret
from cli.machine_files import filled
from cli.ports import free_port
from cli.processes import Child
from cli.running import answers
from database.engine import transaction
from environment.settings import get_settings
from flows.authentication import authentication_string
from tests.deploy.test_installed_site import AROUND
from tests.deploy.test_proxy import running
from tests.engine import engine_with_pages
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
def ports() -> dict[str, int]:
    """Where nginx listens: the desk by the port of the guide, the engine's pages likewise."""
    return {port: free_port("127.0.0.1", 0) for port in ("443", "8443", "8444")}


@pytest.fixture(scope="module")
def home_of_all(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, ports: dict[str, int]
) -> Iterator[Path]:
    """The home of the one engine here, in force for all tests of this file."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("EBOK_")]:
            patch.delenv(name)
        folder = tmp_path_factory.mktemp("engine") / "home"
        patch.setenv("EBOK_HOME", str(folder))
        patch.setenv("EBOK_PUBLIC_URL", f"https://127.0.0.1:{ports['8443']}")
        patch.setenv("EBOK_PREFECT_UI_URL", f"https://127.0.0.1:{ports['8444']}")
        get_settings.cache_clear()
        folder.mkdir()
        shutil.copyfile(sqlite_template, folder / "ebok.sqlite")
        yield folder
    get_settings.cache_clear()


@pytest.fixture(scope="module")
def engine_pages(home_of_all: Path) -> Iterator[str]:
    """The address of the engine's own server."""
    with engine_with_pages(home_of_all) as url:
        yield url


@pytest.fixture(scope="module")
def desk_at_the_proxy(
    engine_pages: str, ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the desk behind nginx, which leads managers to the engine's pages."""
    folder, certificates = (
        tmp_path_factory.mktemp("nginx"),
        {
            "certificate": "/run/secrets/tls_certificate",
            "certificate_key": "/run/secrets/tls_key",
        },
    )
    address = f"https://127.0.0.1:{ports['8443']}"
    site = filled(
        "nginx-site.conf", **certificates, names="x", public_name="x", public_port="443", desk_name="127.0.0.1",
        desk_port="8443", port="8000",
    ) + filled(
        "nginx-engine.conf", **certificates, desk_name="127.0.0.1", desk_url=address, engine_port="8444", port="8000",
        prefect_port="4200", engine_host=f"127.0.0.1:{ports['8444']}",
    )  # fmt: skip
    (folder / "secret.conf").write_text(engine_secret())
    site = site.replace("/etc/nginx/ebok-prefect.conf", "/tmp/secret.conf")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(create_app(), log_level="warning", ws="none", forwarded_allow_ips="127.0.0.1")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="desk")
        thread.start()
        own, engine = listening.getsockname()[1], int(engine_pages.rpartition(":")[2])
        try:
            for _ in running(AROUND.format(site=site), folder, own, engine=engine, at=ports):
                yield address
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def at_the_proxy(browser: Browser) -> Iterator[Page]:
    """A page that takes the certificate of the proxy."""
    with browser.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 900}) as context:
        yield context.new_page()


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


def test_a_manager_signs_in_with_the_string_and_no_page_of_the_engine_asks_anybody_else_for_anything(
    engine_pages: str, page_of_nobody: Page
) -> None:
    page, foreign = page_of_nobody, set()
    own = (engine_pages, engine_pages.replace("http", "ws", 1), "data:", "blob:", "about:")

    def asked(url: str) -> None:
        if not url.startswith(own):
            foreign.add(url)

    page.on("request", lambda request: asked(request.url))
    page.on("websocket", lambda socket: asked(socket.url))
    sign_in(page, engine_pages, "ebok:wrong", authentication_string())
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


def test_a_manager_opens_them_with_the_account_of_the_desk_and_is_never_told_the_secret(
    engine_pages: str, desk_at_the_proxy: str, at_the_proxy: Page, ports: dict[str, int]
) -> None:
    page, engine = at_the_proxy, f"https://127.0.0.1:{ports['8444']}"
    refused: list[str] = []
    page.on("response", lambda one: refused.append(f"{one.status} {one.url}") if one.status >= 400 else None)
    secrets: set[str | None] = set()
    page.on("request", lambda request: secrets.add(request.headers.get("authorization")))
    office.session_of("maria")
    with transaction() as session:
        code = second_factor.new_recovery_codes(session, "maria")[0]
    page.goto(f"{engine}/v2/runs?tab=flow-runs")
    page.get_by_label("Login").fill("maria")
    page.get_by_label("Hasło").fill(office.PASSWORD)
    page.get_by_role("button", name="Zaloguj się").click()
    page.get_by_label("Kod").fill(code)
    page.get_by_role("button", name="Dalej").click()
    expect(page).to_have_url(re.compile(f"^{engine}/v2/runs\\?"), timeout=60_000)
    expect(page.get_by_text("Run a task or flow to get started")).to_be_visible(timeout=60_000)
    page.goto(f"{desk_at_the_proxy}/biuro/")
    page.get_by_role("link", name="Raporty i tabele w Prefect").click()
    expect(page.get_by_text("Create an artifact to get started")).to_be_visible(timeout=60_000)
    assert refused == []
    assert secrets == {None}

    assert asked(page, "POST", "/api/flow_runs/filter", {}) == (200, "[]")
    assert authentication_string() not in asked(page, "GET", "/api/admin/settings")[1]
    never = "00000000-0000-0000-0000-000000000000"
    again = f"/api/flow_runs/{never}/set_state"
    assert asked(page, "POST", again, {"state": {"type": "SCHEDULED"}})[0] == 404, "there is no such run"
    assert asked(page, "POST", again, {"state": {"type": "CANCELLING"}})[0] == 403, "no run is stopped"
    for method, path in (("DELETE", f"/api/flow_runs/{never}"), ("POST", "/api/deployments/"), ("PUT", "/api/x")):
        status, told = asked(page, method, path, {})
        assert (status, "tylko administrator" in told) == (403, True), path

    (session,) = (one for one in page.context.cookies() if one["name"] == "__Host-ebok_biuro")
    with httpx.Client(verify=False, trust_env=False, cookies={session["name"]: session["value"]}) as program:
        for name in (urlsplit(engine_pages).netloc, "localhost", "127.0.0.1"):
            answer = program.delete(f"{engine}/api/flow_runs/{never}", headers={"Host": name})
            assert (answer.status_code, "tylko administrator" in answer.text) == (403, True), "no name opens more"

    page.context.clear_cookies()
    status, told = asked(page, "POST", "/api/flow_runs/filter", {})
    assert (status, "Sesja w biurze się skończyła" in told) == (401, True)
    page.goto(f"{engine}/v2/artifacts")
    expect(page).to_have_url(re.compile(f"^{desk_at_the_proxy}/biuro/logowanie"))


def test_who_is_no_manager_is_told_so_in_polish(
    desk_at_the_proxy: str, at_the_proxy: Page, ports: dict[str, int]
) -> None:
    page, engine = at_the_proxy, f"https://127.0.0.1:{ports['8444']}"
    cookie = {"name": "__Host-ebok_biuro", "value": office.session_of("ewa"), "url": desk_at_the_proxy}
    page.context.add_cookies([cookie | {"secure": True}])  # type: ignore[list-item]
    page.goto(f"{engine}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Brak dostępu")
    assert page.url.startswith(f"{desk_at_the_proxy}/biuro/przebiegi/")


def asked(page: Page, method: str, path: str, body: dict[str, object] | None = None) -> tuple[int, str]:
    """What the engine's own page gets when it asks that."""
    sent = {"method": method, "headers": {"Content-Type": "application/json"}}
    if body is not None:
        sent["body"] = json.dumps(body)
    ask = "([path, sent]) => fetch(path, sent).then(async (answer) => [answer.status, await answer.text()])"
    status, told = page.evaluate(ask, [path, sent])
    return status, told
